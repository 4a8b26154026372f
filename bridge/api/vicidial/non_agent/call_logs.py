"""`callid_info`, `phone_number_log` and `did_log_export`: calls, one a row."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from typing import Final

from bridge.api.vicidial.non_agent.call import NonAgentCall
from bridge.api.vicidial.non_agent.rows import JSON, rows, stage, streamed
from bridge.api.vicidial.reply import notice
from bridge.calls.model import QUEUEING, CallKind
from bridge.reports.model import CallRow, OfDid, OfNumber

MOST_NUMBERS: Final = 100
"""Numbers of one request that are looked for."""
_DIGITS: Final = range(6, 19)
_CALL_ID: Final = re.compile(rf"(?:{'|'.join(CallKind)})[0-9]{{14,38}}")
_LENGTHS: Final = range(16, 41)
_INFO: Final = ("call_id", "custtime")
_DETAIL: Final = ("call_date", "phone", "call_type", "campaign_id", "list_id", "status", "user")
_TYPES: Final = {CallKind.AUTO: "OUTBOUND_AUTO", CallKind.MANUAL: "OUTBOUND_MANUAL"}
_OF_NUMBER: Final = (
    *("phone_number", "call_date", "list_id", "length_in_sec", "lead_status", "hangup_reason"),
    *("call_status", "source_id", "user"),
)
_NONE: Final = "phone_number_log NO RECORDS FOUND FOR THIS PHONE NUMBER"
FULL: Final = 500
"""Rows that are sent together."""
_OF_DID: Final = ("did_number", "call_date", "caller_id_number", "length_in_sec")


async def callid_info(call: NonAgentCall) -> str:
    """One row."""
    call_id = call["call_id"]
    if len(call_id) not in _LENGTHS or not _CALL_ID.fullmatch(call_id):
        return call.line("ERROR", "INVALID SEARCH PARAMETERS", call.user, call_id)
    found = await call.services.reports.call_named(call_id, call.sight)
    if found is None:
        return call.line("ERROR", "CALL NOT FOUND", call.user, call["agent_user"])
    row = (found.legacy_id, str(found.talk))
    if call["detail"] != "YES":
        return rows(call, _INFO, [row])
    incoming = found.kind in QUEUEING
    detail = (
        call.clock(found.asked_at),
        found.number,
        "INBOUND" if incoming else _TYPES.get(found.kind, "OUTBOUND"),
        found.queue if incoming else found.campaign,
        str(found.list_id or ""),
        found.status,
        found.user,
    )
    return rows(call, (*_INFO, *_DETAIL), [(*row, *detail)])


async def phone_number_log(call: NonAgentCall) -> str:
    """A row for each call, the oldest first; a line of its own for a number without any."""
    numbers = [number for number in call["phone_number"].split(",") if len(number) in _DIGITS]
    if not numbers:
        return call.line("ERROR", "NO VALID PHONE NUMBERS DEFINED", call.user, call["phone_number"], "")
    found = _of_numbers(call, list(dict.fromkeys(numbers))[:MOST_NUMBERS])
    return await streamed(call, _OF_NUMBER, found) or rows(call, _OF_NUMBER, [])


async def _of_numbers(call: NonAgentCall, numbers: Sequence[str]) -> AsyncIterator[list[tuple[str, ...]]]:
    """Rows of several numbers in one page, where they are few."""
    told: list[tuple[str, ...]] = []
    for number in numbers:
        before = len(told)
        async for page in _pages(call, number):
            told += [_of_number(call, row) for row in page]
            if len(told) >= FULL:
                yield told
                told, before = [], -1
        if len(told) == before and stage(call) != JSON:
            told.append((notice(_NONE, call.user, number, "", "").removesuffix("\n"),))
    if told:
        yield told


async def _pages(call: NonAgentCall, number: str) -> AsyncIterator[Sequence[CallRow]]:
    reports, asked = call.services.reports, call["type"]
    wanted = OfNumber(number=number, out=asked != "IN", into=asked in {"IN", "ALL"})
    if call["detail"] == "LAST":
        last = await reports.last_with_number(wanted, call.sight)
        if last is not None:
            yield [last]
        return
    async for page in reports.with_number(wanted, call.sight):
        yield page


def _of_number(call: NonAgentCall, row: CallRow) -> tuple[str, ...]:
    return (
        row.number,
        call.clock(row.asked_at),
        str(row.list_id or ""),
        str(row.length),
        row.lead_status or "",
        "AGENT" if row.hangup_asked_at is not None else "CALLER",
        row.status,
        row.source_id or "",
        row.user,
    )


async def did_log_export(call: NonAgentCall) -> str:
    """A row for each call, the oldest first."""
    did, day = call["phone_number"], call.day("date")
    if not did or day is None:
        return call.line("ERROR", "INVALID SEARCH PARAMETERS", call.user, did, call["date"])
    wanted = OfDid(did=did, begin=day[0], end=day[1])
    text = await streamed(call, _OF_DID, _of_did(call, call.services.reports.of_did(wanted, call.sight)))
    return text or call.none_found("NO RECORDS FOUND", call["agent_user"], call["lead_id"], call["date"])


async def _of_did(
    call: NonAgentCall, pages: AsyncIterator[Sequence[CallRow]]
) -> AsyncIterator[list[tuple[str, ...]]]:
    """The caller's number stands before the time, whatever the header says: so it is in the original."""
    async for page in pages:
        yield [(row.did, row.number, call.clock(row.asked_at), str(row.length)) for row in page]
