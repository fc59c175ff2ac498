"""Speech: espeak-ng, or a silent speaker that records what it would have said."""
