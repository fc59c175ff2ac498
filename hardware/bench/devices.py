"""What stands on the bench: a simulator together with the place where it is plugged in, described for the operator."""

from __future__ import annotations

import io
import logging
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping

from PIL import Image

from hardware.bench import actions
from hardware.bench.faults import FaultyLine
from hardware.bench.host import Host
from hardware.bench.mjpeg import MjpegHost
from hardware.bench.place import Plugged
from hardware.bench.simulator import Action, CameraSimulator, HangsUp, JsonValue, Pictured, Playable, Powered, Simulator, World

_log = logging.getLogger(__name__)

PICTURES_HELD_BYTES_MAX = 8_000_000
"""A second's pictures, and some more."""
_NOT_OF_CAMERAS = frozenset({"wrong_device", "echo"})
"""A camera says nothing of itself and hears nothing."""


class BenchDevice(ABC):
    """A device or world that the operator can look at and play with."""

    def __init__(self, name: str, kind: str, playable: Playable) -> None:
        self.name = name
        self.kind = kind
        self._playable = playable

    @property
    @abstractmethod
    def url(self) -> str:
        """What the product's settings hold; empty where nothing is plugged in."""

    @property
    @abstractmethod
    def plugged(self) -> bool:
        """Whether it is plugged in."""

    @abstractmethod
    def close(self) -> None:
        """Take it off the bench."""

    def actions(self) -> Mapping[str, Action]:
        """Return what the operator can do."""
        return self._playable.actions()

    def facts(self) -> dict[str, JsonValue]:
        """Return the physical truth."""
        return self._playable.facts()

    def picture(self, _now_s: float) -> bytes | None:
        """Return a PNG, where it has a picture."""
        return self._playable.picture() if isinstance(self._playable, Pictured) else None

    def describe(self) -> dict[str, JsonValue]:
        """Return everything the operator may know."""
        return {
            "name": self.name,
            "kind": self.kind,
            "url": self.url,
            "plugged": self.plugged,
            "facts": self.facts(),
            "actions": [actions.describe(name, action) for name, action in self.actions().items()],
        }


class WiredDevice(Plugged, BenchDevice):
    """A device on a pty or a TCP port."""

    def __init__(
        self, name: str, kind: str, simulator: Simulator, host: Host, another: Callable[[], Simulator] | None = None
    ) -> None:
        """Plug the device in; ``another`` makes one of its kind with another identity."""
        Plugged.__init__(self, host)
        BenchDevice.__init__(self, name, kind, simulator)
        self.host = host
        self._line = FaultyLine(simulator, another)
        # Asked here once, because to ask an object for a protocol costs more than all the rest of a step.
        self._hangs_up = simulator.hangs_up if isinstance(simulator, HangsUp) else None
        self._connections = 0
        self._defect = ""

    def step(self, now_s: float, *, hears: bool) -> bool:
        """Carry bytes both ways, from the product only when there are any; return whether there were."""
        received = self.host.read() if hears else b""
        try:
            if self.host.connections != self._connections:
                self._connections = self.host.connections
                self._line.connected(now_s)
            if received:
                self._line.receive(received, now_s)
            sent = self._line.send(now_s)
        except Exception as error:  # noqa: BLE001 - a simulator that fails must not take the others with it
            _log.exception("%s failed and was unplugged", self.name)
            self._defect = f"{type(error).__name__}: {error}"
            self.host.unplug()
            return True
        self.host.write(sent)
        if self._hangs_up is not None and self._hangs_up():
            self.host.unplug()
            self.host.replug()
        return bool(received or sent or self._line.is_busy)

    def facts(self) -> dict[str, JsonValue]:
        """Return the physical truth, and why the simulator failed if it did."""
        return {**super().facts(), "defect": self._defect} if self._defect else super().facts()

    def actions(self) -> Mapping[str, Action]:
        """Return what the operator can do, the faults of every wire included."""
        return {"unplug": self.unplug, "replug": self.replug, **self._line.actions(), **self._playable.actions()}

    def replug(self) -> None:
        """Put the plug in again."""
        super().replug()
        self._defect = ""


class _View:
    """A camera as a device on a wire, so that the same faults can be played on its pictures."""

    def __init__(self, camera: CameraSimulator) -> None:
        self._camera = camera

    def receive(self, data: bytes, now_s: float) -> None:
        """Hear nothing: a camera is only looked at."""

    def send(self, now_s: float) -> bytes:
        """Return one picture."""
        return self._camera.jpeg(now_s)

    def power_cycle(self, now_s: float) -> None:
        """Remember nothing anyway."""

    def actions(self) -> Mapping[str, Action]:
        """What can be done to a camera is the camera's own."""
        return {}

    def facts(self) -> dict[str, JsonValue]:
        """Nothing beside the camera's own."""
        return {}


class CameraDevice(Plugged, BenchDevice):
    """A camera on an HTTP port."""

    def __init__(self, name: str, kind: str, camera: CameraSimulator, port: int) -> None:
        BenchDevice.__init__(self, name, kind, camera)
        self.lock = threading.Lock()
        """Held while the camera draws or is played with."""
        self._camera = camera
        self._line = FaultyLine(_View(camera), held_bytes_max=PICTURES_HELD_BYTES_MAX)
        Plugged.__init__(self, MjpegHost(name, port, self._sent))  # from now on it may be looked at

    def picture(self, now_s: float) -> bytes:
        """Return what the camera sees."""
        drawn = io.BytesIO()
        with Image.open(io.BytesIO(self._jpeg(now_s))) as seen:
            seen.save(drawn, "PNG")
        return drawn.getvalue()

    def actions(self) -> Mapping[str, Action]:
        """Return what the operator can do."""
        faults = {name: action for name, action in self._line.actions().items() if name not in _NOT_OF_CAMERAS}
        own: dict[str, Action] = {
            "unplug": self.unplug,
            "replug": self.replug,
            "power_cycle": self._power_cycle,
            "reset": self._power_cycle,
        }
        return {**faults, **self._playable.actions(), **own}

    def _jpeg(self, now_s: float) -> bytes:
        with self.lock:
            return self._camera.jpeg(now_s)

    def _sent(self, now_s: float) -> bytes:
        with self.lock:
            return self._line.send(now_s)

    def _power_cycle(self, now_s: float) -> None:
        """Switch the camera off and on again: its stream ends, and it may be black while it starts."""
        self.unplug()
        if isinstance(self._camera, Powered):
            self._camera.power_cycle(now_s)
        self.replug()


class WorldDevice(BenchDevice):
    """Physics between devices."""

    def __init__(self, name: str, kind: str, world: World) -> None:
        super().__init__(name, kind, world)
        self._world = world
        self._failed = False

    @property
    def url(self) -> str:
        """Nothing is plugged in."""
        return ""

    @property
    def plugged(self) -> bool:
        """The world is always there."""
        return True

    def close(self) -> None:
        """Nothing to take away."""

    def step(self, now_s: float) -> bool:
        """Move it on; return whether something moves."""
        try:
            moving = self._world.step(now_s)
        except Exception:  # noqa: BLE001 - the devices go on without their physics; told once, this runs often
            if not self._failed:
                _log.exception("%s stands still", self.name)
            self._failed = True
            return False
        self._failed = False
        return moving
