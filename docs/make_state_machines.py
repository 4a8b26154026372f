"""Write `state-machines.md` from the tables of the state machines: `python docs/make_state_machines.py`."""  # noqa: INP001 - a script, not a package

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

from bridge.agents import signals as agent_signals
from bridge.agents.model import AgentState
from bridge.agents.state import TABLE as AGENT_TABLE
from bridge.calls import signals as call_signals
from bridge.calls.model import CallState
from bridge.calls.state import TABLE as CALL_TABLE

FILE = Path(__file__).parent / "state-machines.md"

HEAD = """\
# State machines

<!-- Written by docs/make_state_machines.py from the tables in the code; a test fails if it is old. -->

A call and an agent's session are plain data. `step(state, signal)` in `bridge/calls/state.py` and
`bridge/agents/state.py` gives what becomes of them and what is to be done about it; it reads no clock and no
store. Commands can be refused. Facts (news of Asterisk, deadlines) cannot: late, duplicate and lost ones have
a defined meaning in every state.

In the tables: the states in which a signal can end; `same`, it is taken and the state stays; `refused`; and
nothing, where it comes too late or too early and changes nothing. The diagrams leave out the snapshots that
are taken after a gap: those can move to wherever Asterisk says that things are.
"""

LEFT_OUT = {"SnapshotPresent", "SnapshotAbsent"}

Table = Mapping[type[Any], Mapping[Any, Any]]
Kinds = list[type[Any]]


def diagram(table: Table, states: type[StrEnum]) -> str:
    """Every move from one state to another, with the signals that cause it."""
    moves: dict[tuple[str, str], list[str]] = defaultdict(list)
    for signal, rules in table.items():
        for state, rule in rules.items():
            for target in rule.to:
                if target is not state and signal.__name__ not in LEFT_OUT:
                    moves[state, target].append(signal.__name__)
    order: list[str] = list(states)
    lines = [f"    [*] --> {order[0]}"]
    for state, target in sorted(moves, key=lambda move: (order.index(move[0]), order.index(move[1]))):
        lines.append(f"    {state} --> {target}: {', '.join(moves[state, target])}")
    return "\n".join(["```mermaid", "stateDiagram-v2", *lines, f"    {order[-1]} --> [*]", "```"])


def matrix(table: Table, states: type[StrEnum], kinds: Kinds, commands: Kinds) -> str:
    """Every signal in every state."""
    columns = list(states)
    lines = [f"| | {' | '.join(columns)} |", f"|---|{'---|' * len(columns)}"]
    for kind in kinds:
        cells = (_cell(table.get(kind, {}).get(state), state, command=kind in commands) for state in columns)
        lines.append(f"| {kind.__name__} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(rule: Any, state: StrEnum, *, command: bool) -> str:
    if rule is None:
        return "refused" if command else ""
    order = [state, *type(state)]
    targets = sorted(rule.to, key=order.index)
    return ", ".join("same" if target is state else str(target) for target in targets)


def meanings(kinds: Kinds) -> str:
    """What each signal means."""
    return "\n".join(f"- **{kind.__name__}**: {(kind.__doc__ or '').splitlines()[0]}" for kind in kinds)


def leaves(base: type[Any]) -> Kinds:
    """The signals of a kind, in the order in which they are written down."""
    below = base.__subclasses__()
    return [leaf for kind in below for leaf in leaves(kind)] if below else [base]


def section(title: str, table: Table, states: type[StrEnum], commands: Kinds, facts: Kinds) -> str:
    """One machine."""
    parts = [
        f"## {title}",
        diagram(table, states),
        matrix(table, states, [*commands, *facts], commands),
        "Commands:",
        meanings(commands),
        "Facts:",
        meanings(facts),
    ]
    return "\n\n".join(parts)


def render() -> str:
    """The whole document."""
    of_calls = leaves(call_signals.Command), leaves(call_signals.Fact)
    of_agents = (
        leaves(agent_signals.Command),
        [*leaves(agent_signals.Fact), *leaves(agent_signals.Notice)],
    )
    call = section("A call", CALL_TABLE, CallState, *of_calls)
    agent = section("An agent's session", AGENT_TABLE, AgentState, *of_agents)
    return f"{HEAD}\n{call}\n\n{agent}\n"


if __name__ == "__main__":
    FILE.write_text(render(), encoding="utf-8")
