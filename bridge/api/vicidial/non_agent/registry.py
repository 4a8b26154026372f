"""Which functions there are: one module each, put into one table here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final, NamedTuple

from bridge.api.vicidial.non_agent.add_lead import add_lead
from bridge.api.vicidial.non_agent.add_list import add_list
from bridge.api.vicidial.non_agent.agent_campaigns import agent_campaigns
from bridge.api.vicidial.non_agent.agent_ingroup_info import agent_ingroup_info
from bridge.api.vicidial.non_agent.agent_stats import agent_stats_export
from bridge.api.vicidial.non_agent.agent_status import agent_status, logged_in_agents
from bridge.api.vicidial.non_agent.batch_update_lead import batch_update_lead
from bridge.api.vicidial.non_agent.blind_monitor import blind_monitor
from bridge.api.vicidial.non_agent.call import NonAgentCall
from bridge.api.vicidial.non_agent.call_counts import call_dispo_report, call_status_stats
from bridge.api.vicidial.non_agent.call_logs import callid_info, did_log_export, phone_number_log
from bridge.api.vicidial.non_agent.campaigns_list import campaigns_list
from bridge.api.vicidial.non_agent.ccc_lead_info import ccc_lead_info
from bridge.api.vicidial.non_agent.check_phone_number import check_phone_number
from bridge.api.vicidial.non_agent.cid_groups import update_cid_group_entry
from bridge.api.vicidial.non_agent.dids import add_did, copy_did, update_did
from bridge.api.vicidial.non_agent.dnc import add_dnc_phone, delete_dnc_phone
from bridge.api.vicidial.non_agent.filter_phones import add_fpg_phone, delete_fpg_phone
from bridge.api.vicidial.non_agent.group_alias import add_group_alias
from bridge.api.vicidial.non_agent.group_status import in_group_status, user_group_status
from bridge.api.vicidial.non_agent.hopper import hopper_bulk_insert, hopper_list
from bridge.api.vicidial.non_agent.lead_all_info import lead_all_info
from bridge.api.vicidial.non_agent.lead_callback_info import lead_callback_info
from bridge.api.vicidial.non_agent.lead_dearchive import lead_dearchive
from bridge.api.vicidial.non_agent.lead_field_info import lead_field_info
from bridge.api.vicidial.non_agent.lead_search import lead_search
from bridge.api.vicidial.non_agent.lead_status_search import lead_status_search
from bridge.api.vicidial.non_agent.list_info import list_custom_fields, list_info
from bridge.api.vicidial.non_agent.phone_aliases import add_phone_alias, update_phone_alias
from bridge.api.vicidial.non_agent.phones import add_phone, update_phone
from bridge.api.vicidial.non_agent.pickers import (
    callmenu_list,
    container_list,
    ingroup_list,
    moh_list,
    vm_list,
)
from bridge.api.vicidial.non_agent.presets import update_presets
from bridge.api.vicidial.non_agent.recording_lookup import recording_lookup
from bridge.api.vicidial.non_agent.remote_agents import update_remote_agent
from bridge.api.vicidial.non_agent.server_refresh import server_refresh
from bridge.api.vicidial.non_agent.sounds_list import sounds_list
from bridge.api.vicidial.non_agent.update_alt_url import update_alt_url
from bridge.api.vicidial.non_agent.update_campaign import update_campaign
from bridge.api.vicidial.non_agent.update_lead import update_lead
from bridge.api.vicidial.non_agent.update_list import update_list
from bridge.api.vicidial.non_agent.update_log_entry import update_log_entry
from bridge.api.vicidial.non_agent.update_user import update_user
from bridge.api.vicidial.non_agent.user_details import user_details
from bridge.api.vicidial.non_agent.users import add_user, copy_user


class Function(NamedTuple):
    """One function, and what is checked before it."""

    run: Callable[[NonAgentCall], Awaitable[str]]
    """Carries the request out and gives the reply, or raises `Answer` or a `BridgeError`."""
    may: str
    """What a caller without the rights is told that it may not do."""
    closing: str = "|"
    """What stands at the end of that line."""
    names_source: bool = True
    """Whether a caller has to name itself."""
    told_as: str = ""
    """The name that a caller without the rights is told, if the format has another one there."""


_LEAD_INFO = "GET LEAD INFO"
_AGENT_INFO = "GET AGENT INFO"

_REPORTS: Final[Mapping[str, Function]] = {
    "agent_ingroup_info": Function(agent_ingroup_info, _AGENT_INFO),
    "agent_stats_export": Function(agent_stats_export, _AGENT_INFO),
    "agent_status": Function(agent_status, _AGENT_INFO),
    "call_dispo_report": Function(
        call_dispo_report, "VIEW STATS", names_source=False, told_as="call_status_stats"
    ),
    "call_status_stats": Function(call_status_stats, "VIEW STATS", names_source=False),
    "callid_info": Function(callid_info, "GET CALL INFO"),
    "did_log_export": Function(did_log_export, "GET DID INFO"),
    "in_group_status": Function(in_group_status, "GET IN-GROUP INFO"),
    "logged_in_agents": Function(logged_in_agents, _AGENT_INFO),
    "phone_number_log": Function(phone_number_log, "GET CALL LOG INFO"),
    "recording_lookup": Function(recording_lookup, "GET RECORDING INFO"),
    "user_group_status": Function(user_group_status, "GET USER GROUP INFO"),
}

FUNCTIONS: Final[Mapping[str, Function]] = {
    **_REPORTS,
    "add_did": Function(add_did, "ADD DIDS", closing=""),
    "copy_did": Function(copy_did, "ADD DIDS", closing=""),
    "update_did": Function(update_did, "UPDATE DIDS", closing=""),
    "add_dnc_phone": Function(add_dnc_phone, "ADD DNC NUMBERS", closing=""),
    "add_fpg_phone": Function(add_fpg_phone, "ADD FILTER PHONE GROUP NUMBERS", closing=""),
    "add_group_alias": Function(add_group_alias, "ADD GROUP ALIASES"),
    "add_list": Function(add_list, "ADD LISTS"),
    "list_custom_fields": Function(list_custom_fields, "MODIFY LISTS", closing=""),
    "list_info": Function(list_info, "MODIFY LISTS", closing=""),
    "update_alt_url": Function(update_alt_url, "UPDATE CAMPAIGNS", closing=""),
    "update_campaign": Function(update_campaign, "UPDATE CAMPAIGNS", closing=""),
    "update_cid_group_entry": Function(update_cid_group_entry, "UPDATE CID GROUPS", closing=""),
    "update_log_entry": Function(update_log_entry, "UPDATE LOGS"),
    "update_presets": Function(update_presets, "UPDATE CAMPAIGNS", closing=""),
    "update_list": Function(update_list, "UPDATE LISTS", closing=""),
    "batch_update_lead": Function(batch_update_lead, "UPDATE LEADS IN THE SYSTEM"),
    "campaigns_list": Function(campaigns_list, "GET CAMPAIGN INFO"),
    "ccc_lead_info": Function(ccc_lead_info, _LEAD_INFO),
    "check_phone_number": Function(check_phone_number, "CHECK PHONE NUMBERS"),
    "delete_fpg_phone": Function(delete_fpg_phone, "DELETE FILTER PHONE GROUP NUMBERS", closing=""),
    "hopper_bulk_insert": Function(hopper_bulk_insert, "ADD LEADS TO THE HOPPER"),
    "hopper_list": Function(hopper_list, "GET CAMPAIGN INFO"),
    "lead_callback_info": Function(lead_callback_info, _LEAD_INFO),
    "lead_dearchive": Function(lead_dearchive, "MODIFY LEAD INFO"),
    "update_lead": Function(update_lead, "UPDATE LEADS IN THE SYSTEM"),
    "add_lead": Function(add_lead, "ADD LEADS TO THE SYSTEM"),
    "agent_campaigns": Function(agent_campaigns, "GET AGENT INFO"),
    "delete_dnc_phone": Function(delete_dnc_phone, "DELETE DNC NUMBERS", closing=""),
    "lead_all_info": Function(lead_all_info, _LEAD_INFO),
    "lead_field_info": Function(lead_field_info, _LEAD_INFO),
    "lead_search": Function(lead_search, "SEARCH FOR LEADS"),
    "lead_status_search": Function(lead_status_search, _LEAD_INFO),
    "user_details": Function(user_details, "GET USER DETAILS"),
    "callmenu_list": Function(callmenu_list, "VIEW CALL MENUS LIST", names_source=False),
    "container_list": Function(container_list, "VIEW CALL MENUS LIST", names_source=False),
    "ingroup_list": Function(ingroup_list, "VIEW INBOUND GROUPS LIST", names_source=False),
    "moh_list": Function(moh_list, "VIEW SOUNDS LIST", names_source=False),
    "sounds_list": Function(sounds_list, "VIEW SOUNDS LIST", names_source=False),
    "vm_list": Function(vm_list, "VIEW VOICEMAIL BOXES LIST", names_source=False),
    "server_refresh": Function(server_refresh, "REFRESH SERVERS", closing=""),
    "add_user": Function(add_user, "ADD USERS", closing=""),
    "copy_user": Function(copy_user, "COPY USERS", closing=""),
    "update_remote_agent": Function(update_remote_agent, "UPDATE REMOTE AGENTS", closing=""),
    "update_user": Function(update_user, "UPDATE USERS", closing=""),
    "blind_monitor": Function(blind_monitor, "BLIND MONITOR"),
    "add_phone": Function(add_phone, "ADD PHONES", closing=""),
    "add_phone_alias": Function(add_phone_alias, "ADD PHONE ALIASES", closing=""),
    "update_phone": Function(update_phone, "UPDATE PHONES", closing=""),
    "update_phone_alias": Function(update_phone_alias, "UPDATE PHONE ALIASES", closing=""),
}
"""Functions that need a login. `version` and the teapots do not and are answered before it."""
