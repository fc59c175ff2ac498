"""What one process of clients hands back."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timed:
    """One process's share of a run."""

    answers: list[bytes]
    spans_s: list[float]
    begin: float
    """Seconds of ``time.monotonic``, which all processes of a machine share."""
    end: float
    cpu_s: float
