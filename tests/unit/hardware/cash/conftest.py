from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from hardware.bench.simulator import JsonValue
from tests.unit.hardware.cash.virtual_bus import VirtualKiosk

MakeKiosk = Callable[..., VirtualKiosk]


@pytest.fixture
def make_kiosk(monkeypatch: pytest.MonkeyPatch) -> MakeKiosk:
    """Make a kiosk whose driver opens the virtual line."""

    def make(options: Mapping[str, JsonValue] | None = None, seed: int = 1, **settings: object) -> VirtualKiosk:
        kiosk = VirtualKiosk(options, seed, settings)
        monkeypatch.setattr("hardware.device.Link", kiosk.opened)
        return kiosk

    return make
