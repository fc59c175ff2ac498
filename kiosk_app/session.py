"""A payment session as a value: what was taken, what went back, what is still to be done.

One sum holds at every moment, for every history::

    taken + surplus == due (once paid) + returned + uncertain + owed + still to return

*Returned* are coins known to have left a hopper; *uncertain* are coins of which nobody knows, counted by staff and never paid a
second time; *owed* is printed and recorded; *surplus* is what a hopper dropped beyond what it was told to.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from uuid import UUID, uuid5

from hardware.recycler.events import STORE
from store_server.contract.cash_messages import SettleCash, Settlement
from store_server.contract.order_messages import Order
from store_server.contract.refusals import Refusal

TAKEN_MAX = 400
"""More coins and notes than this are not taken for one order."""
PAYOUTS_MAX = 150
"""More payouts than this are not tried in one session; the rest is owed."""


class State(Enum):
    """Where a session is."""

    IDLE = "idle"
    CHOOSING = "choosing"
    TAKING_CASH = "taking cash"
    TAKING_CARD = "taking card"
    CONFIRMING = "confirming"
    RETURNING = "returning"
    PAID = "paid"
    OWING = "owing"
    CANCELLED = "cancelled"


class NoticeCode(Enum):
    """What the shopper should know beside the screen's own text."""

    LOOKING = "looking"
    REFUSED = "refused"
    BAD_NUMBER = "bad number"
    STORE_AWAY = "store away"
    FINISH_FIRST = "finish first"
    NOTE_REFUSED = "note refused"
    NOTE_WENT_BACK = "note went back"
    PIECE_REJECTED = "piece rejected"
    TOO_MANY_PIECES = "too many pieces"
    RESTARTED = "restarted"
    STRAY_MONEY = "stray money"
    CARD_REFUSED = "card refused"
    CARD_CANCELLED = "card cancelled"
    CARD_UNAVAILABLE = "card unavailable"


@dataclass(frozen=True, slots=True)
class Notice:
    """One hint."""

    code: NoticeCode
    refusal: Refusal | None = None
    sentence: str = ""
    amount_minor: int = 0


class PrintState(Enum):
    """What became of the paper."""

    NONE = "none"
    PRINTING = "printing"
    PRINTED = "printed"
    NOT_PRINTED = "not printed"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True)
class Hopper:
    """One hopper's contents by count: refills minus what was paid out."""

    name: str
    coin_minor: int = 0
    """0 until the hopper has told which coin it holds."""
    count: int = 0
    present: bool = False
    failed: bool = False

    @property
    def holds_notes(self) -> bool:
        """Whether it is a value of the recycler's notes."""
        return self.name.startswith(f"{STORE}-")

    @property
    def usable_count(self) -> int:
        """Coins it can be asked for now."""
        return self.count if self.present and not self.failed and self.coin_minor > 0 else 0


@dataclass(frozen=True, slots=True)
class Taken:
    """One coin or note in the machine for good; (place, epoch, seq) happens once."""

    place: str
    epoch: int
    seq: int
    value_minor: int


@dataclass(frozen=True, slots=True)
class OpenPayout:
    """A hopper was, or may have been, told to move; nothing else moves before its outcome is known."""

    payout_id: UUID
    hopper: str
    coin_minor: int
    count: int
    must_ask: bool = False
    """Its outcome does not come by itself: ask when the hopper answers."""


@dataclass(frozen=True, slots=True)
class FinishedPayout:
    """What a hopper really did."""

    payout_id: UUID
    hopper: str
    coin_minor: int
    requested: int
    paid: int
    uncertain: int


@dataclass(frozen=True, slots=True)
class Cash:
    """What the cash devices can do now."""

    ready: bool = False
    coin_values_minor: tuple[int, ...] = ()
    note_values_minor: tuple[int, ...] = ()


class CardStage(Enum):
    """How far a charge is."""

    ASKED = "asked"
    """The terminal was, or may have been, told to charge; the outcome is not known."""
    APPROVED = "approved"
    REVERSING = "reversing"
    REVERSED = "reversed"
    KEPT = "kept"
    """Charged, not given back, and nothing bought with it: staff must help."""
    DOUBTFUL = "doubtful"
    """Nobody knows whether it was charged: staff must look."""


@dataclass(frozen=True, slots=True)
class Card:
    """One charge of one card."""

    charge_id: UUID
    amount_minor: int
    """What was asked."""
    currency: str
    stage: CardStage = CardStage.ASKED
    text: str = ""
    """What the terminal asks the shopper to do."""
    cancelling: bool = False
    unknown: bool = False
    """The answer was lost; the terminal is being asked."""
    moved_minor: int = 0
    """What was really charged."""
    reference: str = ""
    brand: str = ""
    receipt: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Accepting:
    """What the cash devices were last told to take."""

    coins: bool
    notes: frozenset[int]


