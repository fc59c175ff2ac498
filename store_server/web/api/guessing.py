"""Limits on what can be guessed, as the routers use them."""

from __future__ import annotations

from contextlib import AbstractContextManager

from fastapi import Request

from store_server.contract.lane_messages import EnterLane
from store_server.contract.refusals import Refusal
from store_server.services.guess_limits import Guess
from store_server.services.principals import Device
from store_server.services.store import Store

_WRONG_NUMBER = frozenset({Refusal.UNKNOWN_ORDER})
_WRONG_PASS = frozenset({Refusal.UNKNOWN_ORDER, Refusal.FORGED, Refusal.NOT_A_PASS})


def order_guess(store: Store, device: Device, order_number: str | None) -> AbstractContextManager[None]:
    """Count wrong order numbers, or wrong codes where no number is given, of one device."""
    if order_number is None:
        return store.guesses.guessing(Guess.PASS, device.name, store.clock(), wrong=_WRONG_PASS)
    return store.guesses.guessing(Guess.ORDER_NUMBER, device.name, store.clock(), wrong=_WRONG_NUMBER)


def entry_guess(store: Store, gate: Device, request: EnterLane) -> AbstractContextManager[None]:
    """Count what was wrong at a lane; an exit number opens by itself, so it may be guessed least often."""
    if request.exit_number is None:
        return order_guess(store, gate, request.order_number)
    return store.guesses.guessing(Guess.EXIT_NUMBER, gate.name, store.clock(), wrong=_WRONG_NUMBER)


def address_of(request: Request) -> str:
    """Return where a request comes from."""
    return request.client.host if request.client is not None else "unknown"
