"""The reader's driver with a simulated reader at the end of the line."""

from __future__ import annotations

from hardware.device import DeviceEvent
from hardware.rfid.driver import RfidDriver
from hardware.rfid.events import AntennaChanged, ReaderTroubled
from hardware.rfid.simulator import ReaderSimulator, build
from tests.support.straight_line import StraightLine


def connected(reader: ReaderSimulator) -> tuple[RfidDriver, StraightLine, list[DeviceEvent]]:
    line, events = StraightLine(reader), list[DeviceEvent]()
    driver = RfidDriver()
    driver.name, driver.publish = "gate", events.append
    reader.connected(0.0)
    driver.probe(line)
    return driver, line, events


def test_a_pulled_antenna_is_told_because_the_reader_was_told_to_tell() -> None:
    reader = build({}, 0)
    reader.connected(0.0)
    reader.send(0.0)
    reader.antenna(number=2, connected=False)
    assert reader.send(0.0) == b"", "a reader that was not told to tell keeps silent"
    driver, line, events = connected(reader)
    for is_there in (True, False):
        reader.antenna(number=2, connected=is_there)
        driver.poll(line)
    assert events == [AntennaChanged("gate", 2, connected=True), AntennaChanged("gate", 2, connected=False)]


class Plain(ReaderSimulator):
    """A reader that knows keepalives only."""

    def _set_config(self, body: bytes) -> bytes:
        return bytes.fromhex("011F00080064 0000") if body[1:3] == b"\x00\xf4" else super()._set_config(body)


def test_a_reader_that_cannot_tell_still_reads() -> None:
    reader = Plain(build({}, 0)._options)
    _driver, _line, events = connected(reader)
    assert [type(event) for event in events] == [ReaderTroubled]
    assert reader.facts()["reading"] is True
