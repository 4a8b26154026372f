"""The one place where the parts are put together, and their order of start and stop."""

from __future__ import annotations

import asyncio
import gc
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from importlib.metadata import version
from pathlib import Path
from typing import Final

import structlog
import uvicorn
import uvloop

from bridge.access.service import Access
from bridge.admin.command import Parts
from bridge.admin.errors import AdminError
from bridge.admin.place import listening, socket_path
from bridge.admin.server import AdminServer
from bridge.agents import spans
from bridge.agents.asterisk import AgentLink
from bridge.agents.commands import AgentCommands
from bridge.agents.conference import Conference
from bridge.agents.dial_queue import DialQueue
from bridge.agents.in_groups import InGroups
from bridge.agents.manual import ManualDials
from bridge.agents.monitoring import Monitoring, MonitorLink
from bridge.agents.page_logout import end_pages
from bridge.agents.phones import AgentPhones
from bridge.agents.placing import Placing
from bridge.agents.playback import Playback
from bridge.agents.scene import Scenes
from bridge.agents.service import Sessions
from bridge.agents.stepping import Stepping
from bridge.agents.transfers import Transfers
from bridge.agents.waiting import Waiting
from bridge.agi.loader import ScriptLoader
from bridge.agi.server import FastAgiServer
from bridge.ami.client import AmiClient
from bridge.api.app import create_app
from bridge.api.http_protocol import limited
from bridge.api.http_server import Http, believing
from bridge.audit.trail import AuditTrail
from bridge.background import background
from bridge.calls import verdicts
from bridge.calls.asterisk import CallLink
from bridge.calls.breaches import Breaches
from bridge.calls.called_back import CalledBack
from bridge.calls.commands import CallCommands
from bridge.calls.intent import SiteRules
from bridge.calls.intents import Intents
from bridge.calls.model import Seat
from bridge.calls.service import Calls
from bridge.calls.site_rules import rules_of
from bridge.campaigns.browser_phone import BrowserPhones
from bridge.campaigns.service import Site
from bridge.consent.service import Consents
from bridge.crm.urls import CrmUrls
from bridge.delivery.engine import DeliveryEngine
from bridge.delivery.service import Deliveries
from bridge.desk import Desk
from bridge.dialer.by_hand import HopperDesk
from bridge.dialer.hopper import Hopper
from bridge.dialer.lines import follow
from bridge.dialer.promised import PromisedLeads
from bridge.dialer.service import Dialer
from bridge.dnc.service import DncLists
from bridge.events.catalogue import PERSONAL, BridgeStarted, BridgeStopped, Event
from bridge.events.envelope import source_of
from bridge.events.log import EventLog
from bridge.events.mqtt import CURSOR_SECONDS, SHARED_CURSOR_SECONDS, MqttOptions, MqttSink
from bridge.events.mqtt_link import broker_at
from bridge.events.personal import Shown, Veil
from bridge.events.sse import EventStream
from bridge.health import Health
from bridge.idempotency import IdempotencyKeys
from bridge.imports.service import Imports
from bridge.intake.keys import IntakeKeys
from bridge.intake.service import Intake
from bridge.leads import reminding
from bridge.leads.desk import LeadDesk
from bridge.leads.filter_groups import FilterGroups
from bridge.leads.lists import ListDesk
from bridge.leads.reminding import Reminders
from bridge.leads.service import Leads
from bridge.locks import KeyedLocks
from bridge.logs import configure
from bridge.lookups import SiteLookups
from bridge.metrics.service import Metrics
from bridge.persons.service import Persons
from bridge.raw_events import RawEvents
from bridge.recordings.asterisk import RecordingLink
from bridge.recordings.downloads import Downloads
from bridge.recordings.files import Folder
from bridge.recordings.links import Signer
from bridge.recordings.service import Recordings
from bridge.reports.service import Reports
from bridge.screens.commands import ScreenCommands
from bridge.screens.notifications import Notifications
from bridge.services import ApiOptions, Services
from bridge.settings import Settings
from bridge.store.database import Database, Transaction
from bridge.store.duties import while_held
from bridge.store.errors import StoreError, StoreLocked
from bridge.uploads.desk import ImportDesk
from bridge.uploads.place import importing
from bridge.uploads.runner import ImportRunner
from bridge.watch import Watch
from bridge.webhooks.source import Webhooks
from bridge.why.service import Why, why_of

TRIM_EVERY: Final = 3600.0
"""Seconds between looks for events, keys and audit rows that are past their retention."""

