"""The list of what is in a release (SBOM), CycloneDX 1.6 in JSON: locked requirements, libraries of pages.

The same lock gives the same bytes. `scripts/package` runs it; standard library only.

    scripts/sbom.py requirements/run.lock VERSION [--debian PACKAGES] > sbom.cdx.json

PACKAGES is a file with lines `name version`, as `dpkg-query -W` prints them, of an image's own packages.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

NAME = "agent-bridge"
VENDORED = Path(__file__).parents[1] / "bridge/web/vendor/versions.json"
"""Libraries of the pages: `{name: {"version": …, "needs": [names]}}`."""
_PIN = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^ ;\\]+)")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_VIA = re.compile(r"^    #(?: via |   )([A-Za-z0-9][A-Za-z0-9._-]*)( \(.*\))?$")


@dataclass
class Pin:
    """One locked package."""

    name: str
    version: str
    hashes: list[str] = field(default_factory=list)
    wanted_by: list[str] = field(default_factory=list)

    @property
    def ref(self) -> str:
        """Its package URL."""
        return f"pkg:pypi/{self.name}@{quote(self.version)}"

    def component(self) -> dict[str, Any]:
        """As CycloneDX writes it. A lock has a hash for each file that may be installed; one of them was."""
        files = [
            {"type": "distribution", "url": f"https://pypi.org/project/{self.name}/{self.version}/"}
            | {"hashes": [{"alg": "SHA-256", "content": each}]}
            for each in self.hashes
        ]
        return {
            "type": "library",
            "bom-ref": self.ref,
            "name": self.name,
            "version": self.version,
            "purl": self.ref,
            "externalReferences": files,
        }


def pins(lock: str) -> Iterator[Pin]:
    """The packages of a lock, in its order."""
    pin: Pin | None = None
    for line in lock.splitlines():
        if found := _PIN.match(line):
            if pin is not None:
                yield pin
            pin = Pin(re.sub(r"[-_.]+", "-", found[1]).lower(), found[2])
        elif pin is not None:
            pin.hashes += _HASH.findall(line)
            if via := _VIA.match(line):
                pin.wanted_by.append(via[1])
    if pin is not None:
        yield pin


def vendored(text: str) -> dict[str, tuple[dict[str, Any], list[str]]]:
    """Each library of the pages by its package URL, with those of what it needs."""
    given = json.loads(text or "{}")
    refs = {name: f"pkg:npm/{name}@{one['version']}" for name, one in given.items()}
    return {
        refs[name]: (
            {"type": "library", "bom-ref": refs[name], "name": name, "version": one["version"]}
            | {"purl": refs[name], "licenses": [{"license": {"id": "MIT"}}]},
            [refs[needed] for needed in one["needs"]],
        )
        for name, one in given.items()
    }


def debian(text: str) -> Iterator[dict[str, Any]]:
    """The packages of an image."""
    for line in sorted(filter(None, text.splitlines())):
        name, version = line.split()
        ref = f"pkg:deb/debian/{name}@{quote(version)}"
        yield {"type": "library", "bom-ref": ref, "name": name, "version": version, "purl": ref}


def sbom(lock: str, version: str, packages: str = "", at: int = 0, pages: str = "") -> dict[str, Any]:
    """The document.

    Args:
        lock: text of the locked requirements.
        version: of the bridge.
        packages: what `debian` reads.
        at: seconds of the epoch that it bears; those of the sources.
        pages: what `vendored` reads.
    """
    found = list(pins(lock))
    own = f"pkg:pypi/{NAME}@{version}"
    refs = {pin.name: pin.ref for pin in found} | {NAME: own}
    needs: dict[str, list[str]] = {ref: [] for ref in refs.values()}
    for pin in found:
        for parent in pin.wanted_by:
            needs[refs[parent]].append(pin.ref)
    libraries = vendored(pages)
    needs |= {ref: of for ref, (_, of) in libraries.items()}
    needs[own] += libraries.keys() - {ref for _, of in libraries.values() for ref in of}
    identity = uuid.uuid5(uuid.NAMESPACE_URL, f"{own}\n{lock}\n{packages}\n{pages}")
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{identity}",
        "version": 1,
        "metadata": {
            "timestamp": datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "component": {
                "type": "application",
                "bom-ref": own,
                "name": NAME,
                "version": version,
                "purl": own,
            },
        },
        "components": [
            *(pin.component() for pin in found),
            *(library for library, _ in libraries.values()),
            *debian(packages),
        ],
        "dependencies": [{"ref": ref, "dependsOn": sorted(of)} for ref, of in sorted(needs.items())],
    }


def main() -> None:
    """Print it."""
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("lock", type=Path)
    options.add_argument("version")
    options.add_argument("--debian", type=Path)
    given = options.parse_args()
    packages = given.debian.read_text(encoding="utf-8") if given.debian else ""
    at = int(os.environ.get("SOURCE_DATE_EPOCH", "0"))
    pages = VENDORED.read_text(encoding="utf-8")
    made = sbom(given.lock.read_text(encoding="utf-8"), given.version, packages, at, pages)
    json.dump(made, sys.stdout, indent=1)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
