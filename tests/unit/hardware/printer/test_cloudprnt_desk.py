"""The counter, with the simulated printer at the other side and in virtual time, and by hand."""

from __future__ import annotations

import io
import json
from typing import Any
from uuid import UUID, uuid4

import pytest
import zxingcpp
from PIL import Image

from hardware.printer.cloudprnt_desk import Answer, Desk, Request
from hardware.printer.cloudprnt_job import CONFIRM_IDLE_S, HELD_MAX_S
from hardware.printer.page import Page, page_of
from hardware.printer.receipt import Cut, QrCode, TextLine
from hardware.printer.simulator_cloudprnt import CloudPrinterSimulator
from hardware.printer.simulator_cloudprnt_options import CloudPrinterOptions

MAC = "00:11:62:0d:14:27"
RECEIPT = (TextLine("Milk", "¥3.50"), QrCode("PASS"), Cut())
PLAIN = page_of(RECEIPT)
VOIDED = page_of((TextLine("VOID"), *RECEIPT))


def draw(void: bool) -> Page:  # noqa: FBT001 - the desk calls it so
    return VOIDED if void else PLAIN


class Counter:
    """A desk, a clock, and what it remembered."""

    def __init__(self, pinned_mac: str = "") -> None:
        self.halves: list[bool] = []
        self.desk = Desk("printer", pinned_mac, self.halves.append, left_half_a_job=False)
        self.now_s = 100.0

    def ask(self, method: str, query: str = "", accept: str = "", **told: Any) -> Answer:
        body = json.dumps({"statusCode": "200%20OK", "printerMAC": MAC, **told}).encode() if method == "POST" else b""
        return self.desk.take(Request(method, query, accept, body), self.now_s)

    def poll(self, **told: Any) -> dict[str, Any]:
        answer = self.ask("POST", **told)
        assert answer.status == 200
        found: dict[str, Any] = json.loads(answer.body)
        return found

    def print(self) -> UUID:
        job_id = uuid4()
        self.desk.print(job_id, draw, self.now_s)
        return job_id

    def offered(self, **told: Any) -> str:
        answer = self.poll(**told)
        assert answer["jobReady"] is True
        return str(answer["jobToken"])

    def outcomes(self) -> list[str]:
        return [outcome for _job, outcome, _reason in self.desk.outcomes]


def test_a_job_from_the_first_poll_to_the_confirmation() -> None:
    counter = Counter()
    assert counter.poll()["jobReady"] is False
    counter.print()
    token = counter.offered()
    got = counter.ask("GET", f"type=image%2Fpng&mac={MAC}&token={token}")
    assert (got.status, got.media_type, got.cut, got.body) == (200, "image/png", True, PLAIN.png)
    assert counter.ask("GET", f"type=text/plain&mac={MAC}&token={token}").body == PLAIN.text
    assert counter.poll(printingInProgress=True)["jobReady"] is False
    assert counter.outcomes() == []
    assert counter.ask("DELETE", f"mac={MAC}&code=200%20OK&token={token}").status == 200
    assert counter.outcomes() == ["printed"]
    assert counter.ask("DELETE", f"mac={MAC}&code=200%20OK&token={token}&retry=1").status == 200
    assert counter.poll()["jobReady"] is False
    assert counter.outcomes() == ["printed"]
    assert counter.halves == [True, True, False]


def test_an_old_firmware_tells_no_token_and_a_web_server_no_delete() -> None:
    counter = Counter()
    counter.poll()
    counter.print()
    counter.offered()
    assert counter.ask("GET", f"mac={MAC}", "text/plain").body == PLAIN.text
    assert counter.ask("GET", f"mac={MAC}&delete&code=OK").status == 200
    assert counter.outcomes() == ["printed"]


def test_requests_that_have_no_job_change_nothing() -> None:
    counter = Counter()
    assert counter.ask("GET", f"mac={MAC}").status == 404
    counter.poll()
    assert counter.ask("GET", f"mac={MAC}").status == 404
    assert counter.ask("DELETE", f"mac={MAC}&code=200%20OK").status == 200
    counter.print()
    token = counter.offered()
    assert counter.ask("DELETE", f"mac={MAC}&code=200%20OK").status == 200, "it was never fetched"
    assert counter.ask("GET", f"mac={MAC}&token=other").status == 404
    assert counter.ask("GET", f"mac={MAC}&token={token}&type=application/vnd.star.line").status == 415
    assert counter.ask("GET", f"mac={MAC}&token={token}").status == 200
    assert counter.ask("DELETE", f"mac={MAC}&code=200%20OK&token=other").status == 200
    assert counter.ask("DELETE", f"mac={MAC}&token={token}").status == 400
    assert counter.ask("DELETE", f"mac={MAC}&code=fine&token={token}").status == 400
    assert counter.ask("PUT").status == 405
    assert counter.desk.take(Request("POST", body=b"garbage"), 0.0).status == 400
    assert counter.outcomes() == []
    assert counter.ask("DELETE", f"mac={MAC}&code=211%20Paper%20low&token={token}").status == 200
    assert counter.outcomes() == ["printed"]


