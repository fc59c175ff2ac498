"""Speech: espeak-ng, an engine that a program brings along, or a silent speaker that records what it would have said."""

from hardware.speaker.speaker import Mode, Speaker
from hardware.speaker.voices import EspeakVoice, Voice
from hardware.speaker.waiting import Sentence

__all__ = ["EspeakVoice", "Mode", "Sentence", "Speaker", "Voice"]
