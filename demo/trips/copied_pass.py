"""Copied pass: the same exit pass again, and a pass with one bit changed; each is refused with its own reason."""

from __future__ import annotations

from demo.trips import steps
from demo.trips.cast import Cast

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_FLIPPED_CHARACTER = 40
"""Far enough into the text to be inside the signed bytes."""


def play(cast: Cast, used_pass: str) -> None:
    """Play the trip with a pass that was used before."""
    cast.story.begin("copied pass", "somebody photographed a receipt, somebody else repaired one with a pen")
    _refused(cast, used_pass, "the used pass", "already used")
    _refused(cast, with_one_bit_changed(used_pass), "a pass with one bit changed", "not genuine")
    _refused(cast, "https://example.org/menu", "a restaurant's QR code", "not from our shop")


def with_one_bit_changed(exit_pass: str) -> str:
    """Flip the lowest bit of one base32 character."""
    head, separator, body = exit_pass.rpartition("/")
    flipped = _ALPHABET[_ALPHABET.index(body[_FLIPPED_CHARACTER]) ^ 1]
    return head + separator + body[:_FLIPPED_CHARACTER] + flipped + body[_FLIPPED_CHARACTER + 1 :]


def _refused(cast: Cast, text: str, what: str, reason: str) -> None:
    def show() -> str:
        steps.wait_for_lane(cast, "idle")
        cast.world.show_to_lane(text)
        report = steps.wait_for_lane(cast, "refused")
        said = str(report["headline"]["en"])
        if cast.page is not None:
            cast.page.picture(f"staff-refused-{what.rsplit(maxsplit=1)[-1]}")
        return said

    said = cast.story.step(f"hold {what} to the lane's scanner", "it is refused", show, str)
    cast.story.check("read the reason", f"it says {reason!r}", said, passed=reason in said.lower())
