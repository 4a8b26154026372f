"""What a caller may ask to have around the reply: a link that closes the window, an HTML page."""

from __future__ import annotations

from typing import Final

from bridge.api.vicidial.parameters import Parameters
from bridge.api.vicidial.version import BUILD, VERSION

_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'"
POLICY: Final = {"Content-Security-Policy": _POLICY}
"""Nothing in a reply is run or loaded. It may stand in a frame: pages of CRMs show it in one."""


def policy(parameters: Parameters) -> dict[str, str]:
    """The header that goes with the page: the link that closes the window is a script."""
    if not _close_link(parameters):
        return POLICY
    return {"Content-Security-Policy": f"{_POLICY}; script-src 'unsafe-inline'"}


def head(parameters: Parameters) -> str:
    """Printed after login with `format=debug`. SQL texts, which the original prints there, are not."""
    if parameters["format"] != "debug":
        return ""
    return (
        f"<html>\n<head>\n<!-- VERSION: {VERSION}     BUILD: {BUILD}    USER: {parameters['user']}\n"
        "<title>VICIDiaL Agent API</title>\n</head>\n"
        "<BODY BGCOLOR=white marginheight=0 marginwidth=0 leftmargin=0 topmargin=0>\n"
    )


def tail(parameters: Parameters) -> str:
    """Printed at the end of a function that ran to its end."""
    return _close_link(parameters) + debug_end(parameters)


def _close_link(parameters: Parameters) -> str:
    asked = parameters["close_window_link"]
    if not asked.isdecimal() or int(asked[:9]) < 1:
        return ""
    text = "Cerrar esta ventana" if parameters["language"] == "es" else "Close This Window"
    return f"\n<a href=\"javascript:window.opener='x';window.close();\">{text}</a>\n"


def debug_end(parameters: Parameters) -> str:
    """Printed at the end of the page with `format=debug`."""
    if parameters["format"] != "debug":
        return ""
    return "\n<!-- script runtime: 0 seconds -->\n</body>\n</html>\n"
