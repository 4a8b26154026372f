"""How many AMI events a second, and at what cost: ours, panoramisk, pyst2 and bare parsers, in one run.

Every client runs in a process of its own against the same sender (another process, over loopback), which
repeats a recording of real calls (`data/ami_events.txt.gz`, made by `data/record_ami_events.py`). Ten event
names are asked for; of each such event its channel's unique id is read, or (`DialBegin` and `DialEnd` without
a caller) the dialled channel's. The best of the rounds counts.

Usage: `ami_events.py [--events 200000] [--rounds 3]`. Needs panoramisk and pyst2 (the test extra).
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import logging
import multiprocessing
import os
import socket
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from _ami_clients import CLIENTS, END, NAMES, Result

RECORDING = Path(__file__).parent / "data" / "ami_events.txt.gz"
UNWANTED = (b"VarSet", b"Newexten", b"DeviceStateChange", b"QueueMemberStatus", b"NewConnectedLine")
SLOW = 20_000  # events for a client that is a hundred times slower


# -- the sender ----------------------------------------------------------------------------------------------


def recording(*, filtered: bool) -> list[bytes]:
    """Read the recorded events; `filtered`: without those that manager.conf keeps from the bridge."""
    events = gzip.decompress(RECORDING.read_bytes()).split(b"\r\n\r\n")[:-1]
    return [event for event in events if not (filtered and event[7:].startswith(UNWANTED))]


def stream(events: list[bytes], count: int) -> tuple[bytes, int]:
    """Repeat the events up to a count; tell how many of them have one of the ten names."""
    whole = [events[number % len(events)] for number in range(count)]
    wanted = {name.encode() for name in NAMES}
    hits = sum(event[7 : event.find(b"\r")] in wanted for event in whole)
    return b"\r\n\r\n".join(whole) + b"\r\n\r\n" + END, hits


def serve(listener: socket.socket, data: bytes) -> None:
    """Be an Asterisk that takes any login, answers any action, and after `Go` sends the stream."""
    while True:
        peer, _ = listener.accept()
        with peer:
            peer.sendall(b"Asterisk Call Manager/9.0.0\r\n")
            serve_one(peer, data)


def serve_one(peer: socket.socket, data: bytes) -> None:
    pending = b""
    while received := peer.recv(65536):
        *actions, pending = (pending + received).split(b"\r\n\r\n")
        for action in actions:
            headers = dict(line.split(b": ", 1) for line in action.split(b"\r\n") if b": " in line)
            action_id = headers.get(b"ActionID", b"")
            peer.sendall(b"Response: Success\r\nActionID: " + action_id + b"\r\nChallenge: 1\r\n\r\n")
            if headers[b"Action"] == b"Go":
                peer.sendall(data)


# -- the run -------------------------------------------------------------------------------------------------


def child(name: str, port: int, results: Any) -> None:
    warnings.simplefilter("ignore", DeprecationWarning)  # pyst2's
    logging.disable(logging.CRITICAL)
    results.put(asyncio.run(CLIENTS[name][1](port)))
    results.close()
    results.join_thread()
    os._exit(0)  # pyst2's threads would not let it end


@contextmanager
def sender(data: bytes) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        process = multiprocessing.get_context("fork").Process(
            target=serve, args=(listener, data), daemon=True
        )
        process.start()
        yield listener.getsockname()[1]
        process.kill()
        process.join()


def measure(name: str, data: bytes, rounds: int) -> Result:
    spawn = multiprocessing.get_context("spawn")
    found: list[Result] = []
    for _ in range(rounds):
        with sender(data) as port:
            results: Any = spawn.Queue()
            process = spawn.Process(target=child, args=(name, port, results))
            process.start()
            found.append(results.get(timeout=300))
            process.join()
    return min(found, key=lambda result: result.cpu)


def table(title: str, events: list[bytes], count: int, rounds: int) -> None:
    size = sum(map(len, events)) / len(events)
    print(f"\n{title}: {len(events)} recorded events of {size:.0f} bytes, repeated up to {count}")
    print(f"{'':34}{'events/s':>10}{'CPU us/event':>14}{'x lazy':>8}{'handled':>10}")
    lazy = 0.0
    for name, (label, _) in CLIENTS.items():
        number = min(count, SLOW) if name == "pyst2" else count
        data, hits = stream(events, number)
        result = measure(name, data, 1 if name == "pyst2" else rounds)
        cost = result.cpu / number * 1e6
        lazy = cost if name == "lazy" else lazy
        share = f"{cost / lazy:.2f}" if lazy else ""
        right = "" if result.handled in {hits, -1} or name == "ours-raw" else f" of {hits}!"
        handled = f"{max(result.handled, 0) / number:.1%}{right}"
        print(f"{label:34}{number / result.seconds:>10,.0f}{cost:>14.2f}{share:>8}{handled:>10}")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    table("All classes", recording(filtered=False), options.events, options.rounds)
    table("As the bridge's user gets them", recording(filtered=True), options.events, options.rounds)


if __name__ == "__main__":
    main()
