"""Whether rows that were read a moment ago may have changed since, where one process writes alone.

Triggers on the writer's own connection tell of each row of the watched tables that a transaction touches,
whatever part of the program runs it: nobody who writes has to think of those who remember.
"""

from __future__ import annotations

import sqlite3
from typing import Final

WATCHED: Final = ("users", "user_groups", "api_keys", "console_sessions", "manual_dials")
"""Tables that are asked for all the time, and seldom change."""

_EXISTS = "SELECT 1 FROM main.sqlite_master WHERE type = 'table' AND name = ?"
_FUNCTION = "bridge_touched"


class Editions:
    """Counts, for each watched table, the transactions that may have changed it."""

    def __init__(self) -> None:
        self._numbers = dict.fromkeys(WATCHED, 0)
        self._touched: set[str] = set()

    def of(self, *tables: str) -> int | None:
        """Another number than before means that what was read of these tables is to be read again.

        `None` while a transaction that touches one of them is open: it may be on the disk already, where
        others see it, and we do not know yet.
        """
        if not self._touched.isdisjoint(tables):
            return None
        return sum(self._numbers[table] for table in tables)

    def watch(self, driver: sqlite3.Connection) -> None:
        """Watch what this connection writes; its triggers are nobody else's and end with it."""
        driver.create_function(_FUNCTION, 1, self._touched.add)
        for table in WATCHED:
            if driver.execute(_EXISTS, (table,)).fetchone():
                for act in ("INSERT", "UPDATE", "DELETE"):
                    driver.execute(
                        f"CREATE TEMP TRIGGER watch_{table}_{act} AFTER {act} ON main.{table} "
                        f"BEGIN SELECT {_FUNCTION}('{table}'); END"
                    ).close()

    def settle(self) -> None:
        """A transaction is over, committed or not."""
        while self._touched:
            self._numbers[self._touched.pop()] += 1
