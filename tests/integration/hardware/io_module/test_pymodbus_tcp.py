"""Modbus TCP against an independent implementation: pymodbus' server with our driver, pymodbus' client with our simulator."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any, Self

import pytest
from pymodbus.client import ModbusTcpClient
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from hardware.bench.bench import Bench
from hardware.bench.devices import WiredDevice
from hardware.bench.host import TcpHost
from hardware.connection import State
from hardware.device import ConnectionChanged, Device
from hardware.errors import DeviceRefusedError
from hardware.io_module import protocol
from hardware.io_module.driver import InputsChanged, IoModuleDriver, OutputsCommanded, SetOutputs
from hardware.io_module.master import TcpMaster
from hardware.io_module.register_maps import MAPS
from hardware.io_module.simulator import IoModuleSimulator, build
from hardware.io_module.wiring import IoModuleSetup, LaneOutputs
from hardware.link import Link
from tests.support.owner import Owner
from tests.support.wire import wait_for

INPUTS_AT_REST = [False, False, False, True, False, False, False, True]
MODEL = [0x4531, 0x3231, 0x3200] + [0] * 7
NO_PULSES = LaneOutputs(belt=None, deactivator=None, spare=None)
"""Their server has no watchdog: only lights and gate."""


class Server:
    """pymodbus' server on its own thread, dressed as an ioLogik E1212."""

    def __init__(self) -> None:
        self._device = SimDevice(
            1,
            (
                [
                    SimData(0, values=[True, False, True] + [False] * 5, datatype=DataType.BITS),
                    SimData(4144, values=[True] + [False] * 15, datatype=DataType.BITS),
                ],
                [SimData(0, values=list(INPUTS_AT_REST), datatype=DataType.BITS)],
                [SimData(0, values=[0], datatype=DataType.REGISTERS)],
                [
                    SimData(5000, values=MODEL, datatype=DataType.REGISTERS),
                    SimData(5020, values=[0, 77], datatype=DataType.REGISTERS),
                    SimData(5024, values=[0x0090, 0xE812, 0x3456], datatype=DataType.REGISTERS),
                    SimData(5029, values=[0x0103, 0x0000], datatype=DataType.REGISTERS),
                ],
            ),
        )
        self.frames: list[str] = []
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._serving = threading.Event()
        self._thread = threading.Thread(target=self._run, name="pymodbus")

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._serving.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        done = self._server.shutdown()  # type: ignore[no-untyped-call] # pymodbus leaves it untyped
        asyncio.run_coroutine_threadsafe(done, self._loop).result(10)
        self._thread.join()

    @property
    def url(self) -> str:
        return f"modbus-tcp://127.0.0.1:{self.port}"

    def _trace(self, sending: bool, data: bytes) -> bytes:  # noqa: FBT001 - pymodbus calls it so
        self.frames.append(f"{'<' if sending else '>'} {data.hex(' ').upper()}")
        return data

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)

        async def serve() -> None:
            self._server = ModbusTcpServer(self._device, address=("127.0.0.1", 0), trace_packet=self._trace)
            await self._server.serve_forever(background=True)
            listening: Any = self._server.transport
            self.port = listening.sockets[0].getsockname()[1]
            self._serving.set()
            await self._server.serving

        self._loop.run_until_complete(serve())
        self._loop.close()


def test_our_driver_runs_their_server() -> None:
    owner = Owner()
    with Server() as server:
        setup = IoModuleSetup(MAPS["iologik-e1212"], outputs=NO_PULSES)
        device = Device("io-1", server.url, IoModuleDriver(setup), owner.publish)
        device.start()
        owner.wait_for_state(State.READY)
        assert str(owner.heard(ConnectionChanged)[0].identity) == "Moxa ioLogik E1212 no. 00:90:E8:12:34:56 V1.3.0"
        assert owner.first(InputsChanged).inputs == {"emergency_stop", "live_zero"}
        device.perform(SetOutputs({"red": True, "amber": True, "green": False, "siren": True}))
        outcome = owner.first(OutputsCommanded)
        assert outcome.done, outcome.reason
        wait_for(lambda: sum(frame.endswith("01 02 00 00 00 08") for frame in server.frames) > 20, "many polls")
        device.stop()
        asked = [frame[2:] for frame in server.frames if frame.startswith(">")]
    assert owner.states() == [State.READY, State.CLOSED]
    numbers = [int(frame[:5].replace(" ", ""), 16) for frame in asked]
    assert numbers == list(range(1, len(asked) + 1)), "every question has its own number"
    assert any(frame.endswith("01 0F 00 02 00 04 01 0B") for frame in asked), "four lights in one question"
    assert asked[-1].endswith("01 0F 00 00 00 08 01 00")


