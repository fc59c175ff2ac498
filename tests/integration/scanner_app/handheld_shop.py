"""A handheld with its real neighbours as processes: store server, device bench with a camera, and the handheld itself."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from uuid import uuid4

from demo import plan
from demo.bench import Bench
from demo.catalogue import PRODUCTS, label, products
from demo.eyes import read_qr
from demo.shop import free_port
from demo.touch import Touch
from demo.waiting import wait_for
from store_server.contract.cash_messages import CashEvent, SettleCash
from store_server.contract.client import StoreClient
from store_server.contract.lane_messages import ReportExit
from store_server.contract.money import cash_rounded
from store_server.contract.order_messages import Order
from store_server.contract.staff_messages import StaffLogin
from store_server.contract.tender_messages import BeginTendering
from tests.support.server_commands import server_command
from tests.support.warm_programs import WarmProgram, ended_badly

CAMERA = "handheld-camera"
PROGRAMS = {"server": "store-server", "bench": "device-bench", "handheld": "scanner-app"}


class HandheldShop:
    """One shop around one handheld, in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.range = products()
        self._processes: dict[str, WarmProgram] = {}
        self._number = 0
        self._cash_seq = 0
        # A Unix socket's path has room for 107 bytes, less than pytest's folders may need.
        self._sockets = tempfile.TemporaryDirectory(prefix="handheld-")
        self.port = free_port()
        self.touch = Touch("handheld", Path(self._sockets.name) / "touch")
        self._set_up_server()
        self._set_up_bench()
        url = f"http://127.0.0.1:{self.port}"
        self.kiosk = StoreClient(url, self.tokens["kiosk"])
        self.gate = StoreClient(url, self.tokens["gate"])
        self.staff = StoreClient(url)
        self.staff.login(StaffLogin(name=plan.STAFF_NAME, password=plan.STAFF_SECRET))
        self.write_handheld_settings()
        self.start("handheld")

    # processes

    def start(self, name: str) -> WarmProgram:
        """Start ``server``, ``bench`` or ``handheld`` and wait until it is ready."""
        self._number += 1
        command = [PROGRAMS[name]]
        command += ["serve"] if name == "server" else []
        command += ["--settings", str(self.folder / f"{name}.toml")]
        if name == "handheld":
            command += ["--platform", "offscreen", "--touch-socket", str(Path(self._sockets.name) / "touch")]
        process = WarmProgram(name, command, self.folder / "logs" / f"{self._number:02d}-{name}.log")
        self._processes[name] = process
        process.wait_ready()
        return process

    def kill(self, name: str) -> None:
        self._processes.pop(name).kill()

    def stop(self, name: str) -> int:
        return self._processes.pop(name).stop()

    def is_running(self, name: str) -> bool:
        return name in self._processes

    def close(self) -> None:
        badly = ended_badly(self._processes, "handheld", "server", "bench")
        for client in (self.kiosk, self.gate, self.staff):
            client.close()
        self.bench.close()
        self._sockets.cleanup()
        assert not badly, "\n".join(badly)

    def greet(self) -> None:
        """Bring the handheld to its welcome screen, whatever a test left on it."""
        if self.touch.screen() != "welcome":
            self.stop("handheld")
            (self.folder / "handheld" / "trip.json").unlink(missing_ok=True)
            self.start("handheld")
        self.touch.wait_screen("welcome", 30)

    # the shopper

    def start_trip(self) -> None:
        self.touch.wait_screen("welcome", 30)
        self.touch.press("start")
        self.touch.wait_screen("shopping")

    def show(self, name: str, *, grams: int | None = None, difficulty: str = "easy") -> None:
        """Hold an article before the camera until it was read."""
        article = self.range[name]
        code = article.code if grams is None else label(article, grams)
        self.bench.do(CAMERA, "show", code=code, name=name, difficulty=difficulty)
        try:
            self.touch.wait_text("last-article", name)
        finally:
            self.bench.do(CAMERA, "clear")

    def type_code(self, code: str) -> None:
        self.touch.type("manual-code", code)
        self.touch.press("manual-code-add")

    def add_typed(self, name: str) -> None:
        """Add an article by its digits."""
        self.type_code(self.range[name].code)
        self.touch.wait_text("last-article", name)

    def hand_in(self) -> Order:
        """Review and submit; return the order as staff sees it."""
        self.touch.press("review")
        self.touch.wait_screen("reviewing")
        self.touch.press("submit")
        self.touch.wait_screen("submitted")
        return self.order_on_screen()

    def order_on_screen(self) -> Order:
        number = str(self.touch.text("order-number")).replace("-", "")
        return next(order for order in self.staff.recent_orders() if order.order_number == number)

    def qr_on_screen(self) -> str:
        return read_qr(self.touch.picture(self.folder / "order.png"))

    def picture(self, name: str) -> Path:
        return self.touch.picture(self.folder / f"{name}.png")

    # the rest of the shop

    def pay(self, claim: str) -> Order:
        """Pay what is due, as a kiosk would, by the scanned claim."""
        session_id = uuid4()
        order = self.kiosk.begin_tendering(BeginTendering(session_id=session_id, claim=claim))
        due_minor = cash_rounded(order.due_minor, 10)
        self._cash_seq += 1
        coin = CashEvent(device="coin-box", epoch=1, seq=self._cash_seq, value_minor=due_minor)
        settle = SettleCash(
            payment_id=uuid4(),
            session_id=session_id,
            order_id=order.order_id,
            revision=order.revision,
            cash_due_minor=due_minor,
            taken=[coin],
            change_minor=0,
        )
        return self.kiosk.settle_cash(settle).order

    def leave(self, order: Order) -> None:
        """Let the goods out, as a lane would."""
        report = ReportExit(
            exit_id=uuid4(),
            order_id=order.order_id,
            revision=order.revision,
            lane="lane-1",
            opened_at=int(time.time()),
            measured_g=None,
            decided_by="staff",
            exit_pass=order.exit_pass,
        )
        self.gate.report_exit(report)

    def log(self) -> str:
        return (self.folder / "handheld" / "log.jsonl").read_text(encoding="utf-8")

    # set-up

    def write(self, name: str, text: str) -> None:
        (self.folder / f"{name}.toml").write_text(text, encoding="utf-8")

    def write_handheld_settings(self, extra: str = "") -> None:
        urls = {str(device["name"]): str(device["url"]) for device in self.bench.devices()}
        settings = plan.handheld_settings(self.folder, f"http://127.0.0.1:{self.port}", self.tokens["handheld"], urls[CAMERA])
        self.write("handheld", settings.replace("[camera]", "prices_every_s = 1\n\n[camera]") + extra)

    def import_products(self, text: str) -> None:
        """Replace the shop's range while the server runs."""
        path = self.folder / "range.csv"
        path.write_text(text, encoding="utf-8")
        self._server_command("import-products", str(path))

    def _server_command(self, *arguments: str) -> str:
        return server_command(self.folder / "server.toml", *arguments)

    def _set_up_server(self) -> None:
        self.write("server", plan.server_settings(self.folder, self.port))
        self._server_command("init")
        self._server_command("import-products", str(PRODUCTS))
        self.tokens = {
            role: self._server_command("enrol", f"{role}-1", role).splitlines()[-1] for role in ("handheld", "kiosk", "gate")
        }
        secret = self.folder / "staff-password"
        secret.write_text(plan.STAFF_SECRET + "\n", encoding="utf-8")
        self._server_command("add-staff", plan.STAFF_NAME, "--password-file", str(secret))
        self.start("server")

    def _set_up_bench(self) -> None:
        self.write(
            "bench",
            f'data_dir = "bench"\ncontrol_port = 0\n[[devices]]\nname = "{CAMERA}"\nkind = "mjpeg-camera"\n'
            'transport = "mjpeg"\nport = 0\nseed = 11\n',
        )
        self.bench = Bench(str(self.start("bench").wait_ready()["control_url"]))


def wait_for_log(shop: HandheldShop, words: str) -> None:
    """Wait until the handheld's log says it."""
    wait_for(lambda: words in shop.log(), f"{words!r} in the handheld's log")
