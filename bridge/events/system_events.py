"""What happens to leads, to the links to Asterisk, and to the bridge itself."""

from __future__ import annotations

from typing import ClassVar, Literal

from bridge.events.event import Event, Right


class LeadEvent(Event, frozen=True, kw_only=True):
    """Of one lead."""

    right: ClassVar[Right] = Right.LEADS

    lead_id: int

    @property
    def subject(self) -> str:
        """`leads/<id>`."""
        return f"leads/{self.lead_id}"


class LeadAdded(LeadEvent, frozen=True, kw_only=True):
    """A lead has come in."""

    type: ClassVar[str] = "lead.added"

    list_id: int
    campaign: str = ""
    source: str = ""


class LeadsImported(Event, frozen=True, kw_only=True):
    """A stretch of rows of a file has become leads: one event for all of them, in place of `lead.added`."""

    type: ClassVar[str] = "import.advanced"
    right: ClassVar[Right] = Right.LEADS

    import_id: str
    list_id: int
    added: int
    refused: int
    row: int
    """Number of the last row that is done."""
    of_rows: int
    """Number of the file's last row: with it, the import is over."""
    consents: int = 0
    """How many consents came with the leads."""

    @property
    def subject(self) -> str:
        """`imports/<id>`."""
        return f"imports/{self.import_id}"


class ImportChanged(Event, frozen=True, kw_only=True):
    """A file that was sent over HTTP is being taken in, or is so no more."""

    type: ClassVar[str] = "import.changed"
    right: ClassVar[Right] = Right.LEADS

    import_id: str
    """As `import.advanced` has it; empty until the file was begun with."""
    upload_id: str
    """As `/v1/imports/{id}` has it."""
    list_id: int
    state: str
    """`running`, `done`, `cancelled` or `failed`."""
    why: str = ""
    """Why it has failed."""

    @property
    def subject(self) -> str:
        """`imports/<upload id>`."""
        return f"imports/{self.upload_id}"


class LeadChanged(LeadEvent, frozen=True, kw_only=True):
    """Fields of a lead have new values."""

    type: ClassVar[str] = "lead.changed"

    fields: tuple[str, ...]
    """Their names; whoever may see the values reads the lead."""


class LeadRemoved(LeadEvent, frozen=True, kw_only=True):
    """A lead is there no more."""

    type: ClassVar[str] = "lead.removed"


class PersonErased(Event, frozen=True, kw_only=True):
    """What was on record of a person is erased: who has kept something of her should erase it, too.

    By whom it was asked is in the audit trail. The events of before it say nothing of her any more.
    """

    type: ClassVar[str] = "person.erased"
    right: ClassVar[Right] = Right.LEADS

    erasure_id: str
    leads: tuple[int, ...]
    """Ids of her leads, which are gone."""
    calls: tuple[str, ...]
    """Ids of her calls, the newest 500."""
    rows: int
    """In how many rows something of her was."""
    evidence: Literal["kept", "erased"]
    """`kept`: calls, consents and what the gate has said have her number still."""
    files_left: int = 0
    """Recordings that could not be removed."""

    @property
    def subject(self) -> str:
        """`person/<id of the erasure>`: it says nothing of who it was."""
        return f"person/{self.erasure_id}"


class ListEvent(Event, frozen=True, kw_only=True):
    """Of the leads of one list."""

    right: ClassVar[Right] = Right.LEADS

    list_id: int

    @property
    def subject(self) -> str:
        """`lists/<id>`."""
        return f"lists/{self.list_id}"


class ListReset(ListEvent, frozen=True, kw_only=True):
    """The leads of a list may be dialled again, whether they were called or not."""

    type: ClassVar[str] = "list.reset"

    campaign: str
    leads: int
    """How many had been called."""


class LeadsRemoved(ListEvent, frozen=True, kw_only=True):
    """Leads of a list were deleted: one event for some thousands of them, in place of `lead.removed`."""

    type: ClassVar[str] = "list.leads_removed"

    leads: int


class LeadConsent(LeadEvent, frozen=True, kw_only=True):
    """A customer has agreed to be called, or has taken that back."""

    type: ClassVar[str] = "lead.consent"

    purpose: str
    """What for; empty: all that she had agreed to."""
    state: Literal["given", "revoked"]


class LeadCallback(LeadEvent, frozen=True, kw_only=True):
    """A customer has been promised to be called again."""

    type: ClassVar[str] = "lead.callback"

    call_id: str
    campaign: str
    user: str = ""
    """The agent who has to do it; empty: any agent may."""
    status: str
    due_at: str = ""
    """ISO 8601 with its offset; empty if what was asked for is no moment."""


class HopperEvent(Event, frozen=True, kw_only=True):
    """Of the hopper of one campaign."""

    right: ClassVar[Right] = Right.LEADS

    campaign: str

    @property
    def subject(self) -> str:
        """`hopper/<campaign>`."""
        return f"hopper/{self.campaign}"


class HopperAdded(HopperEvent, frozen=True, kw_only=True):
    """A lead was put into the hopper by itself."""

    type: ClassVar[str] = "hopper.added"

    lead_id: int
    priority: int
    source: str
    """Letter of why it is there: P by the API, C callback, A other number, R recycled, …"""