@dataclass(frozen=True, slots=True)
class Session:
    """One shopper's visit; IDLE is the next one, waiting."""

    session_id: UUID
    hoppers: tuple[Hopper, ...] = ()
    """Outlive the session."""
    cash: Cash = Cash()
    """Outlives the session."""
    state: State = State.IDLE
    looking_for: str | None = None
    """What the server was asked for and has not answered yet."""
    order: Order | None = None
    due_minor: int = 0
    """What is due in cash: rounded to the smallest coin."""
    taken: tuple[Taken, ...] = ()
    accepting: Accepting | None = None
    escrow_minor: int = 0
    """The note that is in escrow, 0 if none."""
    stacking: bool = False
    """The note in escrow was told to go to the stacker."""
    request: SettleCash | None = None
    """What was sent, or is being sent, to the server; never changed."""
    settlement: Settlement | None = None
    store_away: bool = False
    payouts: tuple[FinishedPayout, ...] = ()
    open_payout: OpenPayout | None = None
    owed_minor: int = 0
    card: Card | None = None
    """The charge under way, or what paid the order; None once it was refused."""
    charges: int = 0
    """Cards tried in this session."""
    doubt_minor: int = 0
    """Notes of which nobody can tell whether they are in the machine; not part of the sums."""
    print_state: PrintState = PrintState.NONE
    prints: int = 0
    notice: Notice | None = None

    @property
    def taken_minor(self) -> int:
        """All money in the machine."""
        return sum(piece.value_minor for piece in self.taken)

    @property
    def spent_minor(self) -> int:
        """What the shopper has paid for the order in cash: nothing until the server said so."""
        return self.due_minor if self.settlement is not None and self.card is None else 0

    @property
    def card_doubt_minor(self) -> int:
        """What a card was, or may have been, charged without buying anything."""
        if self.card is None:
            return 0
        return {CardStage.DOUBTFUL: self.card.amount_minor, CardStage.KEPT: self.card.moved_minor}.get(self.card.stage, 0)

    @property
    def returned_minor(self) -> int:
        """Coins known to have left a hopper."""
        return sum(payout.paid * payout.coin_minor for payout in self.payouts)

    @property
    def uncertain_minor(self) -> int:
        """Coins of which nobody knows."""
        return sum(payout.uncertain * payout.coin_minor for payout in self.payouts)

    @property
    def to_return_minor(self) -> int:
        """What still has to leave the machine or be owed."""
        return max(0, self._rest_minor)

    @property
    def surplus_minor(self) -> int:
        """What left the machine although it should not have."""
        return max(0, -self._rest_minor)

    @property
    def _rest_minor(self) -> int:
        return self.taken_minor - self.spent_minor - self.returned_minor - self.uncertain_minor - self.owed_minor

    @property
    def remaining_minor(self) -> int:
        """What the shopper still has to insert."""
        return max(0, self.due_minor - self.taken_minor)

    @property
    def change_minor(self) -> int:
        """What has to come back in all."""
        return max(0, self.taken_minor - self.spent_minor)

    @property
    def needs_staff(self) -> bool:
        """Whether something could not be brought to a clean end."""
        return self.owed_minor > 0 or self.uncertain_minor > 0 or self.doubt_minor > 0 or self.card_doubt_minor > 0

    def moved_to(self, state: State) -> Session:
        """Return the session in another state."""
        return replace(self, state=state)

    def awaits_order(self, session_id: UUID) -> bool:
        """Whether an answer about an order is still wanted by this session."""
        return self.state is State.IDLE and self.looking_for is not None and self.session_id == session_id

    def derived_id(self, what: str) -> UUID:
        """Return the id of something in this session: the same each time, so that a repetition is known as one."""
        return uuid5(self.session_id, what)

    @property
    def print_job_id(self) -> UUID:
        """The newest print job."""
        return self.derived_id(f"print-{self.prints}")

    def hopper(self, name: str) -> Hopper | None:
        """Return the hopper of that name."""
        return next((hopper for hopper in self.hoppers if hopper.name == name), None)

    def with_hopper(self, changed: Hopper) -> Session:
        """Return the session with one hopper replaced."""
        return replace(self, hoppers=tuple(changed if hopper.name == changed.name else hopper for hopper in self.hoppers))
