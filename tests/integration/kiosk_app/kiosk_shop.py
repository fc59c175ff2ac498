"""A kiosk with its real neighbours as processes: store server, device bench, and the kiosk itself."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import tempfile
from pathlib import Path
from typing import Any
from uuid import uuid4

from demo import plan
from demo.bench import Bench
from demo.shop import free_port
from demo.touch import Touch
from demo.waiting import wait_for
from store_server.contract.client import StoreClient
from store_server.contract.order_messages import Order, OrderLine, SubmitOrder
from tests.support.server_commands import server_command
from tests.support.warm_programs import WarmProgram, ended_badly

GUM, WATER, RICE, WINE = "09520000000103", "09520000000202", "09520000000301", "09520000000400"
PRODUCTS = f"""code,name_en,name_zh,department,sold_by,unit_price_minor,tax_class,mean_g,sd_g,eas,minimum_age
{GUM},Chewing gum,口香糖,Sweets,piece,150,standard,20,1,0,0
{WATER},Still water,矿泉水,Drinks,piece,330,standard,520,2,0,0
{RICE},Jasmine rice,茉莉香米,Staples,piece,1284,reduced,1010,5,0,0
{WINE},Red wine,红葡萄酒,Drinks,piece,9800,standard,1250,6,1,18
"""
DEVICES = (plan.KIOSK_SCANNER, plan.KIOSK_CASH, plan.KIOSK_PRINTER)
KINDS = dict(zip(DEVICES, ("ascii-scanner", "cctalk-cash", "escpos-printer"), strict=True))
TERMINAL = plan.KIOSK_TERMINAL
STAFF_CODE = "2468"
FLOAT = {"hopper-100": 40, "hopper-50": 20, "hopper-10": 60}


class KioskShop:
    """One shop around one kiosk, in one folder."""

    def __init__(self, folder: Path, stock: dict[str, int], notes: dict[int, int] | None = None) -> None:
        """Open a shop; ``notes`` lie in the store of a note recycler, without them there is none."""
        self.folder = folder
        self._notes = notes
        self._note_device = plan.KIOSK_CASH if notes is None else plan.KIOSK_RECYCLER
        self._sockets = tempfile.TemporaryDirectory(prefix="scanlane-")
        self.touch = Touch("kiosk", Path(self._sockets.name) / "kiosk")
        self._processes: dict[str, WarmProgram] = {}
        self._number = 0
        self._stock = stock
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._open_server()
        self._open_bench()
        self.handheld = StoreClient(self.url, self._tokens["handheld"])
        self.staff = StoreClient(self.url)
        self._write("kiosk", self._kiosk_settings())

    # processes

    def start(self, name: str) -> WarmProgram:
        """Start ``server`` or ``kiosk`` and wait until it is ready."""
        self._number += 1
        process = WarmProgram(name, self._command(name), self.folder / "logs" / f"{self._number:02d}-{name}.log")
        self._processes[name] = process
        process.wait_ready()
        return process

    def kill(self, name: str) -> None:
        self._processes.pop(name).kill()

    def stop(self, name: str) -> int:
        return self._processes.pop(name).stop()

    def close(self) -> None:
        badly = ended_badly(self._processes, "kiosk", "server", "bench")
        for client in (self.handheld, self.staff):
            client.close()
        self.bench.close()
        self._sockets.cleanup()
        assert not badly, "\n".join(badly)

    # the world

    def submit(self, *codes: str) -> Order:
        """Hand in a basket as a handheld would."""
        book = self.handheld.price_book()
        assert book is not None
        lines = [OrderLine(code=code, quantity=codes.count(code)) for code in dict.fromkeys(codes)]
        return self.handheld.submit_order(SubmitOrder(order_id=uuid4(), price_book_version=book.version, lines=lines))

    def scan(self, text: str) -> None:
        self.bench.do(plan.KIOSK_SCANNER, "scan", text=text)

    def coin(self, value_minor: int) -> None:
        self.bench.do(plan.KIOSK_CASH, "insert_coin", value_minor=value_minor)

    def note(self, value_minor: int) -> None:
        self.bench.do(self._note_device, "insert_note", value_minor=value_minor)

    def cash(self, fact: str) -> Any:
        return self.bench.facts(plan.KIOSK_CASH)[fact]

    def recycler(self, fact: str) -> Any:
        return self.bench.facts(plan.KIOSK_RECYCLER)[fact]

    def back_minor(self) -> int:
        """Return all that lies in the trays, sticks in the note slot, or was taken."""
        told = [self.bench.facts(device) for device in dict.fromkeys((plan.KIOSK_CASH, self._note_device))]
        return sum(int(facts["tray_minor"] + facts["bezel_minor"] + facts["given_back_minor"]) for facts in told)

    def printer(self) -> dict[str, Any]:
        return self.bench.facts(plan.KIOSK_PRINTER)

    def begin_cash(self, order: Order) -> None:
        """Scan an order's claim and choose cash."""
        assert order.claim is not None
        self.touch.wait_screen("welcome")
        self.scan(order.claim)
        self.touch.wait_screen("order")
        self.touch.press("pay-cash")
        self.touch.wait_screen("cash")
        wait_for(lambda: "✕" not in (self.touch.text("coins") or "✕"), "the kiosk to take coins")

    def insert(self, value_minor: int, paid: str) -> None:
        """Insert a coin or note and wait until the screen counts it."""
        (self.note if value_minor > 100 else self.coin)(value_minor)
        self.touch.wait_text("paid", paid)

    def session(self) -> dict[str, Any]:
        """Return the session as the kiosk's journal holds it."""
        return dict(json.loads(str(self._ask_journal("SELECT body FROM session"))))

    def journalled(self, question: str) -> int:
        """Return one number out of the kiosk's journal."""
        return int(str(self._ask_journal(question)))

    def _ask_journal(self, question: str) -> object:
        path = self.folder / "kiosk" / "journal.sqlite"
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)) as journal:
            (answer,) = journal.execute(question).fetchone()
        return answer

    def check_books(self) -> dict[str, int]:
        """Compare the books with every coin and note that the simulators know; the kiosk must be idle."""
        wait_for(lambda: not self.journalled("SELECT count(*) FROM outbox WHERE answer IS NULL"), "all letters to be answered")
        self.stop("server")
        balances = self.balances()
        self.start("server")
        facts = self.bench.facts(plan.KIOSK_CASH)
        assert balances.get(f"escrow/{plan.KIOSK}", 0) == 0
        for place, fact in (("coin-box", "coin_box"), ("note-box", "note_box")):
            lies_there = sum(int(value) * count for value, count in facts[fact].items())
            assert balances.get(f"cash/{plan.KIOSK}/{place}", 0) == lies_there
        for name, hopper in facts["hoppers"].items():
            paid_out = self._stock[name] * hopper["coin_minor"] - hopper["value_minor"]
            assert balances.get(f"cash/{plan.KIOSK}/{name}", 0) == -paid_out
            counted = next(one for one in self.session()["hoppers"] if one["name"] == name)
            assert counted["count"] == hopper["count"]
        return balances

    def balances(self) -> dict[str, int]:
        """Return the accounts of the books that are not zero, from the server's own check."""
        text = self._server("verify")
        assert "The books agree." in text, text
        rows = [line.split() for line in text.splitlines() if "/" in line or line.startswith(("sales", "rounding"))]
        return {row[0]: round(float(row[-1].replace("¥", "")) * 100) for row in rows}

    # set-up

    def _command(self, name: str) -> list[str]:
        settings = ["--settings", str(self.folder / f"{name}.toml")]
        if name == "server":
            return ["store-server", "serve", *settings]
        if name == "bench":
            return ["device-bench", *settings]
        socket = str(Path(self._sockets.name) / "kiosk")
        return ["kiosk-app", *settings, "--platform", "offscreen", "--touch-socket", socket]

    def _open_server(self) -> None:
        self._write("server", plan.server_settings(self.folder, self.port))
        products = self.folder / "products.csv"
        products.write_text(PRODUCTS, encoding="utf-8")
        self._server("init")
        self._server("import-products", str(products))
        self._tokens = {
            role: self._server("enrol", name, role).splitlines()[-1]
            for name, role in (("handheld-1", "handheld"), (plan.KIOSK, "kiosk"))
        }
        self.start("server")

    def _open_bench(self) -> None:
        parts = [f'data_dir = "{self.folder / "bench"}"', 'device_dir = "dev"']
        for device in DEVICES:
            parts += ["", "[[devices]]", f'name = "{device}"', f'kind = "{KINDS[device]}"']
            if device == plan.KIOSK_CASH:
                parts += [f"options.stocks.{name} = {count}" for name, count in self._stock.items()]
        if self._notes is not None:
            parts += ["", "[[devices]]", f'name = "{plan.KIOSK_RECYCLER}"', 'kind = "ssp-recycler"']
            parts += [f"options.stocks.{value} = {count}" for value, count in self._notes.items()]
        parts += ["", "[[devices]]", f'name = "{TERMINAL}"', 'kind = "nexo-terminal"']
        self._write("bench", "\n".join(parts) + "\n")
        facts = self.start("bench").wait_ready()
        self.bench = Bench(str(facts["control_url"]))

    def _kiosk_settings(self) -> str:
        urls = {str(device["name"]): str(device["url"]) for device in self.bench.devices()}
        text = plan.kiosk_settings(self.folder, self.url, self._tokens["kiosk"], urls)
        for name, count in self._stock.items():
            lines = [f"{name} = {count}" if line.startswith(f"{name} =") else line for line in text.splitlines()]
            text = "\n".join(lines) + "\n"
        facts = self.bench.facts(TERMINAL)
        text += plan.terminal_settings(urls[TERMINAL], facts["poi_id"], facts["fingerprint"])
        return text + f'\n[staff]\ncode = "{STAFF_CODE}"\n'

    def _server(self, *arguments: str) -> str:
        return server_command(self.folder / "server.toml", *arguments)

    def _write(self, name: str, text: str) -> None:
        (self.folder / f"{name}.toml").write_text(text, encoding="utf-8")
