"""Which cash may be taken, and which hopper pays next.

A coin or note that leaves something to pay is taken only if, on cancel, everything inserted so far could be given back. One
that covers what is due is taken only if the change can be given exactly; the server refusing such a payment is the one case
left in which not all may go back. What goes back is always coins from hoppers: a note in escrow goes back as itself, but a note
in the note box stays there, and coins in the coin box stay there too. Coins cannot be held: two that fall in before the
acceptor hears that it must stop are both taken, and what cannot be returned then is owed.
"""

from __future__ import annotations

from collections.abc import Iterable

from kiosk_app.change import can_give, most_change
from kiosk_app.session import TAKEN_MAX, Accepting, Hopper, Session

PORTION_COINS_MAX = 20
"""Coins per payout, so that a crash leaves little in doubt."""


def stock_of(hoppers: Iterable[Hopper]) -> dict[int, int]:
    """Return coin value to the number of coins that can be asked for now."""
    stock: dict[int, int] = {}
    for hopper in hoppers:
        if hopper.usable_count:
            stock[hopper.coin_minor] = stock.get(hopper.coin_minor, 0) + hopper.usable_count
    return stock


def may_take(session: Session, value_minor: int) -> bool:
    """Whether a coin or note of this value may be taken next."""
    if len(session.taken) >= TAKEN_MAX or session.remaining_minor == 0:
        return False
    stock = stock_of(session.hoppers)
    if value_minor >= session.remaining_minor:
        return can_give(value_minor - session.remaining_minor, stock)
    return can_give(session.taken_minor + value_minor, stock)


def acceptable(session: Session) -> Accepting:
    """Return what the devices may take now; while a note is under way, no coins beside it."""
    notes = frozenset(value for value in session.cash.note_values_minor if may_take(session, value))
    coins = session.cash.coin_values_minor
    take_coins = not session.escrow_minor and bool(coins) and all(may_take(session, value) for value in coins)
    return Accepting(coins=take_coins, notes=notes)


def takes_cash(session: Session) -> bool:
    """Whether the order can be paid in cash at all right now."""
    wanted = acceptable(session)
    return session.cash.ready and (wanted.coins or bool(wanted.notes) or session.remaining_minor == 0)


def next_payout(session: Session) -> tuple[Hopper, int] | None:
    """Return the hopper that pays next and how many coins; None if no hopper can bring us nearer to what must go back."""
    plan = most_change(session.to_return_minor, stock_of(session.hoppers))
    if not plan:
        return None
    coin = max(plan)
    fullest = max((hopper for hopper in session.hoppers if hopper.coin_minor == coin), key=lambda hopper: hopper.usable_count)
    return fullest, min(plan[coin], fullest.usable_count, PORTION_COINS_MAX)
