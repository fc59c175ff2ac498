"""Plays every trip without a display, tells them as a story, saves pictures and a summary."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from demo.errors import DemoError
from demo.shop import Shop
from demo.staff import StaffApi, StaffPage
from demo.story import Story
from demo.trips import copied_pass, forgetful, honest, live_tag, server_gone
from demo.trips.cast import Cast
from demo.world import World


def play_all(build: Path, tell: Callable[[str], None] = print) -> bool:
    """Open a shop below ``build``, play every trip, close it; return whether all happened as expected.

    Writes ``summary.json`` and a PNG of every screen that was shown below ``build``.
    """
    shutil.rmtree(build, ignore_errors=True)
    story = Story(tell)
    began = time.monotonic()
    try:
        with opened(build, story) as cast:
            tell(f"The shop is open after {time.monotonic() - began:.1f} s.")
            used_pass = honest.play(cast)
            forgetful.play(cast)
            copied_pass.play(cast, used_pass)
            live_tag.play(cast)
            server_gone.play(cast)
            _close(cast)
    except DemoError as error:
        tell(f"\n{error}")
        story.failed = True
    finally:
        story.write(build / "summary.json")
    passed = sum(step.passed for step in story.steps)
    tell(f"\n{passed} of {len(story.steps)} steps happened as expected, in {time.monotonic() - began:.0f} s.")
    tell(f"Pictures of every screen: {build / 'screens'}. Summary: {build / 'summary.json'}.")
    return story.all_passed


@contextmanager
def opened(build: Path, story: Story, *, with_page: bool = True, shop_kind: type[Shop] = Shop) -> Iterator[Cast]:
    """Open a shop with all who take part in a trip, with or without the staff page in a browser; close it at the end."""
    screens = build / "screens"
    with shop_kind(build / "shop", screenshots=screens, platform="offscreen", random_checks=False) as shop:
        shop.open()
        staff = StaffApi(shop.store_url)
        staff.log_in()
        with StaffPage(shop.store_url, screens / "staff") as page:
            shown = _page_in_browser(page, story) if with_page else None
            yield Cast(shop, World(shop, screens / "scanned"), staff, shown, story, screens)
        staff.close()


def _page_in_browser(page: StaffPage, story: Story) -> StaffPage | None:
    """Open the staff page; None, and a word about it, where no browser can be driven."""
    try:
        page.log_in()
    except DemoError as error:
        story.tell(f"Staff's steps go over HTTP, without pictures of the staff page: {error}.")
        return None
    page.picture("staff-idle")
    return page


def _close(cast: Cast) -> None:
    """Close the shop: every program ends by itself when asked."""
    cast.story.begin("closing time", "every program is asked to end")
    codes = cast.shop.close()
    told = ", ".join(f"{name} {code}" for name, code in codes.items())
    cast.story.check("stop the programs", "exit code 0 of each", told, passed=not any(codes.values()))
