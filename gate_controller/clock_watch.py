"""Notices when somebody sets the clock: the wall clock must run beside the monotonic one; pure.

A pass is in time or not by this computer's clock. Whoever turns it back makes an old pass young, so after a step nobody is let
out on a signature until the server, whose clock counts for its own word, was heard again.
"""

from __future__ import annotations

from dataclasses import dataclass

STEP_MAX_S = 60.0
"""More is no correction of a running clock."""


@dataclass(frozen=True, slots=True)
class ClockWatch:
    """Where both clocks stood when they were last trusted."""

    wall_s: float
    mono_s: float

    def step_s(self, wall_s: float, mono_s: float) -> float:
        """Return by how much the wall clock was set since then, forward or back."""
        return (wall_s - self.wall_s) - (mono_s - self.mono_s)

    def was_set(self, wall_s: float, mono_s: float) -> bool:
        """Tell whether it was set by more than a correction."""
        return abs(self.step_s(wall_s, mono_s)) > STEP_MAX_S
