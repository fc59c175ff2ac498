"""One connection machine for all devices: opening, probing, ready, lost, back-off.

1. A port that opens but whose device does not answer the probe is not READY.
2. READY is left at once when the port fails, and after :data:`FAILED_EXCHANGES_MAX` failed exchanges in a row.
3. After every loss the port is closed, and opened again after a back-off that grows to :data:`BACK_OFF_S`'s last value.
4. A loss is announced once, however long it lasts; but when a wrong device turns up in its place, that is announced too.
5. Every entry into READY follows a probe that re-initialised the device, because devices forget volatile settings.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from typing import TypeAlias

from hardware.errors import WrongDeviceError

FAILED_EXCHANGES_MAX = 3
BACK_OFF_S = (0.5, 1.0, 2.0, 4.0, 8.0, 10.0)


class State(Enum):
    """Where a connection is."""

    CLOSED = "closed"
    OPENING = "opening"
    PROBING = "probing"
    READY = "ready"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who answered the probe; empty texts where the protocol does not tell."""

    model: str = ""
    serial_number: str = ""
    firmware: str = ""

    def __str__(self) -> str:
        parts = (self.model, self.serial_number and f"no. {self.serial_number}", self.firmware)
        return " ".join(part for part in parts if part) or "unnamed device"


def check_pinned(found: Identity, pinned: Identity) -> None:
    """Compare who answered with whom the settings name; what they leave empty may be anything.

    Raises:
        WrongDeviceError: another model or serial number.
    """
    for what, is_, should in (
        ("model", found.model, pinned.model),
        ("serial number", found.serial_number, pinned.serial_number),
        ("firmware", found.firmware, pinned.firmware),
    ):
        if should and is_ != should:
            raise WrongDeviceError(
                f"the device has {what} {is_!r}, the settings say {should!r}: plug in the right device or correct the settings"
            )


# Events: what happened.


@dataclass(frozen=True, slots=True)
class OpenRequested:
    """The owner wants the device."""


@dataclass(frozen=True, slots=True)
class LinkOpened:
    """The port is open."""


@dataclass(frozen=True, slots=True)
class Identified:
    """The probe was answered and the device initialised."""

    identity: Identity


@dataclass(frozen=True, slots=True)
class LinkFailed:
    """The port could not be opened or is gone, or the probe failed."""

    reason: str
    wrong_device: bool = False
    """Another device than the configured one answered the probe."""


@dataclass(frozen=True, slots=True)
class ExchangeFailed:
    """One question got no answer, or a broken one."""

    reason: str


@dataclass(frozen=True, slots=True)
class ExchangeSucceeded:
    """One question was answered."""


@dataclass(frozen=True, slots=True)
class RetryDue:
    """The back-off is over."""


@dataclass(frozen=True, slots=True)
class CloseRequested:
    """The owner is done with the device."""


Event: TypeAlias = (
    OpenRequested | LinkOpened | Identified | LinkFailed | ExchangeFailed | ExchangeSucceeded | RetryDue | CloseRequested
)


class Command(Enum):
    """What the worker has to do."""

    OPEN_LINK = "open the port"
    PROBE = "identify and initialise the device"
    CLOSE_LINK = "close the port"
    WAIT = "wait for the back-off, then report RetryDue"
    ANNOUNCE = "tell the owner the new state"


@dataclass(frozen=True, slots=True)
class Connection:
    """The connection's memory."""

    state: State = State.CLOSED
    identity: Identity = Identity()
    reason: str = ""
    """Why it is lost."""
    failed_exchanges: int = 0
    losses: int = 0
    """Losses in a row, counted until the device was READY."""
    wrong_device: bool = False
    """Another device than the configured one answered the last probe; waiting does not help, staff must look."""

    @property
    def is_degraded(self) -> bool:
        """Whether it is READY, but the last exchange failed: it may be about to be lost."""
        return self.state is State.READY and self.failed_exchanges > 0

    @property
    def back_off_s(self) -> float:
        """How long to wait before the next opening."""
        return BACK_OFF_S[min(max(self.losses, 1), len(BACK_OFF_S)) - 1]


class IllegalTransitionError(RuntimeError):
    """An event that cannot happen in this state; a mistake in our code."""


TRANSITIONS: dict[tuple[State, type[Event]], State] = {
    (State.CLOSED, OpenRequested): State.OPENING,
    (State.OPENING, LinkOpened): State.PROBING,
    (State.OPENING, LinkFailed): State.LOST,
    (State.OPENING, CloseRequested): State.CLOSED,
    (State.PROBING, Identified): State.READY,
    (State.PROBING, LinkFailed): State.LOST,
    (State.PROBING, CloseRequested): State.CLOSED,
    (State.READY, ExchangeSucceeded): State.READY,
    (State.READY, ExchangeFailed): State.READY,
    (State.READY, LinkFailed): State.LOST,
    (State.READY, CloseRequested): State.CLOSED,
    (State.LOST, RetryDue): State.OPENING,
    (State.LOST, CloseRequested): State.CLOSED,
}

Step = tuple[Connection, tuple[Command, ...]]


def advance(connection: Connection, event: Event) -> Step:
    """Return the connection after ``event`` and what the worker must do.

    Raises:
        IllegalTransitionError: the pair of state and event is not in :data:`TRANSITIONS`.
    """
    target = TRANSITIONS.get((connection.state, type(event)))
    if target is None:
        raise IllegalTransitionError(f"{type(event).__name__} cannot happen in {connection.state.name}")
    if isinstance(event, ExchangeFailed):
        return _count_failure(connection, event)
    if isinstance(event, ExchangeSucceeded):
        return replace(connection, failed_exchanges=0), ()
    return _ENTER[target](replace(connection, state=target), event)


def _count_failure(connection: Connection, event: ExchangeFailed) -> Step:
    failed = connection.failed_exchanges + 1
    if failed >= FAILED_EXCHANGES_MAX:
        return advance(connection, LinkFailed(event.reason))
    return replace(connection, failed_exchanges=failed), ()


def _enter_opening(connection: Connection, _event: Event) -> Step:
    return replace(connection, failed_exchanges=0), (Command.OPEN_LINK,)


def _enter_probing(connection: Connection, _event: Event) -> Step:
    return connection, (Command.PROBE,)


def _enter_ready(connection: Connection, event: Event) -> Step:
    assert isinstance(event, Identified)
    ready = replace(connection, identity=event.identity, losses=0, failed_exchanges=0, reason="", wrong_device=False)
    return ready, (Command.ANNOUNCE,)


def _enter_lost(connection: Connection, event: Event) -> Step:
    assert isinstance(event, LinkFailed)
    lost = replace(connection, reason=event.reason, losses=connection.losses + 1, wrong_device=event.wrong_device)
    is_news = lost.losses == 1 or (event.wrong_device and not connection.wrong_device)
    return lost, (Command.CLOSE_LINK, *((Command.ANNOUNCE,) if is_news else ()), Command.WAIT)


def _enter_closed(_connection: Connection, _event: Event) -> Step:
    return Connection(), (Command.CLOSE_LINK, Command.ANNOUNCE)


_ENTER: dict[State, Callable[[Connection, Event], Step]] = {
    State.OPENING: _enter_opening,
    State.PROBING: _enter_probing,
    State.READY: _enter_ready,
    State.LOST: _enter_lost,
    State.CLOSED: _enter_closed,
}
