"""The whole shop as processes: store server, device bench, handheld, kiosk, exit lane."""

from __future__ import annotations

import socket
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import requests

from demo import plan
from demo.bench import Bench
from demo.catalogue import PRODUCTS
from demo.program_process import ProgramProcess, run_once
from demo.touch import Touch

HANDHELD, KIOSK, GATE, SERVER, BENCH = "handheld", "kiosk", "gate", "server", "bench"

_COMMANDS = {
    SERVER: "store-server",
    BENCH: "device-bench",
    HANDHELD: "scanner-app",
    KIOSK: "kiosk-app",
    GATE: "gate-controller",
}


class Shop:
    """A shop in one folder; a context manager that stops whatever it started."""

    process_kind: type[ProgramProcess] = ProgramProcess
    """How its programs are started."""

    def __init__(
        self, folder: Path, *, screenshots: Path | None = None, platform: str = "", random_checks: bool = True
    ) -> None:
        """Prepare a shop.

        Args:
            folder: where settings, data and logs go.
            screenshots: where the touch programs save a picture of every screen; None for nowhere.
            platform: Qt platform of the touch programs, ``offscreen`` without a display.
            random_checks: whether the lane picks orders at random for a look at the goods.
        """
        self.folder = folder.resolve()
        self._screenshots = screenshots
        self._platform = platform
        self._random_checks = random_checks
        self._processes: dict[str, ProgramProcess] = {}
        # Unix socket paths are at most 107 bytes long, so these do not go below ``folder``.
        self._sockets = tempfile.TemporaryDirectory(prefix="scanlane-")
        self.store_url = f"http://127.0.0.1:{free_port()}"
        self.handheld = Touch("handheld", Path(self._sockets.name) / "handheld")
        self.kiosk = Touch("kiosk", Path(self._sockets.name) / "kiosk")
        self.bench = Bench("http://127.0.0.1:9")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def open(self) -> None:
        """Set the shop up in an empty folder and start every program."""
        for name in ("server", "bench", "handheld", "kiosk", "gate"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        port = int(self.store_url.rsplit(":", 1)[1])
        self._write(SERVER, plan.server_settings(self.folder, port))
        self._write(BENCH, plan.bench_settings(self.folder))
        self.start(BENCH)
        self._server_command("init")
        self._server_command("import-products", str(PRODUCTS))
        self.start(SERVER)
        tokens = {
            role: self._server_command("enrol", name, role).splitlines()[-1]
            for name, role in (("handheld-1", "handheld"), (plan.KIOSK, "kiosk"), ("gate-1", "gate"))
        }
        secret = self.folder / "staff-password"
        secret.write_text(plan.STAFF_SECRET + "\n", encoding="utf-8")
        self._server_command("add-staff", plan.STAFF_NAME, "--password-file", str(secret))
        secret.unlink()
        self.bench = Bench(str(self._processes[BENCH].wait_ready()["control_url"]))
        urls = {str(device["name"]): str(device["url"]) for device in self.bench.devices() if device.get("url")}
        self._write(HANDHELD, plan.handheld_settings(self.folder, self.store_url, tokens["handheld"], urls[plan.CAMERA]))
        terminal = self.bench.facts(plan.KIOSK_TERMINAL)
        cards = plan.terminal_settings(urls[plan.KIOSK_TERMINAL], terminal["poi_id"], terminal["fingerprint"])
        self._write(KIOSK, plan.kiosk_settings(self.folder, self.store_url, tokens["kiosk"], urls) + cards)
        gate = plan.gate_settings(self.folder, self.store_url, tokens["gate"], urls, random_checks=self._random_checks)
        self._write(GATE, gate)
        self._processes[SERVER].wait_ready()
        for name in (HANDHELD, KIOSK, GATE):
            self.start(name)
        for name in (HANDHELD, KIOSK, GATE):
            self._processes[name].wait_ready()

    def start(self, name: str) -> ProgramProcess:
        """Start one program."""
        command = [_command(name)]
        command += ["serve"] if name == SERVER else []
        command += ["--settings", str(self._settings(name))]
        if name in (HANDHELD, KIOSK):
            touch = self.handheld if name == HANDHELD else self.kiosk
            command += ["--touch-socket", str(Path(self._sockets.name) / touch.name)]
            command += ["--platform", self._platform] if self._platform else []
            command += ["--screenshot", str(self._screenshots / name)] if self._screenshots else []
        self._processes[name] = self.process_kind(name, command, self.folder / "logs" / f"{name}.log")
        return self._processes[name]

    def restart(self, name: str) -> None:
        """Start a program again and wait until it is ready."""
        self.start(name).wait_ready()

    def kill(self, name: str) -> None:
        """Kill -9 one program."""
        self._processes[name].kill()

    def ended(self) -> list[str]:
        """Return the names of programs that are not running."""
        return [name for name, process in self._processes.items() if not process.is_running]

    def close(self) -> dict[str, int]:
        """Stop every program, the devices last; return their exit codes."""
        order = [name for name in (HANDHELD, KIOSK, GATE, SERVER, BENCH) if name in self._processes]
        codes = {name: self._processes[name].stop() for name in order}
        self._processes.clear()
        self.bench.close()
        self._sockets.cleanup()
        return codes

    def is_server_answering(self) -> bool:
        """Whether the store server answers."""
        with suppress(requests.RequestException):
            return requests.get(f"{self.store_url}/health", timeout=1).ok
        return False

    def _settings(self, name: str) -> Path:
        return self.folder / f"{name}.toml"

    def _write(self, name: str, text: str) -> None:
        self._settings(name).write_text(text, encoding="utf-8")

    def _server_command(self, *arguments: str) -> str:
        return run_once([_command(SERVER), *arguments, "--settings", str(self._settings(SERVER))])


def _command(name: str) -> str:
    """Return the program's console script, which stands beside the running Python."""
    return str(Path(sys.executable).with_name(_COMMANDS[name]))


def free_port() -> int:
    """Return a TCP port of 127.0.0.1 that is free now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
