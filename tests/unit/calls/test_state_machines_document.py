"""`docs/state-machines.md` says what the tables say."""

from __future__ import annotations

import runpy
from pathlib import Path

DOCS = Path(__file__).parents[3] / "docs"


def test_the_document_is_current() -> None:
    written = runpy.run_path(str(DOCS / "make_state_machines.py"))["render"]()
    there = (DOCS / "state-machines.md").read_text(encoding="utf-8")
    assert there == written, "run: python docs/make_state_machines.py"
