"""Exit lanes with everything around them in one process: simulated devices behind real ptys, a real store server over HTTP.

The gate controller itself is started by whoever uses the hall, in this process or as another one. The belts run faster than
those of the demo, so that a passage takes a second or two; everything else is as it is.
"""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import uvicorn
from sqlalchemy import func, select

from hardware.bench.bench import Bench
from hardware.bench.cli import build_devices
from hardware.bench.lane_world import Output
from hardware.bench.settings import BenchSettings, DeviceSettings, WorldSettings
from store_server.contract.device_messages import DeviceRole
from store_server.contract.exit_number import ExitNumber
from store_server.contract.lane_messages import GiveCommand, LaneReport, StaffCommandKind
from store_server.contract.order_messages import Order, OrderLine
from store_server.persistence.tables import exit_uses
from store_server.services import catalogue, devices, lanes
from store_server.services.lane_board import OwnLaneBoard
from store_server.services.store import make_store, open_store
from store_server.settings import DatabaseSettings, OfflineCapsSettings, ServerSettings, ShopSettings
from store_server.web.app import make_api
from tests.support.wire import wait_for
from tests.unit.store_server.market import MILK, PRODUCTS, STAFF, WINE, Clock, Market

GRAMS = {MILK: 1042.5, WINE: 1310.0}
BELT_M_S = 2.0
CAPS = OfflineCapsSettings(value_minor=50_000, exits=500, exits_per_hour=500, away_s=600)
STOP_S = 10.0
TIMING = """[timing]
check_s = 6
goods_s = 4
belt_s = 4
weight_s = 4
complete_s = 2
carry_s = 0.2
carry_limit_s = 5
pass_s = 4
refused_s = 1
siren_s = 2
[weighing]
settle_s = 0.3
[checks]
ceiling = 0
"""


