"""Holes that others of this kind have had, looked for in every module and in what Asterisk is given."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.access.model import PrincipalKind
from bridge.access.service import Access
from bridge.rules.model import Refusal
from bridge.rules.numbers import normalise
from bridge.store.database import Database

ROOT = Path(__file__).parents[2]
CONF = ROOT / "asterisk-conf"

STARTERS = {
    "bridge/agi/watcher.py",  # the relay's watcher: our own program, no word of anybody else
    "bridge/agi/loader.py",  # AGI scripts of the administrator's, by names that cannot leave their folder
    "bridge/conf/contents.py",  # `asterisk -V`, at the command line of an administrator
    "bridge/uploads/reader.py",  # our own reader of files: it is told which over a pipe
}
"""Modules that may start a program."""

PROGRAMS = {"subprocess", "pty", "commands"}
CALLS = {"Popen", "eval", "exec", "execv", "execve", "spawnv", "create_subprocess_shell"}
CALLS |= {"create_subprocess_exec", "getoutput"}
OF_OS = {"os.system", "os.popen"}


def modules() -> Iterator[tuple[str, ast.Module]]:
    for folder in ("bridge", "agi_scripts"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def starts_programs(tree: ast.Module) -> set[str]:
    """What of it could run a program, or a text as one."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names} & (PROGRAMS | {"pickle", "marshal", "shelve"})
        elif isinstance(node, ast.ImportFrom) and node.module in PROGRAMS | {"pickle", "marshal", "shelve"}:
            found.add(node.module)
        elif isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            found |= ({name} & CALLS) | ({ast.unparse(node.func)} & OF_OS)
        elif isinstance(node, ast.keyword) and node.arg == "shell":
            found.add("shell=")
    return found


def test_nothing_that_a_caller_says_reaches_a_shell() -> None:
    """CVE-2013-4467, CVE-2024-8504, CVE-2025-34099: a name, an extension or a login that was run."""
    found = {path: starts_programs(tree) for path, tree in modules()}
    assert {path for path, seen in found.items() if seen} == STARTERS
    assert set().union(*found.values()) == {"subprocess", "Popen", "exec", "create_subprocess_exec"}


def test_a_module_that_would_is_seen() -> None:
    for text in ("import os\nos.system(name)", "from subprocess import run", "eval(x)", "import pickle"):
        assert starts_programs(ast.parse(text)), text


def is_constant(node: ast.expr) -> bool:
    """Whether it is one by its name, as all of the project's."""
    return isinstance(node, ast.Name) and node.id.isupper()


SQL = re.compile(
    r"\s*(SELECT\b.*\bFROM|(INSERT|REPLACE)\s+INTO|UPDATE\s+\S+\s+SET|DELETE\s+FROM|WITH\s+\S+\s+AS)\b",
    re.IGNORECASE | re.DOTALL,
)


def is_sql_with_values(node: ast.JoinedStr | ast.BinOp) -> bool:
    """Whether it begins as SQL does and goes on with what is not known, wherever it is used then."""
    if isinstance(node, ast.BinOp):
        return isinstance(node.left, ast.Constant) and bool(SQL.match(str(node.left.value)))
    words = "".join(str(part.value) if isinstance(part, ast.Constant) else "?" for part in node.values)
    odd = any(isinstance(part, ast.FormattedValue) and not is_constant(part.value) for part in node.values)
    return bool(SQL.match(words)) and odd


