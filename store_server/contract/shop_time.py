"""The shop's own time: what its wall clock shows, and when a promotion is open by it.

A promotion's time is a number of minutes since 1970-01-01 00:00 on the shop's wall clock. Whoever knows the time zone makes the
number once (:func:`local_minute`); from there on nothing depends on a clock.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from store_server.contract.promotions import MINUTES_PER_DAY, Window

_DAY_ZERO = date(1970, 1, 1).toordinal()
_LAST_DAY = date.max.toordinal() - _DAY_ZERO


def wall_clock(seconds: float, time_zone: str) -> datetime:
    """Return what the shop's clock shows so many seconds after 1970-01-01 00:00 UTC.

    Args:
        seconds: POSIX time.
        time_zone: IANA name; where it is empty or not known on this machine, the machine's own zone is taken.

    >>> wall_clock(0, "Asia/Shanghai").strftime("%Y-%m-%d %H:%M")
    '1970-01-01 08:00'
    """
    return datetime.fromtimestamp(seconds, UTC).astimezone(_zone(time_zone))


def local_minute(wall_clock: datetime) -> int:
    """Return the shop's minute for a time read off its wall clock.

    >>> local_minute(datetime.fromisoformat("1970-01-02T01:30"))
    1530
    """
    return (wall_clock.replace(tzinfo=None) - datetime.fromordinal(_DAY_ZERO)) // timedelta(minutes=1)


def is_open(windows: Iterable[Window], minute: int | None) -> bool:
    """Return whether any window is open; no windows are always open, and without a time none is."""
    listed = tuple(windows)
    return not listed or (minute is not None and any(_open(window, minute) for window in listed))


def _zone(time_zone: str) -> tzinfo | None:
    try:
        return ZoneInfo(time_zone) if time_zone else None
    except (ZoneInfoNotFoundError, ValueError):
        return None


def _open(window: Window, minute: int) -> bool:
    day, of_day = divmod(minute, MINUTES_PER_DAY)
    if window.from_minute < window.until_minute:
        return window.from_minute <= of_day < window.until_minute and _on(window, day)
    return (of_day >= window.from_minute and _on(window, day)) or (of_day < window.until_minute and _on(window, day - 1))


def _on(window: Window, day: int) -> bool:
    if not 0 <= day <= _LAST_DAY:
        return False
    today = date.fromordinal(_DAY_ZERO + day)
    return (
        (not window.weekdays or today.weekday() in window.weekdays)
        and (window.first_day is None or window.first_day <= today)
        and (window.last_day is None or today <= window.last_day)
    )
