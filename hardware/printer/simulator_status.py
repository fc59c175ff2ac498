"""What a simulated printer says about itself, bit by bit after the Epson command reference; pure.

Written apart from the driver's :mod:`hardware.printer.protocol`, so that a misread bit cannot hide on both sides.

::

              DLE EOT 1      DLE EOT 2       DLE EOT 3        DLE EOT 4    ASB 1        ASB 2             ASB 3
    fixed     0xx1xx10       0xx1xx10        0xx1xx10         0xx1xx10     0xx1xx00     0xx0xx00          0xx0xxxx
    bit 2     drawer pin 3   cover open      recoverable      near end     drawer       recoverable       (0-1 near end)
    bit 3     off-line       feed by button  cutter           near end     off-line     cutter            (2-3 paper end)
    bit 5     waits to go on paper end       not recoverable  paper end    cover open   not recoverable
    bit 6     feed button    error           recovers alone   paper end    feed button  recovers alone
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Body:
    """The printer's sensors and faults."""

    near_end: bool = False
    paper_end: bool = False
    cover_open: bool = False
    cutter_error: bool = False
    recoverable_error: bool = False
    broken: bool = False
    too_hot: bool = False
    feed_button: bool = False
    drawer_high: bool = False

    @property
    def error(self) -> bool:
        """Whether any fault stops it."""
        return self.cutter_error or self.recoverable_error or self.broken or self.too_hot

    @property
    def online(self) -> bool:
        """Whether it prints."""
        return not (self.paper_end or self.cover_open or self.error or self.feed_button)


def real_time(body: Body, question: int) -> int | None:
    """Return the answer to DLE EOT, or nothing to a question it does not know."""
    bits = {
        1: ((2, body.drawer_high), (3, not body.online), (6, body.feed_button)),
        2: ((2, body.cover_open), (3, body.feed_button), (5, body.paper_end), (6, body.error)),
        3: ((2, body.recoverable_error), (3, body.cutter_error), (5, body.broken), (6, body.too_hot)),
        4: (
            (2, body.near_end or body.paper_end),
            (3, body.near_end or body.paper_end),
            (5, body.paper_end),
            (6, body.paper_end),
        ),
    }.get(question)
    return None if bits is None else _byte(0b0001_0010, bits)


def automatic(body: Body) -> bytes:
    """Return the four bytes of automatic status."""
    near_end = body.near_end or body.paper_end
    return bytes(
        (
            _byte(
                0b0001_0000,
                ((2, body.drawer_high), (3, not body.online), (5, body.cover_open), (6, body.feed_button)),
            ),
            _byte(0, ((2, body.recoverable_error), (3, body.cutter_error), (5, body.broken), (6, body.too_hot))),
            _byte(0, ((0, near_end), (1, near_end), (2, body.paper_end), (3, body.paper_end))),
            0,
        )
    )


def queued(body: Body, question: int) -> int | None:
    """Return the answer to GS r: 1 paper, 2 drawer."""
    if question in {1, 49}:
        near_end = body.near_end or body.paper_end
        return _byte(0, ((0, near_end), (1, near_end), (2, body.paper_end), (3, body.paper_end)))
    if question in {2, 50}:
        return _byte(0, ((0, body.drawer_high),))
    return None


def process_id(characters: bytes) -> bytes:
    """Return the answer to GS ( H fn 48."""
    return b"7\x22" + characters + b"\0"


def information(text: str) -> bytes:
    """Return the answer to GS I 65 and up."""
    return b"_" + text.encode("ascii", "replace") + b"\0"


def _byte(fixed: int, bits: tuple[tuple[int, bool], ...]) -> int:
    return fixed | sum(1 << place for place, is_set in bits if is_set)
