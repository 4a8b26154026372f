"""What the services refuse, in one tree that both APIs know how to say.

The docstring of a class is its default message; `details` are what a caller needs to mend the request.
"""

from __future__ import annotations

from typing import ClassVar


class BridgeError(Exception):
    """The request could not be carried out."""

    error_id: ClassVar[str] = "bridge-error"
    """Stable name, part of the HTTP API."""
    status: ClassVar[int] = 500
    """HTTP status under `/v1`; the line format answers 200 always."""
    mend: ClassVar[str] = ""
    """What the caller can do about it."""

    def __init__(self, message: str = "", /, **details: str) -> None:
        self.message = message or (self.__doc__ or "").partition("\n")[0]
        self.details = details
        super().__init__(self.message)


class NotFound(BridgeError):  # noqa: N818  the name says what happened
    """There is no such thing."""

    error_id = "not-found"
    status = 404


class NoSuchAgent(NotFound):
    """There is no such agent."""

    error_id = "no-such-agent"


class NoSuchPhone(NotFound):
    """There is no such phone."""

    error_id = "no-such-phone"


class NoBrowserPhone(NotFound):
    """This phone is no browser."""

    error_id = "no-browser-phone"
    mend = (
        "It needs `browser`, a secret (`agent-bridge phone secret`) and its Asterisk's `websocket_url` "
        "in the settings."
    )


class NoSuchCampaign(NotFound):
    """There is no such campaign."""

    error_id = "no-such-campaign"


class NoSuchCall(NotFound):
    """There is no such call."""

    error_id = "no-such-call"


class NoSuchLead(NotFound):
    """There is no such lead."""

    error_id = "no-such-lead"


class NoSuchQueue(NotFound):
    """Asterisk has no such queue."""

    error_id = "no-such-queue"
    mend = "Set it up in Asterisk's queues.conf and reload app_queue."


class NoSuchRecording(NotFound):
    """There is no such recording."""

    error_id = "no-such-recording"


class NoSuchCallback(NotFound):
    """There is no such callback."""

    error_id = "no-such-callback"


class NoWebForm(NotFound):
    """The campaign has no web form."""

    error_id = "no-web-form"


class NoSuchImport(NotFound):
    """There is no such import."""

    error_id = "no-such-import"


class InvalidInput(BridgeError):  # noqa: N818  the name says what happened
    """A field of the request is not valid."""

    error_id = "invalid-input"
    status = 400

    def __init__(self, message: str = "", /, *, field: str = "", **details: str) -> None:
        super().__init__(message, **details)
        self.field = field


class UnreadableNumber(InvalidInput):
    """It is no telephone number, area code or prefix."""

    error_id = "unreadable-number"
    mend = "Give it with + and its country's code, or as it is dialled in its list's country, or the site's."


class ImportTooLarge(InvalidInput):
    """The file, or a part of it, is larger than what is taken."""

    error_id = "import-too-large"
    status = 413
    mend = "Send smaller parts (`part_bytes` says how large they may be); divide a file that is too large."


class Conflict(BridgeError):  # noqa: N818  the name says what happened
    """The request does not fit the present state."""

    error_id = "conflict"
    status = 409


class OffsetMismatch(Conflict):
    """The part does not begin where the file ends."""

    error_id = "offset-mismatch"
    mend = "Go on at `offset`: so many bytes are here."


class PartUnderWay(Conflict):
    """Another part of the file is being sent."""

    error_id = "part-under-way"
    mend = "If its connection broke, that is noticed within seconds: ask how much is here, and go on there."


class DuplicateLead(Conflict):
    """There is such a lead already, by what the request asks to be compared."""

    error_id = "duplicate-lead"
    mend = "Use the lead that is there, or leave out `duplicates`."


class CallbackStands(Conflict):
    """The customer of this lead was promised to be called already."""

    error_id = "callback-stands"
    mend = "Change that callback (PATCH), or take it back first (DELETE)."


class CallbackTakenBack(Conflict):
    """The callback stands no more: it was taken back, or its lead was called."""

    error_id = "callback-taken-back"
    mend = "Make a new one: POST /v1/callbacks."


