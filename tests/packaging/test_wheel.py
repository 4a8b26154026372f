"""`make wheel`: what is in it, and that it is the same each time."""

from __future__ import annotations

import shutil
import zipfile
from hashlib import sha256
from pathlib import Path

from packaging_fixtures import ROOT, run

FOLDERS = (
    ("bridge", "bridge"),
    ("agi_scripts", "agi_scripts"),
    ("asterisk-conf", "bridge/_asterisk_conf"),
)

SOURCES = (
    "pyproject.toml",
    "README.md",
    ".gitignore",
    "requirements",
    "scripts",
    *(folder for folder, _ in FOLDERS),
)


def checkout(folder: Path) -> Path:
    """The sources of the wheel, without their history."""
    folder.mkdir()
    for name in SOURCES:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copyfile
        copy(ROOT / name, folder / name)
    (folder / "scripts/package").chmod(0o755)
    (folder / ".venv").symlink_to(ROOT / ".venv")
    (folder / "var").mkdir()
    (folder / "var/build").symlink_to(ROOT / "var/build")
    return folder


def test_the_same_sources_give_the_same_bytes(wheel: Path, tmp_path: Path) -> None:
    """Whenever, wherever and by whomever it is made."""
    first = checkout(tmp_path / "here")
    second = shutil.copytree(first, tmp_path / "there", symlinks=True, copy_function=shutil.copy)
    run("bash", first / "scripts/package", "wheel")
    run("bash", "-c", f"umask 077; bash {second}/scripts/package wheel", LC_ALL="C", TZ="Asia/Tokyo")
    made = [(folder / "dist" / wheel.name).read_bytes() for folder in (first, second)]
    assert sha256(made[0]).hexdigest() == sha256(made[1]).hexdigest()


def test_everything_that_the_service_reads_at_run_time_is_in_it(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder, within in FOLDERS:
        files = [path for path in (ROOT / folder).rglob("*") if path.is_file() and _is_shipped(path)]
        missing = {f"{within}/{path.relative_to(ROOT / folder)}" for path in files} - names
        assert not missing
    assert {"bridge/py.typed", "bridge/web/wallboard.html", "bridge/store/migrations/env.py"} <= names


def _is_shipped(path: Path) -> bool:
    caches = {"__pycache__", ".ruff_cache", ".mypy_cache"}
    return not caches & set(path.parts) and path.name != "ruff.toml"


def test_it_asks_for_python_3_11(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    metadata = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
    assert "Requires-Python: >=3.11" in archive.read(metadata).decode().splitlines()


def test_its_requirements_are_locked_and_hashed(wheel: Path) -> None:
    lock = (wheel.parent / "requirements.lock").read_text()
    pins = [line for line in lock.splitlines() if line[:1].isalpha()]
    assert len(pins) > 20
    assert all("==" in pin and pin.endswith("\\") for pin in pins)
    assert lock.count("--hash=sha256:") >= len(pins)
