"""Every program started wrongly: a sentence, exit code 2, no traceback, nothing lost."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest

from demo import plan
from demo.shop import free_port
from tests.support.warm_programs import WarmProgram, run_warm

BIN = Path(sys.executable).parent
DEVICES = {device.name: f"/dev/no-such-port-{number}" for number, device in enumerate(plan.DEVICES)}
MISTAKE = 2
Start: TypeAlias = Callable[[list[str]], subprocess.CompletedProcess[str]]

pytestmark = pytest.mark.timeout(120)


def settings_of(program: str, folder: Path) -> str:
    store = f"http://127.0.0.1:{free_port()}"
    return {
        "store-server": lambda: plan.server_settings(folder, free_port()),
        "device-bench": lambda: plan.bench_settings(folder),
        "scanner-app": lambda: plan.handheld_settings(folder, store, "token", "/no/such/video.mp4"),
        "kiosk-app": lambda: plan.kiosk_settings(folder, store, "token", DEVICES),
        "gate-controller": lambda: plan.gate_settings(folder, store, "token", DEVICES),
    }[program]()


PROGRAMS = ("store-server", "device-bench", "scanner-app", "kiosk-app", "gate-controller")
TOUCH_PROGRAMS = ("scanner-app", "kiosk-app")


def command(program: str, settings: Path) -> list[str]:
    words = [program]
    words += ["serve"] if program == "store-server" else []
    words += ["--settings", str(settings)]
    words += ["--platform", "offscreen"] if program in TOUCH_PROGRAMS else []
    return words


def cold(words: list[str]) -> subprocess.CompletedProcess[str]:
    """Run a console script as a person does; once for each program, for it takes a second of imports."""
    script = [str(BIN / words[0]), *words[1:]]
    return subprocess.run(script, capture_output=True, text=True, check=False, timeout=60)


def said_when_started(program: str, settings: Path, start: Start = run_warm) -> str:
    done = start(command(program, settings))
    said = done.stdout + done.stderr
    assert done.returncode == MISTAKE, said
    assert "Traceback" not in said
    return said


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_wrong_key_is_refused_with_the_nearest_right_one(program: str, tmp_path: Path) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text(settings_of(program, tmp_path).replace("data_dir", "data_dri", 1), encoding="utf-8")
    assert "Did you mean 'data_dir'?" in said_when_started(program, settings)


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_missing_settings_file_is_named(program: str, tmp_path: Path) -> None:
    assert "nowhere.toml" in said_when_started(program, tmp_path / "nowhere.toml", cold)


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_file_that_is_no_toml_is_refused(program: str, tmp_path: Path) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text("data_dir = [unfinished", encoding="utf-8")
    assert "no valid TOML" in said_when_started(program, settings)


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "tiny"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], capture_output=True, text=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip(f"a full disk needs the right to mount: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("program", [name for name in PROGRAMS if name != "device-bench"])
def test_a_full_disk_is_told_at_the_start(program: str, tiny_disk: Path, tmp_path: Path) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text(settings_of(program, tiny_disk), encoding="utf-8")
    assert "MiB free" in said_when_started(program, settings)


@pytest.mark.parametrize("program", ["scanner-app", "kiosk-app", "gate-controller"])
def test_ports_that_do_not_exist_are_told_and_a_second_instance_is_refused(program: str, tmp_path: Path) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text(settings_of(program, tmp_path), encoding="utf-8")
    running = WarmProgram(program, command(program, settings), tmp_path / "log", {"QT_QPA_PLATFORM": "offscreen"})
    try:
        running.wait_ready()
        assert "already running" in said_when_started(program, settings)
        assert running.is_running
    finally:
        code = running.stop()
    told = running.log.read_text(encoding="utf-8")
    assert code == 0, told
    assert "is lost" in told
    assert "no-such-port" in told or "/no/such" in told
    assert "Traceback" not in told


def test_a_touch_program_without_a_display_says_so(tmp_path: Path) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text(settings_of("kiosk-app", tmp_path), encoding="utf-8")
    without = {
        name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    }
    done = run_warm(["kiosk-app", "--settings", str(settings)], without)
    assert done.returncode == MISTAKE
    assert "no display" in done.stderr
