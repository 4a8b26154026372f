"""A bridge that does nothing but take files in, to be killed: `importing_child.py URL FOLDER`."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from bridge.campaigns.service import Site
from bridge.store.database import Database
from bridge.uploads.runner import ImportRunner


async def main(url: str, folder: Path) -> None:
    """Take in what there is, for ever."""
    async with Database(url) as db:
        await ImportRunner(db, Site(db), "one", folder).run()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
