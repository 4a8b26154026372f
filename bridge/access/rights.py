"""What each function of the line format, and each action of the REST interface, asks of its caller.

The one table of rights. What is not in it is denied. Names without a dot are functions of the line
format; names with a dot are actions of `/v1` and ask for the right of the function that does the same.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

_YES = frozenset({1})
_MODIFY_LEADS = frozenset({1, 2, 3, 4})


class Right(msgspec.Struct, frozen=True, kw_only=True):
    """What a caller must have."""

    function: str
    """Name that must be in the user's function list."""
    level: int = 1
    needs: Mapping[str, frozenset[int]] = {}
    """Rights columns and the values that are enough."""
    scoped: bool = False
    """The limits of the user's group hold. The line format's agent functions never knew them (a caller
    with the function may command every agent), so callers would break; everything of ours holds them."""
    own: bool = False
    """An agent may do it with herself from her page, without the function and the rights."""
    own_by_secret: bool = False
    """She may do it with herself, if she has the API right, by her own secret, too."""
    manual_dial: bool = False
    """The agent must be allowed to place manual dial calls."""


_AGENT_FUNCTIONS = (
    "version webserver external_hangup external_status external_pause logout pause_code external_dial "
    "preview_dial_action external_add_lead change_ingroups update_fields refresh_panel set_timer_action "
    "st_login_log st_get_agent_active_lead ra_call_control send_dtmf park_call transfer_conference "
    "recording stereo_recording webphone_url call_agent audio_playback switch_lead vm_message "
    "calls_in_queue_count force_fronter_leave_3way force_fronter_audio_stop send_notification"
)

_LINE: dict[str, Right] = {name: Right(function=name) for name in _AGENT_FUNCTIONS.split()} | {
    "external_dial": Right(function="external_dial", manual_dial=True),
    "preview_dial_action": Right(function="preview_dial_action", manual_dial=True),
    "change_ingroups": Right(function="change_ingroups", needs={"change_agent_campaign": _YES}),
    "update_fields": Right(function="update_fields", needs={"modify_leads": _MODIFY_LEADS}),
    "set_timer_action": Right(function="set_timer_action", needs={"modify_campaigns": _YES}),
}


_READ_LEADS = frozenset({1, 2, 3, 4, 5})


def _needs(function: str, level: int, **columns: frozenset[int]) -> dict[str, Right]:
    return {function: Right(function=function, level=level, needs=columns, scoped=True)}


_NON_AGENT: dict[str, Right] = {
    **_needs("add_dnc_phone", 8, modify_lists=_YES),
    **_needs("add_group_alias", 8, ast_admin_access=_YES),
    **_needs("add_did", 8, modify_inbound_dids=_YES),
    **_needs("add_list", 8, modify_lists=_YES),
    **_needs("copy_did", 8, modify_inbound_dids=_YES),
    **_needs("update_did", 8, modify_inbound_dids=_YES),
    **_needs("list_custom_fields", 8, modify_lists=_YES),
    **_needs("list_info", 8, modify_lists=_YES),
    **_needs("add_user", 8, modify_users=_YES),
    **_needs("copy_user", 8, modify_users=_YES),
    **_needs("update_remote_agent", 8, modify_remoteagents=_YES),
    **_needs("update_user", 8, modify_users=_YES),
    **_needs("update_alt_url", 8, modify_campaigns=_YES),
    **_needs("update_campaign", 8, modify_campaigns=_YES),
    **_needs("update_cid_group_entry", 8, modify_campaigns=_YES),
    **_needs("update_log_entry", 8, modify_leads=_MODIFY_LEADS),
    **_needs("update_presets", 8, modify_campaigns=_YES),
    **_needs("update_list", 8, modify_lists=_YES),
    **_needs("add_lead", 8, modify_leads=_MODIFY_LEADS),
    **_needs("add_fpg_phone", 8, modify_lists=_YES),
    **_needs("batch_update_lead", 8, modify_leads=_MODIFY_LEADS),
    **_needs("campaigns_list", 8, view_reports=_YES),
    **_needs("ccc_lead_info", 7, view_reports=_YES),
    **_needs("check_phone_number", 8),
    **_needs("delete_fpg_phone", 8, modify_lists=_YES),
    **_needs("hopper_bulk_insert", 8, modify_campaigns=_YES),
    **_needs("hopper_list", 8, view_reports=_YES),
    **_needs("lead_callback_info", 7, view_reports=_YES),
    **_needs("lead_dearchive", 8, modify_leads=_YES),
    **_needs("update_lead", 8, modify_leads=_MODIFY_LEADS),
    **_needs("agent_campaigns", 8, view_reports=_YES, modify_users=_YES),
    **_needs("delete_dnc_phone", 8, modify_lists=_YES, delete_from_dnc=_YES),
    **_needs("lead_status_search", 7, modify_leads=_MODIFY_LEADS),
    **_needs("user_details", 7, view_reports=_YES),
    **_needs("callmenu_list", 7),
    **_needs("container_list", 7),
    **_needs("ingroup_list", 7),
    **_needs("moh_list", 7),
    **_needs("sounds_list", 7),
    **_needs("vm_list", 7),
    **_needs("server_refresh", 8, ast_admin_access=_YES),
    **_needs("add_phone", 8, ast_admin_access=_YES),
    **_needs("add_phone_alias", 8, ast_admin_access=_YES),
    **_needs("update_phone", 8, ast_admin_access=_YES),
    **_needs("update_phone_alias", 8, ast_admin_access=_YES),
    **_needs("lead_search", 8, modify_leads=_READ_LEADS),
    **_needs("lead_field_info", 7, modify_leads=_MODIFY_LEADS),
    **_needs("lead_all_info", 7, view_reports=_YES, modify_leads=_READ_LEADS),
    **_needs("agent_stats_export", 7, view_reports=_YES),
    **_needs("blind_monitor", 7),
    **_needs("agent_status", 7, view_reports=_YES),
    **_needs("logged_in_agents", 7, view_reports=_YES),
    **_needs("in_group_status", 7, view_reports=_YES),
    **_needs("user_group_status", 7, view_reports=_YES),
    **_needs("agent_ingroup_info", 7),
    **_needs("call_dispo_report", 9, view_reports=_YES),
    **_needs("call_status_stats", 9, view_reports=_YES),
    **_needs("callid_info", 7, view_reports=_YES),
    **_needs("did_log_export", 7, view_reports=_YES),
    **_needs("phone_number_log", 7, view_reports=_YES),
    **_needs("recording_lookup", 7, view_reports=_YES),
}
"""Functions of the non-agent API. The API right (`vdc_agent_api_access`) is asked of all who call any."""