@pytest.mark.parametrize("pinned", [MAC, ""])
def test_another_printer_gets_no_job_and_the_log_one_sentence(pinned: str, caplog: pytest.LogCaptureFixture) -> None:
    counter = Counter(pinned)
    counter.poll()
    counter.print()
    other = "00:11:62:ff:ff:01"
    for _time in range(3):
        assert counter.poll(printerMAC=other) == {"jobReady": False}
    token = counter.offered()
    assert counter.ask("GET", f"mac={other}&token={token}").status == 404
    assert counter.ask("GET", f"mac={MAC}&token={token}").status == 200
    assert counter.ask("DELETE", f"mac={other}&code=200&token={token}").status == 403
    assert counter.outcomes() == []
    assert [record.getMessage().count(other) for record in caplog.records] == [1]


def test_paper_out_is_waited_for_and_the_job_offered_meanwhile() -> None:
    counter = Counter()
    counter.poll()
    counter.print()
    for _poll in range(20):
        counter.offered(statusCode="410%20Out%20of%20paper")
        counter.now_s += 5
    assert counter.outcomes() == []
    token = counter.offered()
    counter.ask("GET", f"mac={MAC}&token={token}")
    counter.ask("DELETE", f"mac={MAC}&code=200&token={token}")
    assert counter.outcomes() == ["printed"]


def test_paper_out_for_too_long() -> None:
    counter = Counter()
    counter.poll(statusCode="420%20Cover%20open")
    counter.print()
    counter.offered(statusCode="420%20Cover%20open")
    counter.now_s += HELD_MAX_S
    counter.desk.look(counter.now_s)
    assert [(outcome, reason) for _job, outcome, reason in counter.desk.outcomes] == [("not_printed", "the cover is open")]


@pytest.mark.parametrize("told_by", ["DELETE", "POST"])
def test_a_print_that_was_given_up_is_printed_anew_under_words_that_say_so(told_by: str) -> None:
    counter = Counter()
    counter.poll()
    counter.print()
    token = counter.offered()
    counter.ask("GET", f"mac={MAC}&token={token}")
    if told_by == "DELETE":
        assert counter.ask("DELETE", f"mac={MAC}&code=410%20Out%20of%20paper&token={token}").status == 200
    second = counter.offered(statusCode="410%20Out%20of%20paper")
    assert second != token
    assert counter.ask("GET", f"mac={MAC}&token={token}").status == 404
    counter.ask("DELETE", f"mac={MAC}&code=410&token={token}&retry=1")
    assert counter.offered() == second
    assert counter.ask("GET", f"mac={MAC}&token={second}").body == VOIDED.png
    counter.ask("DELETE", f"mac={MAC}&code=200&token={second}")
    assert counter.outcomes() == ["printed"]


def test_a_confirmation_that_comes_after_the_paper_ran_out_counts() -> None:
    counter = Counter()
    counter.poll()
    counter.print()
    token = counter.offered()
    counter.ask("GET", f"mac={MAC}&token={token}")
    counter.offered(statusCode="410%20Out%20of%20paper")
    counter.ask("DELETE", f"mac={MAC}&code=200%20OK&token={token}")
    assert counter.outcomes() == ["printed"]


def test_fetched_and_never_confirmed_is_uncertain_and_not_offered_again() -> None:
    counter = Counter()
    counter.poll()
    counter.print()
    counter.ask("GET", f"mac={MAC}&token={counter.offered()}")
    assert counter.poll()["jobReady"] is False
    counter.now_s += CONFIRM_IDLE_S
    assert counter.poll()["jobReady"] is False
    assert counter.outcomes() == ["uncertain"]
    assert counter.halves == [True, True]
    counter.print()
    assert counter.ask("GET", f"mac={MAC}&token={counter.offered()}").body == VOIDED.png


@pytest.mark.parametrize(
    ("code", "outcome"), [("510", "not_printed"), ("511%20Decode%20error", "not_printed"), ("521", "not_printed")]
)
def test_a_document_that_it_cannot_print_is_not_offered_again(code: str, outcome: str) -> None:
    counter = Counter()
    counter.poll()
    counter.print()
    token = counter.offered()
    counter.ask("GET", f"mac={MAC}&token={token}")
    counter.ask("DELETE", f"mac={MAC}&code={code}&token={token}")
    assert counter.outcomes() == [outcome]
    assert counter.poll()["jobReady"] is False
    assert counter.halves == [True, False]