class PersonInCall(Conflict):
    """She is being called or spoken with, or a call to her has no result yet: nobody is erased meanwhile."""

    error_id = "person-in-call"
    mend = "Wait until the call has its disposition, and ask again; what was erased before it stays erased."


class NotInThisState(Conflict):
    """The import is not in a state in which this can be done."""

    error_id = "import-state"


class ImportElsewhere(Conflict):
    """Another bridge has the file."""

    error_id = "import-elsewhere"
    mend = "Ask that bridge; how far the import is, any of them says."


class NotLoggedIn(Conflict):
    """The agent is not logged in."""

    error_id = "agent-not-logged-in"
    mend = "Log the agent in first: POST /v1/agents/{user}/login."


class AlreadyLoggedIn(Conflict):
    """The agent is logged in already."""

    error_id = "agent-already-logged-in"
    mend = "Log the agent out first, or use the session that stands."


class PhoneInUse(Conflict):
    """The phone is taken by another agent's session."""

    error_id = "phone-in-use"
    mend = "Name the agent in place of the phone (`agent`), or log her out."


class RemoteAgentBusy(Conflict):
    """The remote agent has a call."""

    error_id = "remote-agent-has-a-call"
    mend = "Move her after it. Switched off, she leaves at its end by herself."


class NoPhone(Conflict):
    """The agent has no phone that could be rung."""

    error_id = "no-phone"
    mend = "Give her one: `phone` under /v1/site/agents."


class NoLeadLeft(Conflict):
    """No lead is left that may be dialled."""

    error_id = "no-lead-left"


class AlreadyQueued(Conflict):
    """The number is in the agent's manual dial queue already."""

    error_id = "already-queued"


class NotPaused(Conflict):
    """The agent is not paused."""

    error_id = "agent-not-paused"
    mend = "Pause the agent, and dispose her last call, first."


class InvalidState(Conflict):
    """The command does not fit the state of the agent or of the call."""

    error_id = "invalid-state"


class NoCall(Conflict):
    """The agent has no call."""

    error_id = "no-call"


class ExtensionFailed(Conflict):
    """The extension that was rung first did not take the call; the customer was not called."""

    error_id = "extension-failed"


class ExtensionBusy(ExtensionFailed):
    """The extension is busy; the customer was not called."""

    error_id = "extension-busy"


class ExtensionDeclined(ExtensionFailed):
    """The extension has declined the call; the customer was not called."""

    error_id = "extension-declined"


class ExtensionUnanswered(ExtensionFailed):
    """The extension has not answered; the customer was not called."""

    error_id = "extension-unanswered"


class ExtensionUnreachable(ExtensionFailed):
    """The extension cannot be reached (is its phone registered?); the customer was not called."""

    error_id = "extension-unreachable"


class NoFronter(Conflict):
    """No other agent talks with the same lead."""

    error_id = "no-fronter"


class NoPreview(Conflict):
    """The agent looks at nothing that could be dialled."""

    error_id = "no-preview"
    mend = "Show her something first: POST /v1/agents/{user}/dial with preview."


class SoundPlays(Conflict):
    """A sound is being played into the agent's room."""

    error_id = "sound-plays"
    mend = "Stop it first, or ask that it be stopped for the new one."


class NoSound(Conflict):
    """No sound is being played into the agent's room."""

    error_id = "no-sound"
    mend = "Play one: PUT /v1/agents/{user}/playback."


class NoRoom(Conflict):
    """The agent's phone is rung for each call: she has no room to play a sound into."""

    error_id = "no-room"


class NotRecording(Conflict):
    """The agent's room is not recorded."""

    error_id = "not-recording"


class NoLead(Conflict):
    """The agent has no lead on her screen."""

    error_id = "no-lead"


class RecordingNotReady(Conflict):
    """The recording is still being written."""

    error_id = "recording-not-ready"
    mend = "Try again when it has ended."


class LinkInvalid(BridgeError):  # noqa: N818  the name says what happened
    """The link is not one that was given out, or it was changed on the way."""

    error_id = "link-invalid"
    status = 403
    mend = "Get a new one: GET /v1/recordings/{id}."