def _agent(function: str, *, manual_dial: bool = False) -> Right:
    return Right(function=function, scoped=True, manual_dial=manual_dial)


def _own(right: Right) -> Right:
    return msgspec.structs.replace(right, own=True)


def _report(function: str, level: int = 7) -> Right:
    return Right(function=function, level=level, needs={"view_reports": _YES}, scoped=True)


def _change(function: str, column: str, values: frozenset[int] = _YES) -> Right:
    return Right(function=function, level=8, needs={column: values}, scoped=True)


_REST: dict[str, Right] = {
    "agents.console": Right(function="agent_console", level=7, scoped=True),
    "agents.list": _report("logged_in_agents"),
    "agents.get": _own(_report("agent_status")),
    "agents.login": _own(_agent("agent_login")),
    "agents.logout": _own(_agent("logout")),
    "agents.pause": _own(_agent("external_pause")),
    "agents.resume": _own(_agent("external_pause")),
    "agents.dial": _own(_agent("external_dial", manual_dial=True)),
    "agents.hangup": _own(_agent("external_hangup")),
    "agents.status": _own(_agent("external_status")),
    "agents.parties": _own(_report("agent_status")),
    "agents.park": _own(_agent("park_call")),
    "agents.keys": _own(_agent("send_dtmf")),
    "agents.preview": _own(_agent("preview_dial_action", manual_dial=True)),
    "agents.ring": _own(_agent("call_agent")),
    "agents.monitor": Right(function="blind_monitor", level=7, scoped=True),
    "agents.webphone": _own(_agent("webphone_url")),
    "agents.playback": _agent("audio_playback"),
    "agents.fronter_playback": _agent("force_fronter_audio_stop"),
    "agents.fronter_leave": _own(_agent("force_fronter_leave_3way")),
    "agents.machine_message": _agent("vm_message"),
    "agents.lead": _own(_agent("st_get_agent_active_lead")),
    "agents.update_lead": _own(
        Right(function="update_fields", needs={"modify_leads": _MODIFY_LEADS}, scoped=True)
    ),
    "agents.switch_lead": _agent("switch_lead"),
    "agents.add_lead": _agent("external_add_lead"),
    "agents.waiting": _own(_agent("calls_in_queue_count")),
    "agents.team": _agent("st_login_log"),
    "agents.transfer": _own(_agent("transfer_conference")),
    "agents.screen": Right(function="agent_screen", scoped=True, own=True, own_by_secret=True),
    "agents.refresh": _agent("refresh_panel"),
    "agents.timer": Right(function="set_timer_action", needs={"modify_campaigns": _YES}, scoped=True),
    "agents.notify": _agent("send_notification"),
    "agents.pause_code": _own(_agent("pause_code")),
    "agents.queues": _own(
        Right(function="change_ingroups", needs={"change_agent_campaign": _YES}, scoped=True)
    ),
    "hopper.list": Right(function="hopper_list", level=8, needs={"view_reports": _YES}, scoped=True),
    "hopper.add": _change("hopper_bulk_insert", "modify_campaigns"),
    "agents.campaigns": _own(
        Right(
            function="agent_campaigns",
            level=8,
            needs={"view_reports": _YES, "modify_users": _YES},
            scoped=True,
        )
    ),
    "queues.list": _report("in_group_status"),
    "agents.recording": _own(_agent("recording")),
    "recordings.get": _report("recording_lookup"),
    "calls.dial": _agent("call_dial"),
    "calls.click": _agent("click_to_dial"),
    "calls.hangup": _agent("external_hangup"),
    "calls.dispose": _agent("external_status"),
    "calls.correct": _change("update_log_entry", "modify_leads", _MODIFY_LEADS),
    "calls.list": _report("callid_info"),
    "calls.get": _report("callid_info"),
    "events.agents": _report("agent_status"),
    "events.calls": _report("callid_info"),
    "events.leads": _report("lead_all_info"),
    "events.system": _report("events"),
    "metrics.read": _report("metrics"),
    "site.read": _report("campaigns_list"),
    "site.campaign": _change("update_campaign", "modify_campaigns"),
    "site.phone": _change("add_phone", "ast_admin_access"),
    "site.phonealias": _change("add_phone_alias", "ast_admin_access"),
    "site.trunk": _change("add_trunk", "ast_admin_access"),
    "site.did": _change("add_did", "modify_inbound_dids"),
    "site.ingroup": _change("update_campaign", "modify_campaigns"),
    "site.groupalias": _change("update_campaign", "modify_campaigns"),
    "site.cidgroup": _change("update_cid_group_entry", "modify_campaigns"),
    "site.ownnumber": _change("add_own_number", "ast_admin_access"),
    "site.calltime": _change("add_call_time", "modify_campaigns"),
    "site.list": _change("add_list", "modify_lists"),
    "site.list.remove": Right(
        function="add_list", level=8, needs={"modify_lists": _YES, "delete_lists": _YES}, scoped=True
    ),
    "site.webhook": _change("webhooks", "ast_admin_access"),
    "lists.counts": _change("list_info", "modify_lists"),
    "lists.reset": _change("update_list", "modify_lists"),
    "lists.empty": Right(
        function="update_list",
        level=8,
        needs={"modify_lists": _YES, "delete_lists": _YES, "modify_leads": _MODIFY_LEADS},
        scoped=True,
    ),
    "site.intake": _change("intake_keys", "modify_lists"),
    "site.usergroup": _change("add_user", "modify_users"),
    "users.read": _report("user_details"),
    "users.write": _change("add_user", "modify_users"),
    "leads.add": _change("add_lead", "modify_leads", _MODIFY_LEADS),
    "leads.batch": _change("batch_update_lead", "modify_leads", _MODIFY_LEADS),
    "leads.dearchive": _change("lead_dearchive", "modify_leads"),
    "leads.update": _change("update_lead", "modify_leads", _MODIFY_LEADS),
    "leads.import": _change("import_leads", "modify_leads", _MODIFY_LEADS),
    "people.erase": Right(
        function="erase_person",
        level=9,
        needs={"modify_leads": _YES, "delete_lists": _YES},
        scoped=True,
    ),
    "consents.read": Right(
        function="lead_all_info",
        level=7,
        needs={"view_reports": _YES, "modify_leads": _READ_LEADS},
        scoped=True,
    ),
    "consents.write": _change("update_lead", "modify_leads", _MODIFY_LEADS),
    "leads.get": Right(
        function="lead_all_info",
        level=7,
        needs={"view_reports": _YES, "modify_leads": _READ_LEADS},
        scoped=True,
    ),
    "reports.groups": _report("user_group_status"),
    "reports.agents": _report("agent_stats_export"),
    "reports.statuses": _report("call_status_stats", level=9),
    "reports.dispositions": _report("call_dispo_report", level=9),
    "callbacks.read": _report("lead_callback_info"),
    "callbacks.write": _change("update_lead", "modify_leads", _MODIFY_LEADS),
    "asterisks.events": Right(function="ami_events", level=9, needs={"ast_admin_access": _YES}, scoped=True),
    "audit.read": Right(function="audit", level=9, needs={"view_reports": _YES}, scoped=True),
    "dnc.add": _change("add_dnc_phone", "modify_lists"),
    "dnc.read": Right(function="check_phone_number", level=8, scoped=True),
    "dnc.list": Right(function="check_phone_number", level=8, needs={"view_reports": _YES}, scoped=True),
    "remoteagents.switch": _change("update_remote_agent", "modify_remoteagents"),
    "filters.read": _change("add_fpg_phone", "modify_lists"),
    "filters.list": Right(
        function="add_fpg_phone", level=8, needs={"modify_lists": _YES, "view_reports": _YES}, scoped=True
    ),
    "filters.add": _change("add_fpg_phone", "modify_lists"),
    "filters.remove": _change("delete_fpg_phone", "modify_lists"),
    "filters.group": _change("add_filter_group", "modify_lists"),
    "filters.group.remove": Right(
        function="add_filter_group", level=8, needs={"modify_lists": _YES, "delete_lists": _YES}, scoped=True
    ),
    "dnc.remove": Right(
        function="delete_dnc_phone",
        level=8,
        needs={"modify_lists": _YES, "delete_from_dnc": _YES},
        scoped=True,
    ),
}

ACTIONS: Mapping[str, Right] = _LINE | _NON_AGENT | _REST
"""Every function and action that there is."""

FUNCTIONS: frozenset[str] = frozenset(right.function for right in ACTIONS.values())
"""Every name that a user's function list may hold with effect."""