def test_what_was_not_downloaded_is_offered_again() -> None:
    counter = Counter()
    counter.poll()
    counter.print()
    for _attempt in range(3):
        token = counter.offered()
        counter.ask("GET", f"mac={MAC}&token={token}")
        counter.ask("DELETE", f"mac={MAC}&code=520%20Timeout&token={token}")
    counter.desk.look(counter.now_s)
    assert counter.outcomes() == ["not_printed"]


def test_jobs_come_in_their_order_and_not_too_many() -> None:
    counter = Counter()
    counter.poll()
    jobs = [counter.print() for _number in range(25)]
    assert [job for job, _outcome, _reason in counter.desk.outcomes] == jobs[21:]
    counter.desk.outcomes.clear()
    for _job in range(2):
        token = counter.offered()
        counter.ask("GET", f"mac={MAC}&token={token}")
        counter.ask("DELETE", f"mac={MAC}&code=200&token={token}")
    assert [job for job, _outcome, _reason in counter.desk.outcomes] == jobs[:2]
    counter.offered()
    counter.desk.end_all("gone", counter.now_s)
    assert counter.outcomes()[2:] == ["not_printed"] * 19


class Shop:
    """The simulated printer at the desk."""

    def __init__(self, **options: Any) -> None:
        self.counter = Counter()
        self.printer = CloudPrinterSimulator(CloudPrinterOptions.model_validate(options))

    def run(self, seconds: float) -> None:
        counter = self.counter
        until_s = counter.now_s + seconds
        while counter.now_s < until_s:
            wish = self.printer.wish(counter.now_s)
            if wish is not None:
                answer = counter.desk.take(Request(wish.method, wish.query, "", wish.body), counter.now_s)
                self.printer.answered(answer.status, answer.body, counter.now_s)
            counter.desk.look(counter.now_s)
            counter.now_s += 0.1


@pytest.mark.parametrize("options", [{}, {"tells_token": False}, {"takes": ["text/plain"]}, {"poll_s": 0.5}])
def test_the_simulated_printer_prints(options: dict[str, Any]) -> None:
    shop = Shop(**options)
    shop.run(1)
    assert shop.counter.desk.answers["ClientType"] == "mC-Print3"
    shop.counter.print()
    shop.run(10)
    assert shop.counter.outcomes() == ["printed"]
    told = shop.printer.facts()["receipts"]
    assert isinstance(told, list)
    assert len(told) == 1
    if options.get("takes") == ["text/plain"]:
        assert "Milk" in str(told)
        with Image.open(io.BytesIO(shop.printer.picture())) as picture:
            assert picture.width > 500
    else:
        with Image.open(io.BytesIO(shop.printer.picture())) as picture:
            assert [code.text for code in zxingcpp.read_barcodes(picture)] == ["PASS"]


def test_the_simulated_printer_runs_out_of_paper_in_the_middle() -> None:
    shop = Shop(print_s=3.0)
    shop.run(1)
    shop.counter.print()
    shop.run(6)
    assert shop.printer.facts()["phase"] == "printing"
    shop.printer.paper("out")
    shop.run(20)
    assert shop.counter.outcomes() == []
    shop.printer.paper("ok")
    shop.run(10)
    assert shop.counter.outcomes() == ["printed"]
    assert shop.printer.facts()["half_receipts"] == 1
    assert shop.printer.picture() == VOIDED.png


def test_the_simulated_printer_loses_its_power_in_the_middle() -> None:
    shop = Shop(print_s=3.0)
    shop.run(1)
    shop.counter.print()
    shop.run(6)
    shop.printer.power_cycle(shop.counter.now_s)
    shop.run(30)
    assert shop.counter.outcomes() == ["uncertain"]
    assert shop.printer.facts()["receipts"] == []


def test_the_simulated_printer_prints_and_never_says_so() -> None:
    shop = Shop()
    shop.run(1)
    shop.printer.mute_ends(on=True)
    shop.counter.print()
    shop.run(40)
    assert shop.counter.outcomes() == ["uncertain"]
    assert len(list(shop.printer.facts()["receipts"] or [])) == 1  # type: ignore[arg-type] # a list


def test_the_simulated_printer_refuses_a_document() -> None:
    shop = Shop()
    shop.run(1)
    shop.printer.refuse_next("511 Decode error")
    shop.counter.print()
    shop.run(10)
    assert shop.counter.outcomes() == ["not_printed"]
