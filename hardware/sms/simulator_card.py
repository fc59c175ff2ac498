"""The SIM card of a simulated modem, and its PIN."""

from __future__ import annotations

PIN_TRIES = 3
NOT_NOW, NO_CARD, BLOCKED, WRONG_PIN = 3, 10, 12, 16
"""CME errors."""


class Card:
    """One card; it remembers without power how often a wrong PIN may still be given."""

    def __init__(self, pin: str) -> None:
        """Put a card in; an empty PIN: it has none."""
        self._pin = pin
        self.is_in = True
        self.tries = PIN_TRIES
        self.is_unlocked = not pin

    @property
    def is_usable(self) -> bool:
        """Whether messages can be sent with it."""
        return self.is_in and self.is_unlocked

    @property
    def state(self) -> str:
        """What AT+CPIN? tells."""
        return "SIM PUK" if not self.tries else "READY" if self.is_unlocked else "SIM PIN"

    def lock(self) -> None:
        """Want the PIN again: the power was away, or the card was taken out or put in."""
        self.is_unlocked = not self._pin

    def enter(self, pin: str) -> int | None:
        """Take a PIN; return the CME error, None when it was right."""
        if self.is_unlocked or not self.is_in:
            return NOT_NOW
        if not self.tries:
            return BLOCKED
        if pin == self._pin:
            self.is_unlocked, self.tries = True, PIN_TRIES
            return None
        self.tries -= 1
        return WRONG_PIN
