"""The driver against the simulated printer over a kernel pty and over TCP."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
import zxingcpp
from PIL import Image

from hardware.printer import job as machine
from hardware.printer.driver import PrinterStatus
from hardware.printer.receipt import Cut, QrCode, Rule, TextLine
from hardware.printer.rendering import rendered

Make = Callable[..., Any]
PASS = "HTTPS://SHOP.EXAMPLE/P/" + "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567" * 7
RECEIPT = rendered(
    (TextLine("SCANLANE", bold=True, double=True, centred=True), Rule(), TextLine("Milk", "¥3.50"), QrCode(PASS), Cut())
)
LONG = rendered((*(TextLine(f"Article {number}", "¥1.00") for number in range(200)), Cut()))


def last_receipt(stand: Any) -> dict[str, Any]:
    told: dict[str, Any] = stand.play("take_receipt")
    return told


@pytest.mark.parametrize("transport", ["pty", "tcp"])
def test_a_receipt_is_printed_and_confirmed_and_its_code_can_be_read(stand_with: Make, transport: str) -> None:
    stand = stand_with(transport)
    stand.wait_ready()
    outcome = stand.outcome_of(stand.print(RECEIPT))
    assert (outcome.outcome, outcome.reason) == ("printed", "")
    with Image.open(io.BytesIO(stand.bench.picture("printer"))) as picture:
        assert [code.text for code in zxingcpp.read_barcodes(picture)] == [PASS]
    told = last_receipt(stand)
    assert told["qr_texts"] == [PASS]
    assert "Milk" + " " * 33 + "¥3.50" in told["lines"]


def test_a_job_longer_than_a_piece_arrives_whole(stand_with: Make) -> None:
    stand = stand_with()
    stand.wait_ready()
    assert stand.outcome_of(stand.print(LONG)).outcome == "printed"
    lines = last_receipt(stand)["lines"]
    assert [line.split()[1] for line in lines if line.startswith("Article")] == [str(number) for number in range(200)]


def test_jobs_are_printed_in_their_order(stand_with: Make) -> None:
    stand = stand_with()
    stand.wait_ready()
    jobs = [stand.print(rendered((TextLine(f"job {number}"), Cut()))) for number in range(3)]
    assert [stand.outcome_of(job).outcome for job in jobs] == ["printed"] * 3
    assert [last_receipt(stand)["lines"] for _job in jobs] == [["job 2"], ["job 1"], ["job 0"]]


def test_a_printer_that_knows_no_confirmation_is_asked_for_its_paper(stand_with: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "CONFIRM_WITHIN_S", 0.5)
    stand = stand_with(confirms=False)
    stand.wait_ready()
    assert stand.outcome_of(stand.print(RECEIPT)).outcome == "printed"
    monkeypatch.setattr(machine, "CONFIRM_WITHIN_S", 1000.0)
    assert stand.outcome_of(stand.print(RECEIPT)).outcome == "printed"


def test_status_changes_are_told(stand_with: Make) -> None:
    stand = stand_with()
    assert stand.wait_status(lambda _status: True) == PrinterStatus("printer", "ok", cover_open=False, error="", online=True)
    stand.play("paper", state="near_end")
    assert stand.wait_status(lambda status: status.paper == "near_end").online
    stand.play("cover", open=True)
    assert not stand.wait_status(lambda status: status.cover_open).online
    stand.play("cover", open=False)
    stand.play("cutter_error", on=True)
    assert stand.wait_status(lambda status: bool(status.error)).error == "cutter jammed"
    stand.play("cutter_error", on=False)
    stand.play("paper", state="out")
    assert not stand.wait_status(lambda status: status.paper == "out").online


@pytest.mark.parametrize(
    ("action", "arguments", "reason"),
    [
        ("paper", {"state": "out"}, "out of paper"),
        ("cover", {"open": True}, "the cover is open"),
        ("cutter_error", {"on": True}, "cutter jammed"),
    ],
)
def test_nothing_is_sent_to_a_printer_that_cannot_print(
    stand_with: Make, action: str, arguments: dict[str, Any], reason: str
) -> None:
    stand = stand_with()
    stand.wait_ready()
    stand.play(action, **arguments)
    outcome = stand.outcome_of(stand.print(RECEIPT))
    assert (outcome.outcome, outcome.reason) == ("not_printed", reason)
    assert stand.facts()["buffered_bytes"] <= len(b"\x1b@")


def test_paper_out_in_the_middle_is_waited_for(stand_with: Make) -> None:
    stand = stand_with(speed_mm_s=200.0)
    stand.wait_ready()
    job = stand.print(LONG)
    stand.wait_facts(lambda facts: len(facts["uncut"]["lines"]) > 20)
    stand.play("paper", state="out")
    stand.wait_status(lambda status: status.paper == "out")
    stand.play("paper", state="ok")
    assert stand.outcome_of(job).outcome == "printed"
    assert len(last_receipt(stand)["lines"]) == 200


def test_paper_out_for_too_long_leaves_the_job_uncertain(stand_with: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "HELD_MAX_S", 0.3)
    stand = stand_with(speed_mm_s=200.0)
    stand.wait_ready()
    job = stand.print(LONG)
    stand.wait_facts(lambda facts: len(facts["uncut"]["lines"]) > 20)
    stand.play("paper", state="out")
    outcome = stand.outcome_of(job)
    assert (outcome.outcome, outcome.reason) == ("uncertain", "out of paper")


@pytest.mark.parametrize("transport", ["pty", "tcp"])
def test_unplugged_while_printing(stand_with: Make, transport: str) -> None:
    stand = stand_with(transport, speed_mm_s=200.0)
    stand.wait_ready()
    begun, waiting = stand.print(LONG), stand.print(RECEIPT)
    stand.wait_facts(lambda facts: len(facts["uncut"]["lines"]) > 5)
    stand.play("unplug")
    assert stand.outcome_of(begun).outcome == "uncertain"
    assert stand.outcome_of(waiting).outcome == "not_printed"
    outcome = stand.outcome_of(stand.print(RECEIPT))
    assert (outcome.outcome, outcome.reason) == ("not_printed", "the printer is not connected")
    stand.play("replug")
    stand.wait_ready()
    assert stand.outcome_of(stand.print(RECEIPT)).outcome == "printed"


def test_the_answer_that_comes_together_with_a_status_is_not_overlooked(
    stand_with: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "CONFIRM_WITHIN_S", 1000.0)
    stand = stand_with(speed_mm_s=1e6)
    stand.wait_ready()
    for _receipt in range(30):
        assert stand.outcome_of(stand.print(RECEIPT)).outcome == "printed"


def test_a_silent_printer_is_lost_and_comes_back(stand_with: Make) -> None:
    stand = stand_with()
    stand.wait_ready()
    stand.play("silent", on=True)
    assert "does not answer" in stand.wait_lost().reason
    stand.play("silent", on=False)
    stand.wait_ready()


def test_lost_broken_and_doubled_answers_cost_no_job(stand_with: Make) -> None:
    stand = stand_with()
    stand.wait_ready()
    for fault in ("drop_next_reply", "corrupt_next_reply", "truncate_next_reply", "dup_next_reply"):
        stand.play(fault)
        stand.play("garbage", hex="FF 00 37 22 91 10")
        assert stand.outcome_of(stand.print(RECEIPT)).outcome == "printed"


def test_power_lost_while_printing_is_never_called_printed(stand_with: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "CONFIRM_WITHIN_S", 1000.0)
    stand = stand_with(speed_mm_s=100.0)
    stand.wait_ready()
    job = stand.print(LONG)
    stand.wait_facts(lambda facts: facts["buffered_bytes"] > 0 and len(facts["uncut"]["lines"]) > 5)
    stand.play("power_cycle")
    stand.play("unplug")
    assert stand.outcome_of(job).outcome == "uncertain"


@pytest.mark.parametrize("data", [b"", b"\x1b", b"text\n\x1d(k\x09\x001P0", b"x" * 1_000_001])
def test_a_broken_job_is_refused(stand_with: Make, data: bytes) -> None:
    stand = stand_with()
    stand.wait_ready()
    assert stand.outcome_of(stand.print(data)).outcome == "not_printed"


def test_too_many_jobs_are_refused(stand_with: Make) -> None:
    stand = stand_with(speed_mm_s=100.0)
    stand.wait_ready()
    jobs = [stand.print(RECEIPT) for _number in range(25)]
    outcome = stand.outcome_of(jobs[-1])
    assert (outcome.outcome, outcome.reason) == ("not_printed", "too many jobs wait")
