"""What goes over the wire, one model per thing.

Requests refuse unknown fields, so that a typing slip is heard; answers ignore them, so that an older client reads a newer
server. Ids are made by the caller, written to its own disk, then sent: repeating a request with the same id gives the same
answer. Amounts are minor units, weights grams, times whole seconds since 1970 UTC.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue
from pydantic.alias_generators import to_camel

from store_server.contract.order_status import OrderStatus
from store_server.contract.promotions import PROMOTIONS_MAX, AppliedPromotion, Promotion
from store_server.contract.refusals import Refusal

QUANTITY_MAX = 999
LINES_MAX = 200
WEIGHT_MAX_G = 100_000
AMOUNT_MAX_MINOR = 100_000_000
COUNT_MAX = 2**53
"""Every program reads a whole number up to here exactly."""

Quantity = Annotated[int, Field(ge=1, le=QUANTITY_MAX)]
Grams = Annotated[int, Field(ge=1, le=WEIGHT_MAX_G)]
AmountMinor = Annotated[int, Field(ge=0, le=AMOUNT_MAX_MINOR)]
Count = Annotated[int, Field(ge=0, le=COUNT_MAX)]
Key14 = Annotated[str, Field(pattern=r"^[0-9]{14}$")]
DeviceName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]


class Request(BaseModel):
    """What a client sends."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, allow_inf_nan=False)


class Answer(BaseModel):
    """What the server answers."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class DeviceRole(StrEnum):
    """What an enrolled device may do."""

    HANDHELD = "handheld"
    KIOSK = "kiosk"
    GATE = "gate"


class StaffRole(StrEnum):
    """What a member of staff may do; each role may do what those before it may."""

    ATTENDANT = "attendant"
    SUPERVISOR = "supervisor"
    MANAGER = "manager"

    def covers(self, needed: StaffRole) -> bool:
        """Tell whether this role is ``needed`` or a higher one."""
        ranks = list(StaffRole)
        return ranks.index(self) >= ranks.index(needed)


class RefusedAnswer(Answer):
    """The body of every refusal (HTTP 4xx)."""

    refusal: Refusal
    sentence: str


# Catalogue ------------------------------------------------------------------------------------------------------------


class Article(Answer):
    """One row of the price book."""

    code: Key14
    name: dict[str, str]
    """Language code ("en", "zh") to name; "en" is always there."""
    department: str
    sold_by: Literal["piece", "weight"]
    unit_price_minor: AmountMinor
    """Per piece, or per kilogram for weighed goods; with tax where the price book says so."""
    tax_class: str
    mean_g: float | None = None
    """Gross mean weight of one piece; None for weighed goods, and where nobody weighed it yet."""
    sd_g: float = 0.0
    """Standard deviation of one piece's gross weight."""
    eas: bool = False
    """Carries an anti-theft tag."""
    minimum_age: int = 0
    """Years; 0 for no limit."""
    deposit_minor: AmountMinor = 0
    """Per piece, charged on top of the price, taxed like the article, never reduced."""
    member_price_minor: AmountMinor | None = None
    """Per piece or kilogram, for every member."""
    tier_prices_minor: dict[str, AmountMinor] = {}
    """Per piece or kilogram, for members of that tier."""
    discountable: bool = True
    """Promotions, member prices and basket discounts may touch it."""


class PriceBook(Answer):
    """All that is needed to price a basket without the server."""

    version: int
    """Only rises."""
    shop_id: int
    currency: str
    cash_rounding_minor: int
    """The smallest coin that is given and taken."""
    tax_rates: dict[str, str]
    """Tax class to rate in percent, as a decimal string such as "13" or "9.5"."""
    label_templates: list[str]
    articles: list[Article]
    prices_include_tax: bool = True
    promotions: Annotated[list[Promotion], Field(max_length=PROMOTIONS_MAX)] = []
    time_zone: str = "UTC"
    """IANA name; promotions open and close by the shop's wall clock."""


class PriceBookChanges(Answer):
    """What makes the price book of version ``since`` the newest one; ``price_changes`` applies it."""

    since: int
    """The version that the changes apply to; that of ``terms`` where nothing has changed."""
    terms: PriceBook
    """The newest price book without its articles."""
    changed: list[Article]
    """New articles, and those that are different now."""
    removed: list[Key14]
    """Articles that are not sold any more."""
    articles: Count
    """How many articles the newest price book has."""


