"""Several kinds of devices on one bus: dialects of hoppers, checksums by address, pinned devices, currencies they tell."""

from __future__ import annotations

from uuid import UUID

import pytest

from hardware.cash.commands import AcceptCash, PayOut
from hardware.cash.events import CashDevices, CashTrouble, CoinTaken, Level, PayoutFinished, PayoutReason, TroubleCode
from hardware.cash.hopper_dialect import HopperSetup
from hardware.cash.protocol import Header
from hardware.cash.protocol_values import country_of, parse_polling_priority, parse_serial
from hardware.errors import ProtocolError
from tests.unit.hardware.cash.conftest import MakeKiosk
from tests.unit.hardware.cash.virtual_bus import VirtualKiosk

ID = UUID(int=7)


def paid(kiosk: VirtualKiosk, hopper: str = "hopper-100", count: int = 3) -> PayoutFinished:
    kiosk.run(2.0)
    kiosk.give(PayOut(ID, hopper, count))
    kiosk.run(8.0)
    return kiosk.outcomes[ID]


@pytest.mark.parametrize("product", ["SCH2", "SCH2-NOENCRYPT", "FLOW", "FLOW-NOENCRYPT"])
def test_each_hopper_pays_with_the_key_of_its_product(make_kiosk: MakeKiosk, product: str) -> None:
    kiosk = make_kiosk({"product": product})
    assert (paid(kiosk).paid, kiosk.outcomes[ID].reason) == (3, PayoutReason.DONE)
    (order,) = [frame for frame in kiosk.link.written if frame[3] == Header.DISPENSE]
    assert order[1] == (9 if "NOENCRYPT" in product else 4)
    assert kiosk.worth_minor("tray") == 300


def test_a_plain_ack_is_an_answer_of_the_old_hoppers(make_kiosk: MakeKiosk) -> None:
    kiosk = make_kiosk({"products": {"3": "MK1"}}, hopper_setups={3: HopperSetup(dialect="mk1")})
    assert paid(kiosk).paid == 3
    assert kiosk.sent(Header.DISPENSE) == 1


def test_a_hopper_that_wants_a_pin_gets_it_before_it_pays(make_kiosk: MakeKiosk) -> None:
    kiosk = make_kiosk({"pin": "1234"}, hopper_setups={3: HopperSetup(pin="1234")})
    assert paid(kiosk).paid == 3
    refused = make_kiosk({"pin": "1234"}, hopper_setups={3: HopperSetup(pin="9999")})
    assert (paid(refused).paid, refused.outcomes[ID].reason) == (0, PayoutReason.REFUSED)
    assert not refused.pile("tray")


def test_a_cipher_of_the_maker_makes_the_key(make_kiosk: MakeKiosk) -> None:
    asked: list[bytes] = []

    def cipher(seed: bytes) -> bytes:
        asked.append(seed)
        return b"8 bytes!"

    kiosk = make_kiosk({"product": "SCH2-NOENCRYPT"}, hopper_setups={3: HopperSetup(cipher=cipher)})
    assert paid(kiosk).paid == 3
    assert asked == [bytes(8)]
    assert [frame[4:12] for frame in kiosk.link.written if frame[3] == Header.DISPENSE] == [b"8 bytes!"]


@pytest.mark.parametrize(("stock", "level"), [(5, Level.LOW), (100, Level.MIDDLE), (450, Level.HIGH)])
@pytest.mark.parametrize("product", ["SCH2", "FLOW"])
def test_the_level_is_told_in_the_words_of_the_dialect(make_kiosk: MakeKiosk, product: str, stock: int, level: Level) -> None:
    kiosk = make_kiosk({"product": product, "stocks": {"hopper-100": stock}})
    kiosk.run(1.0)
    devices = [event for event in kiosk.events if isinstance(event, CashDevices)][-1]
    assert devices.hoppers["hopper-100"].level is level


