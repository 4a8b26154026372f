"""What all tests of screens share."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "core"))
sys.path.insert(0, str(Path(__file__).parents[2]))  # fake_ami
sys.path.insert(0, str(Path(__file__).parents[2] / "store"))  # store_fixtures

from screen_fixtures import *  # noqa: F403  fixtures are found by their names
