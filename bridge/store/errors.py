"""What can go wrong in the store.

    StoreError
    ├── StoreUnavailable        try again later; nothing was written
    │   ├── StoreFull
    │   ├── StoreLocked
    │   ├── StoreTimeout
    │   └── StoreClosed
    ├── StoreInDoubt            the connection was lost in mid commit
    ├── StoreConflict           a constraint forbids it
    ├── DutyLost                another bridge may do this now
    ├── StoreRefused            a value that no database can hold
    ├── BackupFailed            a copy cannot be made, read or put into place
    ├── StoreMisconfigured      the URL cannot be used
    └── StoreTooNew             written by a newer version of this program

A docstring is the message, unless a better one is given.
"""

from __future__ import annotations


class StoreError(Exception):
    """The store failed."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or (self.__doc__ or "").partition("\n")[0])


class StoreUnavailable(StoreError):  # noqa: N818  the name says what it means to the caller
    """The database cannot be reached or used now; nothing was written."""


class StoreFull(StoreUnavailable):
    """The database has no room left on its disk; nothing was written."""


class StoreLocked(StoreUnavailable):
    """Another process holds the database; nothing was written."""


class StoreTimeout(StoreUnavailable):
    """The work took too long and was undone; nothing was written."""


class StoreClosed(StoreUnavailable):
    """The store is closed."""


class StoreInDoubt(StoreError):  # noqa: N818  the same
    """The connection was lost during the commit: it may have been written or not; read it back."""


class StoreConflict(StoreError):  # noqa: N818  the same
    """A constraint of the schema forbids this.

    Attributes:
        table: The table whose rule it is; empty when the database does not say.
        columns: The columns of a violated unique rule; empty for other rules.
        rule: Name of a violated check; empty for unique rules on SQLite.
    """

    def __init__(self, table: str, columns: frozenset[str], rule: str) -> None:
        what = rule or ", ".join(sorted(columns))
        super().__init__(f"the rule on {table or 'the database'} forbids this: {what or 'not named'}")
        self.table, self.columns, self.rule = table, columns, rule


class DutyLost(StoreError):  # noqa: N818  the same
    """Another bridge has this duty now; nothing was written."""


class StoreRefused(StoreError):  # noqa: N818  the same
    """A value cannot be stored."""


class BackupFailed(StoreError):  # noqa: N818  the same
    """The copy cannot be made, or put into place; what was there is as it was."""


class StoreMisconfigured(StoreError):  # noqa: N818  the same
    """The database URL cannot be used."""


class StoreTooNew(StoreError):  # noqa: N818  the same
    """The database was written by a newer version of this program."""
