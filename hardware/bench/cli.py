"""``device-bench --settings FILE``: put simulated devices on the bench and let the world be played."""

from __future__ import annotations

import contextlib
import threading
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from hardware.bench import kinds
from hardware.bench.bench import Bench
from hardware.bench.control import ControlServer
from hardware.bench.devices import BenchDevice, CameraDevice, WiredDevice, WorldDevice
from hardware.bench.host import Host, PtyHost, TcpHost
from hardware.bench.https import HttpsDevice
from hardware.bench.polling import PollingDevice
from hardware.bench.recorder import RecordingHost
from hardware.bench.settings import BenchSettings, DeviceSettings
from hardware.bench.simulator import Simulator
from program.data_dir import claimed
from program.logs import set_up_logs
from program.settings import load_settings
from program.start import announce_ready, on_stop_signal, run

PROGRAM = "device-bench"
app = typer.Typer(add_completion=False)


@app.command()
def device_bench(settings: Annotated[Path, typer.Option(help="Settings file, TOML.")]) -> None:
    """Host simulated devices behind ptys and ports, with a control API on 127.0.0.1 to play the world."""
    found = load_settings(BenchSettings, settings)
    stopped = threading.Event()
    on_stop_signal(stopped.set)
    with claimed(found.data_dir, PROGRAM), contextlib.ExitStack() as stack:
        set_up_logs(PROGRAM, found.data_dir)
        bench = Bench(build_devices(found, stack))
        stack.pop_all()
        serve(bench, found.control_port, stopped)


def serve(bench: Bench, control_port: int, stopped: threading.Event) -> None:
    """Run the bench until ``stopped`` is set."""
    try:
        control = ControlServer(bench, control_port)
        bench.start()
        control.start()
        announce_ready(PROGRAM, control_url=control.url, control_port=control.port)
        stopped.wait()
        control.stop()
    finally:
        bench.stop()


def build_devices(settings: BenchSettings, stack: contextlib.ExitStack) -> list[BenchDevice]:
    """Return everything that the settings put on the bench; ``stack`` takes away what was built when one fails."""
    folder = (settings.data_dir / settings.device_dir.expanduser()).absolute()
    simulators: dict[str, object] = {}
    devices: list[BenchDevice] = []
    for wanted in settings.devices:
        simulators[wanted.name] = kinds.build_simulator(wanted.kind, wanted.options, wanted.seed)
        device = _plugged_in(wanted, simulators[wanted.name], folder, settings.data_dir)
        stack.callback(device.close)
        devices.append(device)
    for world in settings.worlds:
        physics = kinds.build_world(world.kind, world.options, simulators[world.io_module], simulators[world.scale])
        devices.append(WorldDevice(world.name, world.kind, physics))
    return devices


def _plugged_in(wanted: DeviceSettings, simulator: object, folder: Path, data_dir: Path) -> BenchDevice:
    if wanted.transport == "mjpeg":
        return CameraDevice(wanted.name, wanted.kind, simulator, wanted.port)  # type: ignore[arg-type] # its kind says so
    if wanted.transport == "https":
        answerer: Any = simulator
        return HttpsDevice(
            wanted.name,
            wanted.kind,
            answerer,
            port=wanted.port,
            folder=folder,
            another=lambda: kinds.build_another(wanted.kind, wanted.options, wanted.seed),
        )
    if wanted.transport == "polling":
        return PollingDevice(
            wanted.name,
            wanted.kind,
            simulator,  # type: ignore[arg-type] # its kind says so
            another=lambda: kinds.build_another(wanted.kind, wanted.options, wanted.seed),
        )
    host: Host = PtyHost(folder, wanted.name) if wanted.transport == "pty" else TcpHost(wanted.name, wanted.port)
    if wanted.record:
        host = RecordingHost(host, wanted.name, data_dir / wanted.record)

    def another() -> Simulator:
        made: Simulator = kinds.build_another(wanted.kind, wanted.options, wanted.seed)
        return made

    return WiredDevice(wanted.name, wanted.kind, simulator, host, another)  # type: ignore[arg-type] # its kind says so


def main() -> NoReturn:
    """Run the program."""
    run(app)
