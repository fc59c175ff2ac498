"""What each screen shows: ready texts and flags, so that a screen has no ``if`` about orders or money."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, TypeAlias


@dataclass(frozen=True, slots=True)
class Header:
    """The same at the top of every screen."""

    shop: str
    language: str
    """Which language button is the chosen one."""
    notice: str = ""
    """One hint; empty hides it."""
    warning: bool = False
    """The hint is a warning."""
    staff: str = ""
    """The button to the staff's screen; empty hides it."""


@dataclass(frozen=True, slots=True)
class Amount:
    """A labelled amount."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class WelcomeView:
    """Scan the code, or type the number."""

    screen: ClassVar[str] = "welcome"
    header: Header
    title: str
    steps: tuple[str, ...]
    keypad_title: str
    number: str
    placeholder: str
    ok: str
    ok_enabled: bool


@dataclass(frozen=True, slots=True)
class LineView:
    """One line of the order."""

    name: str
    quantity: str
    total: str


@dataclass(frozen=True, slots=True)
class OrderView:
    """What is to be paid."""

    screen: ClassVar[str] = "order"
    header: Header
    title: str
    number: str
    lines: tuple[LineView, ...]
    taxes: tuple[Amount, ...]
    total: Amount
    due: Amount
    pay: str
    pay_enabled: bool
    pay_card: str
    """Empty without a terminal."""
    pay_card_enabled: bool
    cancel: str


@dataclass(frozen=True, slots=True)
class NoteView:
    """One banknote value, and whether it is taken now."""

    text: str
    taken: bool


@dataclass(frozen=True, slots=True)
class CashView:
    """Insert coins and notes."""

    screen: ClassVar[str] = "cash"
    header: Header
    title: str
    due: Amount
    paid: Amount
    remaining: Amount
    progress_percent: int
    notes_title: str
    notes: tuple[NoteView, ...]
    coins: NoteView
    hint: str
    cancel: str


@dataclass(frozen=True, slots=True)
class CardView:
    """Use the terminal."""

    screen: ClassVar[str] = "card"
    header: Header
    title: str
    amount: Amount
    text: str
    hint: str
    cancel: str
    cancel_enabled: bool


@dataclass(frozen=True, slots=True)
class ConfirmingView:
    """The server is asked to settle."""

    screen: ClassVar[str] = "confirming"
    header: Header
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class ReturningView:
    """Coins are coming out."""

    screen: ClassVar[str] = "returning"
    header: Header
    title: str
    change: Amount
    given: Amount
    text: str


@dataclass(frozen=True, slots=True)
class PaidView:
    """Thank you."""

    screen: ClassVar[str] = "paid"
    header: Header
    title: str
    text: str
    receipt: str
    change: Amount
    exit_pass: str
    exit_pass_text: str
    done: str


@dataclass(frozen=True, slots=True)
class CancelledView:
    """All money went back."""

    screen: ClassVar[str] = "cancelled"
    header: Header
    title: str
    text: str
    change: Amount
    done: str


@dataclass(frozen=True, slots=True)
class OwingView:
    """Something could not be returned."""

    screen: ClassVar[str] = "owing"
    header: Header
    title: str
    text: str
    owed: tuple[Amount, ...]
    receipt: str
    exit_pass: str
    """Empty if the order is not paid."""
    exit_pass_text: str
    done: str


@dataclass(frozen=True, slots=True)
class OutOfServiceView:
    """This kiosk cannot be used."""

    screen: ClassVar[str] = "out-of-service"
    header: Header
    title: str
    reasons: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class BoxView:
    """What should be in one box; the keypad beside it is for what was counted."""

    piles: tuple[Amount, ...]
    expected: Amount
    hint: str
    """Of the difference."""
    done: str


@dataclass(frozen=True, slots=True)
class StaffView:
    """The staff's screen: a keypad, behind its code the devices; for a box the keypad again, with what should be in it."""

    screen: ClassVar[str] = "staff"
    header: Header
    title: str
    is_open: bool
    prompt: str
    number: str
    """A dot for each digit that was typed, or the sum that was counted."""
    ok: str
    """Empty where no key ends the typing."""
    rows: tuple[Amount, ...]
    told: str
    recover: str
    empty: str
    """Empty without a recycler."""
    empty_enabled: bool
    voice: Amount
    quieter: str
    louder: str
    leave: str
    take_out: str = ""
    """What stands above the boxes' buttons."""
    boxes: tuple[str, ...] = ()
    """One button for each box."""
    slip_again: str = ""
    box: BoxView | None = None
    """The box that staff looks into, in place of the devices."""


View: TypeAlias = (
    WelcomeView
    | OrderView
    | CashView
    | CardView
    | ConfirmingView
    | ReturningView
    | PaidView
    | CancelledView
    | OwingView
    | OutOfServiceView
    | StaffView
)
SCREENS = (
    "welcome",
    "order",
    "cash",
    "card",
    "confirming",
    "returning",
    "paid",
    "cancelled",
    "owing",
    "out-of-service",
    "staff",
)
