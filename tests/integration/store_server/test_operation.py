"""What a shop's keeper does at the console of the server: let devices in and out, copy, check."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import pytest
import requests

from store_server.contract.client import StoreClient, StoreRefusedError
from store_server.contract.device_messages import AskEnrolment, DeviceRole, EnrolmentStatus
from store_server.contract.enrolment import fingerprint, make_credential, short_fingerprint
from store_server.contract.order_messages import OrderLine, SubmitOrder
from store_server.contract.refusals import Refusal
from store_server.contract.staff_messages import StaffLogin
from tests.integration.store_server.server_process import ServerProcess
from tests.support.wire import wait_for
from tests.unit.store_server.market import MILK


def test_a_device_comes_in_by_a_code_and_goes_by_a_command(own_server: ServerProcess, tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text("battery staple\n", encoding="utf-8")
    own_server.run("add-staff", "boss", "--role", "supervisor", "--password-file", str(secret))
    code = own_server.run("enrol-code").stdout.split()[0]
    own_server.start()
    credential = make_credential()
    device = StoreClient(own_server.url, credential)
    asked = StoreClient(own_server.url).ask_enrolment(
        AskEnrolment(code=code, name="kiosk-9", role=DeviceRole.KIOSK, fingerprint=fingerprint(credential))
    )
    assert asked.fingerprint == short_fingerprint(fingerprint(credential))
    with pytest.raises(StoreRefusedError):
        device.shop()
    boss = StoreClient(own_server.url)
    session = boss.login(StaffLogin(name="boss", password="battery staple"))
    answer = requests.post(
        f"{own_server.url}/v1/staff/enrolments/{asked.enrolment_id}/approve",
        json={"fingerprint": asked.fingerprint},
        headers={"Authorization": f"Bearer {session.token}"},
        timeout=5,
    )
    assert answer.status_code == 200
    assert device.enrolment(asked.enrolment_id).status is EnrolmentStatus.APPROVED
    assert device.shop().shop_id == 1
    own_server.run("revoke", "kiosk-9")
    # A serving process believes what it looked up for up to a second.
    wait_for(lambda: _refused(device.shop) is Refusal.UNAUTHENTICATED, "the device to be let out")
    own_server.run("remove-staff", "boss")
    wait_for(lambda: _refused(boss.lanes) is Refusal.UNAUTHENTICATED, "the supervisor to be let out")
    assert own_server.stop() == 0
    lines = [json.loads(line) for line in own_server.log().splitlines() if line.startswith("{")]
    assert any(re.fullmatch(r"[0-9a-f]{32}", str(line.get("request_id"))) for line in lines)


def _refused(ask: Callable[[], object]) -> Refusal | None:
    try:
        ask()
    except StoreRefusedError as error:
        return error.refusal
    return None


def test_a_copy_is_taken_while_serving_and_brought_back(own_server: ServerProcess, tmp_path: Path) -> None:
    own_server.start()
    handheld = own_server.client("handheld-1")
    book = handheld.price_book()
    assert book is not None
    order = handheld.submit_order(SubmitOrder(order_id=uuid4(), price_book_version=book.version, lines=[OrderLine(code=MILK)]))
    copy = tmp_path / "copy"
    own_server.run("backup", str(copy))
    refused = own_server.run("restore", str(copy), "--force", succeeds=False)
    assert refused.returncode == 2
    assert "already running" in refused.stderr
    assert own_server.stop() == 0
    assert "--force" in own_server.run("restore", str(copy), succeeds=False).stderr
    assert "they agree" in own_server.run("restore", str(copy), "--force").stdout
    own_server.start()
    assert own_server.client("handheld-1").order(order.order_id).order_number == order.order_number


def test_the_end_of_the_log_kept_elsewhere_tells_a_log_that_was_written_anew(own_server: ServerProcess) -> None:
    told = own_server.run("verify").stdout
    head = re.search(r"audit log ends at (\d+:[0-9a-f]{64})", told)
    assert head is not None
    assert "The books agree." in own_server.run("verify", "--expect-head", head[1]).stdout
    with closing(sqlite3.connect(own_server.folder / "data" / "store.db")) as books:
        books.executescript("DROP TRIGGER audit_no_update; UPDATE audit SET who = 'nobody' WHERE seq = 2")
    done = own_server.run("verify", succeeds=False)
    assert done.returncode == 1
    assert "Row 2 of the audit log was changed" in done.stdout


def test_the_doctor_says_what_is_well_and_what_is_not(own_server: ServerProcess) -> None:
    well = own_server.run("doctor").stdout
    assert {line[:5].strip() for line in well.splitlines()} <= {"ok", "warn"}
    (own_server.folder / "data" / "keys" / "claim.key").chmod(0o640)
    ill = own_server.run("doctor", succeeds=False)
    assert ill.returncode == 1
    assert "bad  claim.key: can be read by others. Run: chmod 600" in ill.stdout
