"""What a simulated device is: bytes and actions in, bytes and facts out; told the time, never looking at a clock.

The physics and the words live in each device's own ``simulator`` module; the bench gives them a pty, a clock and a control API.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol, TypeAlias, runtime_checkable

JsonValue: TypeAlias = "bool | int | float | str | list[JsonValue] | dict[str, JsonValue] | None"
Action: TypeAlias = Callable[..., JsonValue]


class ActionError(ValueError):
    """The world cannot be played that way; the sentence says what is possible."""


class Playable(Protocol):
    """Something of the world that an operator can look at and play with."""

    def facts(self) -> dict[str, JsonValue]:
        """Return the physical truth for the operator: what lies on the scale, every coin and where it is."""

    def actions(self) -> Mapping[str, Action]:
        """Return what the operator can do: name to a function whose keyword arguments are JSON values.

        A function raises :class:`ActionError` when it cannot be done. Its docstring and parameter names describe it in the
        bench window. It may take ``now_s: float``, which the bench fills in.
        """


class Simulator(Playable, Protocol):
    """A device that speaks on a byte stream."""

    def receive(self, data: bytes, now_s: float) -> None:
        """Take bytes that the product sent at ``now_s`` (monotonic seconds)."""

    def send(self, now_s: float) -> bytes:
        """Return the bytes that the device sends up to ``now_s``; also moves its physics on. Called every few ms."""

    def power_cycle(self, now_s: float) -> None:
        """Lose what a real device loses without power, keep what it keeps."""


@runtime_checkable
class Greeting(Protocol):
    """A device on a TCP port that does something at once when a client connects."""

    def connected(self, now_s: float) -> None:
        """A client has just connected; an older one is gone."""


@runtime_checkable
class HangsUp(Protocol):
    """A device on a TCP port that closes a connection by itself."""

    def hangs_up(self) -> bool:
        """Whether it closes the connection now; tells it once."""


class CameraSimulator(Playable, Protocol):
    """A device that speaks in pictures."""

    def jpeg(self, now_s: float) -> bytes:
        """Return what the camera sees at ``now_s`` as a JPEG file. Called about 20 times a second while somebody looks."""


@runtime_checkable
class Powered(Protocol):
    """A device that loses something without power."""

    def power_cycle(self, now_s: float) -> object:
        """Switch it off and on."""


class World(Playable, Protocol):
    """Physics between devices: goods that a belt moves from one sensor to the next."""

    def step(self, now_s: float) -> bool:
        """Move everything on to ``now_s``; return whether something moves, so that the next step should come soon."""


@runtime_checkable
class Pictured(Protocol):
    """A device whose work can be looked at: the paper of a printer."""

    def picture(self) -> bytes:
        """Return a PNG of it. Called on another thread than everything else, so it must draw from an unchanging copy."""
