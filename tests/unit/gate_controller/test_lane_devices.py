"""What the devices of a lane say, as the lane understands it."""

from __future__ import annotations

from dataclasses import fields

import pytest

from gate_controller import words
from gate_controller.io_settings import IoSettings
from gate_controller.lane_devices import (
    AT_REST,
    INPUTS,
    SCALE_PERIOD_S,
    SCALE_SETTLING_PERIOD_S,
    SCALE_SWINGING_PERIOD_S,
    LaneDevices,
)
from gate_controller.lane_state import Outputs
from gate_controller.settings import LaneSettings
from gate_controller.words import Event, Fault
from hardware.connection import Identity, State
from hardware.device import ConnectionChanged, DeviceEvent
from hardware.io_module.commands import Drop, Hold
from hardware.io_module.events import Cause, InputsChanged, OutputsDisturbed
from hardware.io_module.wiring import LaneInputs
from hardware.rfid.events import AntennaChanged

IO = "lane-1-io"


@pytest.fixture
def devices() -> LaneDevices:
    settings = LaneSettings(name="lane-1", scanner_url="none-1", scale_url="none-2", io_url="none-3")
    return LaneDevices(settings, lambda _event: None)


def said(devices: LaneDevices, *events: DeviceEvent) -> list[Event]:
    return [understood for event in events for understood in devices.understand(event)]


def inputs(*on: str) -> InputsChanged:
    return InputsChanged(IO, frozenset({"live_zero", *on}), 0.0)


def test_the_names_are_those_of_the_wiring() -> None:
    assert set(INPUTS) | {"live_zero"} == {field.name for field in fields(LaneInputs)}


def test_a_lane_at_rest_says_nothing(devices: LaneDevices) -> None:
    assert said(devices, inputs(*AT_REST), inputs(*AT_REST)) == []


@pytest.mark.parametrize(
    ("name", "on", "off"),
    [
        ("eas_alarm", words.EasAlarm(), words.EasCleared()),
        ("entry_barrier", words.EntryBarrier(broken=True), words.EntryBarrier(broken=False)),
        ("exit_barrier", words.ExitBarrier(broken=True), words.ExitBarrier(broken=False)),
        ("belt_fault", words.FaultRaised(Fault.BELT), words.FaultCleared(Fault.BELT)),
        ("passage", words.Passage(), None),
        ("staff_key", words.StaffReleased("key", "release key"), None),
    ],
)
def test_an_input_goes_on_and_off(devices: LaneDevices, name: str, on: Event, off: Event | None) -> None:
    assert said(devices, inputs(*AT_REST, name)) == [on]
    assert said(devices, inputs(*AT_REST)) == ([off] if off is not None else [])


def test_the_emergency_stop_is_normally_closed(devices: LaneDevices) -> None:
    assert said(devices, inputs()) == [words.FaultRaised(Fault.EMERGENCY_STOP)]
    assert said(devices, inputs(*AT_REST)) == [words.FaultCleared(Fault.EMERGENCY_STOP)]


def test_an_alarm_is_told_before_the_passage_of_the_same_moment(devices: LaneDevices) -> None:
    assert said(devices, inputs(*AT_REST, "passage", "eas_alarm")) == [words.EasAlarm(), words.Passage()]


@pytest.mark.parametrize(("device", "fault"), [(IO, Fault.IO_MODULE), ("lane-1-scale", Fault.SCALE)])
def test_devices_come_and_go(devices: LaneDevices, device: str, fault: Fault) -> None:
    for state, event in ((State.LOST, words.FaultRaised(fault)), (State.READY, words.FaultCleared(fault))):
        assert said(devices, ConnectionChanged(device, state, "", Identity())) == [event]


def test_a_pulled_antenna_is_a_reader_lost_until_all_are_back(devices: LaneDevices) -> None:
    pulled = [AntennaChanged("lane-1-rfid", number, connected=False) for number in (1, 2)]
    lost, back = words.FaultRaised(Fault.RFID_READER), words.FaultCleared(Fault.RFID_READER)
    assert said(devices, *pulled) == [lost, lost]
    assert said(devices, AntennaChanged("lane-1-rfid", 1, connected=True)) == [lost]
    assert said(devices, AntennaChanged("lane-1-rfid", 2, connected=True)) == [back]


def test_a_deactivator_that_went_off_by_itself_is_a_fault(devices: LaneDevices) -> None:
    rebooted = OutputsDisturbed(IO, frozenset({"belt", "deactivator", "amber"}), frozenset())
    assert said(devices, rebooted) == [words.FaultRaised(Fault.IO_MODULE), words.FaultCleared(Fault.IO_MODULE)]
    assert said(devices, OutputsDisturbed(IO, frozenset({"red"}), frozenset())) == []


