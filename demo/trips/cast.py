"""Who and what takes part in a trip."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from demo.shop import Shop
from demo.staff import StaffApi, StaffPage
from demo.story import Story
from demo.world import World


@dataclass(frozen=True)
class Cast:
    """The shop, the shopper's hands, the staff and the story that is told."""

    shop: Shop
    world: World
    staff: StaffApi
    page: StaffPage | None
    """The staff page in a browser; None where no Chromium is installed."""
    story: Story
    pictures: Path
