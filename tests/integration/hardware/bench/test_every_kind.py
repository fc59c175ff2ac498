"""Every kind of device the bench knows, in ways that hold for all."""

from __future__ import annotations

import json
import random
import sys

import pytest

from hardware.bench import actions, kinds
from hardware.bench.faults import FaultyLine

WIRED = sorted(set(kinds.SIMULATORS) - kinds.CAMERAS - kinds.LINES - kinds.HTTPS - kinds.POLLING)


@pytest.mark.parametrize("kind", WIRED)
def test_garbage_never_fails_a_device_and_its_facts_can_be_told(kind: str) -> None:
    seed = random.SystemRandom().randrange(2**32)
    sys.stderr.write(f"seed {seed}\n")
    chance = random.Random(seed)
    device = kinds.build_simulator(kind, {}, 1)
    line = FaultyLine(device)
    now_s = 0.0
    for _chunk in range(1500):
        now_s += chance.random() / 10
        line.receive(chance.randbytes(chance.randrange(1, 60)), now_s)
        line.send(now_s)
        if chance.random() < 0.01:
            line.power_cycle(now_s)
    json.dumps(device.facts(), allow_nan=False)


@pytest.mark.parametrize("kind", sorted(set(kinds.SIMULATORS) - kinds.LINES))
def test_every_action_tells_what_it_does(kind: str) -> None:
    device = kinds.build_simulator(kind, {}, 1)
    for name, action in device.actions().items():
        told = actions.describe(name, action)
        assert told["doc"], f"{kind}.{name} has no docstring"
        json.dumps(told, allow_nan=False)
    json.dumps(device.facts(), allow_nan=False)