class Nutrition(Answer):
    """What 100 g (or 100 ml) contain; None for what nobody knows."""

    energy_kj: float | None = None
    energy_kcal: float | None = None
    fat_g: float | None = None
    saturates_g: float | None = None
    carbohydrate_g: float | None = None
    sugars_g: float | None = None
    fibre_g: float | None = None
    protein_g: float | None = None
    salt_g: float | None = None


class ProvenanceEvent(Answer):
    """One step on an article's way to the shop, in the words of EPCIS 2.0 and its Core Business Vocabulary."""

    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=to_camel, populate_by_name=True)

    event_type: str
    event_time: str
    """ISO 8601 with its offset from UTC."""
    biz_step: str | None = None
    """A word of CBV 2.0, such as "shipping"."""
    disposition: str | None = None
    """A word of CBV 2.0, such as "in_transit"."""
    read_point: str | None = None
    biz_location: str | None = None
    ilmd: dict[str, JsonValue] = {}
    """Instance or lot master data, such as lot number and best-before date."""


class ArticleDetails(Answer):
    """What a shopper may want to know about an article besides its price."""

    code: Key14
    name: dict[str, str]
    department: str
    brand: str
    package: str
    """What the label says is in it, such as "500 ml"."""
    origin: str
    picture: str
    """An address, or the name of a file; may be empty."""
    for_sale: bool
    recalled: bool
    minimum_age: int
    stock: int | None
    """Pieces, or grams of weighed goods; None where nobody counts."""
    allergens: list[str]
    nutrition: Nutrition
    provenance: list[ProvenanceEvent]
    """In the order of time."""


class PassKey(Answer):
    """A public key that verifies passes of one kind."""

    key_id: str
    """16 hexadecimal digits."""
    kind: Literal["claim", "exit"]
    public_key: str
    """Ed25519 public key (RFC 8032), 64 hexadecimal digits."""


class OfflineCaps(Answer):
    """How far a lane may trust a signature alone while the server is away."""

    value_minor: int
    """Largest order."""
    exits: int
    """Number of exits before the server must have been heard again."""
    away_s: int
    """Seconds since the server was last heard."""


class Shop(Answer):
    """What every device needs to know about its shop."""

    shop_id: int
    name: dict[str, str]
    host: str
    """The host name inside passes."""
    currency: str
    cash_rounding_minor: int
    pass_keys: list[PassKey]
    offline_caps: OfflineCaps


# Orders ---------------------------------------------------------------------------------------------------------------


class OrderLine(Request):
    """One line as the shopper scanned it; a weighed or priced label is a line of its own with quantity 1."""

    code: Key14
    quantity: Quantity = 1
    weight_g: Grams | None = None
    price_minor: AmountMinor | None = None


class SubmitOrder(Request):
    """A handheld hands in its basket."""

    order_id: UUID
    price_book_version: Count
    lines: Annotated[list[OrderLine], Field(min_length=1, max_length=LINES_MAX)]
    member_token: Annotated[str, Field(min_length=20, max_length=100, pattern=r"^[A-Za-z0-9_-]+$")] | None = None
    """Of a member who is logged in on the handheld."""


class PricedLine(Answer):
    """One line as the server charges it."""

    code: Key14
    name: dict[str, str]
    quantity: int
    weight_g: int | None
    """Net grams of a weighed line."""
    sold_by: Literal["piece", "weight"]
    unit_price_minor: int
    total_minor: int
    """What the line adds: its price, less discounts, plus deposit."""
    tax_class: str
    mean_g: float | None
    """Expected gross grams of one piece (of the whole line for weighed goods)."""
    sd_g: float
    eas: bool
    minimum_age: int
    discount_minor: int = 0
    """What came off, the line's share of basket discounts included."""
    deposit_minor: int = 0
    """Of the whole line, within ``total_minor``."""

    @property
    def goods_minor(self) -> int:
        """The line's shelf price: before discounts, without deposit."""
        return self.total_minor + self.discount_minor - self.deposit_minor


class TaxShare(Answer):
    """The tax inside the total, per class; where prices are without tax, ``gross_minor`` is the lines' sum plus tax."""

    tax_class: str
    rate: str
    gross_minor: int
    tax_minor: int


