from __future__ import annotations

import random
import sys

import pytest


@pytest.fixture
def chance() -> random.Random:
    """Randomness whose seed is shown when the test fails."""
    seed = random.SystemRandom().randrange(2**32)
    sys.stderr.write(f"seed {seed}\n")
    return random.Random(seed)
