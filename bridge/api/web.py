"""The pages: wallboard and API description. Plain files, nothing loaded from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files

from litestar import MediaType, Response, get
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from bridge.api.guard import PUBLIC
from bridge.services import Services

REPORTS = ("reports.agents", "reports.dispositions", "reports.statuses", "lists.counts", "site.read")
"""Any of these is enough for the page."""

_KINDS = {".html": MediaType.HTML, ".css": MediaType.CSS, ".js": "text/javascript"}
_FOLDERS = {"": files("bridge.web"), "vendor/": files("bridge.web") / "vendor"}
_FILES = {
    before + entry.name: entry.read_bytes()
    for before, folder in _FOLDERS.items()
    for entry in folder.iterdir()
    if entry.name.endswith(tuple(_KINDS))
}


def policy(*, connect: Iterable[str] = (), frame: Iterable[str] = ()) -> str:
    """What a page may load: our own files, connections to the bridge and these origins, frames of those."""
    reached = " ".join(dict.fromkeys(("'self'", *connect)))
    framed = " ".join(frame)
    return (
        f"default-src 'none'; script-src 'self'; style-src 'self'; connect-src {reached}; "
        "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        + (f"; frame-src {framed}" if framed else "")
    )


@get("/", opt={"right": "agents.list"}, include_in_schema=False, sync_to_thread=False)
def wallboard() -> Response[bytes]:
    """Agents and calls, live. The browser asks for user and secret and keeps them for the stream."""
    return _file("wallboard.html")


@get("/reports", opt={"right": REPORTS}, include_in_schema=False, sync_to_thread=False)
def reports() -> Response[bytes]:
    """Reports as a page, for who may see one of them."""
    return _file("reports.html")


@get("/console", opt={"right": PUBLIC}, include_in_schema=False, sync_to_thread=False)
def console(services: NamedDependency[Services]) -> Response[bytes]:
    """An agent's console: nothing of anybody is in it before she has logged in."""
    return _file(
        "console.html",
        connect=services.options.websockets,
        frame=services.options.frame_origins,
    )


@get("/docs", opt={"right": PUBLIC}, include_in_schema=False, sync_to_thread=False)
def docs() -> Response[bytes]:
    """The API's description as a page."""
    return _file("docs.html")


@get("/assets/{name:str}", opt={"right": PUBLIC}, include_in_schema=False, sync_to_thread=False)
def asset(name: FromPath[str]) -> Response[bytes]:
    """A style sheet or script of the pages."""
    if name not in _FILES or name.endswith(".html"):
        raise NotFoundException
    return _file(name)


@get("/assets/vendor/{name:str}", opt={"right": PUBLIC}, include_in_schema=False, sync_to_thread=False)
def vendored(name: FromPath[str]) -> Response[bytes]:
    """A library of somebody else's, as `bridge/web/vendor/README.md` says."""
    if f"vendor/{name}" not in _FILES:
        raise NotFoundException
    return _file(f"vendor/{name}")


def _file(name: str, *, connect: Iterable[str] = (), frame: Iterable[str] = ()) -> Response[bytes]:
    kind = _KINDS[name[name.rindex(".") :]]
    headers = {"Content-Security-Policy": policy(connect=connect, frame=frame), "Cache-Control": "no-cache"}
    return Response(_FILES[name], media_type=kind, headers=headers)
