from __future__ import annotations

from pathlib import Path

import pytest

from gate_controller.settings import GateSettings
from hardware.io_module.addresses import Framing
from hardware.io_module.register_maps import MAPS
from hardware.io_module.wiring import LaneInputs, LaneOutputs
from hardware.link import LineSettings
from program.errors import SettingsError
from program.settings import load_settings

LANE = """data_dir = "gate"
[store]
url = "http://127.0.0.1:1"
[[lanes]]
name = "lane-1"
scanner_url = "a"
scale_url = "b"
io_url = "modbus-tcp://10.0.0.7"
"""


def loaded(folder: Path, text: str) -> GateSettings:
    path = folder / "gate.toml"
    path.write_text(LANE + text, encoding="utf-8")
    return load_settings(GateSettings, path)


def test_without_a_table_it_is_the_usual_module(tmp_path: Path) -> None:
    io = loaded(tmp_path, "").lanes[0].io
    assert io.setup().register_map is MAPS["waveshare-io-8ch"]
    assert (io.setup().inputs, io.setup().outputs) == (LaneInputs(), LaneOutputs())
    assert io.line() == LineSettings()
    assert io.framing is Framing.BY_URL


def test_map_names_and_wiring_come_from_the_file(tmp_path: Path) -> None:
    io = (
        loaded(
            tmp_path,
            """[lanes.io]
map = "adam-4150"
unit = 5
baud = 38400
framing = "rtu"
counted = ["passage", "eas_alarm"]
serial_number = "00:90"
[lanes.io.outputs]
belt = 7
spare = 0
siren = "none"
[lanes.io.inputs]
live_zero = "none"
""",
        )
        .lanes[0]
        .io
    )
    setup = io.setup()
    assert setup.register_map is MAPS["adam-4150"]
    assert setup.unit == 5
    assert setup.counted == {"passage", "eas_alarm"}
    assert setup.outputs == LaneOutputs(belt=7, spare=0, siren=None)
    assert setup.inputs == LaneInputs(live_zero=None)
    assert io.line().baud == 38400
    assert io.framing is Framing.RTU
    assert io.identity.serial_number == "00:90"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('[lanes.io]\nmap = "waveshare"', "there is no map 'waveshare'; did you mean 'waveshare-io-8ch'?"),
        ('[lanes.io]\nmap = "xyzzy"', "there is no map 'xyzzy'; there are waveshare-io-8ch, adam-4055"),
        ("[lanes.io.outputs]\nsiren = 6", "siren and gate are both on channel 6"),
        ("[lanes.io.outputs]\nblet = 0", "lanes.0.io.outputs.blet: there is no such key. Did you mean 'belt'?"),
        ("[lanes.io.outputs]\nbelt = 8", "lanes.0.io.outputs.belt: Input should be less than or equal to 7"),
        ('[lanes.io.outputs]\nbelt = "no"', "lanes.0.io.outputs.belt: Input should be a valid integer"),
        ('[lanes.io.outputs]\ndeactivator = "none"', "deactivator: a lane cannot do without this output; wire it and give its"),
        ('[lanes.io.inputs]\nemergency_stop = "none"', "emergency_stop: a lane cannot do without this input"),
        ('[lanes.io]\nmap = "adam-4150"', "live_zero: adam-4150 has no input 7, only 0 to 6"),
        ('[lanes.io]\nmap = "plain-8ch"', "plain-8ch has nothing that stops belt and deactivator when this program dies"),
        ('[lanes.io]\ncounted = ["passage"]', "waveshare-io-8ch has no counters"),
        ('[lanes.io]\nmap = "iologik-e1212"\ncounted = ["pasage"]', "no input is called pasage"),
        ('[lanes.io]\nmap = "iologik-e1212"\ncounted = ["passage", "passage"]', "passage stands there twice"),
        ("[lanes.io]\nunit = 0", "lanes.0.io.unit: Input should be greater than or equal to 1"),
    ],
)
def test_what_cannot_be_is_told_in_a_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(SettingsError) as refused:
        loaded(tmp_path, text)
    assert sentence in str(refused.value)


def test_a_plain_module_needs_an_explicit_word(tmp_path: Path) -> None:
    assert loaded(tmp_path, '[lanes.io]\nmap = "plain-8ch"\nunguarded = true').lanes[0].io.setup().unguarded
