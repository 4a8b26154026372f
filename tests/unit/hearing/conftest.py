"""What the tests of real calls hear with is tested without a call."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "asterisk"))
