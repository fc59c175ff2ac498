"""The SMS driver over a kernel pty: reports, refusals, the PIN, lost answers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hardware.connection import State
from hardware.device import ConnectionChanged, Device
from hardware.link import Link
from hardware.sms.driver import SmsDriver
from hardware.sms.events import NetworkChanged, Outcome, SendText, TextFinished, TextReported
from hardware.sms.protocol_pdu import Delivery
from hardware.sms.simulator import ModemSimulator, build
from tests.support.owner import Owner
from tests.support.wire import Wire, wait_for

PHONE = "+4915112345678"
LONG = "请在出口处出示此二维码。" * 8 + "🍎"


@pytest.fixture
def owner() -> Owner:
    return Owner()


@contextmanager
def modem(
    folder: Path, owner: Owner, driver: SmsDriver | None = None, *, pin: str = ""
) -> Iterator[tuple[ModemSimulator, Wire, Device[Link]]]:
    simulator = build({"send_s": 0.1, "report_s": 0.1, "pin": pin}, 0)
    with Wire(folder, simulator) as wire:
        device = Device("modem", wire.url, driver or SmsDriver(send_timeout_s=1.0), owner.publish)
        device.start()
        try:
            yield simulator, wire, device
        finally:
            device.stop()


def outcome(owner: Owner, key: str) -> TextFinished:
    return owner.first(TextFinished, lambda event: event.key == key)


@pytest.mark.parametrize("text_mode", [False, True])
@pytest.mark.parametrize("text", ["Your receipt: 12.30", "[12.30 €]", "收据", LONG, "x" * 400])
def test_a_text_arrives_as_it_was_written_and_is_reported(tmp_path: Path, owner: Owner, text: str, text_mode: bool) -> None:  # noqa: FBT001
    with modem(tmp_path, owner, SmsDriver(send_timeout_s=2.0, text_mode=text_mode)) as (simulator, wire, device):
        owner.wait_for_state(State.READY)
        device.perform(SendText("a", PHONE, text))
        assert outcome(owner, "a").outcome is Outcome.SENT
        report = owner.first(TextReported)
        assert (report.key, report.delivery) == ("a", Delivery.DELIVERED)
        with wire.paused():
            assert simulator.facts()["texts"] == [{"number": PHONE, "text": text}]


def test_a_phone_that_is_off_is_reported(tmp_path: Path, owner: Owner) -> None:
    with modem(tmp_path, owner) as (simulator, wire, device):
        owner.wait_for_state(State.READY)
        with wire.paused():
            simulator.lose_phone(PHONE)
        device.perform(SendText("a", PHONE, "hello"))
        report = owner.first(TextReported)
        assert (report.delivery, "expired" in report.reason) == (Delivery.FAILED, True)


def test_refusals_are_told_and_unasked_lines_do_not_matter(tmp_path: Path, owner: Owner) -> None:
    with modem(tmp_path, owner) as (simulator, wire, device):
        owner.wait_for_state(State.READY)
        for code, later in ((42, True), (1, False)):
            with wire.paused():
                simulator.ring()
                simulator.message_comes()
                simulator.refuse_next(code)
            device.perform(SendText(str(code), PHONE, "hello"))
            told = outcome(owner, str(code))
            assert (told.outcome, told.worth_repeating, told.messages) == (Outcome.NOT_SENT, later, 0)
            assert f"(CMS {code})" in told.reason
        device.perform(SendText("nobody", "call me", "hello"))
        assert "no phone number" in outcome(owner, "nobody").reason
        assert owner.states() == [State.READY]


def test_network_and_signal_are_told(tmp_path: Path, owner: Owner) -> None:
    with modem(tmp_path, owner) as (simulator, wire, _device):
        owner.first(NetworkChanged, lambda event: event.registered and not event.roaming and event.signal_dbm == -79)
        with wire.paused():
            simulator.set_network(found=False)
        owner.first(NetworkChanged, lambda event: not event.registered)
        with wire.paused():
            simulator.set_network(found=True, roaming=True)
        owner.first(NetworkChanged, lambda event: event.registered and event.roaming)


def test_a_lost_answer_is_sent_once_more_and_no_more(tmp_path: Path, owner: Owner) -> None:
    with modem(tmp_path, owner) as (simulator, wire, device):
        owner.wait_for_state(State.READY)
        device.perform(SendText("a", PHONE, "hello"))
        wait_for(lambda: b"\x1a" in wire.heard, "the message")
        with wire.paused():
            wire.drop_replies = 1
        told = outcome(owner, "a")
        assert (told.outcome, told.may_arrive_twice) == (Outcome.SENT, True)
        with wire.paused():
            assert simulator.facts()["texts"] == [{"number": PHONE, "text": "hello"}] * 2


def test_silence_after_a_message_is_uncertain(tmp_path: Path, owner: Owner) -> None:
    with modem(tmp_path, owner) as (_simulator, wire, device):
        owner.wait_for_state(State.READY)
        device.perform(SendText("a", PHONE, "hello"))
        wait_for(lambda: b"\x1a" in wire.heard, "the message")
        wire.silent = True
        told = owner.first(TextFinished, deadline_s=30.0)
        assert (told.outcome, told.may_arrive_twice) == (Outcome.UNCERTAIN, True)
        assert wire.heard.count(b"\x1a") == 1
        wire.silent = False


def test_a_pin_unlocks_and_a_wrong_one_is_given_once(tmp_path: Path, owner: Owner) -> None:
    with modem(tmp_path, owner, SmsDriver(pin="1234"), pin="1234"):
        owner.wait_for_state(State.READY)
    (tmp_path / "wrong").mkdir()
    other = Owner()
    with modem(tmp_path / "wrong", other, SmsDriver(pin="9999"), pin="1234") as (simulator, wire, _device):
        lost = other.first(ConnectionChanged, lambda event: event.state is State.LOST)
        assert "the PIN is wrong" in lost.reason
        wait_for(lambda: wire.heard.count(b"AT+CPIN?") >= 3, "two more openings")
        assert wire.heard.count(b"AT+CPIN=") == 1
        with wire.paused():
            assert simulator.facts()["pin_tries"] == 2


def test_without_a_modem_nothing_is_sent(tmp_path: Path, owner: Owner) -> None:
    device = Device("modem", str(tmp_path / "none"), SmsDriver(), owner.publish)
    device.start()
    device.perform(SendText("a", PHONE, "hello"))
    told = outcome(owner, "a")
    assert (told.outcome, told.reason, told.worth_repeating) == (Outcome.NOT_SENT, "the modem is not connected", True)
    device.stop()


@pytest.mark.parametrize("pin", ["12", "abcd", "123456789"])
def test_a_pin_that_cannot_be_is_refused(pin: str) -> None:
    with pytest.raises(ValueError, match="4 to 8 digits"):
        SmsDriver(pin=pin)
