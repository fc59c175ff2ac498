from __future__ import annotations

import contextlib
import gzip
import json
import re
import signal
import socket
import sqlite3
import stat
import subprocess
from pathlib import Path
from uuid import uuid4

import pytest
import requests

from store_server.contract.client import StoreClient, StoreUnreachableError
from store_server.contract.order_messages import OrderLine, SubmitOrder
from store_server.contract.price_changes import apply_changes
from store_server.contract.product_code import with_check_digit
from store_server.contract.staff_messages import StaffLogin
from tests.integration.store_server.server_process import BIN, ServerProcess
from tests.unit.store_server.market import MILK, PRODUCTS


def refused(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    return done.stderr


def test_a_shop_is_set_up_by_commands_alone(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path)
    server.write_settings()
    products, password = tmp_path / "products.csv", tmp_path / "password"
    products.write_text(PRODUCTS, encoding="utf-8")
    password.write_text("correct horse\n", encoding="utf-8")
    server.run("init")
    assert "4 articles" in server.run("import-products", str(products)).stdout
    token = server.run("enrol", "kiosk-1", "kiosk").stdout.strip()
    server.run("add-staff", "li", "--password-file", str(password))
    server.start()
    assert StoreClient(server.url, token).shop().host == "MARKET.EXAMPLE"
    assert server.client().login(StaffLogin(name="li", password="correct horse")).name == "li"
    assert server.stop() == 0


def test_it_serves_until_sigterm_and_says_so(own_server: ServerProcess) -> None:
    own_server.start(from_shell=True)
    assert requests.get(f"{own_server.url}/health", timeout=5).json()["status"] == "ok"
    assert requests.get(f"{own_server.url}/openapi.json", timeout=5).json()["info"]["title"] == "Scanlane store server"
    assert requests.get(f"{own_server.url}/docs", timeout=5).ok
    assert own_server.stop() == 0
    with pytest.raises(StoreUnreachableError):
        own_server.client("kiosk-1").shop()
    assert all(json.loads(line)["event"] for line in own_server.log().splitlines())


def test_a_second_instance_says_who_holds_the_folder(own_server: ServerProcess) -> None:
    own_server.start()
    assert own_server.process is not None
    told = refused(own_server.run("serve", succeeds=False))
    assert f"process {own_server.process.pid}" in told
    assert "already running" in refused(own_server.run("init", succeeds=False))


def test_a_port_in_use_is_told_in_a_sentence(own_server: ServerProcess) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        own_server.settings.write_text(own_server.settings.read_text().replace("port = 0", f"port = {port}"))
        assert f"port {port}" in refused(own_server.run("serve", succeeds=False))


def test_serving_without_books_says_to_make_them(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path)
    server.write_settings()
    assert "store-server init" in refused(server.run("serve", succeeds=False))
    assert "store-server init" in refused(server.run("verify", succeeds=False))


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('[shop]\ncurency = "CNY"', "Did you mean 'currency'?"),
        ('[shop]\nlabel_templates = ["21IIIIIWWWWW"]', "label template"),
        ('[shop]\nlabel_templates = ["21IIIIIWWWWWC", "21IIIIIPPPPPC"]', "same digits"),
        ('[shop.tax_rates]\nstandard = "13 percent"', "percentage"),
        ('[database]\nurl = "mysql://x"', "sqlite:///FILE"),
        ("[server]\nport = 99999", "server.port"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path: Path, line: str, told: str) -> None:
    server = ServerProcess(tmp_path)
    server.settings.write_text(f'data_dir = "data"\n{line}\n', encoding="utf-8")
    assert told in refused(server.run("init", succeeds=False))


def test_a_full_disk_at_start_is_told(tmp_path: Path) -> None:
    full = Path("/dev/full")
    server = ServerProcess(tmp_path)
    server.settings.write_text(f'data_dir = "{full}"\n', encoding="utf-8")
    assert "data_dir" in refused(server.run("init", succeeds=False))


def test_a_bad_product_file_is_refused_whole_with_its_lines(own_server: ServerProcess, tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text(PRODUCTS.replace("1280", "free").replace("8990", "-1"), encoding="utf-8")
    told = refused(own_server.run("import-products", str(bad), succeeds=False))
    assert "line 2: unit_price_minor" in told
    assert "line 3: unit_price_minor" in told
    bad.write_bytes(b"\xff\xfe\x00")
    assert "UTF-8" in refused(own_server.run("import-products", str(bad), succeeds=False))
    assert "Cannot read" in refused(own_server.run("import-products", str(tmp_path / "none.csv"), succeeds=False))
    assert "nothing new" in own_server.run("import-products", str(own_server.folder / "products.csv")).stdout


def test_products_come_in_and_go_out_with_a_report_of_bad_rows(own_server: ServerProcess, tmp_path: Path) -> None:
    bad, report, out = tmp_path / "bad.csv.gz", tmp_path / "report.csv", tmp_path / "out.jsonl"
    bad.write_bytes(gzip.compress(PRODUCTS.replace("8990", "-1").replace(",0,0\n2112", ",0,0\nx\n2112").encode()))
    told = refused(own_server.run("import-products", str(bad), "--skip-bad-rows", "--report", str(report), succeeds=False))
    assert "3 articles (0 new, 0 changed, 3 as they were)" in told
    assert report.read_text().startswith("line,code,reason\n3,9520000000028,unit_price_minor: -1 is below zero\n")
    assert "4 articles" in own_server.run("export-products", str(out)).stdout
    assert json.loads(out.read_text().splitlines()[0])["code"] == "2112345000008"
    assert "nothing new" in own_server.run("import-products", str(out)).stdout


def test_an_import_that_is_stopped_keeps_what_is_in_and_goes_on_when_run_again(
    own_server: ServerProcess, tmp_path: Path
) -> None:
    many = tmp_path / "many.csv"
    lines = [f"{with_check_digit(f'952{number:09d}')},Article {number},standard,100\n" for number in range(100, 16_100)]
    many.write_text("code,name_en,tax_class,unit_price_minor\n" + "".join(lines), encoding="utf-8")
    command = [str(BIN / "store-server"), "import-products", str(many), "--settings", str(own_server.settings)]
    started = subprocess.Popen([*command, "--batch-rows", "500"], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert started.stderr is not None
    assert "10000 rows" in started.stderr.readline()
    started.send_signal(signal.SIGINT)
    _out, told = started.communicate(timeout=60)
    assert started.returncode == 2
    assert "Traceback" not in told
    taken = re.search(r"Stopped after line \d+\. What is in stays:\s+([\d,]+) articles", told)
    assert taken is not None, told
    done = own_server.run("import-products", str(many)).stdout
    in_already = int(taken[1].replace(",", ""))
    assert f"({16_000 - in_already:,} new, 0 changed, {in_already:,} as they were)" in " ".join(done.split())


def test_enrolling_prints_the_token_alone_and_works_while_serving(own_server: ServerProcess) -> None:
    own_server.start()
    done = own_server.run("enrol", "kiosk-9", "kiosk")
    assert done.stdout.count("\n") == 1
    assert StoreClient(own_server.url, done.stdout.strip()).shop().shop_id == 1
    assert "no device name" in refused(own_server.run("enrol", "Kiosk 9", "kiosk", succeeds=False))
    assert "enrolled as a kiosk" in refused(own_server.run("enrol", "kiosk-9", "gate", succeeds=False))


def test_new_prices_reach_a_running_server(own_server: ServerProcess, tmp_path: Path) -> None:
    own_server.start()
    handheld = own_server.client("handheld-1")
    book = handheld.price_book()
    assert book is not None
    assert handheld.price_book(book.version) is None
    dearer = tmp_path / "dearer.csv"
    dearer.write_text(PRODUCTS.replace("1280", "1380"), encoding="utf-8")
    own_server.run("import-products", str(dearer))
    newer = handheld.price_book(book.version)
    assert newer is not None
    assert newer.version > book.version
    assert apply_changes(book, handheld.price_book_changes(book.version)) == newer
    assert handheld.article(MILK).department == "Dairy"
    assert {article.code: article.unit_price_minor for article in newer.articles}[MILK] == 1380


def test_a_short_password_and_a_missing_file_are_told(own_server: ServerProcess, tmp_path: Path) -> None:
    short = tmp_path / "short"
    short.write_text("1234\n", encoding="utf-8")
    assert "8 to 200" in refused(own_server.run("add-staff", "li", "--password-file", str(short), succeeds=False))
    assert "Cannot read" in refused(
        own_server.run("add-staff", "li", "--password-file", str(tmp_path / "none"), succeeds=False)
    )


def test_verify_prints_balances_and_finds_what_was_tampered_with(own_server: ServerProcess) -> None:
    assert "The books agree." in own_server.run("verify").stdout
    own_server.start()
    version = own_server.client("handheld-1").price_book()
    assert version is not None
    order = SubmitOrder(order_id=uuid4(), price_book_version=version.version, lines=[OrderLine(code=MILK)])
    own_server.client("handheld-1").submit_order(order)
    own_server.stop()
    with contextlib.closing(sqlite3.connect(own_server.folder / "data" / "store.db")) as books:
        books.execute("UPDATE orders SET status = 'paid', paid_minor = total_minor, paid_at = 1")
        books.commit()
    done = own_server.run("verify", succeeds=False)
    assert done.returncode == 1
    assert "sales say 0" in done.stdout


def test_secrets_are_readable_by_the_server_alone(own_server: ServerProcess) -> None:
    own_server.start()
    for path in (own_server.folder / "data" / "keys").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
