"""What a release says is in it, and what is said of holes in that."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from packaging_fixtures import ROOT, run

LOCK = ROOT / "requirements/run.lock"


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"script_{name}", ROOT / f"scripts/{name}.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = made
    spec.loader.exec_module(made)
    return made


def made(*more: str | Path, at: str = "1700000000") -> dict[str, Any]:
    told = run(sys.executable, ROOT / "scripts/sbom.py", LOCK, "0.1.0", *more, SOURCE_DATE_EPOCH=at)
    found: dict[str, Any] = json.loads(told)
    return found


def locked(lock: Path) -> dict[str, str]:
    """Name and version of each pin, read in another way than the script does."""
    pins = (line.split()[0].split("==") for line in lock.read_text().splitlines() if line[:1].isalnum())
    return {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in pins}


VENDOR = ROOT / "bridge/web/vendor"


def of_kind(found: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [each for each in found["components"] if each["purl"].startswith(f"pkg:{kind}/")]


def test_it_lists_every_locked_dependency_with_all_its_hashes() -> None:
    found = made()
    assert {each["name"]: each["version"] for each in of_kind(found, "pypi")} == locked(LOCK)
    told = [
        each["content"]
        for part in of_kind(found, "pypi")
        for file in part["externalReferences"]
        for each in file["hashes"]
    ]
    assert sorted(told) == sorted(re.findall(r"sha256:([0-9a-f]{64})", LOCK.read_text()))


def test_it_is_what_readers_of_cyclonedx_expect() -> None:
    found = made()
    assert (found["bomFormat"], found["specVersion"], found["version"]) == ("CycloneDX", "1.6", 1)
    assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", found["serialNumber"])
    assert found["metadata"]["timestamp"] == "2023-11-14T22:13:20Z"
    own = found["metadata"]["component"]["bom-ref"]
    refs = {each["bom-ref"] for each in found["components"]} | {own}
    assert len(refs) == len(found["components"]) + 1
    needs = {each["ref"]: set(each["dependsOn"]) for each in found["dependencies"]}
    assert set(needs) == refs
    assert set().union(*needs.values()) == refs - {own}  # each is there for a reason
    assert any(ref.startswith("pkg:pypi/litestar@") for ref in needs[own])


def test_it_lists_the_libraries_of_the_pages_whose_licences_come_along() -> None:
    parts = {each["name"]: each["version"] for each in of_kind(made(), "npm")}
    assert parts["jssip"] == "3.13.8"
    licences = (VENDOR / "LICENSES.txt").read_text()
    assert re.findall(r"^---- (\S+) (\S+)$", licences, re.MULTILINE) == [*parts.items()]
    assert licences.count("Permission is hereby granted") == len(parts)
    assert all(
        f"{name} {version}" in (VENDOR / "README.md").read_text().replace("JsSIP", "jssip")
        for name, version in parts.items()
    )
    assert f'"{parts["jssip"]}"' in (VENDOR / "jssip.js").read_text()


def test_the_same_lock_gives_the_same_bytes() -> None:
    assert made() == made()


def test_an_images_own_packages_are_listed_too(tmp_path: Path) -> None:
    file = tmp_path / "packages"
    file.write_text("libc6 2.41-12\nca-certificates 20250419\n")
    parts = made("--debian", file)["components"]
    assert len(parts) == len(made()["components"]) + 2
    assert "pkg:deb/debian/libc6@2.41-12" in {part["purl"] for part in parts}


@pytest.mark.parametrize("name", ["run", "test", "build", "audit"])
def test_every_lock_pins_and_hashes_all_that_it_installs(name: str) -> None:
    lock = (ROOT / f"requirements/{name}.lock").read_text()
    assert "index-url" not in lock
    for block in re.split(r"\n(?=[A-Za-z0-9])", lock.strip()):
        assert re.match(r"[A-Za-z0-9._-]+==\S+", block), block[:60]
        assert "--hash=sha256:" in block, block[:60]


def test_nothing_is_installed_without_its_hash() -> None:
    """Every `pip install` of the project's, but those of its own wheel, for which nothing else is fetched."""
    places = [
        *(ROOT / "scripts").iterdir(),
        ROOT / "packaging/install",
        *(ROOT / "docker").rglob("Dockerfile"),
    ]
    seen = 0
    for place in places:
        if not place.is_file():
            continue
        text = place.read_text(encoding="utf-8").replace("\\\n", " ")
        for line in re.findall(r"pip[\"']? install .*", text):
            seen += 1
            assert "--require-hashes" in line or "--no-deps" in line, f"{place.name}: {line}"
    assert seen >= 5


def test_the_wheel_of_an_image_is_built_by_the_locked_backend() -> None:
    text = (ROOT / "docker/bridge/Dockerfile").read_text()
    before, wheel, after = text.partition("pip wheel")
    assert wheel
    assert "--require-hashes --only-binary :all: -r /src/requirements/build.lock" in before
    assert "--no-build-isolation" in after.partition("\n")[0]


GOOD = {"name": "some", "version": "1", "vulns": []}
HOLE = {"id": "CVE-2099-1", "fix_versions": ["2"], "aliases": [], "description": ""}
UNKNOWN = {"name": "other", "skip_reason": "Dependency not found on PyPI and could not be audited"}


@pytest.mark.parametrize(
    ("packages", "status", "says"),
    [
        ([GOOD], 0, "no published hole in 1 packages"),
        ([GOOD | {"vulns": [HOLE]}], 1, "some 1 has CVE-2099-1, mended in 2"),
        ([GOOD, UNKNOWN], 3, "nothing is proven of 1 of 2 packages"),
        ([GOOD | {"vulns": [HOLE]}, UNKNOWN], 1, "CVE-2099-1"),
        ([], 3, "no package was looked at"),
    ],
)
def test_what_could_not_be_looked_up_does_not_pass_for_clean(
    packages: list[dict[str, Any]], status: int, says: str
) -> None:
    verdict = script("audit").judge("run.lock", json.dumps({"dependencies": packages}), "")
    assert verdict.status == status
    assert says in verdict.lines[0]


def test_a_database_that_cannot_be_reached_is_said() -> None:
    verdict = script("audit").judge("run.lock", "", "Traceback\nConnectionError: no such host")
    assert verdict.status == 3
    assert verdict.lines == [
        "run.lock: the database of holes could not be asked: ConnectionError: no such host"
    ]