class LinkExpired(BridgeError):  # noqa: N818  the name says what happened
    """The time of the link is over."""

    error_id = "link-expired"
    status = 410
    mend = "Get a new one: GET /v1/recordings/{id}."


class NotAllowed(BridgeError):  # noqa: N818  the name says what happened
    """A rule of the site forbids it."""

    error_id = "not-allowed"
    status = 403

    def __init__(self, message: str = "", /, *, rule: str, **details: str) -> None:
        super().__init__(message, rule=rule, **details)
        self.rule = rule


class ManualDialNotAllowed(NotAllowed):
    """The agent may not place manual calls."""

    error_id = "manual-dial-not-allowed"

    def __init__(self, message: str = "", /, **details: str) -> None:
        super().__init__(message, rule="manual-dial", **details)


class DialRefused(NotAllowed):
    """The number may not be dialled."""

    error_id = "dial-refused"
    status = 422
    mend = "The rule says why; a number is never dialled round it."


class MessageNotAllowed(NotAllowed):
    """The campaign may play no recorded message."""

    error_id = "message-not-allowed"
    mend = "State in the campaign what is missing: why, for whom, the call-back number, the consent."

    def __init__(self, message: str = "", /, **details: str) -> None:
        super().__init__(message, rule="message_statement", **details)


class UserLimited(NotAllowed):
    """A limit of the API user who asks forbids it."""

    error_id = "user-limited"


class DestinationNotAllowed(UserLimited):
    """The API user may not call this country, or numbers of this type."""

    error_id = "destination-not-allowed"
    mend = (
        "Its limits (countries, number_types) are an administrator's to widen, within what the site allows."
    )


class TooManyCalls(UserLimited):
    """The API user may make no more calls now."""

    error_id = "too-many-calls"
    status = 429
    mend = (
        "Of calls at once: try again when one has ended. Of calls per hour or day: the user is stopped "
        "until an administrator enables it again."
    )


class UserShutOut(UserLimited):
    """The API user was shut out after it had asked for this."""

    error_id = "user-shut-out"


class TooManyImports(BridgeError):  # noqa: N818  the name says what happened
    """Too many files of this user are not taken in yet."""

    error_id = "too-many-imports"
    status = 429
    mend = "Start or cancel one of them (GET /v1/imports lists them)."


class DiskFull(BridgeError):  # noqa: N818  the name says what happened
    """The disk of the bridge has no room for the file."""

    error_id = "disk-full"
    status = 507
    mend = "What was sent is kept; go on when there is room. The folder can be moved ([imports] folder)."


class NotBuilt(BridgeError):  # noqa: N818  the name says what happened
    """This version cannot do that yet."""

    error_id = "not-built"
    status = 501


class NotSetUp(BridgeError):  # noqa: N818  the name says what happened
    """A setting that this needs is not there, or leads nowhere."""

    error_id = "not-set-up"
    status = 409


class AsteriskUnavailable(BridgeError):  # noqa: N818  the name says what happened
    """Asterisk cannot be reached; nothing was done."""

    error_id = "asterisk-unavailable"
    status = 503
    mend = "Try again when GET /ready answers 200."


class StorageUnavailable(BridgeError):  # noqa: N818  the name says what happened
    """The database cannot be written; nothing was done."""

    error_id = "storage-unavailable"
    status = 503
    mend = "Try again when GET /ready answers 200."


class OriginateRefused(BridgeError):  # noqa: N818  the name says what happened
    """Asterisk would not place the call, or ring the agent's phone; nothing was dialled."""

    error_id = "originate-refused"
    status = 502
    mend = "Asterisk's log says why; `agent-bridge doctor` looks at its modules and at the AMI user's rights."


class AsteriskRefused(BridgeError):  # noqa: N818  the name says what happened
    """Asterisk would not do what the command asks of it."""

    error_id = "asterisk-refused"
    status = 502
    mend = "`agent-bridge doctor` looks at the AMI user's rights."


class OriginateUnknown(BridgeError):  # noqa: N818  the name says what happened
    """The link to Asterisk was lost in mid action: the call may exist. It is not dialled again."""

    error_id = "originate-unknown"
    status = 504
    mend = "Look at the call, or the agent: it is adopted if it exists, and ended if it does not."