NAME_SECONDS: Final = 15.0
"""How long a bridge waits for its name: that of one whose machine was lost is free after some seconds."""

AGI_SCRIPTS: Final = Path(__file__).parents[1] / "agi_scripts"

LET_GO: Final = 5
"""Seconds that open HTTP requests (event streams among them) may take at a stop."""

_log = structlog.get_logger(__name__)


class Core:
    """Everything below the interfaces: store, calls, agents, and the links to each Asterisk."""

    def __init__(self, settings: Settings) -> None:  # noqa: PLR0915  one for each part
        self.settings = settings
        self.name = settings.mqtt.client_id or socket.gethostname()
        """Of this bridge among those on its database."""
        self.db = Database(settings.store.url.reveal())
        self.duties = self.db.duties(self.name)
        self.access = Access(self.db, console_lasts=timedelta(hours=settings.console.hours))
        self.audit = AuditTrail(self.db)
        self.site = Site(self.db, settings.site.country)
        self.leads = Leads(self.db, country=settings.site.country)
        self.hopper = Hopper(self.db)
        self.lead_desk = LeadDesk(self.db, self.leads, self.hopper, self.site, settings.site.country)
        self.intake = Intake(self.db, self.site, self.leads, country=settings.site.country)
        self.intake_keys = IntakeKeys(self.db, self.site)
        self.log = EventLog(self.db)
        self.clients = {server.name: AmiClient(server.ami()) for server in settings.asterisk}
        writers = {name: self.duties.duty(follow(name)) for name in self.clients}
        fences = {name: duty.fence for name, duty in writers.items()}
        call_links = {name: CallLink(client) for name, client in self.clients.items()}
        agent_links = {name: AgentLink(client) for name, client in self.clients.items()}
        self.calls = Calls(self.db, call_links, self._seat_of, fences)
        self.sessions = Sessions(self.db, agent_links, self.calls.signal, fences)
        self.calls.tell_agents_by(self.sessions.notice)
        self.calls.on_disposed(CalledBack(self.site).disposed)
        locks = KeyedLocks()  # of an agent's commands: all of them run in the order in which they came
        self.recordings = Recordings(
            self.db,
            {name: RecordingLink(client) for name, client in self.clients.items()},
            check_link=self.calls.check_link,
            fences=fences,
            locks=locks,
            timezone=settings.site.zone,
        )
        self.sessions.on_step(self.recordings.on_session)
        self.sessions.on_step(end_pages)
        self.downloads = Downloads(
            self.db,
            Folder(settings.recordings.folder),
            Signer(self.db, settings.recordings.key.reveal(), settings.recordings.link_seconds),
        )
        self.persons = Persons(self.db, settings.site.country, Folder(settings.recordings.folder))
        self.watches = {
            name: Watch(
                name,
                client,
                self.db,
                calls=self.calls,
                sessions=self.sessions,
                duty=writers[name],
                more=[self.recordings],
            )
            for name, client in self.clients.items()
        }
        first = settings.asterisk[0].name
        rules = rules_of(settings.site, first, settings.law.dnc_days)
        browsers = {one.name: one.browsers() for one in settings.asterisk}
        self.browser_servers = {name: one for name, one in browsers.items() if one is not None}
        self.browser_phones = BrowserPhones(self.db, self.site, self.browser_servers, first)
        breaches = Breaches(self.db, self.access, settings.api.stop_after)
        self.intents = Intents(self.site, self.leads, rules, breaches.note, self.calls.drops)
        self.call_commands = CallCommands(self.db, self.calls, self.site, self.intents, self.log)
        stepping = Stepping(self.db, self.sessions, locks)
        self.in_groups = InGroups(self.db, sessions=self.sessions, access=self.access, stepping=stepping)
        self.playback = Playback(agent_links.__getitem__, stepping)
        self.phones = AgentPhones(
            self.site, self.intents, calls=self.calls, sessions=self.sessions, stepping=stepping
        )
        self.monitoring = Monitoring(
            {name: MonitorLink(client) for name, client in self.clients.items()},
            first,
            phones=self.phones,
            calls=self.calls,
            stepping=stepping,
            whisper=settings.api.whisper,
        )
        placing = Placing(calls=self.calls, site=self.site, intents=self.intents, stepping=stepping)
        self.agent_commands = AgentCommands(
            self.db,
            sessions=self.sessions,
            calls=self.calls,
            site=self.site,
            access=self.access,
            placing=placing,
            stepping=stepping,
            asterisk=first,
            timezone=settings.site.zone,
            phones=self.phones,
        )
        self.manual = ManualDials(self.db, placing=placing, leads=self.leads, stepping=stepping)
        self.dial_queue = DialQueue(self.db, self.sessions, self.manual, placing, stepping)
        scenes = Scenes(self.db, self.calls, self.site, self.intents, locks)
        self.conference = Conference(scenes, call_links.__getitem__)
        self.transfers = Transfers(scenes, self.sessions)
        self.notifications = Notifications(self.db)
        self.sessions.on_step(self.notifications.on_session)
        self.screen_commands = ScreenCommands(
            self.db,
            stepping=stepping,
            calls=self.calls,
            site=self.site,
            leads=self.leads,
            notifications=self.notifications,
        )
        self.dialer = Dialer(
            self.db,
            name=self.name,
            duties=writers,
            hopper=self.hopper,
            calls=self.calls,
            intents=self.intents,
            leads=self.leads,
            site=self.site,
            log=self.log,
            waiting=Waiting(placing, stepping),
            in_step=lambda asterisk: self.watches[asterisk].ready,
            zone=settings.site.zone,
        )
        promised = PromisedLeads(self.leads, self.hopper, self.site)
        self.reminders = Reminders(self.db, self.log, self.duties.duty(reminding.DUTY), promised.due)
        self.keys = IdempotencyKeys(self.db)
        self.desks = {name: self._desk(name, rules) for name in self.clients}
        self.desk = self.desks[first]

    @cached_property
    def importing(self) -> tuple[ImportRunner, ImportDesk]:
        """What takes files of leads in, and what callers give them to."""
        return importing(self.db, self.site, self.name, self.settings)

    @cached_property
    def why(self) -> Why:
        """Why nothing is dialled."""
        return why_of(
            self.db,
            site=self.site,
            leads=self.leads,
            intents=self.intents,
            duties=self.duties,
            asterisks=tuple(self.clients),
            here=self.dialer.against,
            zone=self.settings.site.zone,
        )

    def _desk(self, asterisk: str, rules: SiteRules) -> Desk:
        return Desk(
            self.db,
            calls=self.calls,
            sessions=self.sessions,
            site=self.site,
            leads=self.leads,
            intents=self.intents,
            rules=rules,
            asterisk=asterisk,
        )

    @asynccontextmanager
    async def _delivering(self) -> AsyncIterator[None]:
        """The CRM is told what happens."""
        settings = self.settings
        async with settings.outgoing.client() as http:
            engine = DeliveryEngine(
                self.db,
                self.log,
                [
                    CrmUrls(self.db, self.site, settings.crm.templates(), settings.site.zone),
                    Webhooks(
                        self.db,
                        self.site,
                        key=settings.outgoing.signing_key,
                        hash_key=settings.mqtt.hash_key,
                        origin=source_of(self.name),
                        clock=lambda: datetime.now(UTC),
                    ),
                ],
                http,
                self.duties.duty("deliveries"),
                per_host=settings.outgoing.per_host,
                retry_hours=settings.outgoing.retry_hours,
            )
            async with background(engine.run):
                yield

    def _seat_of(self, asterisk: str, member: str) -> Seat | None:
        return self.sessions.seat_of(asterisk, member)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """The store open, each Asterisk followed, deadlines kept; undone in the opposite order."""
        async with AsyncExitStack() as stack:
            await self.db.open()
            stack.push_async_callback(self.db.close)
            await self.site.take_own_numbers()
            stack.callback(self.access.close)
            await self.audit.keep(self.settings.audit.retention_days)
            stack.push_async_callback(self.audit.stop)
            await stack.enter_async_context(background(self.audit.run))
            await self.duties.start()
            stack.push_async_callback(self.duties.close)
            await self._begin()
            stack.push_async_callback(self.calls.stop)
            stack.push_async_callback(self.sessions.stop)
            stack.push_async_callback(self.dial_queue.stop)
            stack.push_async_callback(self.notifications.stop)
            self.notifications.soon()
            for client in self.clients.values():
                await client.start()
                stack.push_async_callback(client.stop)
            for watch in self.watches.values():
                await stack.enter_async_context(background(watch.run))
            stack.push_async_callback(self.dialer.stop)
            dials = self.dialer.run if self.settings.site.automatic else self.dialer.rest
            await stack.enter_async_context(background(dials))
            stack.push_async_callback(self.reminders.stop)
            await stack.enter_async_context(background(self.reminders.run))
            await stack.enter_async_context(self._delivering())
            await stack.enter_async_context(background(self.importing[0].run))
            housekeeping = self.duties.duty("housekeeping")
            housekeeping.want()
            await stack.enter_async_context(background(partial(while_held, housekeeping, self._trim)))
            yield

    async def _begin(self) -> None:
        """Take our name; where no other bridge is at work, go on with what was open when the last one ended.

        Raises:
            StoreLocked: another bridge has the name.
        """
        own = self.duties.duty(f"bridge:{self.name}")
        own.want()
        try:
            await asyncio.wait_for(own.taken(), NAME_SECONDS)
        except TimeoutError:
            raise StoreLocked(
                f"another bridge on this database is named {self.name}: give each its own [mqtt] client_id"
            ) from None
        async with self.db.read() as conn:
            alone = await self.duties.alone(conn)
        if alone:
            await self.sessions.restore()
            await self.calls.restore()

    async def _trim(self) -> None:
        while True:
            kept, now = timedelta(days=self.settings.events.retention_days), datetime.now(UTC)
            try:
                await self.log.trim(now - kept, now)
                await self.keys.trim()
                await self.intake_keys.trim(now - timedelta(days=self.settings.intake.retention_days))
                refused = timedelta(days=self.settings.imports.retention_days)
                await Imports(self.db, self.site).trim(now - refused)
                await DncLists(self.db).trim(now - refused)
                calls_kept = timedelta(days=365.25 * self.settings.law.call_years)
                await verdicts.trim(self.db, now - calls_kept)
                await spans.trim(self.db, now - calls_kept)
                await self.audit.trim(self.settings.audit.retention_days)
                await Deliveries(self.db).trim(now - timedelta(days=self.settings.outgoing.retention_days))
            except StoreError as error:  # a full disk now must not end the service; the next look will do
                _log.warning(
                    "old events, keys, deliveries and audit rows could not be removed", error=str(error)
                )
            await asyncio.sleep(TRIM_EVERY)


