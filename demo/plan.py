"""The demo shop's settings: which devices stand where, and the settings file of each program."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

KIOSK = "kiosk-1"
LANE = "lane-1"
CAMERA = "handheld-1-camera"
KIOSK_SCANNER = "kiosk-1-scanner"
KIOSK_CASH = "kiosk-1-cash"
KIOSK_PRINTER = "kiosk-1-printer"
KIOSK_RECYCLER = "kiosk-1-recycler"
KIOSK_TERMINAL = "kiosk-1-terminal"
LANE_SCANNER = "lane-1-scanner"
LANE_SCALE = "lane-1-scale"
LANE_IO = "lane-1-io"
STAFF_NAME = "mei"
STAFF_SECRET = "demo-shop-2026"  # noqa: S105 - the demo's login is printed for whoever tries it

HOPPER_FLOAT = {"hopper-100": 120, "hopper-50": 60, "hopper-10": 100}
RECYCLER_FLOAT = {500: 12, 1000: 10, 2000: 6}
TERMINAL_SECRET = "mysupersecretpassphrase"  # noqa: S105 - the simulated terminal's; a real one is given its own
SEED = 7
NO_RANDOM_CHECKS = """
[checks]
ceiling = 0.0  # a random check would stop the story
"""


@dataclass(frozen=True, slots=True)
class Device:
    """One simulated device on the bench."""

    name: str
    kind: str
    transport: str = "pty"
    options: tuple[tuple[str, object], ...] = ()


DEVICES = (
    Device(CAMERA, "mjpeg-camera", "mjpeg"),
    Device(KIOSK_SCANNER, "ascii-scanner"),
    Device(KIOSK_CASH, "cctalk-cash", options=(("stocks", HOPPER_FLOAT),)),
    Device(KIOSK_PRINTER, "escpos-printer"),
    Device(KIOSK_RECYCLER, "ssp-recycler", options=(("stocks", RECYCLER_FLOAT),)),
    Device(KIOSK_TERMINAL, "nexo-terminal", "https", options=(("passphrase", TERMINAL_SECRET),)),
    Device(LANE_SCANNER, "ascii-scanner"),
    Device(LANE_SCALE, "mt-sics-scale"),
    Device(LANE_IO, "modbus-io"),
)


def bench_settings(folder: Path) -> str:
    """Return bench.toml: every device, and the lane's belt that couples scale and I/O module."""
    parts = [f"data_dir = {_text(folder / 'bench')}", "control_port = 0", 'device_dir = "dev"']
    for number, device in enumerate(DEVICES):
        parts += ["", "[[devices]]", f"name = {_text(device.name)}", f"kind = {_text(device.kind)}"]
        parts += [f"transport = {_text(device.transport)}", f"seed = {SEED + number}"]
        parts += [f"options.{key} = {_toml(value)}" for key, value in device.options]
    parts += ["", "[[worlds]]", f"name = {_text(LANE)}", 'kind = "lane"']
    parts += [f"io_module = {_text(LANE_IO)}", f"scale = {_text(LANE_SCALE)}"]
    return "\n".join(parts) + "\n"


def server_settings(folder: Path, port: int) -> str:
    """Return the store server's settings: one shop, prices in yuan, smallest coin one jiao."""
    return f"""data_dir = {_text(folder / "server")}

[server]
host = "127.0.0.1"
port = {port}

[shop]
id = 1
name_en = "Scanlane Demo Market"
name_zh = "扫行示范超市"
host = "market.example"
currency = "CNY"
cash_rounding_minor = 10

[shop.offline_caps]
value_minor = 50000
exits = 20
away_s = 3600
"""


def handheld_settings(folder: Path, store_url: str, token: str, camera_url: str) -> str:
    """Return the handheld's settings."""
    return f"""data_dir = {_text(folder / "handheld")}
language = "en"

[store]
url = {_text(store_url)}
token = {_text(token)}

[camera]
url = {_text(camera_url)}

[speaker]
mode = "silent"
"""


def kiosk_settings(folder: Path, store_url: str, token: str, devices: dict[str, str]) -> str:
    """Return the kiosk's settings; with a recycler where there is one among the devices."""
    # A shop with a recycler has no second slot for notes.
    validator, recycler = (0, recycler_settings(devices[KIOSK_RECYCLER])) if KIOSK_RECYCLER in devices else (40, "")
    return f"""data_dir = {_text(folder / "kiosk")}
name = {_text(KIOSK)}
language = "en"

[store]
url = {_text(store_url)}
token = {_text(token)}

[scanner]
url = {_text(devices[KIOSK_SCANNER])}

[cash]
url = {_text(devices[KIOSK_CASH])}
echo = true
checksum = "sum8"
coin_acceptor = 2
note_validator = {validator}
hoppers = [3, 4, 5]

[cash.float]
{_table(HOPPER_FLOAT)}
{recycler}
[printer]
url = {_text(devices[KIOSK_PRINTER])}

[speaker]
mode = "silent"
"""


def recycler_settings(url: str) -> str:
    """Return the kiosk's section for a note recycler (ITL SSP, NV200 with store): notes in, notes out again as change."""
    return f"""
[cash.recycler]
url = {_text(url)}
currency = "CNY"
stored = [{", ".join(map(str, RECYCLER_FLOAT))}]   # kept for change; all other notes go into its cash box
"""


def terminal_settings(url: str, poi_id: str, fingerprint: str) -> str:
    """Return the kiosk's section for a card terminal (nexo over HTTPS).

    Args:
        url: where it answers.
        poi_id: its name, ``<model>-<serial number>``.
        fingerprint: SHA-256 of its certificate.
    """
    return f"""
[card_terminal]
url = {_text(url)}
poi_id = {_text(poi_id)}
fingerprint = {_text(fingerprint)}
passphrase = {_text(TERMINAL_SECRET)}
"""


def gate_settings(folder: Path, store_url: str, token: str, devices: dict[str, str], *, random_checks: bool = True) -> str:
    """Return the exit lane's settings."""
    return f"""data_dir = {_text(folder / "gate")}
language = "en"

[store]
url = {_text(store_url)}
token = {_text(token)}

[speaker]
mode = "silent"

[weighing]
false_alarm_rate = 0.005

[[lanes]]
name = {_text(LANE)}
scanner_url = {_text(devices[LANE_SCANNER])}
scale_url = {_text(devices[LANE_SCALE])}
io_url = {_text(devices[LANE_IO])}
{"" if random_checks else NO_RANDOM_CHECKS}"""


def _text(value: object) -> str:
    return json.dumps(str(value), ensure_ascii=False)


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {item}" for key, item in value.items()) + " }"
    return json.dumps(value)


def _table(values: dict[str, int]) -> str:
    return "\n".join(f"{key} = {value}" for key, value in values.items())
