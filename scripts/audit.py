"""Has one lock looked at by pip-audit, and says plainly what that proves: `scripts/audit` runs it."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any, Final, NamedTuple

CLEAN, HOLES, UNPROVEN = 0, 1, 3
SECONDS: Final = 300.0


class Verdict(NamedTuple):
    """What came of it: exit status, and a line for each thing to say."""

    status: int
    lines: list[str]


def judge(lock: str, told: str, error: str) -> Verdict:
    """Read what pip-audit has said: a package that it could not look up is not a clean one.

    Args:
        lock: name of the file.
        told: its standard output, JSON if it got that far.
        error: its standard error.
    """
    try:
        packages: list[dict[str, Any]] = json.loads(told)["dependencies"]
    except (ValueError, KeyError):
        last = error.strip().splitlines()[-1:] or ["it said nothing"]
        return Verdict(UNPROVEN, [f"{lock}: the database of holes could not be asked: {last[0][:300]}"])
    holes = [f"{lock}: {_hole(package, hole)}" for package in packages for hole in package.get("vulns", [])]
    skipped = [package["name"] for package in packages if "skip_reason" in package]
    if skipped:
        holes.append(
            f"{lock}: nothing is proven of {len(skipped)} of {len(packages)} packages: "
            f"the database could not be reached, or does not know them ({', '.join(skipped[:3])}, …)"
        )
    if any("vulns" in package and package["vulns"] for package in packages):
        return Verdict(HOLES, holes)
    if skipped or not packages:
        return Verdict(UNPROVEN, holes or [f"{lock}: no package was looked at"])
    return Verdict(CLEAN, [f"{lock}: no published hole in {len(packages)} packages"])


def _hole(package: dict[str, Any], hole: dict[str, Any]) -> str:
    mended = ", ".join(hole.get("fix_versions", [])) or "no version"
    return f"{package['name']} {package['version']} has {hole['id']}, mended in {mended}"


def main() -> int:
    """Ask, and print."""
    program, lock = sys.argv[1:3]
    asked = [program, "--require-hashes", "--disable-pip", "--progress-spinner=off", "-f", "json", "-r", lock]
    try:
        done = subprocess.run(asked, capture_output=True, text=True, check=False, timeout=SECONDS)  # noqa: S603  as locked
        verdict = judge(lock, done.stdout, done.stderr)
    except subprocess.TimeoutExpired:
        verdict = judge(lock, "", f"no answer within {SECONDS:g} s")
    sys.stdout.writelines(f"{line}\n" for line in verdict.lines)
    return verdict.status


if __name__ == "__main__":
    sys.exit(main())