class Interfaces:
    """What stands above the core: AGI for the dialplan, HTTP for callers, the streams for those who watch."""

    def __init__(self, core: Core) -> None:
        self.core = core
        settings = core.settings
        self.name = core.name
        self.stream = EventStream(core.log, source_of(self.name))
        self.raw = RawEvents(core.clients)
        self.mqtt = self._mqtt(settings)
        http, agi = settings.http.certificate(), settings.agi.certificate()
        self.certificates = [shown for shown in (http, agi) if shown is not None]
        secret = settings.agi.secret.reveal() or None
        self.agi = FastAgiServer(
            ScriptLoader(AGI_SCRIPTS).handler(core.desk, core.desks),
            settings.agi.host,
            settings.agi.port,
            max_sessions=settings.agi.max_sessions,
            secret=secret,
            desk=core.desk if secret else None,
            desks=core.desks if secret else None,
            allow=settings.agi.allow or None,
            tls=None if agi is None else agi.context,
        )
        self.health = self._health()
        self.metrics = Metrics(
            core.db,
            core.log,
            self.health,
            listeners=lambda: self.stream.listeners,
            clock=lambda: datetime.now(UTC),
            version=version("agent-bridge"),
        )
        self.http = Http(
            self._end_streams,
            self._renew,
            uvicorn.Config(
                create_app(self._services()),
                host=settings.http.host,
                port=settings.http.port,
                http=limited(settings.http.request_timeout, settings.http.max_connections),
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                **believing(settings.http.trusted_proxies),
                timeout_graceful_shutdown=LET_GO,
                ssl_context_factory=None if http is None else lambda *_: http.context,
            ),
        )

    def _services(self) -> Services:
        core, settings = self.core, self.core.settings
        return Services(
            agents=core.agent_commands,
            manual=core.manual,
            conference=core.conference,
            transfers=core.transfers,
            in_groups=core.in_groups,
            playback=core.playback,
            phones=core.phones,
            browser_phones=core.browser_phones,
            monitoring=core.monitoring,
            calls=core.call_commands,
            recordings=core.recordings,
            downloads=core.downloads,
            access=core.access,
            audit=core.audit,
            site=core.site,
            lookups=SiteLookups(core.site, core.leads),
            events=self.stream,
            raw=self.raw,
            idempotency=core.keys,
            health=self.health,
            metrics=self.metrics,
            screens=core.screen_commands,
            leads=core.leads,
            consents=Consents(core.db, core.leads),
            persons=core.persons,
            imports=core.importing[1],
            hopper_desk=HopperDesk(core.db, core.hopper),
            why=core.why,
            dnc=core.leads,
            dnc_lists=DncLists(core.db),
            filters=FilterGroups(core.db, settings.site.country),
            desk=core.lead_desk,
            list_desk=ListDesk(core.db, core.hopper, settings.site.zone),
            hopper=core.hopper,
            reports=Reports(core.db),
            intake=core.intake,
            intake_keys=core.intake_keys,
            options=ApiOptions(
                timezone=settings.site.zone,
                agent_api=settings.api.agent_api,
                outbound_cid=settings.api.outbound_cid,
                notifications=settings.api.notifications,
                whisper=settings.api.whisper,
                intake_max_body=settings.intake.max_body,
                public_url=settings.http.public_url,
                mqtt_prefix=settings.mqtt.prefix,
                signing_key=settings.outgoing.signing_key,
                country=settings.site.country,
                dnc_days=settings.law.dnc_days,
                cors_origins=settings.http.cors_origins,
                frame_origins=settings.console.frame_origins,
                addresses={one.name: one.public_address or one.host for one in settings.asterisk},
                sounds_folder=settings.api.sounds_folder,
                sounds_url=settings.api.sounds_url,
                websockets=tuple(one.origin for one in core.browser_servers.values()),
            ),
        )

    def _end_streams(self) -> None:
        self.stream.close()
        self.raw.close()

    def _health(self) -> Health:
        core = self.core
        settings = core.settings
        expected = [server.name for server in settings.asterisk if server.relay and settings.agi.secret]
        sink = self.mqtt
        sinks = {} if sink is None else {"mqtt": lambda: sink.why_not}
        relays = dict.fromkeys(expected, self.agi.relays)
        return Health(
            core.db,
            clients=core.clients,
            watches=core.watches,
            relays=relays,
            sinks=sinks,
            duties=core.duties,
            clock=lambda: datetime.now(UTC),
        )

    def _mqtt(self, settings: Settings) -> MqttSink | None:
        if not settings.mqtt.url:
            return None
        options = MqttOptions(
            broker=broker_at(settings.mqtt.url.reveal(), f"agent-bridge-{self.name}", settings.mqtt.tls()),
            prefix=settings.mqtt.prefix,
            bridge=self.name,
            source=source_of(self.name),
            asterisks=tuple(self.core.clients),
            cursor_seconds=SHARED_CURSOR_SECONDS if self.core.db.shared else CURSOR_SECONDS,
            veil=Veil(Shown(settings.mqtt.personal), PERSONAL, settings.mqtt.hash_key),
        )
        duty = self.core.duties.duty("mqtt")
        duty.want()
        return MqttSink(self.core.log, options, duty)

    def _renew(self) -> None:
        for shown in self.certificates:
            shown.read_again()

    async def serve(self) -> None:
        """Serve until a signal says stop."""
        async with AsyncExitStack() as stack:
            for shown in self.certificates:
                await stack.enter_async_context(background(shown.follow))
            await stack.enter_async_context(background(self.metrics.run))
            if self.mqtt is not None:
                await stack.enter_async_context(background(self.mqtt.run))
            await self.agi.start()
            stack.push_async_callback(self._say, BridgeStopped(bridge=self.name, reason="asked"))
            stack.push_async_callback(self.agi.drain, LET_GO)
            await self._say(BridgeStarted(bridge=self.name, version=version("agent-bridge")))
            await self.http.serve()

    async def _say(self, event: Event) -> None:
        async def work(tx: Transaction) -> None:
            tx.emit(event)

        await self.core.db.write(work)


async def serve(settings: Settings) -> None:
    """Run the whole bridge until a signal says stop.

    Raises:
        StoreError: the database cannot be used.
        OSError: an address cannot be listened on.
        AdminError: the socket of the command line cannot be had.
    """
    core = Core(settings)
    async with listening(socket_path(settings)) as listener, core.running():
        admin = AdminServer(
            listener,
            Parts(core.db, core.access, core.site, core.leads, core.audit, core.why, core.log, core.persons),
        )
        async with background(admin.run):
            interfaces = Interfaces(core)
            _leave_in_peace()
            await interfaces.serve()


def _leave_in_peace() -> None:
    """What is there by now stays for good: let the collector look at it once, and not in the midst of a dial.

    A look at all that the libraries have made takes some 100 ms, in which nothing else is done.
    """
    gc.collect()
    gc.freeze()


def run(settings: Settings) -> int:
    """The command `agent-bridge serve`; its exit status."""
    configure(settings.log)
    try:
        uvloop.run(serve(settings))
    except (StoreError, AdminError, OSError, ValueError) as error:
        _log.critical("the bridge cannot serve", error=str(error))
        return 1
    except KeyboardInterrupt:
        pass
    return 0
