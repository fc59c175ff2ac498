"""What really is in the kiosk's recycler and on its card terminal, in a line each; from what the bench tells."""

from __future__ import annotations

from typing import Any


def terminal_line(facts: dict[str, Any]) -> str:
    """Return what the card terminal does and what it has booked."""
    booked = f"{facts['charges']} booked, {_yuan(facts['booked_minor'])} in all"
    return f"Card terminal: {'waits for a card' if facts['running'] else 'nothing to pay'}; {booked}"


def recycler_line(facts: dict[str, Any]) -> str:
    """Return where the notes are, and which are taken now."""
    store = ", ".join(f"{count} x {_yuan(int(value))}" for value, count in facts["store"].items()) or "nothing"
    box_minor = sum(int(value) * count for value, count in facts["recycler_box"].items())
    takes = " ".join(_yuan(value) for value in facts["takes_notes"]) or "none"
    return f"Note recycler: {store} for change, {_yuan(box_minor)} in the cash box; takes now: {takes}"


def _yuan(minor: int) -> str:
    return f"¥{minor / 100:g}"
