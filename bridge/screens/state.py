"""Changes of a screen: its new state and the event, in the transaction of the caller, who holds the session.

Whoever reads the stream needs the event, and whoever comes later the state.
"""

from __future__ import annotations

from typing import Any

import msgspec

from bridge.agents.model import AgentSession
from bridge.events.catalogue import (
    ScreenEvent,
    ScreenFieldsUpdated,
    ScreenNotified,
    ScreenPanelsRefreshed,
    ScreenTimerSet,
    ScreenWebphoneLaunched,
)
from bridge.screens import queries
from bridge.screens.model import SHOWN, Notification, Screen, Shown, Timer, TimerAction
from bridge.store.transaction import Transaction


async def fields_updated(
    tx: Transaction, session: AgentSession, lead_id: int, fields: tuple[str, ...], panels: tuple[str, ...]
) -> None:
    """Fields of her lead were changed, and panels are to be loaded anew with them; either may be none."""
    screen = await queries.screen(tx.conn, session.id)
    number = screen.fields_updates + 1
    screen = msgspec.structs.replace(screen, fields=fields, fields_updates=number)
    await queries.put(tx.conn, session.id, _refreshed(screen, panels) if panels else screen)
    tx.emit(_event(ScreenFieldsUpdated, session, lead_id=lead_id, fields=fields, number=number))
    if panels:
        number = screen.panel_refreshes + 1
        tx.emit(_event(ScreenPanelsRefreshed, session, panels=panels, number=number))


async def panels_refreshed(tx: Transaction, session: AgentSession, panels: tuple[str, ...]) -> None:
    """Panels are to be loaded anew."""
    screen = _refreshed(await queries.screen(tx.conn, session.id), panels)
    await queries.put(tx.conn, session.id, screen)
    tx.emit(_event(ScreenPanelsRefreshed, session, panels=panels, number=screen.panel_refreshes))


async def timer_set(tx: Transaction, session: AgentSession, timer: Timer) -> None:
    """Something is to be done at a time in her call, in the place of what was to be done before."""
    kept = None if timer.action is TimerAction.NONE else timer
    await _change(tx, session, timer=kept)
    told = {"action": timer.action, "message": timer.message, "seconds": timer.seconds}
    tx.emit(_event(ScreenTimerSet, session, **told))


async def webphone_launched(tx: Transaction, session: AgentSession, url: str) -> None:
    """The page of her phone has been asked for."""
    screen = await queries.screen(tx.conn, session.id)
    await _change(tx, session, webphone_launches=screen.webphone_launches + 1)
    tx.emit(_event(ScreenWebphoneLaunched, session, url=url))


async def notified(tx: Transaction, session: AgentSession, notification: Notification) -> None:
    """A text, or confetti, for her."""
    screen = await queries.screen(tx.conn, session.id)
    shown = Shown(id=notification.id, text=notification.text, look=notification.look, at=tx.now)
    await _change(tx, session, notifications=(*screen.notifications, shown)[-SHOWN:])
    told = {"notification": notification.id, "text": notification.text, "look": notification.look}
    tx.emit(_event(ScreenNotified, session, **told))


async def _change(tx: Transaction, session: AgentSession, **changes: Any) -> None:
    screen = await queries.screen(tx.conn, session.id)
    await queries.put(tx.conn, session.id, msgspec.structs.replace(screen, **changes))


def _refreshed(screen: Screen, panels: tuple[str, ...]) -> Screen:
    return msgspec.structs.replace(screen, panels=panels, panel_refreshes=screen.panel_refreshes + 1)


def _event(kind: type[ScreenEvent], session: AgentSession, **more: Any) -> ScreenEvent:
    return kind(user=session.user, session_id=session.id, campaign=session.campaign, **more)
