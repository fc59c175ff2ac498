from __future__ import annotations

import pytest
from pydantic import ValidationError

from hardware.bench.simulator import ActionError, JsonValue
from hardware.scanner.simulator import build

NOW = 5.0


def test_a_code_is_sent_with_its_identifier() -> None:
    scanner = build({}, seed=0)
    scanner.actions()["scan"](text="HTTPS://952.EXAMPLE/P/ABC")
    scanner.actions()["scan"](text="4006381333931", symbology="EAN13")
    assert scanner.send(NOW) == b"]Q1HTTPS://952.EXAMPLE/P/ABC\r\n]E04006381333931\r\n"
    assert scanner.send(NOW) == b""
    assert scanner.facts()["scans"] == 2
    assert scanner.facts()["last_text"] == "4006381333931"


def test_prefix_suffix_and_no_identifier() -> None:
    scanner = build({"aim": False, "prefix": "~", "suffix": "#\r"}, seed=0)
    scanner.scan("ü")
    assert scanner.send(NOW) == "~ü#\r".encode()


def test_a_plain_scanner_has_no_ear() -> None:
    scanner = build({}, seed=0)
    scanner.receive(b"Dih", NOW)
    scanner.scan("A")
    assert scanner.send(NOW) == b"]Q1A\r\n"


def test_a_datalogic_scanner_obeys() -> None:
    scanner = build({"dialect": "datalogic_std"}, seed=0)
    scanner.receive(b"D", NOW)
    scanner.scan("unread")
    assert scanner.send(NOW) == b""
    assert (scanner.facts()["enabled"], scanner.facts()["unread"]) == (False, 1)
    scanner.receive(b"EBF\x01\x07?", NOW)
    scanner.scan("read")
    assert scanner.send(NOW) == b"]Q1read\r\n"
    assert (scanner.facts()["good_read_sounds"], scanner.facts()["not_on_file_sounds"]) == (3, 1)
    scanner.receive(b"i", NOW)
    assert scanner.send(NOW) == b"\x01\x02MMagellan 1500i\x03\x02SS22F00417\x03\x02R610016740\x03\x04"
    scanner.receive(b"h", NOW)
    assert scanner.send(NOW) == b"\x01\x02mOK\x03\x02hOK\x03\x02sNA\x03\x04"


@pytest.mark.parametrize("way", ["R", "power"])
def test_starting_again_switches_it_on(way: str) -> None:
    scanner = build({"dialect": "datalogic_std"}, seed=0)
    scanner.receive(b"D", NOW)
    if way == "R":
        scanner.receive(b"R", NOW)
    else:
        scanner.power_cycle(NOW)
    assert scanner.facts()["enabled"] is True


def test_its_faults() -> None:
    scanner = build({}, seed=0)
    scanner.scan_doubled("AB")
    assert scanner.send(NOW) == b"]Q1AB\r\n]Q1AB\r\n"
    scanner.scan_truncated("ABCDEFG")
    assert scanner.send(NOW) == b"]Q1ABC"
    scanner.scan_merged("AB", "CD")
    assert scanner.send(NOW) == b"]Q1AB]Q1CD\r\n"


def test_nonsense_is_refused_with_a_sentence() -> None:
    scanner = build({}, seed=0)
    with pytest.raises(ActionError, match="No symbology 'MAXICODE'; there are EAN13"):
        scanner.scan("A", "MAXICODE")
    for text in ("", "x" * 7090):
        with pytest.raises(ActionError, match="A code holds 1 to 7089 characters"):
            scanner.scan(text)
    assert all(action.__doc__ for action in scanner.actions().values())


@pytest.mark.parametrize("options", [{"dialect": "ssi"}, {"prefx": "~"}, {"aim": "maybe"}])
def test_options_that_make_no_sense_are_refused(options: dict[str, JsonValue]) -> None:
    with pytest.raises(ValidationError):
        build(options, seed=0)
