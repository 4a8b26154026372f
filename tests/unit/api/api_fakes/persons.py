"""Persons as the routes see them."""

from __future__ import annotations

from api_fakes.recorder import Record
from bridge.leads.errors import InvalidLead, PersonBusy
from bridge.persons.model import Erased, Reach, Wish


class FakePersons:
    """One person, in list 101 and campaign TESTCAMP; what was asked is in the record."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.busy = False

    async def reach(self, wish: Wish) -> Reach:
        if not any(sign.isdigit() for sign in wish.number):
            raise InvalidLead("number", "it is no number")
        return Reach(lists=frozenset({101}), campaigns=frozenset({"TESTCAMP"}))

    async def look(self, wish: Wish) -> Erased:
        return Erased(id="e", dry_run=True, leads=[201, *wish.leads], rows={"leads": 1}, in_call=self.busy)

    async def erase(self, wish: Wish) -> Erased:
        if self.busy:
            raise PersonBusy
        evidence = "evidence" if wish.evidence_too else ""
        self.record.commands.append(("erase", wish.number, str(wish.leads), evidence))
        return Erased(id="e", dry_run=False, leads=[201, *wish.leads], rows={"leads": 1}, clean=True)
