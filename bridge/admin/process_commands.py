"""What the running service may do on its machine, for `agent-bridge doctor`."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from bridge.admin.command import Parts, Reading

_STATUS = Path("/proc/self/status")


class ProcessState(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody who has taken over the service could use."""

    uid: int
    capabilities: int
    """Those in effect, as bits (capabilities(7))."""
    root_is_read_only: bool
    """Whether its root file system can be written by nobody, as with `ProtectSystem=strict`."""


class ShowProcess(Reading[ProcessState], frozen=True, kw_only=True):
    """The process that answers."""

    async def do(self, parts: Parts) -> ProcessState:
        """See `Command`."""
        del parts
        read_only = bool(os.statvfs("/").f_flag & os.ST_RDONLY)
        return ProcessState(uid=os.geteuid(), capabilities=_capabilities(), root_is_read_only=read_only)


def _capabilities() -> int:
    lines = _STATUS.read_text(encoding="ascii", errors="replace").splitlines()
    return next((int(line.split()[1], 16) for line in lines if line.startswith("CapEff:")), 0)
