"""What the screens draw: frozen dataclasses of ready texts and flags, one per screen, named like the trip's states."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias


class Tone(Enum):
    """How a notice looks."""

    CALM = "calm"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class HeaderView:
    """The strip on top of every screen."""

    shop_name: str
    language: str
    badge: str
    """A few words while the store is away, else empty."""


@dataclass(frozen=True, slots=True)
class NoticeView:
    """One message; hidden while its text is empty."""

    text: str = ""
    tone: Tone = Tone.CALM


@dataclass(frozen=True, slots=True)
class LineView:
    """One line of the basket."""

    number: int
    """Names the line in signals."""
    icon: str
    """Name of the picture of its department."""
    name: str
    detail: str
    """Unit price or weight, and the expected weight of the pieces."""
    hint: str
    """Age proof, security tag, not sold any more; empty for none."""
    quantity: int
    quantity_text: str
    total: str
    can_increase: bool
    can_decrease: bool
    is_label: bool
    is_last: bool
    """It was touched last."""
    is_struck: bool = False
    """It cannot be bought: shown struck out, counted in no sum."""


@dataclass(frozen=True, slots=True)
class LastArticleView:
    """The last scanned article, large."""

    icon: str
    name: str
    price: str
    detail: str
    hint: str
    is_struck: bool = False


@dataclass(frozen=True, slots=True)
class WelcomeView:
    """Start, and the choice of language."""

    header: HeaderView
    greeting: str
    invitation: str
    start: str
    can_start: bool
    notice: NoticeView


@dataclass(frozen=True, slots=True)
class ShoppingView:
    """Scan and count."""

    header: HeaderView
    camera_text: str
    """What stands in the viewfinder while the camera sends no pictures."""
    camera_ready: bool
    last: LastArticleView | None
    aim: str
    """What to do while nothing was scanned."""
    notice: NoticeView
    lines: tuple[LineView, ...]
    empty: str
    """What stands in place of an empty list."""
    code_label: str
    code_add: str
    keypad_close: str
    undo: str
    can_undo: bool
    count: str
    total_label: str
    total: str
    saved: str
    """What promotions take off; empty for nothing."""
    nearly: str
    """What is missing for the next promotion; empty for none."""
    review: str
    can_review: bool


@dataclass(frozen=True, slots=True)
class ReviewingView:
    """Check, then hand in."""

    header: HeaderView
    title: str
    lines: tuple[LineView, ...]
    hints: tuple[str, ...]
    notice: NoticeView
    waiting: bool
    waiting_text: str
    taxes: tuple[str, ...]
    count: str
    total_label: str
    total: str
    saved: str
    back: str
    submit: str
    can_submit: bool


@dataclass(frozen=True, slots=True)
class SubmittedView:
    """The order's QR and number, to be paid at a kiosk."""

    header: HeaderView
    title: str
    instruction: str
    qr_text: str
    """Empty when the store gave no claim."""
    number_label: str
    number: str
    due_label: str
    due: str
    notice: NoticeView


@dataclass(frozen=True, slots=True)
class PaidView:
    """Go to the exit."""

    header: HeaderView
    title: str
    instruction: str
    qr_text: str
    """The exit pass; empty when the store gave none."""
    exit_number: str
    """What is typed at the lane in its place."""
    number_label: str
    number: str
    total_label: str
    total: str
    notice: NoticeView


@dataclass(frozen=True, slots=True)
class LeftView:
    """Good-bye."""

    header: HeaderView
    title: str
    farewell: str


View: TypeAlias = WelcomeView | ShoppingView | ReviewingView | SubmittedView | PaidView | LeftView
