"""What can be wrong with the use of the gate. That a number may not be dialled is no error: `Refusal`."""

from __future__ import annotations


class RulesError(Exception):
    """Something is wrong with the use of the gate."""


class PermitMisused(RulesError):  # noqa: N818 - reads as what happened
    """A permit was forged, is too old, or is used for another number than the one that was checked."""


class PermitExpired(PermitMisused):
    """A permit is too old: between the gate and the wire something took too long."""