class HopperFilled(HopperEvent, frozen=True, kw_only=True):
    """The hopper was filled from the campaign's lists."""

    type: ClassVar[str] = "hopper.filled"

    leads: int
    """How many were added."""


class HopperHeld(HopperEvent, frozen=True, kw_only=True):
    """A lead may not be dialled now, and waits in the hopper."""

    type: ClassVar[str] = "hopper.held"

    lead_id: int
    why: str
    """The rule that has said so."""
    until: str
    """ISO 8601, UTC: when it is looked at again."""


class HopperRemoved(HopperEvent, frozen=True, kw_only=True):
    """A lead was taken out of the hopper without being dialled."""

    type: ClassVar[str] = "hopper.removed"

    lead_id: int
    why: str
    """`asked`, or what has forbidden to dial it."""


class CampaignDropLimit(Event, frozen=True, kw_only=True):
    """A campaign has abandoned so many calls that it dials nothing by itself any more."""

    type: ClassVar[str] = "campaign.drop_limit"

    campaign: str
    answered: int
    """Automatic calls that a person has answered within 30 days."""
    abandoned: int
    """Of these, those for which no agent was there."""
    percent: float
    percent_of_day: float
    """The same of the last 24 hours."""
    limit: float

    @property
    def subject(self) -> str:
        """`campaign/<id>`."""
        return f"campaign/{self.campaign}"


class CampaignDncStale(Event, frozen=True, kw_only=True):
    """A do-not-call list that a campaign needs is too old: it dials nothing by itself any more."""

    type: ClassVar[str] = "campaign.dnc_stale"

    campaign: str
    why: str
    """One sentence for people: which list, of when it is, and for how many days it is good."""

    @property
    def subject(self) -> str:
        """`campaign/<id>`."""
        return f"campaign/{self.campaign}"


class DncListChanged(Event, frozen=True, kw_only=True):
    """Another version of an imported do-not-call list is in force, or none any more."""

    type: ClassVar[str] = "dnc.list"

    list: str
    of_campaign: str = ""
    """The only campaign for which it holds; empty: for all."""
    version: str
    dated: str
    """ISO 8601: the day on which its source gave it out."""
    numbers: int
    state: Literal["in_force", "withdrawn"]

    @property
    def subject(self) -> str:
        """`dnc/<list>`."""
        return f"dnc/{self.list}"


class HoldChanged(Event, frozen=True, kw_only=True):
    """From now on nobody is called any more, whoever asks; or the hold is taken back."""

    type: ClassVar[str] = "hold.changed"

    reason: Literal["restored", "draining"]
    """`restored`: the store is an older copy; `draining`: the bridge is to be stopped."""
    state: Literal["held", "released"]

    @property
    def subject(self) -> str:
        """`hold/<reason>`."""
        return f"hold/{self.reason}"


class UserTeamSet(Event, frozen=True, kw_only=True):
    """The CRM has told to which team an agent belongs."""

    type: ClassVar[str] = "user.team_set"
    right: ClassVar[Right] = Right.AGENTS

    user: str
    team: str

    @property
    def subject(self) -> str:
        """`user/<name>`."""
        return f"user/{self.user}"


class ApiUserStopped(Event, frozen=True, kw_only=True):
    """An API user has broken its limits and is refused everything until an administrator enables it again."""

    type: ClassVar[str] = "apiuser.stopped"

    user: str
    rule: str
    """Of `bridge.rules.Rule`: which limit."""
    why: str
    """One sentence for people."""

    @property
    def subject(self) -> str:
        """`apiuser/<name>`."""
        return f"apiuser/{self.user}"


class AsteriskEvent(Event, frozen=True, kw_only=True):
    """Of the link to one Asterisk."""

    asterisk: str

    @property
    def subject(self) -> str:
        """`asterisk/<name>`."""
        return f"asterisk/{self.asterisk}"


class AsteriskUp(AsteriskEvent, frozen=True, kw_only=True):
    """Connected, and its state is known."""

    type: ClassVar[str] = "asterisk.up"
    retained: ClassVar[bool] = True

    state: Literal["up"] = "up"
    version: str = ""


class AsteriskDown(AsteriskEvent, frozen=True, kw_only=True):
    """The link is lost."""

    type: ClassVar[str] = "asterisk.down"
    retained: ClassVar[bool] = True

    state: Literal["down"] = "down"
    reason: str = ""


class AsteriskGap(AsteriskEvent, frozen=True, kw_only=True):
    """Events between these two times were missed; what changed follows as `resync`."""

    type: ClassVar[str] = "asterisk.gap"

    since: str
    """ISO 8601, UTC."""
    until: str
    """ISO 8601, UTC."""
    reason: str = ""


class BridgeEvent(Event, frozen=True, kw_only=True):
    """Of one process of the bridge."""

    bridge: str

    @property
    def subject(self) -> str:
        """`bridge/<id>`."""
        return f"bridge/{self.bridge}"


class BridgeStarted(BridgeEvent, frozen=True, kw_only=True):
    """It serves."""

    type: ClassVar[str] = "bridge.started"

    version: str = ""


class BridgeStopped(BridgeEvent, frozen=True, kw_only=True):
    """It was stopped in order."""

    type: ClassVar[str] = "bridge.stopped"

    reason: str = ""