class Order(Answer):
    """An order as the server sees it."""

    order_id: UUID
    order_number: str
    """Seven digits with check digit, without the dash."""
    status: OrderStatus
    revision: int
    """1 when submitted; staff's rescan raises it."""
    currency: str
    lines: list[PricedLine]
    taxes: list[TaxShare]
    discounts: list[AppliedPromotion] = []
    """Why the lines cost less than on the shelf."""
    prices_include_tax: bool = True
    """Otherwise the total is the lines' sum plus the taxes."""
    total_minor: int
    paid_minor: int
    due_minor: int
    """total - paid, never below 0."""
    article_count: int
    claim: str | None = None
    """QR text that a kiosk reads while something is due."""
    exit_pass: str | None = None
    """QR text that a lane reads once it is paid."""
    exited_at: int | None = None


# Paying ---------------------------------------------------------------------------------------------------------------


class BeginTendering(Request):
    """A kiosk takes hold of an order: by the scanned claim or by the typed number, exactly one of them."""

    session_id: UUID
    claim: Annotated[str, Field(max_length=512)] | None = None
    order_number: Annotated[str, Field(pattern=r"^[0-9]{7}$")] | None = None


class CashEvent(Request):
    """One coin or note that stayed in the machine. (device, epoch, seq) happens once in the world."""

    device: DeviceName
    """The place it lies in now, such as coin-box or note-box."""
    epoch: Count
    """Rises whenever the device was reset or changed."""
    seq: Count
    """Rises by one for each coin or note within an epoch."""
    value_minor: Annotated[int, Field(ge=1, le=AMOUNT_MAX_MINOR)]


class SettleCash(Request):
    """A kiosk has taken enough cash and asks to be told that the order is paid."""

    payment_id: UUID
    session_id: UUID
    order_id: UUID
    revision: Count
    cash_due_minor: AmountMinor
    """What was due, rounded to the smallest coin."""
    taken: Annotated[list[CashEvent], Field(min_length=1, max_length=500)]
    change_minor: AmountMinor
    """sum(taken) - cash_due; still to be paid out."""


class Settlement(Answer):
    """The order is paid."""

    payment_id: UUID
    receipt_number: str
    paid_at: int
    order: Order
    """With its exit pass."""


class Payout(Request):
    """What one hopper really paid out."""

    payout_id: UUID
    device: DeviceName
    """Such as hopper-100."""
    coin_minor: Annotated[int, Field(ge=1, le=AMOUNT_MAX_MINOR)]
    requested: Annotated[int, Field(ge=0, le=1000)]
    paid: Annotated[int, Field(ge=0, le=1000)]
    """Coins known to have left the hopper."""
    uncertain: Annotated[int, Field(ge=0, le=1000)] = 0
    """Coins of which nobody knows; staff counts them."""


class CashReport(Request):
    """How a kiosk session ended; sent from the kiosk's journal until the server has it. Repeating it changes nothing."""

    session_id: UUID
    order_id: UUID | None
    outcome: Literal["paid", "cancelled", "owing"]
    taken: Annotated[list[CashEvent], Field(max_length=500)]
    payouts: Annotated[list[Payout], Field(max_length=200)]
    owed_minor: AmountMinor
    """What could not be returned and is owed to the shopper."""


class CashReportRecorded(Answer):
    """The report is in the books."""

    session_id: UUID
    new_events: int


# Leaving --------------------------------------------------------------------------------------------------------------


class EnterLane(Request):
    """A lane asks whether the holder of this pass may leave: by scanned pass or by typed number, exactly one of them."""

    entry_id: UUID
    lane: DeviceName
    exit_pass: Annotated[str, Field(max_length=512)] | None = None
    order_number: Annotated[str, Field(pattern=r"^[0-9]{7}$")] | None = None


class LeaveLane(Request):
    """The shopper turned back before the lane opened; the order is paid again and may enter any lane."""

    entry_id: UUID


class ReportExit(Request):
    """The lane opened for this order; written to the lane's own disk before it did."""

    exit_id: UUID
    order_id: UUID
    revision: Count
    lane: DeviceName
    opened_at: Count
    measured_g: Annotated[int, Field(ge=-COUNT_MAX, le=COUNT_MAX)] | None
    decided_by: Literal["server", "signature", "staff"]
    exit_pass: Annotated[str, Field(max_length=512)] | None = None


