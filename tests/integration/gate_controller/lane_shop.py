"""A lane with its real neighbours as processes: store server, device bench, and the gate controller itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

from demo.bench import Bench
from demo.shop import free_port
from demo.waiting import wait_for
from store_server.contract.cash_messages import CashEvent, SettleCash
from store_server.contract.client import StoreClient
from store_server.contract.lane_messages import GiveCommand, LaneReport, StaffCommandKind
from store_server.contract.money import cash_rounded
from store_server.contract.order_messages import AddArticle, Order, OrderLine, SubmitOrder
from store_server.contract.staff_messages import StaffLogin
from store_server.contract.tender_messages import BeginTendering
from tests.support.server_commands import server_command
from tests.support.warm_programs import WarmProgram, ended_badly

LANE, SCANNER, SCALE, IO = "lane-1", "lane-1-scanner", "lane-1-scale", "lane-1-io"
GUM, WATER, RICE, WINE = "09520000000103", "09520000000202", "09520000000301", "09520000000400"
GRAMS = {GUM: 20, WATER: 520, RICE: 1010, WINE: 1250}
PRODUCTS = f"""code,name_en,name_zh,department,sold_by,unit_price_minor,tax_class,mean_g,sd_g,eas,minimum_age
{GUM},Chewing gum,口香糖,Sweets,piece,150,standard,20,1,0,0
{WATER},Still water,矿泉水,Drinks,piece,330,standard,520,2,0,0
{RICE},Jasmine rice,茉莉香米,Staples,piece,1284,reduced,1010,5,0,0
{WINE},Red wine,红葡萄酒,Drinks,piece,9800,standard,1250,6,1,18
"""
BELT, DEACTIVATOR, RED, AMBER, GREEN, SIREN, GATE = range(7)
PASSAGE = 6
BELT_M_S = 0.8
"""Faster than a shop's, slow enough that a test sees each step."""
STAFF, SECRET = "mei", "correct horse"


