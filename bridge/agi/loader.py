"""Scripts from a folder: a file per script, read again when it changes."""

from __future__ import annotations

import importlib.util
import logging
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Callable

from bridge.agi.errors import ScriptNotFound

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping

    from bridge.agi.desk import CallDesk
    from bridge.agi.session import AgiSession

    Script = Callable[[AgiSession, CallDesk], Awaitable[None]]

log = logging.getLogger(__name__)

_NAME = re.compile(r"([a-z0-9][a-z0-9_]{0,63})(?:\.py)?", re.ASCII)


def script_name(requested: str) -> str:
    """Turn what the dialplan asked for into the name of a script.

    Raises:
        ScriptNotFound: it is not one that a script may have, so it could mean a file elsewhere.
    """
    match = _NAME.fullmatch(requested)
    if match is None:
        raise ScriptNotFound(
            f"{requested[:80]!r} is not the name of a script: [a-z0-9_]+, with or without .py"
        )
    return match.group(1)


class ScriptLoader:
    """Gives `run` of `<folder>/<name>.py`, and the new one once the file has changed.

    A file that cannot be loaded any more (a syntax error just saved) does not stop calls: the version that
    worked stays in use, and the error is logged once for each change.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self._loaded: dict[str, tuple[tuple[int, int], Script]] = {}
        self._broken: dict[str, tuple[int, int]] = {}

    def load(self, requested: str) -> Script:
        """Give the script's `run`.

        Raises:
            ScriptNotFound: no such file, a name that leaves the folder, or no `async def run(agi, desk)` in
            it.
        """
        name = script_name(requested)
        path = self.folder / f"{name}.py"
        try:
            status = path.stat()
        except OSError:
            raise ScriptNotFound(f"no script {name!r} in {self.folder}") from None
        version = (status.st_mtime_ns, status.st_size)
        known = self._loaded.get(name)
        if known is not None and (known[0] == version or self._broken.get(name) == version):
            return known[1]
        return self._reload(name, path, version)

    def _reload(self, name: str, path: Path, version: tuple[int, int]) -> Script:
        try:
            script = _run_of(_import(name, path), path)
        except (
            Exception,
            SystemExit,
            KeyboardInterrupt,
        ) as error:  # a script may mean to exit: it must not take us along
            known = self._loaded.get(name)
            if known is None:
                raise ScriptNotFound(f"{path} cannot be loaded: {error}") from error
            self._broken[name] = version
            log.exception("script %s cannot be loaded, its previous version stays in use", name)
            return known[1]
        self._loaded[name] = (version, script)
        return script

    def handler(
        self, desk: CallDesk, desks: Mapping[str, CallDesk] | None = None
    ) -> Callable[[AgiSession], Awaitable[None]]:
        """Give what `FastAgiServer` wants: a function that runs the script that a session asks for.

        It gives the script the one of `desks` that belongs to the session's Asterisk, or else `desk`.
        """

        async def run(agi: AgiSession) -> None:
            await self.load(agi.script)(agi, (desks or {}).get(agi.asterisk, desk))

        return run


def _import(name: str, path: Path) -> ModuleType:
    """Load the file's text now, past the byte code cache: its clock is too coarse for quick changes."""
    qualified = f"_agi_script_{name}"
    spec = importlib.util.spec_from_loader(qualified, loader=None, origin=str(path))
    if spec is None:
        raise ScriptNotFound(str(path))
    module = importlib.util.module_from_spec(spec)
    module.__file__ = str(path)
    code = compile(path.read_bytes(), str(path), "exec")
    before = sys.modules.get(qualified)
    sys.modules[qualified] = module  # dataclasses look their module up while it is being run
    try:
        exec(code, module.__dict__)  # noqa: S102 - running the administrator's script is what this is for
    except BaseException:
        if before is None:
            del sys.modules[qualified]
        else:
            sys.modules[qualified] = before
        raise
    return module


def _run_of(module: ModuleType, path: Path) -> Script:
    run = getattr(module, "run", None)
    if not callable(run):
        raise ScriptNotFound(f"{path} has no `async def run(agi, desk)`")
    return run  # type: ignore[no-any-return]
