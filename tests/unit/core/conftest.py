"""What all tests of the core share."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from core_fixtures import *  # noqa: F403  fixtures are found by their names
