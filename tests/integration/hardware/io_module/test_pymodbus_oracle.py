"""An independent Modbus implementation against ours: pymodbus' server with our driver, pymodbus' client with our simulator."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import pytest
from pymodbus import FramerType
from pymodbus.client import ModbusSerialClient
from pymodbus.server import ModbusSerialServer
from pymodbus.simulator import DataType, SimData, SimDevice

from hardware.connection import State
from hardware.device import ConnectionChanged, Device
from hardware.errors import DeviceRefusedError
from hardware.io_module import protocol
from hardware.io_module.driver import InputsChanged, IoModuleDriver, OutputsCommanded, SetOutputs
from hardware.io_module.master import RtuMaster
from hardware.io_module.simulator import IoModuleSimulator, build
from hardware.io_module.wiring import IoModuleSetup, LaneOutputs
from hardware.link import Link
from tests.support.bridge import Bridge
from tests.support.owner import Owner
from tests.support.wire import Wire, wait_for

INPUTS_AT_REST = [False, False, False, True, False, False, False, True]


class Server:
    """pymodbus' server on its own thread, behind one end of a cable."""

    def __init__(self, inputs: list[bool]) -> None:
        device = SimDevice(
            1,
            (
                [SimData(0, values=[True, False, True] + [False] * 5, datatype=DataType.BITS)],
                [SimData(0, values=list(inputs), datatype=DataType.BITS)],
                [
                    SimData(protocol.MODES, values=[0, 1, 2, 3, 0, 0, 0, 0], datatype=DataType.REGISTERS),
                    SimData(protocol.VERSION, values=[210], datatype=DataType.REGISTERS),
                ],
                [SimData(0, values=[0], datatype=DataType.REGISTERS)],
            ),
        )
        self.bridge = Bridge()
        self.frames: list[str] = []
        self._device = device
        self._loop = asyncio.new_event_loop()
        self._serving = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pymodbus")

    def __enter__(self) -> Self:
        self.bridge.__enter__()
        self._thread.start()
        assert self._serving.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        done = self._server.shutdown()  # type: ignore[no-untyped-call] # pymodbus leaves it untyped
        asyncio.run_coroutine_threadsafe(done, self._loop).result(10)
        self._thread.join()
        self.bridge.__exit__()

    def _trace(self, sending: bool, data: bytes) -> bytes:  # noqa: FBT001 - pymodbus calls it so
        self.frames.append(f"{'<' if sending else '>'} {data.hex(' ').upper()}")
        return data

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)

        async def serve() -> None:
            self._server = ModbusSerialServer(
                self._device, framer=FramerType.RTU, port=self.bridge.first, baudrate=9600, trace_packet=self._trace
            )
            await self._server.serve_forever(background=True)
            self._serving.set()
            await self._server.serving

        self._loop.run_until_complete(serve())
        self._loop.close()


@pytest.fixture
def owner() -> Owner:
    return Owner()


def test_our_driver_runs_their_server(owner: Owner) -> None:
    with Server(INPUTS_AT_REST) as server:
        device = Device(
            "io-1", server.bridge.second, IoModuleDriver(IoModuleSetup(outputs=LaneOutputs(spare=None))), owner.publish
        )
        device.start()
        owner.wait_for_state(State.READY)
        assert owner.heard(ConnectionChanged)[0].identity.firmware == "V2.10"
        assert owner.first(InputsChanged).inputs == {"emergency_stop", "live_zero"}
        device.perform(SetOutputs({"red": True, "siren": True}))
        outcome = owner.first(OutputsCommanded)
        assert outcome.done, outcome.reason
        device.perform(SetOutputs({"red": False}))
        wait_for(lambda: len(owner.heard(OutputsCommanded)) == 2, "the second outcome")
        device.stop()
        said = "\n".join(server.frames)
    assert owner.states() == [State.READY, State.CLOSED]
    for frame in ("> 01 0F 00 00 00 08 01 00 FE 95", "> 01 06 10 01 00 00", "> 01 06 10 02 00 00", "> 01 06 10 03 00 00"):
        assert frame in said
    for frame in ("> 01 05 00 02 FF 00", "> 01 05 00 05 FF 00", "> 01 05 00 02 00 00"):
        assert frame in said
    assert server.frames[-2].startswith("> 01 0F 00 00 00 08 01 00")


def test_a_module_without_live_zero_is_not_used(owner: Owner) -> None:
    with Server([False] * 8) as server:
        device = Device(
            "io-1", server.bridge.second, IoModuleDriver(IoModuleSetup(outputs=LaneOutputs(spare=None))), owner.publish
        )
        device.start()
        owner.wait_for_state(State.LOST)
        device.stop()
    assert "the inputs have no supply" in owner.heard(ConnectionChanged)[0].reason


def test_their_refusals_are_understood() -> None:
    with Server(INPUTS_AT_REST) as server:
        link = Link(server.bridge.second)
        master = RtuMaster(1, 9600)
        with pytest.raises(DeviceRefusedError, match="no such address"):
            master.ask(link, protocol.read_coils(1, start=0x28))
        assert protocol.unpack_bits(master.ask(link, protocol.read_coils(1)))[:3] == (True, False, True)
        link.close()


@pytest.fixture
def module() -> IoModuleSimulator:
    return build({}, seed=0)


@pytest.fixture
def client(tmp_path: Path, module: IoModuleSimulator) -> Iterator[ModbusSerialClient]:
    with Wire(tmp_path, module) as wire:
        client = ModbusSerialClient(wire.url, framer=FramerType.RTU, baudrate=9600, timeout=1, retries=0)
        assert client.connect()
        yield client
        client.close()  # type: ignore[no-untyped-call] # pymodbus leaves it untyped


def test_their_client_reads_and_writes_our_simulator(client: ModbusSerialClient, module: IoModuleSimulator) -> None:
    assert client.read_discrete_inputs(0, count=8, device_id=1).bits == INPUTS_AT_REST
    assert not client.write_coil(2, True, device_id=1).isError()
    assert not client.write_coils(4, [True, False, True], device_id=1).isError()
    on = [False, False, True, False, True, False, True, False]
    assert client.read_coils(0, count=8, device_id=1).bits == on
    assert module.facts()["outputs"] == on
    assert not client.write_coil(0x00FF, False, device_id=1).isError()
    assert client.read_coils(0, count=8, device_id=1).bits == [False] * 8
    assert client.read_holding_registers(protocol.VERSION, count=1, device_id=1).registers == [200]
    assert not client.write_register(protocol.MODES + 3, 2, device_id=1).isError()
    assert not client.write_registers(protocol.MODES, [1, 2, 3], device_id=1).isError()
    assert client.read_holding_registers(protocol.MODES, count=8, device_id=1).registers == [1, 2, 3, 2, 0, 0, 0, 0]


@pytest.mark.parametrize(
    ("question", "code"),
    [
        (lambda client: client.read_coils(0x28, count=8, device_id=1), 2),
        (lambda client: client.read_input_registers(0, count=1, device_id=1), 1),
        (lambda client: client.write_register(protocol.MODES, 9, device_id=1), 3),
    ],
)
def test_their_client_understands_our_refusals(client: ModbusSerialClient, question: object, code: int) -> None:
    assert callable(question)
    answer = question(client)
    assert answer.isError()
    assert answer.exception_code == code
