"""The pages: wallboard and API description. Plain files, nothing loaded from elsewhere."""

from __future__ import annotations

from importlib.resources import files

from litestar import MediaType, Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from bridge.api.guard import PUBLIC

_KINDS = {".html": MediaType.HTML, ".css": MediaType.CSS, ".js": "text/javascript"}
_FILES = {
    entry.name: entry.read_bytes()
    for entry in files("bridge.web").iterdir()
    if entry.name.endswith(tuple(_KINDS))
}
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-cache",
}


@get("/", opt={"right": "agents.list"}, include_in_schema=False, sync_to_thread=False)
def wallboard() -> Response[bytes]:
    """Agents and calls, live. The browser asks for user and secret and keeps them for the stream."""
    return _file("wallboard.html")


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


def _file(name: str) -> Response[bytes]:
    kind = _KINDS[name[name.rindex(".") :]]
    return Response(_FILES[name], media_type=kind, headers=_HEADERS)
