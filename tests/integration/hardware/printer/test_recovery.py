"""What stands on the paper after everything that can go wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from hardware.connection import Identity
from hardware.device import ConnectionChanged
from hardware.printer import job as machine
from hardware.printer.driver import PrinterDriver, PrinterStatus, RecoverPrinter
from hardware.printer.receipt import Cut, QrCode, TextLine
from hardware.printer.rendering import rendered

Make = Callable[..., Any]
LINES = [f"Article {number}" for number in range(200)]
LONG = rendered((*(TextLine(line) for line in LINES), QrCode("PASS"), Cut()))
SHORT = rendered((TextLine("COPY"), QrCode("PASS"), Cut()))
VOID = "*** THE PRINT ABOVE IS NOT VALID ***"


def papers(stand: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = stand.facts()["receipts"]
    return found


def begun(stand: Any, data: bytes = LONG) -> Any:
    stand.wait_ready()
    job = stand.print(data)
    stand.wait_facts(lambda facts: len(facts["uncut"]["lines"]) > 20)
    return job


def is_whole(paper: dict[str, Any]) -> bool:
    return [line for line in paper["lines"] if line] == LINES and paper["qr_texts"] == ["PASS"]


@pytest.mark.parametrize("transport", ["pty", "tcp"])
@pytest.mark.parametrize(
    ("stop", "mend"),
    [
        (("paper", {"state": "out"}), ("paper", {"state": "ok"})),
        (("cover", {"open": True}), ("cover", {"open": False})),
        (("fault", {"kind": "too_hot"}), ("fault", {"kind": "none"})),
        (("feed_button", {"on": True}), ("feed_button", {"on": False})),
    ],
    ids=["paper", "cover", "heat", "feed button"],
)
def test_what_stops_in_the_middle_goes_on_where_it_stopped(stand_with: Make, transport: str, stop: Any, mend: Any) -> None:
    stand = stand_with(transport, speed_mm_s=400.0)
    job = begun(stand)
    stand.play(stop[0], **stop[1])
    stand.wait_status(lambda status: not status.online)
    stand.play(mend[0], **mend[1])
    assert stand.outcome_of(job).outcome == "printed"
    assert [is_whole(paper) for paper in papers(stand)] == [True]


def test_a_jam_is_recovered_from_when_the_cover_was_opened_and_closed(stand_with: Make) -> None:
    stand = stand_with()
    stand.wait_ready()
    stand.play("jam_next_cut")
    job = stand.print(LONG)
    assert stand.wait_status(lambda status: bool(status.error)).error == "cutter jammed"
    stand.play("cover", open=True)
    stand.wait_status(lambda status: status.cover_open)
    stand.play("cutter_error", on=False)
    stand.play("cover", open=False)
    assert stand.outcome_of(job).outcome == "printed"
    assert [is_whole(paper) for paper in papers(stand)] == [True]


def test_a_jam_is_recovered_from_when_staff_says_so_and_not_before(stand_with: Make) -> None:
    stand = stand_with()
    stand.wait_ready()
    stand.play("jam_next_cut")
    job = stand.print(LONG)
    stand.wait_status(lambda status: bool(status.error))
    stand.play("cutter_error", on=False)
    assert stand.facts()["cutter_error"]
    stand.device.perform(RecoverPrinter())
    assert stand.outcome_of(job).outcome == "printed"
    assert [is_whole(paper) for paper in papers(stand)] == [True]


def test_what_was_given_up_is_called_void_on_paper_before_the_copy(stand_with: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "HELD_MAX_S", 0.3)
    stand = stand_with(speed_mm_s=400.0)
    job = begun(stand)
    stand.play("paper", state="out")
    assert stand.outcome_of(job).outcome == "uncertain"
    refused = stand.outcome_of(stand.print(SHORT))
    assert (refused.outcome, refused.reason) == ("not_printed", "out of paper")
    stand.play("paper", state="ok")
    stand.wait_status(lambda status: status.online)
    assert stand.outcome_of(stand.print(SHORT)).outcome == "printed"
    half, copy = papers(stand)
    assert half["lines"][-1] == VOID
    assert half["qr_texts"] == []
    assert (copy["lines"], copy["qr_texts"]) == (["COPY", "", ""], ["PASS"])
    assert stand.outcome_of(stand.print(SHORT)).outcome == "printed"
    assert VOID not in papers(stand)[-1]["lines"]


@pytest.mark.parametrize(
    ("cut_off", "left_half"),
    [(b"\x1d(k\x10\x04", False), (b"\x1dv0\x00\x30\x00\xff\x00" + b"\xff" * 500, True)],
    ids=["code", "picture"],
)
def test_a_command_that_was_cut_off_does_not_keep_the_printer_from_answering(
    stand_with: Make, cut_off: bytes, *, left_half: bool
) -> None:
    """Also one that waits for more than one probe gives it."""
    stand = stand_with(cut_off=cut_off, left_half=left_half)
    stand.wait_ready()
    assert stand.outcome_of(stand.print(SHORT)).outcome == "printed"
    *void, paper = papers(stand)
    assert (paper["lines"][-3:], paper["qr_texts"]) == (["COPY", "", ""], ["PASS"])
    assert [VOID in one["lines"] for one in void] == [True] * left_half


@pytest.mark.parametrize("options", [{}, {"confirms": False, "automatic_status": False}], ids=["process id", "paper status"])
def test_power_lost_in_the_middle_is_never_called_printed(stand_with: Make, options: dict[str, Any]) -> None:
    stand = stand_with(speed_mm_s=100.0, **options)
    job = begun(stand)
    stand.play("power_cycle")
    assert stand.outcome_of(job).outcome == "uncertain"
    assert not any(is_whole(paper) for paper in papers(stand))
    stand.wait_facts(lambda facts: facts["online"])


def test_power_lost_in_the_middle_is_told_void(stand_with: Make) -> None:
    stand = stand_with(speed_mm_s=100.0)
    job = begun(stand)
    stand.play("power_cycle")
    assert stand.outcome_of(job).outcome == "uncertain"
    again = stand.print(SHORT)
    while stand.outcome_of(again).outcome == "not_printed":
        again = stand.print(SHORT)
    assert [VOID in paper["lines"] for paper in papers(stand)] == [True, False]


def test_a_program_that_ends_in_the_middle_is_told_void_by_the_next_one(stand_with: Make) -> None:
    stand = stand_with(speed_mm_s=100.0)
    known: list[bool] = []
    stand.wait_ready()
    stand.restart(PrinterDriver(remember_half=known.append))
    job = begun(stand)
    assert known == [True]
    stand.restart(PrinterDriver(left_half_a_job=known[-1], remember_half=known.append))
    assert stand.outcome_of(job).outcome == "uncertain"
    assert stand.outcome_of(stand.print(SHORT)).outcome == "printed"
    *_, half, whole = papers(stand)
    assert VOID in half["lines"]
    assert VOID not in whole["lines"]
    assert not known[-1]


def test_after_power_was_lost_changes_are_told_again(stand_with: Make) -> None:
    stand = stand_with(boot_s=0.6)
    stand.wait_ready()
    stand.wait_status(lambda status: status.online)
    stand.play("power_cycle")
    stand.play("paper", state="near_end")
    assert stand.wait_status(lambda status: status.paper == "near_end").online
    assert stand.outcome_of(stand.print(SHORT)).outcome == "printed"


def test_a_printer_that_begins_without_paper_is_ready_and_learns_later(stand_with: Make) -> None:
    stand = stand_with(confirms=False)
    stand.wait_ready()
    stand.play("paper", state="out")
    stand.play("unplug")
    stand.wait_lost()
    stand.play("replug")
    stand.wait_ready()
    assert stand.wait_for(PrinterStatus).paper == "out"
    stand.play("paper", state="ok")
    stand.wait_status(lambda status: status.online)
    assert stand.outcome_of(stand.print(SHORT)).outcome == "printed"


def test_it_says_who_it_is(stand_with: Make) -> None:
    stand = stand_with(model="TM-m30", serial_number="X9")
    ready = stand.wait_for(ConnectionChanged, lambda event: event.is_ready)
    assert ready.identity == Identity("TM-m30", "X9")


@pytest.mark.parametrize("confirmation", ["process-id", "paper-status"])
def test_settings_can_say_how_it_confirms(stand_with: Make, confirmation: Any) -> None:
    stand = stand_with(confirms=confirmation == "process-id")
    stand.device.stop()
    stand.restart(PrinterDriver(confirmation=confirmation))
    stand.wait_ready()
    assert stand.outcome_of(stand.print(SHORT)).outcome == "printed"
