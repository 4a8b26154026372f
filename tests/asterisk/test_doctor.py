"""The doctor at a real Asterisk: one at which nothing is wrong, and one at which everything is."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from own_asterisk import SECRET, OwnAsterisk, good_files, own_asterisk, run_doctor
from service import Bridge
from stack import ROOT, Stack, until

from bridge.doctor.modules import CORE, MODULES

OLD_VERSION = "version.CVE-2024-42365"


def expected(stack: Stack) -> dict[str, str]:
    """What is wrong with the version itself."""
    return {OLD_VERSION: "warn"} if stack.version == 16 else {}


@pytest.fixture(scope="module")
def good(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnAsterisk]:
    folder = tmp_path_factory.mktemp("good")
    good_files(folder / "etc")
    with own_asterisk(stack, folder) as own:
        yield own


def replace(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text, f"{file.name} has no {old!r} to be spoilt"
    file.write_text(text.replace(old, new))


@pytest.fixture(scope="module")
def bad(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnAsterisk]:
    folder = tmp_path_factory.mktemp("bad")
    etc = folder / "etc"
    good_files(etc)
    replace(etc / "asterisk.conf", "live_dangerously = no", "live_dangerously = yes")
    replace(
        etc / "modules.conf", "noload = func_env.so", "noload = func_devstate.so\nnoload = app_confbridge.so"
    )
    replace(etc / "cdr.conf", "enable = yes", "enable = no")
    replace(etc / "bridge_extensions.conf", "TIMEOUT(absolute)=10", "TIMEOUT(absolute)=600")
    replace(etc / "bridge_extensions.conf", "[bridge-offer]", "[somebody-elses]")
    replace(etc / "bridge_manager.conf", "write =\n", "write = originate\n")
    users = {
        "everything": "read = all\nwrite = all",
        "too-little": "read = call\nwrite = originate,user",
        "too-much": "read = call,agent,user,system\nwrite = call,originate,agent,reporting,user,command",
    }
    with (etc / "manager.conf").open("a") as file:
        file.writelines(f"\n[{name}]\nsecret = {SECRET}\n{rights}\n" for name, rights in users.items())
    with own_asterisk(stack, folder) as own:
        yield own


@pytest.fixture(scope="module")
def bare(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnAsterisk]:
    """One without any of the modules that the bridge's dialplan stands on."""
    folder = tmp_path_factory.mktemp("bare")
    etc = folder / "etc"
    good_files(etc)
    with (etc / "modules.conf").open("a") as file:
        file.writelines(f"noload = {module.name}.so\n" for module in MODULES)
    with (etc / "manager.conf").open("a") as file:
        file.write(f"\n[everything]\nsecret = {SECRET}\nread = all\nwrite = all\n")
    with own_asterisk(stack, folder) as own:
        yield own


def test_each_module_that_is_missing_is_named_with_its_mend(bare: OwnAsterisk, tmp_path: Path) -> None:
    """Those with a sign to the bridge's own user, all of them to one who may ask."""
    signs = {
        f"modules.{one.name}" for one in MODULES if one.function or (one.action and one.name != "res_agi")
    }
    seen = bare.doctor(tmp_path)
    assert {name for name in seen.wrong if name.startswith("modules.")} == signs
    asked = bare.doctor(tmp_path, user="everything")
    for module in MODULES:
        check = asked.checks[f"modules.{module.name}"]
        assert check["status"] == ("fail" if module.needed else "warn"), module.name
        assert f"module load {module.name}.so" in check["mend"]


def test_what_a_module_gives_is_gone_without_it(good: OwnAsterisk, bare: OwnAsterisk) -> None:
    """The doctor's table is Asterisk's own: each name is there with its module, and only with it."""
    for name in sorted({name for module in MODULES for name in module.gives} | CORE):
        kind = "function" if name.isupper() and name not in {"AGI", "AMD"} else "application"
        there = f"core show {kind} {name}"
        assert "Info about" in good.console(there), name
        assert ("Info about" in bare.console(there)) is (name in CORE), name


def test_nothing_is_wrong_with_the_configuration_that_is_shipped(
    good: OwnAsterisk, stack: Stack, tmp_path: Path
) -> None:
    said = good.doctor(tmp_path)
    assert said.wrong == expected(stack)
    assert said.status == (1 if expected(stack) else 0)
    assert said.checks["view"]["status"] == "ok"
    assert good.doctor(tmp_path, "--ignore", OLD_VERSION).status == 0


