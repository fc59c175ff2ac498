"""The store server's settings file: where it listens, where it keeps its data, and what shop it serves."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator

from program.settings import ProgramSettings, Section
from store_server.contract.product_code import LabelTemplate

PROGRAM = "store-server"

Seconds = Annotated[int, Field(ge=1, le=30 * 24 * 3600)]


class ListenSettings(Section):
    """Where requests come in."""

    host: str = "127.0.0.1"
    """Address to listen on; 0.0.0.0 for all of this machine's."""
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    """0 takes a free port, which the READY line tells."""
    tls_certificate: Path | None = None
    """The server's certificate (PEM), such as ``server.pem`` of ``store-server make-ca``; empty for no TLS."""
    tls_key: Path | None = None
    """Its private key (PEM), readable by the server's user alone."""
    staff_port: Annotated[int, Field(ge=0, le=65535)] = 0
    """Where the staff page is served when there are several processes; browsers are sent there. 0 takes a free port."""

    @model_validator(mode="after")
    def _has_both_or_none(self) -> Self:
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise ValueError("tls_certificate and tls_key belong together: set both or none")
        return self

    @property
    def scheme(self) -> str:
        """How addresses of this server begin."""
        return "http" if self.tls_certificate is None else "https"


class DatabaseSettings(Section):
    """Where the books are kept."""

    url: str = ""
    """``sqlite:///FILE`` or ``postgresql+psycopg://USER:PASSWORD@HOST/NAME``; empty for ``store.db`` in ``data_dir``."""

    @field_validator("url")
    @classmethod
    def _is_known(cls, url: str) -> str:
        if url and not url.startswith(("sqlite:///", "postgresql+psycopg://")):
            raise ValueError(
                "the books are kept in sqlite:///FILE or postgresql+psycopg://USER:PASSWORD@HOST/NAME; leave it empty for a"
                " file in data_dir"
            )
        return url


class OfflineCapsSettings(Section):
    """How far a lane may trust a signature alone while this server is away."""

    value_minor: Annotated[int, Field(ge=0)] = 50_000
    """Largest order, in minor units."""
    exits: Annotated[int, Field(ge=0)] = 20
    """Number of exits before the server must have been heard again."""
    exits_per_hour: Annotated[int, Field(ge=0)] = 60
    """Number of such exits in any hour."""
    away_s: Annotated[int, Field(ge=0)] = 3600
    """Seconds since the server was last heard: the age of its keys and of the list of withdrawn passes."""


class ShopSettings(Section):
    """The shop and its rules."""

    id: Annotated[int, Field(ge=1, le=2**32 - 1)] = 1
    """Number of the shop, inside every pass."""
    name_en: Annotated[str, Field(min_length=1, max_length=80)] = "Scanlane Demo Market"
    """English name, as people read it."""
    name_zh: Annotated[str, Field(max_length=80)] = "扫行示范超市"
    """Chinese name; may be empty."""
    host: Annotated[str, Field(pattern=r"^[A-Za-z0-9.:-]{1,120}$")] = "shop.example"
    """Host name inside passes; phones open it."""
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "CNY"
    """ISO 4217 code of all prices."""
    cash_rounding_minor: Annotated[int, Field(ge=1, le=10_000)] = 10
    """The smallest coin that is given and taken."""
    tax_rates: dict[str, str] = Field(default={"standard": "13", "reduced": "9", "zero": "0"})
    """Tax class to rate in percent."""
    label_templates: list[str] = Field(default=["21IIIIIWWWWWC", "22IIIIIPPPPPC"])
    """13 places each: prefix 20 to 29, I article, W grams or P minor units, C check digit."""
    pass_validity_s: Seconds = 2 * 3600
    """How long an exit pass lets its holder out."""
    claim_validity_s: Seconds = 4 * 3600
    """How long a submitted order can be paid."""
    tendering_lease_s: Seconds = 300
    """How long a kiosk that fell silent keeps an order from other kiosks."""
    lane_lease_s: Seconds = 120
    """How long a lane that fell silent keeps an order from other lanes."""
    price_book_grace_s: Seconds = 4 * 3600
    """How long a superseded price book still prices baskets that were begun with it."""
    time_zone: str = "Asia/Shanghai"
    """IANA name of the shop's time zone; promotions open and close by its wall clock, and paper and screens show it."""
    prices_include_tax: bool = True
    """false: tax is added to the prices of articles."""
    hold_validity_s: Seconds = 900
    """How long a balance or a coupon stays set aside for an order that is being paid."""
    discounts_from_balance_only: bool = False
    """Member prices only for orders that are paid from the balance alone."""
    balance_max_minor: Annotated[int, Field(ge=1, le=100_000_000)] = 500_000
    """Largest balance a top-up may make."""
    points_unit_minor: Annotated[int, Field(ge=0, le=100_000_000)] = 100
    """One point for each such amount that a member paid; 0 for no points."""
    tiers: dict[str, Annotated[int, Field(ge=0, le=2**53)]] = Field(default={"silver": 1000, "gold": 5000})
    """Member tier to the points from which on it is reached."""
    refund_alone_max_minor: Annotated[int, Field(ge=0, le=100_000_000)] = 20_000
    """What one member of staff may give back of one order without a second one."""
    offline_caps: OfflineCapsSettings = OfflineCapsSettings()

    @field_validator("time_zone")
    @classmethod
    def _is_a_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f'{name!r} is no time zone; write one such as "Asia/Shanghai" or "Europe/Berlin"') from error
        return name

    @field_validator("tax_rates")
    @classmethod
    def _are_percentages(cls, rates: dict[str, str]) -> dict[str, str]:
        for tax_class, text in rates.items():
            try:
                rate = Decimal(text)
            except InvalidOperation:
                rate = Decimal(-1)
            if not (rate.is_finite() and 0 <= rate < 100):  # noqa: PLR2004 - percent
                raise ValueError(f'the rate of {tax_class!r} is a percentage such as "13" or "9.5", not {text!r}')
        return rates

    @field_validator("label_templates")
    @classmethod
    def _are_templates(cls, patterns: list[str]) -> list[str]:
        for pattern in patterns:
            LabelTemplate(pattern)
        return patterns

    @model_validator(mode="after")
    def _has_distinct_prefixes(self) -> Self:
        prefixes = [template.prefix for template in self.templates]
        if len(set(prefixes)) != len(prefixes):
            raise ValueError(f"two label templates begin with the same digits: {', '.join(self.label_templates)}")
        return self

    @property
    def templates(self) -> tuple[LabelTemplate, ...]:
        """The label templates, parsed."""
        return tuple(LabelTemplate(pattern) for pattern in self.label_templates)

    @property
    def name(self) -> dict[str, str]:
        """Language code to the shop's name."""
        return {"en": self.name_en} | ({"zh": self.name_zh} if self.name_zh else {})


class ServerSettings(ProgramSettings):
    """The whole settings file of the store server."""

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    """How much goes into the log."""
    server: ListenSettings = ListenSettings()
    database: DatabaseSettings = DatabaseSettings()
    shop: ShopSettings = ShopSettings()

    @property
    def database_url(self) -> str:
        """The database's SQLAlchemy URL."""
        return self.database.url or f"sqlite:///{self.data_dir / 'store.db'}"
