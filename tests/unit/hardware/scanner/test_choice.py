from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from hardware.link import LineSettings
from hardware.scanner.choice import ScannerChoice
from hardware.scanner.driver import ScannerDriver
from hardware.scanner.driver_ssi import SsiDriver


def test_the_settings_choose_the_driver_and_the_line() -> None:
    assert isinstance(ScannerChoice().driver(), ScannerDriver)
    seven = ScannerChoice(protocol="datalogic", seven_bits=True, prefix="~", serial_number="S1").driver()
    assert isinstance(seven, ScannerDriver)
    assert seven.line == LineSettings(data_bits=7, parity="E")
    zebra = ScannerChoice(protocol="ssi", baud=115200, model="DS457").driver()
    assert isinstance(zebra, SsiDriver)
    assert zebra.line == LineSettings(baud=115200)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"serial_number": "1"}, "a plain scanner does not say which one it is"),
        ({"model": "1500i"}, "a plain scanner does not say which one it is"),
        ({"protocol": "ssi", "serial_number": "1"}, "SSI tells no serial number"),
        ({"protocol": "ssi", "prefix": "~"}, "prefix, suffix and seven_bits are for lines"),
        ({"protocol": "ssi", "seven_bits": True}, "prefix, suffix and seven_bits are for lines"),
    ],
)
def test_what_does_not_fit_together_is_refused(wrong: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        ScannerChoice(**wrong)
