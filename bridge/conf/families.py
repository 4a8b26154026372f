"""What goes where: which file takes which `#include`, and which files of ours belong to it."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

__all__ = ["ACCESS", "FAMILIES", "FILTERS", "Family", "chosen"]

ACCESS = "bridge_access.conf"
"""Secrets and permitted addresses of the AMI users: made here, never shipped."""
FILTERS = "bridge_manager_filters.conf"
"""Shipped in two forms, of which the version of Asterisk decides."""


class Family(NamedTuple):
    """One of Asterisk's configuration files and what the bridge adds to it.

    Attributes:
        name: for `--without`.
        plain: the file of an installation that is edited by hand.
        freepbx: the file that FreePBX leaves to the administrator.
        files: ours; the first is the one to be included, the others it includes itself.
        reload: the console command that makes Asterisk read it again.
    """

    name: str
    plain: str
    freepbx: str
    files: tuple[str, ...]
    reload: str

    @property
    def include(self) -> str:
        """The file of ours that is included."""
        return self.files[0]

    def target(self, *, freepbx: bool) -> str:
        """The file that the `#include` goes into."""
        return self.freepbx if freepbx else self.plain


FAMILIES = (
    Family(
        "extensions",
        "extensions.conf",
        "extensions_custom.conf",
        ("bridge_extensions.conf",),
        "dialplan reload",
    ),
    Family(
        "confbridge",
        "confbridge.conf",
        "confbridge_custom.conf",
        ("bridge_confbridge.conf",),
        "module reload app_confbridge.so",
    ),
    Family("queues", "queues.conf", "queues_custom.conf", ("bridge_queues.conf",), "queue reload all"),
    Family(
        "manager",
        "manager.conf",
        "manager_custom.conf",
        ("bridge_manager.conf", ACCESS, FILTERS),
        "manager reload",
    ),
)


def chosen(without: Collection[str]) -> tuple[Family, ...]:
    """All families but those left out.

    Raises:
        ValueError: there is none of that name.
    """
    names = [family.name for family in FAMILIES]
    for name in without:
        if name not in names:
            raise ValueError(f"there is no {name!r} to leave out: {', '.join(names)}")
    return tuple(family for family in FAMILIES if family.name not in without)
