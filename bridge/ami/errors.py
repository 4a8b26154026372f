"""Everything that can go wrong between this client and Asterisk, as one tree.

AmiError
 +- AmiConnectError            no usable link could be made
 |   +- CertificateRefused     TLS: the peer is not who it should be
 |   +- NotAsterisk            something else answers on that port
 |   +- AmiLoginRefused        the name or the secret is wrong, or the address is not permitted
 +- InvalidAction              refused here, before a byte was written
 +- NotConnected               there is no link; nothing was written
 +- ActionRefused              Asterisk answered "Error"
 |   +- PermissionDenied       the AMI user lacks the right
 +- OutcomeUnknown             written, but no answer came: it may or may not have happened
 |   +- ActionTimeout
 +- ProtocolFault              the peer broke the protocol; the link is closed

The class decides what a caller may do next: after `InvalidAction`, `NotConnected` and `ActionRefused`
nothing has happened in Asterisk; after `OutcomeUnknown` the truth has to be read back from it.
"""

# ruff: noqa: N818 - names say what happened, and others code against them

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bridge.ami.protocol import Message

__all__ = [
    "ActionRefused",
    "ActionTimeout",
    "AmiConnectError",
    "AmiError",
    "AmiLoginRefused",
    "CertificateRefused",
    "InvalidAction",
    "NotAsterisk",
    "NotConnected",
    "OutcomeUnknown",
    "PermissionDenied",
    "ProtocolFault",
]


class AmiError(Exception):
    """Something between this client and Asterisk went wrong."""

    def __init__(self, text: str = "") -> None:
        """Take the class's own description when no better text is given."""
        super().__init__(text or (type(self).__doc__ or "").partition("\n")[0])


class AmiConnectError(AmiError):
    """No connection to Asterisk could be made."""


class CertificateRefused(AmiConnectError):
    """The peer's TLS certificate was not accepted: expired, other name, or unknown issuer."""


class NotAsterisk(AmiConnectError):
    """The peer did not greet as an Asterisk manager interface; no credentials were sent."""


class AmiLoginRefused(AmiConnectError):
    """Asterisk refused the login: name, secret or permitted address is wrong."""


class InvalidAction(AmiError):
    """The action cannot be written safely; nothing was sent."""


class NotConnected(AmiError):
    """There is no link to Asterisk; nothing was sent."""


class ActionRefused(AmiError):
    """Asterisk answered the action with an error.

    Attributes:
        message: the text that Asterisk gave, for people to read. Do not compare it.
        response: the whole answer.
    """

    def __init__(self, message: str, response: Message) -> None:
        """Keep the whole answer beside its text."""
        super().__init__(message)
        self.message = message
        self.response = response


class PermissionDenied(ActionRefused):
    """The AMI user lacks the right that this action needs."""


class OutcomeUnknown(AmiError):
    """The link was lost after the action was written: it may or may not have happened.

    The engine never sends it again. Read the truth back from Asterisk.

    Attributes:
        action_id: the ActionID it was sent with; an `OriginateResponse` may still carry it.
    """

    def __init__(self, text: str = "", *, action_id: str = "") -> None:
        """Remember which action it was."""
        super().__init__(text)
        self.action_id = action_id


class ActionTimeout(OutcomeUnknown):
    """No answer came within the action's time limit: it may or may not have happened."""


class ProtocolFault(AmiError):
    """The peer sent something that the AMI protocol does not allow."""
