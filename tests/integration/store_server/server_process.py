"""The real store server as a process, with a shop in a folder of its own."""

from __future__ import annotations

import atexit
import functools
import json
import os
import re
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TextIO

from program.settings import load_settings
from store_server.contract.client import StoreClient
from store_server.contract.device_messages import DeviceRole
from store_server.services import catalogue, devices, staff
from store_server.services.store import make_store, open_store
from store_server.settings import ServerSettings, ShopSettings
from tests.integration.store_server.command_forker import ForkedProgram, forked
from tests.support.memory_disk import roomy_folder
from tests.support.quick_passwords import quick_passwords
from tests.unit.store_server.market import PRODUCTS

BIN = Path(sys.executable).parent
READY_S = 90.0
END_S = 15.0
STAFF_NAME = "mei"
STAFF_PASSWORD = "correct horse"
DEVICES = {
    "handheld-1": DeviceRole.HANDHELD,
    "handheld-2": DeviceRole.HANDHELD,
    "kiosk-1": DeviceRole.KIOSK,
    "gate-1": DeviceRole.GATE,
}


class ServerProcess:
    """One shop; start, kill and start again."""

    def __init__(self, folder: Path, database_url: str = "", workers: int = 1) -> None:
        """Without a URL the books are a SQLite file in the folder; several workers need a PostgreSQL."""
        self.folder = folder
        self._database_url = database_url
        self._workers = workers
        self.settings = folder / "store-server.toml"
        self.url = ""
        self.tokens: dict[str, str] = {}
        self.process: ForkedProgram | subprocess.Popen[bytes] | None = None
        self._said: TextIO | None = None
        self._port = 0

    def set_up(self) -> None:
        """Make books, products, devices and staff in this process, or copy them; a dozen commands would take a dozen starts."""
        self.write_settings()
        (self.folder / "products.csv").write_text(PRODUCTS, encoding="utf-8")
        if self._database_url:
            self.tokens = _made(load_settings(ServerSettings, self.settings))
        else:
            first, tokens = _first_shop()
            shutil.copytree(first, self.folder / "data")
            self.tokens = dict(tokens)

    def run(self, *arguments: str, succeeds: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a command of ``store-server`` to its end, as a process of its own."""
        done = forked(*arguments, "--settings", str(self.settings))
        assert not succeeds or done.returncode == 0, done.stderr
        return done

    def start(self, file_limit_bytes: int | None = None, *, from_shell: bool = False) -> None:
        """Start serving, forked or as a shell starts it; from the second time on at the same port."""
        command = ["serve", "--workers", str(self._workers), "--settings", str(self.settings)]
        told, tell = os.pipe()
        self._said = os.fdopen(told, encoding="utf-8")
        try:
            with (self.folder / "stderr.log").open("a", encoding="utf-8") as log:
                if from_shell:
                    self.process = subprocess.Popen([BIN / "store-server", *command], stdout=tell, stderr=log)
                else:
                    self.process = ForkedProgram(*command, out=tell, err=log.fileno(), file_limit_bytes=file_limit_bytes)
        finally:
            os.close(tell)
        self.url = str(self._wait_ready()["url"])
        self._port = int(self.url.rsplit(":", 1)[1])
        self.write_settings()

    def kill(self) -> None:
        """Kill -9: nothing is written any more."""
        assert self.process is not None
        self.process.kill()
        self._ended()

    def stop(self) -> int:
        """SIGTERM; return the exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self._ended()

    def client(self, name: str = "") -> StoreClient:
        """Return a client with this device's token."""
        return StoreClient(self.url, self.tokens.get(name, ""))

    def headers(self, name: str) -> dict[str, str]:
        """Return what a device's requests carry, for requests that the client would not send."""
        return {"Authorization": f"Bearer {self.tokens[name]}", "Content-Type": "application/json"}

    def log(self) -> str:
        """Return everything the server logged."""
        return (self.folder / "stderr.log").read_text(encoding="utf-8")

    def close(self) -> None:
        """End the process, however it is."""
        if self.process is not None and self.process.poll() is None:
            self.kill()

    def _ended(self) -> int:
        assert self.process is not None
        assert self._said is not None
        code = self.process.wait(END_S)
        self._said.close()
        return code

    def write_settings(self) -> None:
        """Write the settings file, with the port that was taken at the first start."""
        text = f'data_dir = "{self.folder / "data"}"\n[server]\nport = {self._port}\n[shop]\nhost = "market.example"\n'
        text += f'[database]\nurl = "{self._database_url}"\n'
        self.settings.write_text(text, encoding="utf-8")

    def _wait_ready(self) -> dict[str, object]:
        assert self._said is not None
        deadline = time.monotonic() + READY_S
        with selectors.DefaultSelector() as selector:
            selector.register(self._said, selectors.EVENT_READ)
            while selector.select(max(0.0, deadline - time.monotonic())):
                line = self._said.readline()
                found = re.match(r"READY (\{.*\})", line)
                if found is not None:
                    facts: dict[str, object] = json.loads(found[1])
                    return facts
                if not line:
                    break
        raise AssertionError(f"the server did not get ready:\n{self.log()[-3000:]}")


@functools.cache
def _first_shop() -> tuple[Path, dict[str, str]]:
    """Return the folder of the shop that those on SQLite are copies of, and its devices' tokens."""
    folder = Path(tempfile.mkdtemp(prefix="scanlane-first-shop-", dir=roomy_folder()))
    atexit.register(shutil.rmtree, folder)
    data_dir = folder / "data"
    return data_dir, _made(ServerSettings(data_dir=data_dir, shop=ShopSettings(host="market.example")))


def _made(settings: ServerSettings) -> dict[str, str]:
    """Make a shop; return its devices' tokens."""
    make_store(settings)
    store = open_store(settings)
    catalogue.import_products(store, PRODUCTS)
    tokens = {name: devices.enrol(store, name, role) for name, role in DEVICES.items()}
    with quick_passwords():  # the server checks a password as its hash says
        staff.add_staff(store, STAFF_NAME, STAFF_PASSWORD)
    store.database.close()
    return tokens