def test_the_command_as_people_see_it(good: OwnAsterisk) -> None:
    place = ["--host", "127.0.0.1", "--port", str(good.port), "--ignore", OLD_VERSION]
    done = subprocess.run(
        [sys.executable, "-m", "bridge", "doctor", *place],
        env=os.environ | {"AGENT_BRIDGE_AMI_SECRET": SECRET},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "nothing to be mended" in done.stdout
    assert re.search(r"^ok +rights.originate ", done.stdout, re.MULTILINE)
    assert SECRET not in done.stdout + done.stderr


async def test_a_call_inside_asterisk_tells_whether_relay_and_bridge_answer(
    good: OwnAsterisk, stack: Stack, tmp_path: Path
) -> None:
    service = Bridge(good.as_stack(stack), tmp_path)
    calls_before = good.console("core show channels count").splitlines()[0]

    async def relay(says: str) -> bool:
        said = await asyncio.to_thread(good.doctor, tmp_path, "--call")
        assert said.checks["events.call"]["status"] == "ok"
        assert said.checks["modules.res_agi"]["status"] == "ok"
        return says in said.checks["relay.call"]["text"]

    await until(lambda: relay("no bridge answers the relay"), "a relay without a bridge")
    await asyncio.to_thread(service.command, "load", str(tmp_path / "site.toml"))
    await service.start()
    try:
        await until(lambda: relay("the relay and a bridge answer"), "a relay with a bridge")
    finally:
        await service.close()
    assert good.console("core show channels count").splitlines()[0] == calls_before == "0 active channels"


def test_everything_that_is_wrong_is_said(bad: OwnAsterisk, stack: Stack, tmp_path: Path) -> None:
    said = bad.doctor(tmp_path)
    assert said.status == 1
    assert said.wrong == expected(stack) | {
        "live-dangerously": "fail",
        "view": "warn",
        "dialplan.bridge-agi": "warn",
        "dialplan.bridge-offer": "fail",
        "modules.app_confbridge": "fail",
        "modules.func_devstate": "fail",
        "cdr": "warn",
    }
    assert "TIMEOUT(absolute)=600" in said.checks["dialplan.bridge-agi"]["text"]
    assert all(said.checks[name]["mend"] for name in said.wrong)


def test_a_user_who_may_do_everything(bad: OwnAsterisk, tmp_path: Path) -> None:
    said = bad.doctor(tmp_path, user="everything")
    assert said.wrong["rights.too-many"] == "fail"
    assert "write = all" in said.checks["rights.too-many"]["text"]
    assert {"security", "system"} <= set(
        said.checks["rights.read-too-many"]["text"].split(": ")[1].split(", ")
    )
    # Such a user may ask for modules.
    assert said.checks["modules.app_dial"]["status"] == "ok"
    assert said.wrong["modules.app_confbridge"] == "fail"


def test_a_user_who_may_do_too_much(bad: OwnAsterisk, tmp_path: Path) -> None:
    said = bad.doctor(tmp_path, user="too-much")
    assert "command" in said.checks["rights.too-many"]["text"]
    assert "system" in said.checks["rights.read-too-many"]["text"]
    assert "rights.reporting" not in said.wrong


def test_a_user_who_may_do_too_little(bad: OwnAsterisk, tmp_path: Path) -> None:
    said = bad.doctor(tmp_path, user="too-little")
    missing = {name for name in said.wrong if name.startswith("rights.")}
    assert missing == {"rights.call", "rights.agent", "rights.reporting"}
    assert said.wrong["events.user"] == "fail"
    assert said.checks["dialplan"]["status"] == "unknown"
    assert said.checks["version"]["status"] == "unknown"


def test_a_refused_login_and_a_closed_port_are_status_2(good: OwnAsterisk, tmp_path: Path) -> None:
    refused = good.doctor(tmp_path, secret="wrong-secret")  # also the view user's report is not asked for
    assert (refused.status, refused.reached) == (2, False)
    assert refused.wrong == {"ami.login": "fail"}
    closed = good.doctor(tmp_path, "--port", "1")
    assert (closed.status, closed.wrong) == (2, {"ami.reachable": "fail"})


def test_the_secret_comes_from_the_environment_or_a_file(good: OwnAsterisk, tmp_path: Path) -> None:
    place = ["--host", "127.0.0.1", "--port", str(good.port)]
    assert run_doctor(*place, environment={"AGENT_BRIDGE_AMI_SECRET": SECRET}).reached
    file = tmp_path / "secret"
    file.write_text(f"{SECRET}\n")
    said = run_doctor(*place, "--secret-file", str(file))
    assert said.reached
    assert SECRET not in str(said.output) + said.error


def test_the_doctor_leaves_everything_as_it_was(good: OwnAsterisk, tmp_path: Path) -> None:
    def state() -> list[str]:
        commands = ("dialplan show", "database show", "queue show", "manager show users", "module show")
        return [good.console(command) for command in commands]

    before = state()
    good.doctor(tmp_path, "--call")
    assert state() == before
