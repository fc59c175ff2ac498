"""Speech: espeak-ng, or a silent speaker that records what it would have said."""

from hardware.speaker.speaker import Mode, Speaker
from hardware.speaker.waiting import Sentence

__all__ = ["Mode", "Sentence", "Speaker"]
