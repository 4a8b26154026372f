"""Commands are carried out in one way, by the service or without one: with their row in the audit trail."""

from __future__ import annotations

from bridge.admin.command import Command, Parts, R
from bridge.admin.errors import EXPECTED
from bridge.audit.entry import Entry, current

ADDRESS = "local"
"""Where commands come from: this machine."""


async def audited(asked: Command[R], parts: Parts, uid: int) -> R:
    """Carry a command out; what changes something is in the audit trail.

    Args:
        asked: the command.
        parts: what it works with.
        uid: user of the operating system who asks.
    """
    if asked.reads:
        return await asked.do(parts)
    entry = Entry(f"admin.{type(asked).__name__}", ADDRESS, user=f"uid:{uid}")
    token = current.set(entry)
    try:
        return await asked.do(parts)
    except EXPECTED as error:
        entry.fail(type(error).__name__)
        raise
    except BaseException:
        entry.fail("internal-error")
        raise
    finally:
        current.reset(token)
        asked.tell(entry)
        await parts.audit.record(entry)
