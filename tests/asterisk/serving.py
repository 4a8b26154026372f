"""The service, started many times: each a process of its own, forked from one that has loaded the code.

To load it takes two seconds of a processor, more than most tests with real calls do.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import sys
from collections.abc import Mapping
from multiprocessing.context import ForkServerProcess
from pathlib import Path

ROOT = Path(__file__).parents[2]
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(
    [
        "pytest",  # each child loads the program of its parent, too
        "bridge.settings_source",
        "bridge.service",
        # What is loaded when the service is made.
        "litestar._kwargs",
        "litestar.middleware.allowed_hosts",
        "litestar.middleware.csrf",
        "litestar.middleware.response_cache",
        "litestar.plugins.pydantic",
        "pydantic.v1",
        "sqlalchemy.dialects.sqlite.aiosqlite",
        "uvicorn.lifespan.on",
    ]
)


def serve(environment: Mapping[str, str], log: Path) -> ForkServerProcess:
    """Start one; what it says goes to the end of the log."""
    process = _CONTEXT.Process(target=_serve, args=(dict(environment), log), daemon=True)
    process.start()
    return process


def _serve(environment: dict[str, str], log: Path) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(ROOT)
    with log.open("ab") as file:
        os.dup2(file.fileno(), sys.stderr.fileno())
    settings = importlib.import_module("bridge.settings_source").load()
    sys.exit(importlib.import_module("bridge.service").run(settings))
