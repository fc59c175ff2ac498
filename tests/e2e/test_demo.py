"""The demo as a stranger starts it: one process that opens the shop, plays every trip and closes it."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import pytest

from demo.leash import leashed
from demo.staff import browser_path

ROOT = Path(__file__).resolve().parents[2]
TRIPS = ("honest", "forgetful", "copied pass", "live tag", "server gone", "closing time")
SCREENS = {
    "handheld": {"welcome", "shopping", "reviewing", "submitted", "paid"},
    "kiosk": {"welcome", "order", "cash", "card", "confirming", "paid"},
}

pytestmark = pytest.mark.timeout(400)


@dataclass(frozen=True)
class Played:
    code: int
    printed: str
    folder: Path
    summary: dict[str, Any]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    folder = tmp_path_factory.mktemp("demo") / "shop"
    done = subprocess.run(
        leashed([sys.executable, "-m", "demo", "--headless", "--folder", str(folder)]),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=380,
    )
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    return Played(done.returncode, done.stdout + done.stderr, folder, summary)


@pytest.mark.parametrize("trip", TRIPS)
def test_trip(played: Played, trip: str) -> None:
    steps = [step for step in played.summary["steps"] if step["trip"] == trip]
    assert steps, played.printed
    assert all(step["passed"] for step in steps), played.printed


def test_the_exit_code_says_that_all_of_it_happened(played: Played) -> None:
    assert played.code == 0, played.printed
    assert played.summary["passed"]


@pytest.mark.parametrize("program", SCREENS)
def test_every_screen_was_pictured(played: Played, program: str) -> None:
    pictures = list((played.folder / "screens" / program).glob("*.png"))
    shown = {path.stem.split("-", 1)[1] for path in pictures}
    assert SCREENS[program] <= shown
    for path in pictures:
        image = cv2.imread(str(path))
        assert image is not None
        assert image.std() > 5, f"{path} is blank"


@pytest.mark.skipif(browser_path() is None, reason="no Chromium is installed; staff's steps went over HTTP")
def test_the_staff_page_was_used_and_pictured(played: Played) -> None:
    shown = {path.stem for path in (played.folder / "screens" / "staff").glob("*.png")}
    assert {"staff-idle", "staff-audit", "staff-rescanned", "staff-alarm"} <= shown, played.printed


def test_no_program_logged_a_traceback(played: Played) -> None:
    for log in (played.folder / "shop" / "logs").glob("*.log"):
        assert "Traceback" not in log.read_text(encoding="utf-8", errors="replace"), log