def made_by_hand(tree: ast.Module) -> list[str]:
    """Statements of SQL that are put together from parts at run time."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr | ast.BinOp) and is_sql_with_values(node):
            found.append(ast.unparse(node))
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in {"text", "exec_driver_sql", "execute"} and node.args:
            statement = node.args[0]
            parts = statement.values if isinstance(statement, ast.JoinedStr) else []
            odd = any(isinstance(part, ast.FormattedValue) and not is_constant(part.value) for part in parts)
            odd |= isinstance(statement, ast.BinOp)
            odd |= isinstance(statement, ast.Call) and getattr(statement.func, "attr", "") == "format"
            if odd:
                found.append(ast.unparse(node))
    return found


def test_no_statement_of_sql_is_put_together_by_hand() -> None:
    """CVE-2024-8503, CVE-2022-34876 and its kin: values are bound, in every statement."""
    found = {path: made_by_hand(tree) for path, tree in modules() if "/migrations/" not in path}
    assert {path for path, seen in found.items() if seen} == {
        "bridge/store/edition.py",
        "bridge/events/outbox.py",
        "bridge/store/upgrade.py",
    }
    (rows,) = found[
        "bridge/events/outbox.py"
    ]  # names of columns and question marks, as many as there are rows
    assert rows.startswith("f\"INSERT INTO events ({', '.join(_NAMES)}) VALUES ")
    (trigger,) = found["bridge/store/edition.py"]  # made for each of the tables that the module names
    assert "CREATE TEMP TRIGGER watch_{table}_{act}" in trigger
    (rate,) = found["bridge/store/upgrade.py"]  # one of the tables that the module names, and a number
    assert "AS SELECT * FROM {table} LIMIT {rows:d}" in rate


def test_a_statement_that_is_would_be_seen() -> None:
    for text in (
        *('c.execute(f"SELECT {x}")', 'text("SELECT " + x)', 'c.exec_driver_sql("x {}".format(x))'),
        *('s = f"select * from users where user = {x}"', 's = "DELETE FROM t WHERE a = %s" % x'),
    ):
        assert made_by_hand(ast.parse(text)), text


async def test_a_new_database_has_no_account_at_all(tmp_path: Path) -> None:
    """CVE-2013-4468: accounts that come with the system, with a password that everybody knows."""
    async with Database(f"sqlite:///{tmp_path / 'bridge.db'}") as db:
        access = Access(db)
        assert await access.users(frozenset(PrincipalKind), after="", limit=10) == []
        access.close()


# -- Asterisk


def lines(file: Path) -> list[str]:
    """Without comments."""
    return [line.partition(";")[0].strip() for line in file.read_text(encoding="utf-8").splitlines()]


DANGEROUS = re.compile(
    r"\b(?:(?:Try)?System|ExternalIVR|MinivmNotify|MixMonitor|Monitor|Originate|Exec|Dictate|Record)\(|"
    r"\b(?:SHELL|EVAL|FILE|ENV|DB|ODBC_\w+|CURL)\("
)


ALLOWED = {
    # The bridge's own name for a recording, and of that only what cannot leave the folder.
    "same => n,Record(${BRIDGE_FOLDER}/${FILTER(A-Za-z0-9_\\-,${BRIDGE_RECORDING})}.wav,0,0,kqxu)",
}


def test_the_dialplan_runs_no_program_and_writes_no_file() -> None:
    """AST-2017-006, AST-2019-007, CVE-2024-42365: what a caller said, as a command or the name of a file."""
    for file in (CONF / "bridge_extensions.conf", CONF / "extensions.conf"):
        found = [line for line in lines(file) if DANGEROUS.search(line)]
        assert all(line in ALLOWED for line in found), found


def test_functions_that_reach_files_and_a_shell_stay_closed_to_ami() -> None:
    """AST-2013-007, AST-2014-017, AST-2014-018, AST-2012-004."""
    assert "live_dangerously = no" in lines(CONF / "asterisk.conf")
    assert "execincludes = no" in lines(CONF / "asterisk.conf")


def test_asterisks_web_server_has_the_phones_websocket_alone_and_ari_is_not_loaded() -> None:
    """GHSA-v6hp-wh3r-cwxh, GHSA-wcvv-g26m-wx5c, GHSA-vrfp-mg3q-3959, and AMI over HTTP."""
    assert {"bindaddr = 127.0.0.1", "enable_static = no", "enable_status = no"} <= set(
        lines(CONF / "http.conf")
    )
    assert "noload = res_phoneprov.so" in lines(CONF / "modules.conf")
    assert "noload = res_http_post.so" in lines(CONF / "modules.conf")
    assert "webenabled = no" in lines(CONF / "manager.conf")
    assert "noload = res_ari.so" in lines(CONF / "modules.conf")


@pytest.mark.parametrize(
    "number",
    [
        "300&Zap/g1/5550100",
        "7275550100&PJSIP/9005550100@carrier",
        "7275550100@evil.example",
        "7275550100/n",
        "7275550100,30,S(1)",
        "${SHELL(id)}",
        "7275550100\r\nAction: Command",
        "Local/s@bridge-park",
    ],
)
def test_a_number_dials_no_second_leg_and_no_other_place(number: str) -> None:
    """AST-2010-002: what is no number is refused; what is left of one is digits."""
    found = normalise(number, "1", "US")
    assert isinstance(found, Refusal) or re.fullmatch(r"\+?[0-9]+", found.e164)
