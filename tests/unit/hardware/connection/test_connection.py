from __future__ import annotations

from typing import get_args

import pytest

from hardware.connection import (
    BACK_OFF_S,
    FAILED_EXCHANGES_MAX,
    TRANSITIONS,
    CloseRequested,
    Command,
    Connection,
    Event,
    ExchangeFailed,
    ExchangeSucceeded,
    Identified,
    Identity,
    IllegalTransitionError,
    LinkFailed,
    LinkOpened,
    OpenRequested,
    RetryDue,
    State,
    advance,
    check_pinned,
)
from hardware.errors import WrongDeviceError

SOMEONE = Identity("WKC6", "B02", "4.22")
EVENTS: dict[type[Event], Event] = {
    OpenRequested: OpenRequested(),
    LinkOpened: LinkOpened(),
    Identified: Identified(SOMEONE),
    LinkFailed: LinkFailed("unplugged"),
    ExchangeFailed: ExchangeFailed("silence"),
    ExchangeSucceeded: ExchangeSucceeded(),
    RetryDue: RetryDue(),
    CloseRequested: CloseRequested(),
}
PAIRS = [(state, kind) for state in State for kind in EVENTS]


def played(*events: Event) -> Connection:
    connection = Connection()
    for event in events:
        connection, _ = advance(connection, event)
    return connection


READY = (OpenRequested(), LinkOpened(), Identified(SOMEONE))
LOST = (OpenRequested(), LinkFailed("no such port"))


def test_every_event_has_an_example() -> None:
    assert set(EVENTS) == set(get_args(Event))


@pytest.mark.parametrize(("state", "kind"), PAIRS, ids=lambda value: getattr(value, "name", getattr(value, "__name__", "")))
def test_every_state_with_every_event(state: State, kind: type[Event]) -> None:
    connection = Connection(state=state)
    target = TRANSITIONS.get((state, kind))
    if target is None:
        with pytest.raises(IllegalTransitionError, match=f"{kind.__name__} cannot happen in {state.name}"):
            advance(connection, EVENTS[kind])
    else:
        after, _ = advance(connection, EVENTS[kind])
        assert after.state is target


def test_every_state_is_reached_and_left() -> None:
    reached = {State.CLOSED}
    while more := {target for (source, _), target in TRANSITIONS.items() if source in reached} - reached:
        reached |= more
    assert reached == set(State)
    assert {source for (source, _), target in TRANSITIONS.items() if source is not target} == set(State)


def test_a_device_that_answers_becomes_ready_and_is_announced() -> None:
    connection, commands = advance(Connection(), OpenRequested())
    assert commands == (Command.OPEN_LINK,)
    connection, commands = advance(connection, LinkOpened())
    assert commands == (Command.PROBE,)
    connection, commands = advance(connection, Identified(SOMEONE))
    assert (connection.state, connection.identity, commands) == (State.READY, SOMEONE, (Command.ANNOUNCE,))


def test_the_port_s_failure_loses_it_at_once() -> None:
    connection, commands = advance(played(*READY), LinkFailed("unplugged"))
    assert (connection.state, connection.reason) == (State.LOST, "unplugged")
    assert commands == (Command.CLOSE_LINK, Command.ANNOUNCE, Command.WAIT)


def test_some_failed_exchanges_in_a_row_lose_it() -> None:
    connection = played(*READY)
    for _ in range(FAILED_EXCHANGES_MAX - 1):
        connection, commands = advance(connection, ExchangeFailed("silence"))
        assert (connection.state, commands) == (State.READY, ())
    connection, commands = advance(connection, ExchangeFailed("silence"))
    assert (connection.state, connection.reason) == (State.LOST, "silence")
    assert Command.CLOSE_LINK in commands


def test_an_answer_in_between_starts_the_count_anew() -> None:
    failures = [ExchangeFailed("noise")] * (FAILED_EXCHANGES_MAX - 1)
    assert played(*READY, *failures, ExchangeSucceeded(), *failures).state is State.READY


