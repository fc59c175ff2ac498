"""The bench's settings: which devices stand on it, and which physics couples them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, field_validator, model_validator

from hardware.bench import kinds
from program.settings import ProgramSettings, Section

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
"""Also a file name and a part of an HTTP address."""
PortNumber = Annotated[int, Field(ge=0, le=65535)]
Transport = Literal["pty", "tcp", "mjpeg", "https", "polling"]


class DeviceSettings(Section):
    """One simulated device."""

    name: Name
    kind: str
    transport: Transport = "pty"
    port: PortNumber = 0
    """For tcp, mjpeg and https; 0 takes a free one."""
    seed: int = 1
    """Everything random in the device follows from it."""
    record: str = ""
    """File to write down in what goes over the line, both ways; relative to data_dir. Empty: nothing is recorded."""
    options: dict[str, Any] = Field(default_factory=dict)

    @field_validator("kind")
    @classmethod
    def _known(cls, kind: str) -> str:
        return kinds.known(kind, kinds.SIMULATORS)

    @model_validator(mode="before")
    @classmethod
    def _cameras_stream(cls, values: Any) -> Any:
        if isinstance(values, dict) and values.get("kind") in kinds.CAMERAS:
            return {"transport": "mjpeg", **values}
        if isinstance(values, dict) and values.get("kind") in kinds.HTTPS:
            return {"transport": "https", **values}
        if isinstance(values, dict) and values.get("kind") in kinds.POLLING:
            return {"transport": "polling", **values}
        return values

    @model_validator(mode="after")
    def _transport_fits(self) -> DeviceSettings:
        own = {"mjpeg": kinds.CAMERAS, "https": kinds.HTTPS, "polling": kinds.POLLING}
        fitting = next((transport for transport, members in own.items() if self.kind in members), "pty or tcp")
        if self.transport not in fitting:
            raise ValueError(f"{self.name}: a {self.kind} needs the transport {fitting}")
        return self


class WorldSettings(Section):
    """Physics between devices."""

    name: Name
    kind: str
    io_module: Name
    scale: Name
    options: dict[str, Any] = Field(default_factory=dict)

    @field_validator("kind")
    @classmethod
    def _known(cls, kind: str) -> str:
        return kinds.known(kind, kinds.WORLDS)


class BenchSettings(ProgramSettings):
    """The whole settings file of ``device-bench``."""

    control_port: PortNumber = 0
    """Where the world is played; 0 takes a free one and tells it in the READY line."""
    device_dir: Path = Path("dev")
    """Folder of the ptys' stable names; relative to data_dir."""
    devices: tuple[DeviceSettings, ...] = ()
    worlds: tuple[WorldSettings, ...] = ()

    @model_validator(mode="after")
    def _names_fit(self) -> BenchSettings:
        names = [device.name for device in self.devices] + [world.name for world in self.worlds]
        doubled = sorted({name for name in names if names.count(name) > 1})
        if doubled:
            raise ValueError(f"two devices or worlds are called {', '.join(doubled)}; give each its own name")
        kind_of = {device.name: device.kind for device in self.devices}
        for world in self.worlds:
            for role, kind in (("io_module", "modbus-io"), ("scale", "mt-sics-scale")):
                if kind_of.get(getattr(world, role)) != kind:
                    raise ValueError(f"world {world.name}: {role} must name a {kind} among the devices")
        return self
