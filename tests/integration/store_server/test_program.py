from __future__ import annotations

import contextlib
import json
import socket
import sqlite3
import stat
import subprocess
from pathlib import Path
from uuid import uuid4

import pytest
import requests

from store_server.contract.client import StoreClient, StoreUnreachableError
from store_server.contract.messages import OrderLine, StaffLogin, SubmitOrder
from tests.integration.store_server.server_process import ServerProcess
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
    own_server.start()
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