def test_a_long_loss_is_announced_once_and_backs_off_more_and_more() -> None:
    connection = played(*LOST)
    waits = [connection.back_off_s]
    for _ in range(len(BACK_OFF_S) + 1):
        connection, commands = advance(connection, RetryDue())
        assert commands == (Command.OPEN_LINK,)
        connection, commands = advance(connection, LinkFailed("still no such port"))
        assert commands == (Command.CLOSE_LINK, Command.WAIT)
        waits.append(connection.back_off_s)
    assert waits == [*BACK_OFF_S, BACK_OFF_S[-1], BACK_OFF_S[-1]]


def test_ready_again_forgets_the_losses() -> None:
    connection = played(*LOST, RetryDue(), LinkFailed("no"), RetryDue(), LinkOpened(), Identified(SOMEONE))
    assert (connection.losses, connection.reason, connection.failed_exchanges) == (0, "", 0)
    connection, commands = advance(connection, LinkFailed("unplugged"))
    assert connection.back_off_s == BACK_OFF_S[0]
    assert Command.ANNOUNCE in commands


def test_a_wrong_device_in_the_lost_one_s_place_is_announced_once() -> None:
    connection = played(*READY, LinkFailed("unplugged"), RetryDue(), LinkOpened())
    connection, commands = advance(connection, LinkFailed("serial number 7 instead of 3", wrong_device=True))
    assert connection.wrong_device
    assert Command.ANNOUNCE in commands
    connection, commands = advance(played_on(connection, RetryDue(), LinkOpened()), LinkFailed("7", wrong_device=True))
    assert Command.ANNOUNCE not in commands
    assert not played_on(connection, RetryDue(), LinkOpened(), Identified(SOMEONE)).wrong_device


def played_on(connection: Connection, *events: Event) -> Connection:
    for event in events:
        connection, _ = advance(connection, event)
    return connection


@pytest.mark.parametrize("events", [(OpenRequested(),), (OpenRequested(), LinkOpened()), READY, LOST])
def test_closing_works_from_everywhere(events: tuple[Event, ...]) -> None:
    connection, commands = advance(played(*events), CloseRequested())
    assert connection == Connection()
    assert commands == (Command.CLOSE_LINK, Command.ANNOUNCE)


@pytest.mark.parametrize(
    ("identity", "text"),
    [
        (Identity(), "unnamed device"),
        (Identity("WKC6"), "WKC6"),
        (SOMEONE, "WKC6 no. B02 4.22"),
        (Identity(firmware="V2.00"), "V2.00"),
    ],
)
def test_an_identity_reads_well(identity: Identity, text: str) -> None:
    assert str(identity) == text


FOUND = Identity(model="WKC6", serial_number="B021", firmware="4.22")


@pytest.mark.parametrize("pinned", [Identity(), Identity(model="WKC6"), Identity(serial_number="B021"), FOUND])
def test_the_pinned_device_is_accepted(pinned: Identity) -> None:
    check_pinned(FOUND, pinned)


@pytest.mark.parametrize(
    ("pinned", "told"),
    [
        (Identity(model="XS"), "the device has model 'WKC6', the settings say 'XS': plug in the right device"),
        (Identity(model="WKC6", serial_number="C1"), "the device has serial number 'B021', the settings say 'C1'"),
        (Identity(firmware="5"), "the device has firmware '4.22', the settings say '5'"),
    ],
)
def test_another_device_is_refused(pinned: Identity, told: str) -> None:
    with pytest.raises(WrongDeviceError, match=told):
        check_pinned(FOUND, pinned)


def test_it_is_degraded_between_a_failed_exchange_and_the_next_one_that_succeeds() -> None:
    ready = Connection(State.READY)
    assert not ready.is_degraded
    degraded, commands = advance(ready, ExchangeFailed("silence"))
    assert degraded.is_degraded
    assert commands == ()
    assert not advance(degraded, ExchangeSucceeded())[0].is_degraded
    assert not advance(degraded, LinkFailed("unplugged"))[0].is_degraded