def test_a_note_validator_may_speak_crc_among_devices_that_do_not(make_kiosk: MakeKiosk) -> None:
    kiosk = make_kiosk({"checksums": {"40": "crc16"}}, checksums={40: "crc16"})
    kiosk.run(2.0)
    devices = [event for event in kiosk.events if isinstance(event, CashDevices)][-1]
    assert devices.note_values_minor[-1] == 10000
    assert devices.coin_values_minor == (10, 50, 100)
    assert paid(kiosk).paid == 3


def test_the_currency_is_read_from_the_devices(make_kiosk: MakeKiosk) -> None:
    kiosk = make_kiosk({"country": "EU", "coins": [200, 100], "hoppers": {"3": 100}}, currency_country="")
    kiosk.run(2.0)
    devices = [event for event in kiosk.events if isinstance(event, CashDevices)][-1]
    assert (devices.country, devices.coin_values_minor) == ("EU", (100, 200))
    assert devices.note_values_minor[0] == 100


def test_a_device_that_is_not_the_pinned_one_is_not_used(make_kiosk: MakeKiosk) -> None:
    kiosk = make_kiosk(serial_numbers={3: "123456"})
    assert paid(kiosk).reason is PayoutReason.UNKNOWN_HOPPER
    missing = [event for event in kiosk.events if isinstance(event, CashTrouble) and event.code is TroubleCode.DEVICE_MISSING]
    assert "'123456'" in missing[0].sentence


def test_a_bus_that_refuses_what_it_does_not_know_works_the_same(make_kiosk: MakeKiosk) -> None:
    kiosk = make_kiosk({"unknown_header": "nak", "product": "FLOW"})
    assert paid(kiosk).paid == 3
    kiosk.give(AcceptCash(coins=True, notes=frozenset()))
    kiosk.run(1.0)
    kiosk.simulator.insert_coin(100, kiosk.clock())
    kiosk.run(1.0)
    assert any(isinstance(event, CoinTaken) for event in kiosk.events)


def test_a_coin_that_falls_into_the_box_during_a_reset_is_an_alarm(make_kiosk: MakeKiosk) -> None:
    kiosk = make_kiosk()
    kiosk.run(1.0)
    kiosk.give(AcceptCash(coins=True, notes=frozenset()))
    kiosk.run(1.0)
    kiosk.simulator.insert_coin(50, kiosk.clock())
    kiosk.run(1.0)
    kiosk.simulator.insert_coin(100, kiosk.clock())
    kiosk.clock.now_s += 0.1
    kiosk.simulator.reset_device(2, kiosk.clock())
    kiosk.run(2.0)
    assert kiosk.pile("coin_box") == {"50": 1, "100": 1}
    assert kiosk.credited_minor("coin-box") == 50
    assert TroubleCode.DEVICE_RESET in {trouble.code for trouble in kiosk.troubles}


def test_the_same_payout_asked_for_again_moves_nothing(make_kiosk: MakeKiosk) -> None:
    kiosk = make_kiosk()
    assert paid(kiosk).paid == 3
    kiosk.outcomes.clear()
    kiosk.crash()
    again = paid(kiosk)
    assert (again.paid, again.uncertain, again.reason) == (3, False, PayoutReason.DONE)
    assert kiosk.sent(Header.DISPENSE) == 1


@pytest.mark.parametrize(
    ("data", "seconds"), [(b"\x02\x14", 0.2), (b"\x01\x64", 0.1), (b"\x00\x00", None), (b"\x03\x00", None), (b"\x09\x05", None)]
)
def test_the_polling_priority(data: bytes, seconds: float | None) -> None:
    assert parse_polling_priority(data) == (pytest.approx(seconds) if seconds else None)
    with pytest.raises(ProtocolError, match="polling priority"):
        parse_polling_priority(data + b"\x00")


def test_serial_numbers_of_itl_come_the_other_way_round() -> None:
    assert parse_serial(b"\x01\x02\x03") == str(0x030201)
    assert parse_serial(b"\x01\x02\x03", "ITL") == str(0x010203)


def test_the_country_is_what_most_ids_name() -> None:
    assert country_of([b"EU100A", b"EU050A", b"GB100A", b"......", b"", b"TKENAA", b"\xff\xff\xff\xff\xff\xff"]) == "EU"
    assert country_of([b"......."]) == ""
