"""Which report belongs to which text."""

from __future__ import annotations

from hardware.sms.outbox import WAITING_MAX, Outbox, Waiting, added, reported
from hardware.sms.protocol_pdu import StatusReport

DELIVERED, TRYING, FAILED = 0x00, 0x20, 0x46


def test_a_text_of_one_message() -> None:
    outbox: Outbox = (Waiting("a", "+491701", (7,)),)
    assert reported(outbox, StatusReport(7, "+491701", TRYING)) == (outbox, "a")
    assert reported(outbox, StatusReport(7, "+491701", DELIVERED)) == ((), "a")
    assert reported(outbox, StatusReport(8, "+491701", DELIVERED)) == (outbox, None)
    assert reported(outbox, StatusReport(7, "+491702", DELIVERED)) == (outbox, None)


def test_a_long_text_is_delivered_with_its_last_message_and_failed_with_its_first() -> None:
    outbox: Outbox = (Waiting("a", "+491701", (7, 8)),)
    after, key = reported(outbox, StatusReport(8, "+491701", DELIVERED))
    assert (after, key) == ((Waiting("a", "+491701", (7,)),), None)
    assert reported(after, StatusReport(7, "+491701", DELIVERED)) == ((), "a")
    assert reported(outbox, StatusReport(7, "+491701", FAILED)) == ((), "a")


def test_numbers_used_again_belong_to_the_newest() -> None:
    outbox: Outbox = (Waiting("old", "+491701", (7,)), Waiting("new", "+491701", (7,)))
    assert reported(outbox, StatusReport(7, "+491701", DELIVERED)) == (outbox[:1], "new")


def test_the_network_may_write_a_number_otherwise() -> None:
    outbox: Outbox = (Waiting("a", "01701234", (7,)),)
    assert reported(outbox, StatusReport(7, "+491701234", DELIVERED))[1] == "a"
    assert reported(outbox, StatusReport(7, "", DELIVERED))[1] == "a"


def test_an_uncertain_text_is_found_by_its_phone() -> None:
    outbox: Outbox = (Waiting("lost", "+491701", (), is_uncertain=True), Waiting("sure", "+491701", (9,)))
    assert reported(outbox, StatusReport(9, "+491701", DELIVERED))[1] == "sure"
    assert reported(outbox, StatusReport(7, "+491701", DELIVERED)) == (outbox[1:], "lost")


def test_the_outbox_is_bounded() -> None:
    outbox: Outbox = ()
    for number in range(WAITING_MAX + 3):
        outbox = added(outbox, Waiting(str(number), "1", (0,)))
    assert len(outbox) == WAITING_MAX
    assert outbox[0].key == "3"
