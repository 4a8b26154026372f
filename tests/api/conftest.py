"""The fakes of the unit tests and the engine of the deliveries serve here too."""

import sys
from pathlib import Path

for folder in ("unit/api", "store"):
    sys.path.insert(0, str(Path(__file__).parents[1] / folder))
