"""`agent-bridge campaign`: how calls are made and given to agents."""

# ruff: noqa: PLR0913  each option of a command is an argument of its function

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from bridge.campaigns.errors import InvalidField
from bridge.campaigns.messages import AmdAction
from bridge.campaigns.model import ApiManualDial, Campaign, DialMethod, PauseCode, Preview, Status
from bridge.campaigns.redial import UNREACHED, AutoAltDial, Recycle
from bridge.cli.secrets import given_text
from bridge.cli.site_items import (
    AddLeadUrl,
    DispoCallUrl,
    Inactive,
    Json,
    NoAgentCallUrl,
    Replace,
    StartCallUrl,
    add,
    common,
)

_RECYCLE = re.compile(r"([^=]+)=([0-9]{1,9}):([0-9]{1,3})")

campaign = typer.Typer(no_args_is_help=True, help="How calls are made and given to agents.")


@campaign.command(
    "add",
    epilog="Example: agent-bridge campaign add SALES --trunk carrier --dial-method RATIO --dial-level 1.5 "
    "--dial-status NEW --dial-status NA --queue SALESLINE --status CSALE --preset 'Front Desk=7275550110'",
)
def add_campaign(
    campaign_id: Annotated[str, typer.Argument(metavar="ID", help="1 to 20 letters and digits.")],
    *,
    name: Annotated[str, typer.Option(help="What people call it.")] = "",
    trunk_name: Annotated[str, typer.Option("--trunk", help="Trunk that its calls go out on.")] = "",
    caller_id: Annotated[str, typer.Option(help="Digits that the customer sees.")] = "",
    caller_id_group: Annotated[
        str, typer.Option("--cidgroup", help="Caller-id group, by the customer's area.")
    ] = "",
    dial_method: Annotated[DialMethod, typer.Option(help="Who decides what is dialled next.")] = (
        DialMethod.MANUAL
    ),
    dial_level: Annotated[
        float, typer.Option(help="RATIO: lines for each agent who waits; 0: nothing is dialled by itself.")
    ] = 0.0,
    max_dial_level: Annotated[float, typer.Option(help="ADAPT_…: lines for each agent, at most.")] = 3.0,
    shift: Annotated[
        str, typer.Option(help="When its agents work, on the site's clock: of use to ADAPT_TAPERED.")
    ] = "09:00-21:00",
    dial_status: Annotated[
        list[str] | None, typer.Option(help="Status whose leads are dialled by themselves; repeat it.")
    ] = None,
    hopper_level: Annotated[int, typer.Option(help="Leads of its lists that wait in the hopper.")] = 100,
    drop_limit: Annotated[
        float, typer.Option(help="Per cent of answered calls that may be abandoned before it stops.")
    ] = 3.0,
    drop_seconds: Annotated[
        float, typer.Option(help="Seconds that an answered call waits for an agent before it is abandoned.")
    ] = 5.0,
    drop_lockout_hours: Annotated[
        int, typer.Option(help="Hours for which an abandoned customer is called by agents only.")
    ] = 72,
    attempts_per_day: Annotated[
        int, typer.Option(help="Calls of one number within 24 hours; 0: no limit.")
    ] = 0,
    attempts_per_week: Annotated[int, typer.Option(help="The same within 7 days.")] = 0,
    dnc_list: Annotated[
        list[str] | None, typer.Option(help="Imported do-not-call list that must be fresh; repeat it.")
    ] = None,
    consent: Annotated[
        str, typer.Option(help="Purpose of the consent that it demands, 'any' for one of any purpose.")
    ] = "",
    api_manual_dial: Annotated[
        ApiManualDial, typer.Option(help="A dial through the API while the agent is not paused.")
    ] = ApiManualDial.STANDARD,
    dial_timeout: Annotated[int, typer.Option(help="Seconds until no answer.")] = 60,
    wrapup: Annotated[int, typer.Option(help="Seconds for the disposition after a call.")] = 30,
    default_status: Annotated[str, typer.Option(help="Disposition if nobody gives one.")] = "DISPO",
    queue: Annotated[list[str] | None, typer.Option(help="In-group that it serves; repeat it.")] = None,
    transfer_queue: Annotated[str, typer.Option(help="In-group of transfers that name none.")] = "",
    pause_code: Annotated[list[str] | None, typer.Option(help="Reason for a pause; repeat it.")] = None,
    status: Annotated[list[str] | None, typer.Option(help="Disposition of its own; repeat it.")] = None,
    callback_status: Annotated[
        list[str] | None, typer.Option(help="Disposition that asks for a callback; repeat it.")
    ] = None,
    preset: Annotated[
        list[str] | None, typer.Option(help="Number for transfers, 'Front Desk=7275550110'; repeat it.")
    ] = None,
    preview: Annotated[Preview, typer.Option(help="What agents may do with a lead before it is dialled.")] = (
        Preview.DISABLED
    ),
    alt_numbers: Annotated[bool, typer.Option(help="Agents may dial a lead's other numbers.")] = False,
    lead_search: Annotated[
        bool, typer.Option(help="Agents may look for another lead during an inbound call.")
    ] = False,
    recycle: Annotated[
        list[str] | None,
        typer.Option(
            help="Status that is called again, seconds later, and how often, 'NA=7200:3'; repeat it."
        ),
    ] = None,
    auto_alt_dial: Annotated[
        AutoAltDial, typer.Option(help="Other numbers that are dialled when the last one reached nobody.")
    ] = AutoAltDial.NONE,
    auto_alt_status: Annotated[
        list[str] | None, typer.Option(help="Status after which they are; repeat it.")
    ] = None,
    call_count_limit: Annotated[
        int, typer.Option(help="Calls of a lead after which she is not dialled by itself; 0: no limit.")
    ] = 0,
    amd: Annotated[bool, typer.Option(help="Detect machines that answer automatic calls.")] = False,
    amd_seconds: Annotated[float, typer.Option(help="Seconds in which it must be known, 2 at most.")] = 2.0,
    amd_action: Annotated[AmdAction, typer.Option(help="What becomes of a call to a machine.")] = (
        AmdAction.HANGUP
    ),
    machine_message: Annotated[
        str, typer.Option(help="Sound that is left on a machine, once all --message-… are stated.")
    ] = "",
    abandon_message: Annotated[
        str, typer.Option(help="Sound for whom no agent is there in time, once all --message-… are stated.")
    ] = "",
    opt_out_key: Annotated[str, typer.Option(help="Digit by which who hears them forbids calls.")] = "",
    message_purpose: Annotated[str, typer.Option(help="Why is called.")] = "",
    message_seller: Annotated[str, typer.Option(help="For whom.")] = "",
    message_callback_number: Annotated[str, typer.Option(help="Where customers can call back.")] = "",
    message_consent: Annotated[str, typer.Option(help="On what consent the messages rest.")] = "",
    call_time: Annotated[
        str, typer.Option(help="Hours in which its leads may be called: agent-bridge calltime list.")
    ] = "24hours",
    park_music: Annotated[str, typer.Option(help="Class of the music that a parked customer hears.")] = "",
    manual_list: Annotated[int | None, typer.Option(help="List for the leads of manual dials.")] = None,
    start_call_url: StartCallUrl = "",
    dispo_call_url: DispoCallUrl = "",
    no_agent_call_url: NoAgentCallUrl = "",
    add_lead_url: AddLeadUrl = "",
    script_file: Annotated[
        Path | None, typer.Option(help="File with the script that agents read on their page.")
    ] = None,
    web_form_url: Annotated[
        str, typer.Option(help="Page of the CRM for an agent's lead, with placeholders.")
    ] = "",
    inactive: Inactive = False,
    replace: Replace = False,
    json: Json = False,
) -> None:
    """Add a campaign."""
    add(
        lambda: Campaign(
            id=campaign_id,
            name=name,
            active=not inactive,
            dial_method=dial_method,
            api_manual_dial=api_manual_dial,
            inbound=bool(queue),
            queues=tuple(queue or ()),
            default_transfer_queue=transfer_queue,
            manual_list=manual_list,
            dial_level=dial_level,
            max_dial_level=max_dial_level,
            shift=shift,
            dial_statuses=tuple(dial_status or ()),
            hopper_level=hopper_level,
            drop_limit=drop_limit,
            drop_seconds=drop_seconds,
            drop_lockout_hours=drop_lockout_hours,
            attempts_per_day=attempts_per_day,
            attempts_per_week=attempts_per_week,
            dnc_lists=tuple(dnc_list or ()),
            consent=consent,
            trunk=trunk_name,
            caller_id=caller_id,
            caller_id_group=caller_id_group,
            dial_timeout=dial_timeout,
            wrapup_seconds=wrapup,
            default_status=default_status,
            pause_codes=tuple(PauseCode(code=code) for code in pause_code or ()),
            statuses=_statuses(status or (), callback_status or ()),
            presets=_presets(preset or ()),
            preview=preview,
            alt_number_dialing=alt_numbers,
            inbound_lead_search=lead_search,
            recycle=tuple(map(_recycle, recycle or ())),
            auto_alt_dial=auto_alt_dial,
            auto_alt_dial_statuses=tuple(auto_alt_status or UNREACHED),
            call_count_limit=call_count_limit,
            amd=amd,
            amd_seconds=amd_seconds,
            amd_action=amd_action,
            machine_message=machine_message,
            abandon_message=abandon_message,
            opt_out_key=opt_out_key,
            message_purpose=message_purpose,
            message_seller=message_seller,
            message_callback_number=message_callback_number,
            message_consent=message_consent,
            call_time=call_time,
            park_music=park_music,
            start_call_url=start_call_url,
            dispo_call_url=dispo_call_url,
            no_agent_call_url=no_agent_call_url,
            add_lead_url=add_lead_url,
            script="" if script_file is None else given_text(script_file, "--script-file"),
            web_form_url=web_form_url,
        ),
        replace=replace,
        json=json,
    )


def _statuses(plain: Iterable[str], callbacks: Iterable[str]) -> tuple[Status, ...]:
    own = (Status(status=status) for status in plain)
    return (*own, *(Status(status=status, callback=True) for status in callbacks))


def _recycle(word: str) -> Recycle:
    found = _RECYCLE.fullmatch(word.strip())
    if found is None:
        raise InvalidField("--recycle", f"{word!r} needs a status, seconds and a number of times: NA=7200:3")
    return Recycle(status=found[1], delay=int(found[2]), attempts=int(found[3]))


def _presets(words: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for word in words:
        name, mark, number = word.partition("=")
        if not mark:
            raise InvalidField("--preset", f"{word!r} needs a name, = and a number")
        found[name.strip()] = number.strip()
    return found


common(campaign, Campaign, ("id", "name", "active", "dial_method", "trunk", "queues"), "SALES")