def test_what_a_hanging_controller_let_go_is_told_anew_and_undisarmed_goods_are_with_staff(devices: LaneDevices) -> None:
    devices._io_ready = True
    devices.apply(Outputs(belt=True, deactivator=True, amber=True))
    told = devices._io._commands
    while not told.empty():
        told.get_nowait()
    let_go = OutputsDisturbed(IO, frozenset({"belt", "deactivator", "amber"}), frozenset({"amber"}), Cause.OWNER_SILENT)
    assert said(devices, let_go) == [words.FaultRaised(Fault.IO_MODULE), words.FaultCleared(Fault.IO_MODULE)]
    devices.apply(Outputs(belt=True, to_scale=True, amber=True))
    assert [told.get_nowait() for _command in range(3)] == [Drop("gate"), Hold("belt", "exit_barrier"), Drop("deactivator")]


def test_a_gate_that_is_open_already_becomes_a_way_out_in_a_fire(devices: LaneDevices) -> None:
    devices._io_ready = True
    devices.apply(Outputs(gate=True, green=True))
    told = devices._io._commands
    while not told.empty():
        told.get_nowait()
    devices.apply(Outputs(gate=True, escape=True, green=True))
    assert [told.get_nowait() for _command in range(told.qsize())] == [Hold("gate", outlives_owner=True)]


def test_the_scale_is_asked_when_a_reading_settles_the_weight(devices: LaneDevices) -> None:
    scale, driver = devices._scale, devices._scale_driver
    scale._poll_at = 1000.0
    devices.await_weight(None)
    assert (scale._poll_at, driver.poll_period_s) == (1000.0, SCALE_PERIOD_S)
    devices.await_weight(0.0)
    assert (scale._poll_at, driver.poll_period_s) == (0.0, SCALE_SWINGING_PERIOD_S)
    scale._poll_at = 1000.0
    devices.await_weight(0.0)
    assert scale._poll_at == 1000.0, "it was asked at once; while it swings its period is short enough"
    devices.await_weight(900.0)
    assert (scale._poll_at, driver.poll_period_s) == (900.0, SCALE_SETTLING_PERIOD_S)
    devices.await_weight(0.0)
    assert (scale._poll_at, driver.poll_period_s) == (0.0, SCALE_SWINGING_PERIOD_S), "it swings again"
    devices.await_weight(None)
    assert driver.poll_period_s == SCALE_PERIOD_S


@pytest.mark.parametrize(("contact", "at_rest"), [("opens", {"fire"}), ("closes", set())])
def test_the_fire_contact_is_understood_as_it_is_wired(contact: str, at_rest: set[str]) -> None:
    io = IoSettings.model_validate({"inputs": {"fire": 4, "staff_key": "none"}, "fire_contact": contact})
    settings = LaneSettings(name="lane-1", scanner_url="none-1", scale_url="none-2", io_url="none-3", io=io)
    devices = LaneDevices(settings, lambda _event: None)
    burning = {"fire"} - at_rest
    assert said(devices, inputs(*AT_REST, *at_rest)) == []
    assert said(devices, inputs(*AT_REST, *burning)) == [words.FireAlarm(by_input=True)]
    assert said(devices, inputs(*AT_REST, *at_rest)) == [words.FireCleared()]


def test_a_pedestal_whose_contact_opens_alarms_without_power_and_with_a_broken_wire() -> None:
    io = IoSettings.model_validate({"eas_contact": "opens"})
    settings = LaneSettings(name="lane-1", scanner_url="none-1", scale_url="none-2", io_url="none-3", io=io)
    devices = LaneDevices(settings, lambda _event: None)
    assert said(devices, inputs(*AT_REST, "eas_alarm")) == []
    assert said(devices, inputs(*AT_REST)) == [words.EasAlarm()]
    assert said(devices, inputs(*AT_REST, "eas_alarm")) == [words.EasCleared()]


def test_a_lane_without_a_pedestal_has_none_that_could_be_without_power() -> None:
    io = IoSettings.model_validate({"eas_contact": "opens", "inputs": {"eas_alarm": "none"}})
    settings = LaneSettings(name="lane-1", scanner_url="none-1", scale_url="none-2", io_url="none-3", io=io)
    assert said(LaneDevices(settings, lambda _event: None), inputs(*AT_REST)) == []
