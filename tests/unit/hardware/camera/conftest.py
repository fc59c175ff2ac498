"""Randomness that can be had again: its seed is printed with a failing test."""

from __future__ import annotations

import sys

import numpy as np
import pytest


@pytest.fixture
def rng() -> np.random.Generator:
    seed = np.random.SeedSequence().entropy
    sys.stdout.write(f"seed {seed}\n")
    return np.random.default_rng(seed)
