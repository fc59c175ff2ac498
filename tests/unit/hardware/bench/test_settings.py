from __future__ import annotations

from pathlib import Path

import pytest

from hardware.bench import kinds
from hardware.bench.settings import BenchSettings
from program.errors import SettingsError
from program.settings import load_settings

IO = '[[devices]]\nname = "io"\nkind = "modbus-io"\n'
SCALE = '[[devices]]\nname = "scale"\nkind = "mt-sics-scale"\n'


def read(folder: Path, text: str) -> BenchSettings:
    path = folder / "bench.toml"
    path.write_text(f'data_dir = "bench"\n{text}', encoding="utf-8")
    return load_settings(BenchSettings, path)


def test_everything(tmp_path: Path) -> None:
    world = '[[worlds]]\nname = "lane-1"\nkind = "lane"\nio_module = "io"\nscale = "scale"\n'
    camera = '[[devices]]\nname = "camera"\nkind = "mjpeg-camera"\nport = 8081\n[devices.options]\nwidth = 640\n'
    settings = read(tmp_path, IO + SCALE + camera + world)
    assert [device.transport for device in settings.devices] == ["pty", "pty", "mjpeg"]
    assert settings.devices[2].options == {"width": 640}
    assert settings.data_dir == tmp_path / "bench"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("control_prot = 1\n", "Did you mean 'control_port'?"),
        ('[[devices]]\nname = "a"\nkind = "mt-sics-scal"\n', "Did you mean 'mt-sics-scale'?"),
        ('[[devices]]\nname = "a"\nkind = "modbus-io"\ntransport = "mjpeg"\n', "needs the transport pty or tcp"),
        ('[[devices]]\nname = "a"\nkind = "cloudprnt-printer"\ntransport = "tcp"\n', "needs the transport polling"),
        ('[[devices]]\nname = "a"\nkind = "mjpeg-camera"\ntransport = "pty"\n', "needs the transport mjpeg"),
        ('[[devices]]\nname = "../a"\nkind = "modbus-io"\n', "devices.0.name"),
        ('[[devices]]\nname = "a"\nkind = "modbus-io"\nport = 70000\n', "devices.0.port"),
        (IO + IO, "two devices or worlds are called io"),
        (IO + '[[worlds]]\nname = "w"\nkind = "lane"\nio_module = "io"\nscale = "io"\n', "scale must name a mt-sics-scale"),
        (IO + '[[worlds]]\nname = "w"\nkind = "street"\nio_module = "io"\nscale = "io"\n', "there is no kind 'street'"),
    ],
)
def test_mistakes_get_a_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(SettingsError) as mistaken:
        read(tmp_path, text)
    assert sentence in str(mistaken.value)


def test_wrong_options_get_a_sentence() -> None:
    with pytest.raises(SettingsError, match="The options of the kind escpos-printer are wrong"):
        kinds.build_simulator("escpos-printer", {"speed": "fast"}, 1)
    with pytest.raises(SettingsError, match="no kind 'toaster'"):
        kinds.build_simulator("toaster", {}, 1)
