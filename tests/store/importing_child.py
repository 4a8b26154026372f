"""A bridge that does nothing but take files in, to be killed: `importing_child.py URL FOLDER MOST`.

Once MOST leads are there it waits for its end, so that it is never done before it is killed.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

from bridge.campaigns.service import Site
from bridge.imports.model import Import
from bridge.store.database import Database
from bridge.uploads.runner import ImportRunner


async def main(url: str, folder: Path, most: int) -> None:
    """Take in what there is, for ever."""
    async with Database(url) as db:
        runner = ImportRunner(db, Site(db), "one", folder)
        take = runner._imports.take

        async def within(*batch: Any) -> Import:
            state = await take(*batch)
            if state.added >= most:
                await asyncio.Event().wait()
            return state

        runner._imports.take = within  # type: ignore[assignment,method-assign]
        await runner.run()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])))
