"""Typed actions: each builds its headers and reads its own answer."""

from __future__ import annotations

from bridge.ami.actions.base import Action, ListAction, RawAction, RawListAction, Response, SimpleAction
from bridge.ami.actions.calls import Getvar, Hangup, HangupMatching, Originate, PlayDTMF, Redirect, Setvar
from bridge.ami.actions.channels import BridgeInfo, BridgeList, CoreShowChannels, Status
from bridge.ami.actions.queues import (
    QueueAdd,
    QueuePause,
    QueueRemove,
    QueueRow,
    QueueStatus,
    QueueWithdrawCaller,
)
from bridge.ami.actions.rooms import (
    ConfbridgeKick,
    ConfbridgeList,
    ConfbridgeListRooms,
    ConfbridgeMute,
    ConfbridgeUnmute,
)
from bridge.ami.actions.system import (
    Challenge,
    CoreSettings,
    CoreSettingsResult,
    CoreStatus,
    CoreStatusResult,
    DeviceStateList,
    Events,
    ListCommands,
    Login,
    LoginMD5,
    Logoff,
    Ping,
    ShowDialPlan,
    UserEvent,
)

__all__ = [
    "Action",
    "BridgeInfo",
    "BridgeList",
    "Challenge",
    "ConfbridgeKick",
    "ConfbridgeList",
    "ConfbridgeListRooms",
    "ConfbridgeMute",
    "ConfbridgeUnmute",
    "CoreSettings",
    "CoreSettingsResult",
    "CoreShowChannels",
    "CoreStatus",
    "CoreStatusResult",
    "DeviceStateList",
    "Events",
    "Getvar",
    "Hangup",
    "HangupMatching",
    "ListAction",
    "ListCommands",
    "Login",
    "LoginMD5",
    "Logoff",
    "Originate",
    "Ping",
    "PlayDTMF",
    "QueueAdd",
    "QueuePause",
    "QueueRemove",
    "QueueRow",
    "QueueStatus",
    "QueueWithdrawCaller",
    "RawAction",
    "RawListAction",
    "Redirect",
    "Response",
    "Setvar",
    "ShowDialPlan",
    "SimpleAction",
    "Status",
    "UserEvent",
]
