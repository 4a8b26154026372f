"""Checks of the running service's process: what somebody who has taken it over could use."""

from __future__ import annotations

from collections.abc import Iterator

from bridge.admin.process_commands import ProcessState
from bridge.doctor.model import Check, fail, ok, unknown, warn

__all__ = ["check_process"]


def check_process(state: ProcessState | None) -> Iterator[Check]:
    """It needs no root, no capability, and nothing to write but its data.

    Args:
        state: as the service tells it; `None`: there was none to be asked.
    """
    check = "bridge.process"
    if state is None:
        mend = "run this on the machine (or in the container) of the running service, as its user"
        yield unknown(check, "the service could not be asked what it may do on its machine", mend)
    elif state.uid == 0:
        mend = "User=agent-bridge in its unit (packaging/install makes both), or the image's own user"
        yield fail(check, "the service runs as root: whoever takes it over owns its machine", mend)
    elif state.capabilities:
        mend = "CapabilityBoundingSet= in its unit; cap_drop: [ALL] for a container"
        yield warn(
            check, f"the service has capabilities that it does not need ({state.capabilities:#x})", mend
        )
    elif not state.root_is_read_only:
        mend = "ProtectSystem=strict in its unit; read_only: true for a container"
        yield warn(check, "the service's root file system can be written", mend)
    else:
        yield ok(check, "the service is no root, has no capability and a read-only root file system")
