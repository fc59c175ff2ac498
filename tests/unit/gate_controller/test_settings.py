"""The settings file: what is refused and in which words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gate_controller.lane_state import Timing
from gate_controller.settings import GateSettings
from program.errors import SettingsError
from program.settings import check_settings


def values(**changes: Any) -> dict[str, Any]:
    lane = {"name": "lane-1", "scanner_url": "dev/a", "scale_url": "dev/b", "io_url": "dev/c"}
    return {"data_dir": "gate", "store": {"url": "http://127.0.0.1:1"}, "lanes": [lane], **changes}


def check(**changes: Any) -> GateSettings:
    return check_settings(GateSettings, values(**changes), Path("/shop/gate.toml"))


def test_the_smallest_file_has_good_defaults() -> None:
    settings = check()
    assert settings.data_dir == Path("/shop/gate")
    assert settings.timing.timing() == Timing()
    assert settings.weighing.rules().false_alarm_rate == 0.005


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"weighing": {"false_alarm_rat": 0.1}}, "Did you mean 'false_alarm_rate'?"),
        ({"weighing": {"false_alarm_rate": 0.7}}, "weighing.false_alarm_rate"),
        ({"lanes": []}, "lanes"),
        ({"lanes": values()["lanes"] * 2}, "twice"),
        ({"lanes": [{"name": "Lane 1", "scanner_url": "a", "scale_url": "b", "io_url": "c"}]}, "name"),
        ({"lanes": [{"name": "lane-1", "scanner_url": "a", "scale_url": "a", "io_url": "c"}]}, "device url"),
        ({"timing": {"pass_s": 0}}, "timing.pass_s"),
        ({"language": "de"}, "language"),
    ],
)
def test_a_mistake_is_named(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingsError, match=words.replace("?", r"\?")):
        check(**changes)
