"""Taking what comes in by a key: written down, and made into a lead, before it is answered."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

import msgspec
import structlog

from bridge.access.attempts import subscriber
from bridge.access.tokens import digest
from bridge.campaigns.service import Site
from bridge.consent.model import Given
from bridge.consent.service import Consents
from bridge.events.catalogue import IntakeLimited, IntakeRefused
from bridge.intake import queries
from bridge.intake.errors import NoSuchDoor, OverLimit
from bridge.intake.mapping import is_caught, is_ticked, lead_texts
from bridge.intake.model import Entry, IntakeKey, Outcome, Post
from bridge.intake.queries import Counts
from bridge.intake.reading import Fields, read
from bridge.leads.errors import InvalidLead
from bridge.leads.fields import new_lead
from bridge.leads.model import LeadList, NewLead
from bridge.leads.service import Leads
from bridge.rules import Number, Refusal, normalise
from bridge.store.database import Database, Transaction

AGAIN: Final = timedelta(minutes=1)
"""Within this time the same is the same: a second click, a sender that tries once more."""
DAY_BYTES: Final = 32 * 1024 * 1024
"""Of the bodies that one key takes in a day: a flood does not fill the disk."""
TELL_AGAIN: Final = 3600.0
"""Seconds until those who listen are told once more that a key is over a limit."""
_HOUR, _DAY = 3600, 86_400

_log = structlog.get_logger("bridge.intake")


class _Read(msgspec.Struct, frozen=True, kw_only=True):
    """What a post is found to be, before anything is counted or written."""

    outcome: Outcome = Outcome.ADDED
    reason: str = ""
    lead: NewLead | None = None
    campaign: str = ""
    number: str = ""
    fingerprint: str = ""
    consent: Given | None = None


class Intake:
    """What comes in by the keys of one store.

    Args:
        db: the open store.
        site: where the keys and lists are.
        leads: where leads go.
        country: the site's country, two letters: how numbers without a country's code are read.
    """

    def __init__(self, db: Database, site: Site, leads: Leads, *, country: str) -> None:
        self._db = db
        self._site = site
        self._leads = leads
        self._consents = Consents(db, leads)
        self._country = country
        self._told: dict[tuple[str, str], float] = {}

    async def key(self, token: str, now: datetime) -> IntakeKey:
        """The key that a token opens; nothing else about it is looked at.

        Raises:
            NoSuchDoor: there is none, or it is closed.
        """
        return await self._open(digest(token), now)

    async def take(self, token: str, post: Post) -> IntakeKey:
        """Take what was posted. When this returns it is on the disk, whatever became of it.

        Args:
            token: as it stands in the address.
            post: what was sent.

        Returns:
            The key, which says where a browser goes on to. What became of the post it does not say.

        Raises:
            NoSuchDoor: there is no such token, or nothing comes in by it now.
            OverLimit: too much has come.
            Unreadable: it is neither a form nor JSON.
        """
        token_hash = digest(token)
        key = await self._open(token_hash, post.at)
        who = subscriber(post.address)
        try:
            async with self._db.read() as conn:
                check_limits(key, await queries.counts(conn, key.name, who, post.at), len(post.body))
            found = await self._understood(key, post, read(post.body, post.content_type))
            await self._db.write(lambda tx: self._keep(tx, key, token_hash, post, found))
        except OverLimit as over:
            await self._tell(key, over, post.address)
            raise
        return key

    async def _open(self, token_hash: str, now: datetime) -> IntakeKey:
        """As much work for each token, whatever it is."""
        async with self._db.read() as conn:
            name = await queries.key_of(conn, token_hash, now)
        key = await self._site.get(IntakeKey, name)
        if key is None or not key.open(now):
            raise NoSuchDoor
        return key

    async def _understood(self, key: IntakeKey, post: Post, fields: Fields) -> _Read:
        texts = lead_texts(fields, key)
        agreed = bool(key.consent_field) and is_ticked(fields, key.consent_field)
        fingerprint = _fingerprint(texts, agreed=agreed)
        if is_caught(fields, key.honeypot):
            return _Read(outcome=Outcome.HONEYPOT, fingerprint=fingerprint)
        target = await self._site.get(LeadList, str(key.list_id))
        found = _refused("the list is not there any more")
        if post.origin and key.origins and post.origin not in key.origins:
            found = _refused(f"posted from a page of {post.origin[:100]}")
        elif target is not None:
            found = await self._lead(key, texts, target)
        consent = _consent(key, post, texts) if agreed and found.lead is not None else None
        return msgspec.structs.replace(found, fingerprint=fingerprint, consent=consent)

    async def _lead(self, key: IntakeKey, texts: Mapping[str, str], target: LeadList) -> _Read:
        if "phone_number" not in texts:
            return _refused("no field is known as a telephone number")
        number = _number(texts, target.country or self._country)
        if isinstance(number, Refusal):
            return _refused(number.why)
        digits = f"{number.country_code}{number.national}"
        try:
            lead = _new_lead(key, number, texts)
        except InvalidLead as error:
            return _refused(str(error), digits)
        if key.check_dnc and await self._leads.dnc_hits_of(
            number.country_code, number.national, target.campaign
        ):
            return _refused("the number is on a do-not-call list", digits)
        return _Read(lead=lead, campaign=target.campaign, number=digits)

    async def _keep(self, tx: Transaction, key: IntakeKey, token_hash: str, post: Post, found: _Read) -> None:
        """Count, add the lead, and write down what came: all of it or nothing."""
        await queries.lock(tx.conn, key.name)
        who = subscriber(post.address)
        check_limits(key, await queries.counts(tx.conn, key.name, who, post.at), len(post.body))
        await queries.used(tx.conn, token_hash, post.at)
        found = await self._judged(tx, key, post, found)
        lead_id = None
        if found.lead is not None:
            lead_id = await self._leads.add_in(tx, found.lead, campaign=found.campaign, source=key.name)
            if found.consent is not None:
                await self._consents.add_with(tx, lead_id, found.lead, found.consent, key.name)
        post_id = await queries.add(tx.conn, _entry(key, post, found, lead_id))
        if found.outcome is Outcome.REFUSED:
            tx.emit(IntakeRefused(key=key.name, post_id=post_id, list_id=key.list_id, reason=found.reason))

    async def _judged(self, tx: Transaction, key: IntakeKey, post: Post, found: _Read) -> _Read:
        """What is known only when no other post comes in between."""
        if found.lead is None:
            return found
        if await queries.is_again(tx.conn, key.name, found.fingerprint, post.at - AGAIN):
            return _instead(found, Outcome.DUPLICATE, "the same came a moment ago")
        hour, day = await queries.leads_of(tx.conn, key.name, found.number, post.at)
        for limit, count in (("number_per_hour", hour), ("number_per_day", day)):
            if 0 < getattr(key, limit) <= count:
                return _instead(found, Outcome.REFUSED, f"over {limit}")
        return found

    async def _tell(self, key: IntakeKey, over: OverLimit, address: str) -> None:
        """Those who listen hear of it once in a while; a flood writes nothing more."""
        now = time.monotonic()
        if now < self._told.get((key.name, over.limit), 0.0):
            return
        self._told[key.name, over.limit] = now + TELL_AGAIN
        _log.warning("an intake key is over its limit", key=key.name, limit=over.limit, address=address)

        async def work(tx: Transaction) -> None:
            tx.emit(IntakeLimited(key=key.name, limit=over.limit, address=address))

        await self._db.write(work)


def check_limits(key: IntakeKey, counts: Counts, size: int) -> None:
    """Let one more post of so many bytes pass.

    Raises:
        OverLimit: that would be too much. It says nothing about any number.
    """
    for limit, most, count, seconds in (
        ("address_per_hour", key.address_per_hour, counts.address_hour, _HOUR),
        ("address_per_day", key.address_per_day, counts.address_day, _DAY),
        ("per_hour", key.per_hour, counts.hour, _HOUR),
        ("per_day", key.per_day, counts.day, _DAY),
    ):
        if 0 < most <= count:
            raise OverLimit(limit, seconds)
    if counts.bytes + size > DAY_BYTES:
        raise OverLimit("bytes per day", _DAY)


def _number(texts: Mapping[str, str], country: str) -> Number | Refusal:
    written = " ".join(texts["phone_number"].split())  # all kinds of blanks
    code = texts.get("phone_code", "").removeprefix("+")
    return normalise(written, code, country)


def _new_lead(key: IntakeKey, number: Number, texts: Mapping[str, str]) -> NewLead:
    own = {"phone_number", "phone_code"}
    more = {"source_id": key.name} | {name: text for name, text in texts.items() if name not in own}
    return new_lead(key.list_id, number.national, str(number.country_code), "", more)


def _consent(key: IntakeKey, post: Post, texts: Mapping[str, str]) -> Given:
    """What who has filled in the form agrees to by its box."""
    page = f" on {post.origin}" if post.origin else ""
    name = " ".join(filter(None, (texts.get("first_name"), texts.get("last_name"))))
    return Given(
        purpose=key.consent_purpose,
        given_at=post.at,
        source=_line(f"web form {key.name}{page}", 200),
        shown=key.consent_shown,
        given_by=_line(name, 200),
    )


def _entry(key: IntakeKey, post: Post, found: _Read, lead_id: int | None) -> Entry:
    body = b"" if found.outcome is Outcome.HONEYPOT else post.body
    return Entry(
        key=key.name,
        at=post.at,
        outcome=found.outcome,
        reason=found.reason,
        lead_id=lead_id,
        number=found.number,
        address=post.address[:100],
        subscriber=subscriber(post.address)[:100],
        user_agent=_line(post.user_agent, 300),
        content_type=_line(post.content_type, 200),
        size=len(body),
        body=body,
        fingerprint=found.fingerprint,
    )


def _line(text: str, length: int) -> str:
    return "".join(sign if sign.isprintable() else " " for sign in text[:length])


def _refused(why: str, number: str = "") -> _Read:
    return _Read(outcome=Outcome.REFUSED, reason=why[:300], number=number)


def _instead(found: _Read, outcome: Outcome, reason: str) -> _Read:
    return msgspec.structs.replace(found, outcome=outcome, reason=reason, lead=None, consent=None)


def _fingerprint(texts: Mapping[str, str], *, agreed: bool) -> str:
    """By what was understood: senders put the time, or the number of a try, beside it."""
    understood = [*sorted(texts.items()), *([("consent", "given")] if agreed else [])]
    return hashlib.sha256(msgspec.json.encode(understood)).hexdigest()
