"""The core of the bridge on a real store, for the tests of what is not pure."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "core"))
sys.path.insert(0, str(Path(__file__).parents[2] / "store"))  # store_fixtures

from core_fixtures import *  # noqa: F403  fixtures are found by their names
