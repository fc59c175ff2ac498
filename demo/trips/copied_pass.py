"""Copied pass: the same exit pass again, and a pass with one bit changed; each is refused with its own reason."""

from __future__ import annotations

from demo import plan
from demo.trips import steps
from demo.trips.cast import Cast
from demo.waiting import wait_for

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_FLIPPED_CHARACTER = 40
"""Far enough into the text to be inside the signed bytes."""


def play(cast: Cast, used_pass: str) -> None:
    """Play the trip with a pass that was used before."""
    cast.story.begin("copied pass", "somebody photographed a receipt, somebody else repaired one with a pen")
    steps.wait_for_lane(cast, "idle")
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
        cast.world.show_to_lane(text)
        said = wait_for(lambda: _refusal(cast, reason), f"{plan.LANE} to say {reason!r}", steps.LANE_TIMEOUT_S)
        if cast.page is not None:
            cast.page.wait_for_text(said)
            cast.page.picture(f"staff-refused-{what.rsplit(maxsplit=1)[-1]}")
        return said

    cast.story.step(f"hold {what} to the lane's scanner", f"it is refused and says {reason!r}", show, str)


def _refusal(cast: Cast, reason: str) -> str | None:
    """Return what the lane says when it refuses for this reason; a lane that refuses takes the next code at once."""
    report = cast.staff.lane()
    said = str(report["headline"]["en"]) if str(report.get("state", "")).lower() == "refused" else ""
    return said if reason in said.lower() else None