class ExitRecorded(Answer):
    """The exit is in the books."""

    exit_id: UUID
    order_id: UUID
    status: OrderStatus


class Explanation(Request):
    """One reason why the weight may not fit, the likeliest first."""

    kind: Literal["missing_scan", "scanned_twice", "swapped", "own_bag", "left_behind", "unknown"]
    code: Key14 | None
    text: dict[str, str]
    """Language code to sentence."""
    probability: Annotated[float, Field(ge=0, le=1)]


class LaneReport(Request):
    """What a lane says of itself every second and at each change."""

    lane: DeviceName
    state: str
    headline: dict[str, str]
    """What its display says: language code to sentence."""
    order_id: UUID | None = None
    order_number: str | None = None
    expected_g: float | None = None
    spread_g: float | None = None
    measured_g: float | None = None
    explanations: Annotated[list[Explanation], Field(max_length=20)] = []
    alarm: bool = False
    faults: Annotated[list[str], Field(max_length=50)] = []
    done_commands: Annotated[list[UUID], Field(max_length=100)] = []


class StaffCommandKind(StrEnum):
    """What staff can tell a lane."""

    RELEASE = "release"
    """Open for the order in the lane, with a reason."""
    REFUSE = "refuse"
    """Send the shopper back."""
    WEIGH_AGAIN = "weigh_again"
    SILENCE_ALARM = "silence_alarm"


class StaffCommand(Answer):
    """One command, to be done once."""

    command_id: UUID
    kind: StaffCommandKind
    reason: str
    staff: str


class LaneCommands(Answer):
    """The answer to a lane report."""

    commands: list[StaffCommand]


# Staff ----------------------------------------------------------------------------------------------------------------


class StaffLogin(Request):
    """A member of staff opens a session."""

    name: Annotated[str, Field(min_length=1, max_length=60)]
    password: Annotated[str, Field(min_length=1, max_length=200)]


class StaffSession(Answer):
    """The bearer token of a staff session."""

    token: str
    name: str
    role: StaffRole = StaffRole.ATTENDANT


class ChangePassword(Request):
    """A member of staff takes another password; their other sessions end."""

    old: Annotated[str, Field(min_length=1, max_length=200)]
    new: Annotated[str, Field(min_length=8, max_length=200)]


class StaffView(Answer):
    """A member of staff as managers see them."""

    name: str
    role: StaffRole
    locked_until: int
    left_at: int | None
    """When they were sent away; None for those who may log in."""


class DeviceView(Answer):
    """An enrolled device."""

    name: DeviceName
    role: DeviceRole
    enrolled_at: int
    revoked_at: int | None
    """When its credential stopped working."""


class EnrolmentCode(Answer):
    """A code that lets one device ask to come in."""

    enrolment_id: UUID
    code: str
    """As people read and type it, such as ABC-DEF-GHJ."""
    expires_at: int


class EnrolmentStatus(StrEnum):
    """How an enrolment stands."""

    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"


class AskEnrolment(Request):
    """A device uses a code. ``fingerprint`` is the SHA-256 of the credential that it made for itself."""

    code: Annotated[str, Field(min_length=1, max_length=40)]
    name: DeviceName
    role: DeviceRole
    fingerprint: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Enrolment(Answer):
    """A device that asks to come in."""

    enrolment_id: UUID
    status: EnrolmentStatus
    name: DeviceName
    role: DeviceRole
    fingerprint: str
    """The short one, which staff compares with the device's screen."""


class ApproveEnrolment(Request):
    """Staff lets a device in whose screen shows this fingerprint."""

    fingerprint: Annotated[str, Field(min_length=8, max_length=20)]


class GiveCommand(Request):
    """Staff tells a lane what to do."""

    command_id: UUID
    kind: StaffCommandKind
    reason: Annotated[str, Field(max_length=200)] = ""


class AddArticle(Request):
    """Staff rescans an article that was missing in an order."""

    amendment_id: UUID
    code: Annotated[str, Field(max_length=90)]
    """As scanned or typed."""


class LaneView(Answer):
    """A lane as the staff page shows it."""

    report: LaneReport
    heard_at: int


class LedgerBalance(Answer):
    """One account: debits minus credits."""

    account: str
    balance_minor: int
