"""The test that every table of targets is put to; each table has a file of its own, so that several cores share them."""

from __future__ import annotations

import os

from tests.fuzz.fuzzing import Fuzzer, Target

FRAMES = int(os.environ.get("SCANLANE_FUZZ", "100000"))
SEED = int(os.environ.get("SCANLANE_SEED", "1"))


def check_parser(target: Target) -> None:
    """Feed 100,000 mutated frames; ``SCANLANE_FUZZ=N`` feeds N, ``SCANLANE_SEED`` others."""
    report = Fuzzer(target, SEED).run(FRAMES)
    print(f"SCANLANE_SEED={SEED}: {report}")
    assert report.frames == FRAMES
    assert report.corpus > len(target.seeds), (
        "no frame reached anything that the vectors do not: is the seed corpus all there is?"
    )