class StoreThread:
    """The store server's API on a port of its own; it can go away and come back."""

    def __init__(self, market: Market) -> None:
        self._market = market
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Serve until :meth:`stop`."""
        api = make_api(self._market.store, tidies=False)
        config = uvicorn.Config(api, port=self.port, log_config=None, access_log=False, timeout_graceful_shutdown=1)
        server = self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=server.run, name="store", daemon=True)
        self._thread.start()
        wait_for(lambda: server.started, "the store server to serve")

    def stop(self) -> None:
        """Be away."""
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join(STOP_S)
            self._server = None


class LaneHall:
    """Lanes ``lane-1`` to ``lane-n``, a store, and what shoppers and staff do."""

    def __init__(self, folder: Path, lanes_count: int = 1, *, belt_m_s: float = BELT_M_S) -> None:
        self.folder = folder
        self.lane_lines = ""
        """What each lane's settings hold besides."""
        self.lanes = [f"lane-{number}" for number in range(1, lanes_count + 1)]
        settings = ServerSettings(
            data_dir=folder / "server",
            database=DatabaseSettings(url=""),
            shop=ShopSettings(offline_caps=CAPS),
        )
        make_store(settings)
        store = open_store(settings)
        catalogue.import_products(store, PRODUCTS)
        self.market = Market(store, Clock())
        self.token = devices.enrol(store, "gate-1", DeviceRole.GATE)
        self.store = StoreThread(self.market)
        self._stack = contextlib.ExitStack()
        self.bench = Bench(build_devices(self._on_the_bench(belt_m_s), self._stack))
        self.bench.start()
        self.store.start()

    def close(self) -> None:
        """Take everything away."""
        self.store.stop()
        self.bench.stop()
        self.market.store.database.close()

    def _on_the_bench(self, belt_m_s: float) -> BenchSettings:
        found, worlds = [], []
        for lane in self.lanes:
            for part, kind in (
                ("scanner", "ascii-scanner"),
                ("keypad", "ascii-scanner"),
                ("scale", "mt-sics-scale"),
                ("io", "modbus-io"),
            ):
                options = {"aim": False} if part == "keypad" else {}
                found.append(DeviceSettings(name=f"{lane}-{part}", kind=kind, options=options))
            world = {"name": lane, "kind": "lane", "io_module": f"{lane}-io", "scale": f"{lane}-scale"}
            worlds.append(WorldSettings(**world, options={"belt_m_s": belt_m_s}))
        return BenchSettings(data_dir=self.folder / "bench", devices=tuple(found), worlds=tuple(worlds))

    def url(self, device: str) -> str:
        """Where a device is plugged in."""
        return str(self.bench.describe(device)["url"])

    def settings(self, data_dir: str = "gate", timing: str = TIMING) -> Path:
        """Write the controller's settings file."""
        lines = [f'data_dir = "{data_dir}"', "[store]", f'url = "{self.store.url}"', f'token = "{self.token}"', timing]
        for lane in self.lanes:
            lines += ["[[lanes]]", f'name = "{lane}"']
            lines += [f'{part}_url = "{self.url(f"{lane}-{part}")}"' for part in ("scanner", "keypad", "scale", "io")]
            lines.append(self.lane_lines)
        path = self.folder / f"{data_dir}.toml"
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    # Shoppers.

    def paid(self, *codes: str) -> Order:
        """An order that was paid at a kiosk."""
        wanted = codes or (WINE,)
        lines = [OrderLine(code=code, quantity=wanted.count(code)) for code in dict.fromkeys(wanted)]
        return self.market.pay(self.market.submit(*lines)).order

    def scan(self, text: str, lane: str = "lane-1") -> None:
        """Hold a QR code before the scanner."""
        self.play(f"{lane}-scanner", "scan", text=text)

    @staticmethod
    def exit_number(order: Order) -> str:
        """What is printed under the code on the receipt."""
        assert order.exit_pass is not None
        return ExitNumber.of_order(order.order_number, order.exit_pass).digits

    def show(self, order: Order, lane: str = "lane-1") -> None:
        """Hold the receipt before the scanner."""
        assert order.exit_pass is not None
        self.scan(order.exit_pass, lane)

    def lay(self, order: Order, lane: str = "lane-1", *, more_g: float = 0.0) -> None:
        """Put the goods of an order on the belt, tags and all."""
        grams = sum(GRAMS[str(line.code).zfill(14)] * line.quantity for line in order.lines)
        self.play(lane, "put_goods", grams=grams + more_g, live_tags=sum(line.eas for line in order.lines))

    def leave(self, lane: str = "lane-1") -> dict[str, Any]:
        """Walk out through the open gate, with the goods; people are slower than the lane's last commands."""
        self.wait_outputs(lane, gate=True, belt=False, deactivator=False)
        return dict(self.play(lane, "walk_through"))

    def take_back(self, lane: str = "lane-1") -> bool:
        """Take what lies on the belt; return whether the shopper carries goods now."""
        if self.facts(lane)["goods"]:
            self.play(lane, "take_goods")
        return bool(self.facts(lane)["carried_grams"])

    def walk_off(self, lane: str = "lane-1") -> None:
        """Leave nothing behind, neither on the belt nor in anybody's hands."""
        if self.take_back(lane):
            self.play(lane, "drop")

    def play(self, device: str, action: str, **arguments: Any) -> Any:
        """Let the operator of the bench do something."""
        return self.bench.play(device, action, arguments)

    # What is true.

    def facts(self, device: str) -> dict[str, Any]:
        """The physical truth."""
        found = self.bench.describe(device)["facts"]
        assert isinstance(found, dict)
        return found

    def outputs(self, lane: str = "lane-1") -> dict[str, bool]:
        """What the I/O module's terminals do at this moment."""
        found = self.facts(f"{lane}-io")["outputs"]
        return {output.name.lower(): bool(found[output]) for output in Output}

    def wait_outputs(self, lane: str = "lane-1", deadline_s: float = 10.0, **wanted: bool) -> float:
        """Wait for some of them; return how long it took."""
        return wait_for(lambda: wanted.items() <= self.outputs(lane).items(), f"{lane}: {wanted}", deadline_s)

    def report(self, lane: str = "lane-1") -> LaneReport | None:
        """What a lane last said of itself."""
        view = self.market.store.lanes.get(lane)
        return None if view is None else view.report

    def forget_reports(self) -> None:
        """Forget what lanes said, so that only a controller that runs from now on is heard."""
        board = self.market.store.lanes
        assert isinstance(board, OwnLaneBoard)
        board._views.clear()

    def wait_report(self, state: str, lane: str = "lane-1", deadline_s: float = 10.0, *, words: str = "") -> LaneReport:
        """Wait until a lane tells the store that it is in a state, and its display says something."""

        def is_so() -> bool:
            report = self.report(lane)
            return report is not None and report.state == state and words in report.headline["en"]

        wait_for(is_so, f"{lane} to be {state} {words!r}, it says {self.report(lane)!r}", deadline_s)
        report = self.report(lane)
        assert report is not None
        return report

    def wait_in_service(self, lane: str = "lane-1", deadline_s: float = 15.0) -> None:
        """Wait until a lane waits for shoppers, and nobody stands before its sensors."""

        def is_so() -> bool:
            report = self.report(lane)
            if report is None or report.state != "idle" or report.faults:
                return False
            return not self.facts(f"{lane}-io")["inputs"][6]

        wait_for(is_so, f"{lane} to be in service, it says {self.report(lane)!r}", deadline_s)

    def exits(self, order: Order) -> int:
        """How often the store's books say that an order left."""
        count = select(func.count()).select_from(exit_uses).where(exit_uses.c.order_id == order.order_id)
        return int(self.market.store.database.read(lambda connection: connection.execute(count).scalar_one()))

    def status(self, order: Order) -> str:
        """The order's state in the store's books."""
        return self.market.look(order).status.value

    def wait_exited(self, order: Order, deadline_s: float = 10.0) -> None:
        """Wait until the exit is in the books."""
        wait_for(lambda: self.status(order) == "exited", "the exit to be in the books", deadline_s)

    # Staff.

    def command(self, kind: StaffCommandKind, lane: str = "lane-1") -> UUID:
        """Tell a lane what to do."""
        request = GiveCommand(command_id=uuid4(), kind=kind, reason="seen")
        return lanes.give_command(self.market.store, STAFF, lane, request).command_id


@contextlib.contextmanager
def lane_hall(folder: Path, lanes_count: int = 1, *, belt_m_s: float = BELT_M_S) -> Iterator[LaneHall]:
    """A hall that is taken away at the end."""
    hall = LaneHall(folder, lanes_count, belt_m_s=belt_m_s)
    try:
        yield hall
    finally:
        hall.close()


def log_lines(folder: Path) -> list[dict[str, Any]]:
    """What a program wrote into its log."""
    return [json.loads(line) for line in (folder / "log.jsonl").read_text(encoding="utf-8").splitlines()]