def test_their_refusals_are_understood() -> None:
    with Server() as server:
        link = Link(server.url.replace("modbus-tcp", "socket"))
        master = TcpMaster()
        with pytest.raises(DeviceRefusedError, match="no such address"):
            master.ask(link, protocol.read_coils(1, start=0x7000))
        assert protocol.unpack_bits(master.ask(link, protocol.read_coils(1)))[:3] == (True, False, True)
        assert protocol.unpack_registers(master.ask(link, protocol.read_input_registers(1, 5020, 2))) == (0, 77)
        link.close()


@pytest.fixture
def module() -> IoModuleSimulator:
    return build({"map": "iologik-e1212", "framing": "tcp"}, seed=0)


@pytest.fixture
def client(module: IoModuleSimulator) -> Iterator[ModbusTcpClient]:
    host = TcpHost("io", 0)
    bench = Bench([WiredDevice("io", "modbus-io", module, host)])
    bench.start()
    client = ModbusTcpClient("127.0.0.1", port=int(host.url.rpartition(":")[2]), timeout=1, retries=0)
    assert client.connect()  # type: ignore[no-untyped-call] # pymodbus leaves it untyped
    yield client
    client.close()  # type: ignore[no-untyped-call] # pymodbus leaves it untyped
    bench.stop()


def test_their_client_reads_and_writes_our_simulator(client: ModbusTcpClient, module: IoModuleSimulator) -> None:
    assert client.read_discrete_inputs(0, count=8, device_id=1).bits == INPUTS_AT_REST
    assert not client.write_coil(2, True, device_id=1).isError()
    assert not client.write_coils(4, [True, False, True], device_id=1).isError()
    on = [False, False, True, False, True, False, True, False]
    assert client.read_coils(0, count=8, device_id=1).bits == on
    assert module.facts()["outputs"] == on
    assert client.read_input_registers(5000, count=10, device_id=1).registers == MODEL
    assert client.read_holding_registers(0x20, count=1, device_id=1).registers == [0b01010100]
    assert not client.write_coil(0x0100, True, device_id=1).isError()
    assert client.read_coils(0x0100, count=8, device_id=1).bits == [True] + [False] * 7


def test_their_client_understands_our_refusals(client: ModbusTcpClient) -> None:
    answer = client.read_coils(0x28, count=8, device_id=1)
    assert answer.isError()
    assert answer.exception_code == 2


@pytest.mark.parametrize("kind", ["adam-4055", "adam-4150"])
def test_their_client_reads_our_adam(kind: str) -> None:
    host = TcpHost("io", 0)
    bench = Bench([WiredDevice("io", "modbus-io", build({"map": kind, "framing": "tcp"}, seed=0), host)])
    bench.start()
    client = ModbusTcpClient("127.0.0.1", port=int(host.url.rpartition(":")[2]), timeout=1, retries=0)
    assert client.connect()  # type: ignore[no-untyped-call] # pymodbus leaves it untyped
    assert client.read_holding_registers(210, count=2, device_id=1).registers == [int(kind[-4:], 16), 0]
    assert client.read_coils(0, count=7, device_id=1).bits[:7] == INPUTS_AT_REST[:7]
    assert not client.write_coil(16 + 3, True, device_id=1).isError()
    assert client.read_holding_registers(300, count=3, device_id=1).registers[2] == 0b1000
    client.close()  # type: ignore[no-untyped-call] # pymodbus leaves it untyped
    bench.stop()
