"""What all tests share: logging and settings as they were, and the same examples."""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import settings

sys.path.insert(0, str(Path(__file__).parent))  # certificates

# What a shell runs in the background is deaf to Ctrl-C, and so would be the commands that tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Each change is judged by the same examples. `HYPOTHESIS_PROFILE=explore pytest …` looks for new ones.
settings.register_profile("same", derandomize=True, database=None, deadline=None)
settings.register_profile("explore", max_examples=2000, deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """Commands and the service set up the logging of the process: the next test finds none of it."""
    root, before = logging.getLogger(), structlog.get_config()
    handlers = root.handlers[:]
    kept = {logger: (logger.level, logger.disabled) for logger in (root, *known_loggers())}
    yield
    root.handlers[:] = handlers
    structlog.configure(**before)
    for logger in (root, *known_loggers()):
        level, disabled = kept.get(logger, (logging.NOTSET, False))
        if (logger.level, logger.disabled) != (level, disabled):
            logger.setLevel(level)
            logger.disabled = disabled


@pytest.fixture(autouse=True)
def settings_as_they_were() -> Iterator[None]:
    """`--config` names the file to a command's children by the environment: the next test has none."""
    before = _settings_variables()
    yield
    for name in _settings_variables().keys() - before.keys():
        del os.environ[name]
    os.environ.update(before)


def _settings_variables() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name.startswith("AGENT_BRIDGE_")}


def known_loggers() -> list[logging.Logger]:
    return [
        found for found in logging.Logger.manager.loggerDict.values() if isinstance(found, logging.Logger)
    ]
