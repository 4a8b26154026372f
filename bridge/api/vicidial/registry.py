"""Which functions there are: one module each in `functions/`, put into one table here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from bridge.api.vicidial.call import FunctionCall
from bridge.api.vicidial.functions.audio_playback import audio_playback
from bridge.api.vicidial.functions.call_agent import call_agent
from bridge.api.vicidial.functions.calls_in_queue_count import calls_in_queue_count
from bridge.api.vicidial.functions.change_ingroups import change_ingroups
from bridge.api.vicidial.functions.external_add_lead import external_add_lead
from bridge.api.vicidial.functions.external_dial import external_dial
from bridge.api.vicidial.functions.external_hangup import external_hangup
from bridge.api.vicidial.functions.external_pause import external_pause
from bridge.api.vicidial.functions.external_status import external_status
from bridge.api.vicidial.functions.force_fronter import (
    force_fronter_audio_stop,
    force_fronter_leave_3way,
)
from bridge.api.vicidial.functions.logout import logout
from bridge.api.vicidial.functions.park_call import park_call
from bridge.api.vicidial.functions.pause_code import pause_code
from bridge.api.vicidial.functions.preview_dial_action import preview_dial_action
from bridge.api.vicidial.functions.ra_call_control import ra_call_control
from bridge.api.vicidial.functions.recording import recording, stereo_recording
from bridge.api.vicidial.functions.refresh_panel import refresh_panel
from bridge.api.vicidial.functions.send_dtmf import send_dtmf
from bridge.api.vicidial.functions.send_notification import send_notification
from bridge.api.vicidial.functions.set_timer_action import set_timer_action
from bridge.api.vicidial.functions.st_get_agent_active_lead import st_get_agent_active_lead
from bridge.api.vicidial.functions.st_login_log import st_login_log
from bridge.api.vicidial.functions.switch_lead import switch_lead
from bridge.api.vicidial.functions.transfer_conference import transfer_conference
from bridge.api.vicidial.functions.update_fields import update_fields
from bridge.api.vicidial.functions.vm_message import vm_message
from bridge.api.vicidial.functions.webphone_url import webphone_url
from bridge.api.vicidial.functions.webserver import webserver

Function = Callable[[FunctionCall], Awaitable[str]]
"""Carries the request out and gives the reply, or raises `Answer` or a `BridgeError`."""

FUNCTIONS: Mapping[str, Function] = {
    "audio_playback": audio_playback,
    "call_agent": call_agent,
    "calls_in_queue_count": calls_in_queue_count,
    "change_ingroups": change_ingroups,
    "external_add_lead": external_add_lead,
    "external_dial": external_dial,
    "external_hangup": external_hangup,
    "external_pause": external_pause,
    "external_status": external_status,
    "force_fronter_audio_stop": force_fronter_audio_stop,
    "force_fronter_leave_3way": force_fronter_leave_3way,
    "logout": logout,
    "park_call": park_call,
    "pause_code": pause_code,
    "preview_dial_action": preview_dial_action,
    "ra_call_control": ra_call_control,
    "recording": recording,
    "refresh_panel": refresh_panel,
    "send_dtmf": send_dtmf,
    "send_notification": send_notification,
    "set_timer_action": set_timer_action,
    "st_get_agent_active_lead": st_get_agent_active_lead,
    "st_login_log": st_login_log,
    "stereo_recording": stereo_recording,
    "switch_lead": switch_lead,
    "transfer_conference": transfer_conference,
    "update_fields": update_fields,
    "vm_message": vm_message,
    "webphone_url": webphone_url,
    "webserver": webserver,
}
"""Functions that need a login. `version` and the teapots do not and are answered before it."""
