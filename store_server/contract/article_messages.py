"""What goes over the wire about articles: the price book, its changes, and what a shopper may want to know of one."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, JsonValue
from pydantic.alias_generators import to_camel

from store_server.contract.promotions import PROMOTIONS_MAX, Promotion
from store_server.contract.wire import AmountMinor, Answer, Count, Key14


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
    weight_source: Literal["", "measured", "declared", "learned"] = ""
    """Who says what a piece weighs: somebody with a scale, its maker, a shop's exits; empty where nobody wrote it down."""
    eas: bool = False
    """Carries an anti-theft tag."""
    minimum_age: int = 0
    """Years; 0 for no limit."""
    deposit_minor: AmountMinor = 0
    """Per piece, charged on top of the price, taxed like the article, never reduced."""
    member_price_minor: AmountMinor | None = None
    """Per piece or kilogram, for every member."""
    tier_prices_minor: dict[str, AmountMinor] = Field(default={})
    """Per piece or kilogram, for members of that tier."""
    discountable: bool = True
    """Promotions, member prices and basket discounts may touch it."""
    withheld: Literal["recalled", "not_for_sale"] | None = None
    """Why it may not be sold; its price then counts for nothing."""


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
    promotions: Annotated[list[Promotion], Field(max_length=PROMOTIONS_MAX)] = Field(default=[])
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
    ilmd: dict[str, JsonValue] = Field(default={})
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