class LaneShop:
    """One shop around one lane, in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._processes: dict[str, WarmProgram] = {}
        self._number = 0
        self._cash_seq = 0
        self.url = f"http://127.0.0.1:{free_port()}"
        self.tokens = self._open_server()
        self._open_bench()
        self.write("gate", self.gate_settings())
        self.handheld = StoreClient(self.url, self.tokens["handheld"])
        self.kiosk = StoreClient(self.url, self.tokens["kiosk"])
        self.staff = StoreClient(self.url)
        self.staff.login(StaffLogin(name=STAFF, password=SECRET))
        self.start("gate")

    # processes

    def start(self, name: str) -> WarmProgram:
        """Start ``server``, ``bench`` or ``gate`` and wait until it is ready."""
        self._number += 1
        command = [{"server": "store-server", "bench": "device-bench", "gate": "gate-controller"}[name]]
        command += ["serve"] if name == "server" else []
        command += ["--settings", str(self.folder / f"{name}.toml")]
        process = WarmProgram(name, command, self.folder / "logs" / f"{self._number:02d}-{name}.log")
        self._processes[name] = process
        process.wait_ready()
        return process

    def kill(self, name: str) -> None:
        self._processes.pop(name).kill()

    def stop(self, name: str) -> int:
        return self._processes.pop(name).stop()

    @property
    def running(self) -> set[str]:
        """The names of programs that were started and not stopped."""
        return set(self._processes)

    def close(self) -> None:
        badly = ended_badly(self._processes, "gate", "server", "bench")
        for client in (self.handheld, self.kiosk, self.staff):
            client.close()
        self.bench.close()
        assert not badly, "\n".join(badly)

    # money

    def paid(self, *codes: str) -> Order:
        """Submit and pay a basket."""
        book = self.handheld.price_book()
        assert book is not None
        lines = [OrderLine(code=code, quantity=codes.count(code)) for code in dict.fromkeys(codes)]
        order = self.handheld.submit_order(SubmitOrder(order_id=uuid4(), price_book_version=book.version, lines=lines))
        return self.pay(order)

    def pay(self, order: Order) -> Order:
        """Pay what is due, as a kiosk would."""
        session_id = uuid4()
        order = self.kiosk.begin_tendering(BeginTendering(session_id=session_id, order_number=order.order_number))
        due_minor = cash_rounded(order.due_minor, 10)
        self._cash_seq += 1
        coin = CashEvent(device="coin-box", epoch=1, seq=self._cash_seq, value_minor=due_minor)
        paid = self.kiosk.settle_cash(
            SettleCash(
                payment_id=uuid4(),
                session_id=session_id,
                order_id=order.order_id,
                revision=order.revision,
                cash_due_minor=due_minor,
                taken=[coin],
                change_minor=0,
            )
        )
        return paid.order

    # the lane

    def report(self) -> LaneReport | None:
        return next((view.report for view in self.staff.lanes() if view.report.lane == LANE), None)

    def wait_state(self, state: str, timeout_s: float = 20.0) -> LaneReport:
        """Wait until the lane tells the server that it is in a state."""

        def look() -> LaneReport | None:
            report = self.report()
            return report if report is not None and report.state == state else None

        return wait_for(look, f"the lane to be {state}", timeout_s)

    def wait_in_service(self) -> None:
        self.wait_display("Welcome", 30)  # the server hears a little later how the lane is
        wait_for(lambda: (report := self.report()) is not None and not report.faults, "the lane to be in service", 20)
        self.wait_state("idle", 30)
        wait_for(lambda: not self.bench.facts(IO)["inputs"][PASSAGE], "the last shopper to be past the sensor")

    def wait_display(self, words: str, timeout_s: float = 20.0) -> None:
        """Wait until the lane's display says ``words``, by its log: works without a server."""

        def look() -> bool:
            shown = [json.loads(line) for line in self.log().splitlines() if '"display"' in line]
            return bool(shown) and words in shown[-1]["en"]

        wait_for(look, f"the display to say {words!r}", timeout_s)

    def outputs(self) -> list[bool]:
        return [bool(on) for on in self.bench.facts(IO)["outputs"]]

    def wait_outputs(self, *on: int, timeout_s: float = 20.0) -> None:
        """Wait until exactly these outputs are on."""
        wait_for(lambda: [number for number, lit in enumerate(self.outputs()) if lit] == sorted(on), f"outputs {on}", timeout_s)

    def scan(self, text: str, symbology: str = "QR") -> None:
        self.bench.do(SCANNER, "scan", text=text, symbology=symbology)

    def world(self, action: str, **arguments: Any) -> Any:
        return self.bench.do(LANE, action, **arguments)

    def show_pass(self, order: Order) -> None:
        assert order.exit_pass is not None
        self.scan(order.exit_pass)

    def walk_out(self) -> None:
        """Take the goods and walk out as soon as the gate is open."""
        self.wait_outputs(GREEN, GATE)
        self.world("take_goods")
        self.world("walk_through")
        self.wait_outputs()

    def command(self, kind: StaffCommandKind, reason: str = "seen") -> None:
        self.staff.command_lane(LANE, GiveCommand(command_id=uuid4(), kind=kind, reason=reason))

    def add_article(self, order: Order, code: str) -> Order:
        return self.staff.add_article(order.order_id, AddArticle(amendment_id=uuid4(), code=code))

    def status(self, order: Order) -> str:
        return self.handheld.order(order.order_id).status.value

    def wait_exited(self, order: Order) -> None:
        wait_for(lambda: self.status(order) == "exited", "the order to be exited", 20)

    def log(self) -> str:
        return (self.folder / "gate" / "log.jsonl").read_text(encoding="utf-8")

    # set-up

    def gate_settings(self, extra: str = "") -> str:
        urls = {str(device["name"]): str(device["url"]) for device in self.bench.devices() if device.get("url")}
        return f"""data_dir = "gate"
language = "en"
{extra}
[store]
url = "{self.url}"
token = "{self.tokens["gate"]}"
[checks]
ceiling = 0
[timing]
refused_s = 2
complete_s = 3
goods_s = 6
carry_s = 1
[[lanes]]
name = "{LANE}"
scanner_url = "{urls[SCANNER]}"
scale_url = "{urls[SCALE]}"
io_url = "{urls[IO]}"
"""

    def _open_server(self) -> dict[str, str]:
        port = self.url.rsplit(":", 1)[1]
        caps = "[shop.offline_caps]\nvalue_minor = 5000\nexits = 2\naway_s = 600\n"
        self.write("server", f'data_dir = "server"\n[server]\nport = {port}\n[shop]\nhost = "market.example"\n{caps}')
        products, secret = self.folder / "products.csv", self.folder / "secret"
        products.write_text(PRODUCTS, encoding="utf-8")
        secret.write_text(SECRET, encoding="utf-8")
        self._server("init")
        self._server("import-products", str(products))
        self._server("add-staff", STAFF, "--password-file", str(secret))
        tokens = {role: self._server("enrol", f"{role}-1", role).splitlines()[-1] for role in ("handheld", "kiosk", "gate")}
        self.start("server")
        return tokens

    def _open_bench(self) -> None:
        parts = ['data_dir = "bench"', 'device_dir = "dev"']
        for name, kind in ((SCANNER, "ascii-scanner"), (SCALE, "mt-sics-scale"), (IO, "modbus-io")):
            parts += ["[[devices]]", f'name = "{name}"', f'kind = "{kind}"']
        parts += ["[[worlds]]", f'name = "{LANE}"', 'kind = "lane"', f'io_module = "{IO}"', f'scale = "{SCALE}"']
        parts += [f"options.belt_m_s = {BELT_M_S}"]
        self.write("bench", "\n".join(parts) + "\n")
        self.bench = Bench(str(self.start("bench").wait_ready()["control_url"]))

    def _server(self, *arguments: str) -> str:
        return server_command(self.folder / "server.toml", *arguments)

    def write(self, name: str, text: str) -> None:
        (self.folder / f"{name}.toml").write_text(text, encoding="utf-8")
