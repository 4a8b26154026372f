"""The service's own log: structured, on standard error, one line an event."""

from __future__ import annotations

import logging
import sys
from contextlib import suppress
from typing import TextIO

import structlog
from structlog.typing import ExcInfo, Processor

from bridge.settings import LogSettings
from bridge.tracebacks import plain


class _Handler(logging.StreamHandler[TextIO]):
    """Says of a line that cannot be written only that; Python's own handler prints all that was in it."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  its name in the library
        """Say so, if that can be said."""
        with suppress(OSError, ValueError):
            sys.stderr.write(f"a line of {record.name} could not be logged\n")


def configure(settings: LogSettings) -> None:
    """Send what the bridge and its libraries log through one formatter."""
    console = settings.format == "console" or (settings.format == "auto" and sys.stderr.isatty())
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: list[Processor] = (
        # Plain tracebacks: rich ones print local variables, secrets among them.
        [structlog.dev.ConsoleRenderer(exception_formatter=_write_plain)]
        if console
        else [structlog.processors.ExceptionRenderer(_plain), structlog.processors.JSONRenderer()]
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    handler = _Handler(sys.stderr)
    remove = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=[remove, *last])
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.level.upper())
    # Its lines hold whole URLs, and the line format puts passwords into URLs.
    logging.getLogger("uvicorn.access").disabled = True
    # Its warnings repeat what a stranger has sent to a web form's address.
    logging.getLogger("python_multipart").setLevel(logging.CRITICAL)
    logging.getLogger("alembic").setLevel(logging.WARNING)


def _plain(exc_info: ExcInfo) -> str:
    return plain(exc_info[1])


def _write_plain(stream: TextIO, found: ExcInfo) -> None:
    stream.write("\n" + plain(found[1]))
