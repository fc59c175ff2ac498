from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from hardware.connection import Identity
from hardware.link import LineSettings
from hardware.scale.choice import ScaleChoice
from hardware.scale.driver import ScaleDriver
from hardware.scale.driver_8217 import LINE, ToledoDriver


def test_the_settings_choose_the_driver_and_the_line() -> None:
    usual = ScaleChoice().driver()
    assert isinstance(usual, ScaleDriver)
    assert usual.line == LineSettings()
    toledo = ScaleChoice(protocol="toledo-8217", unit="lb").driver()
    assert isinstance(toledo, ToledoDriver)
    assert toledo.line == LINE
    assert ScaleChoice(baud=19200).driver() is not None


def test_a_scale_is_pinned() -> None:
    assert ScaleChoice(serial_number="B021002593").identity == Identity(serial_number="B021002593")


@pytest.mark.parametrize("wrong", [{"serial_number": "1"}, {"model": "Ariva"}])
def test_a_toledo_cannot_be_pinned(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="does not say which one it is"):
        ScaleChoice(protocol="toledo-8217", **wrong)
