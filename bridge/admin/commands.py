"""Every command that there is."""

from __future__ import annotations

from bridge.admin.audit_commands import ListUsage, ReadAudit, ShowUsage
from bridge.admin.consent_commands import AddConsent, ListConsents, RevokeConsent
from bridge.admin.delivery_commands import ListDeliveries, RetryDelivery
from bridge.admin.dnc_commands import (
    AddDnc,
    BeginDncList,
    ListDnc,
    ListDncVersions,
    RemoveDnc,
    ShowDnc,
    TakeDncRows,
    WithdrawDncList,
)
from bridge.admin.event_commands import ReadEvents
from bridge.admin.evidence_commands import CollectEvidence
from bridge.admin.hold_commands import ShowHolds, StartDraining, TakeHoldBack
from bridge.admin.hopper_commands import AddToHopper, FlushHopper, ListHopper
from bridge.admin.import_commands import BeginImport, ShowListFields, ShowRefusals, TakeRows
from bridge.admin.intake_commands import AddIntake, ListPosts, RotateIntake, SetIntakeActive, ShowIntake
from bridge.admin.key_commands import ListKeys, MakeKey, ReplaceKey, RevokeKey
from bridge.admin.now_commands import ShowNow
from bridge.admin.person_commands import ErasePerson, LookForPerson
from bridge.admin.phone_commands import ListBrowserPhones, SetPhoneSecret
from bridge.admin.process_commands import ShowProcess
from bridge.admin.recording_commands import NewRecordingKey
from bridge.admin.site_commands import AddItem, ListItems, LoadSite, RemoveItem, ShowItem
from bridge.admin.user_commands import (
    AddUser,
    ListUsers,
    MakeConsoleLink,
    NewSecret,
    RemoveUser,
    SetActive,
    SetConsolePassword,
    SetLimits,
    ShowUser,
    Unlock,
)
from bridge.admin.why_commands import WhyCampaign, WhyLead

AnyCommand = (
    AddItem
    | ListItems
    | ShowItem
    | RemoveItem
    | SetPhoneSecret
    | ListBrowserPhones
    | AddUser
    | ListUsers
    | ShowUser
    | RemoveUser
    | SetActive
    | SetLimits
    | Unlock
    | NewSecret
    | SetConsolePassword
    | MakeConsoleLink
    | MakeKey
    | ListKeys
    | ReplaceKey
    | RevokeKey
    | AddDnc
    | RemoveDnc
    | ShowDnc
    | ListDnc
    | BeginDncList
    | TakeDncRows
    | WithdrawDncList
    | ListDncVersions
    | CollectEvidence
    | LookForPerson
    | ErasePerson
    | AddConsent
    | RevokeConsent
    | ListConsents
    | AddToHopper
    | FlushHopper
    | ListHopper
    | ShowHolds
    | StartDraining
    | TakeHoldBack
    | ListDeliveries
    | RetryDelivery
    | NewRecordingKey
    | ShowListFields
    | BeginImport
    | TakeRows
    | ShowRefusals
    | AddIntake
    | ShowIntake
    | RotateIntake
    | SetIntakeActive
    | ListPosts
    | ReadAudit
    | ListUsage
    | ShowUsage
    | LoadSite
    | ShowProcess
    | WhyCampaign
    | WhyLead
    | ReadEvents
    | ShowNow
)
"""Whatever the command line may ask for; nothing else is understood."""
