"""Articles and orders that the handheld's tests shop with."""

from __future__ import annotations

from uuid import UUID

from scanner_app.price_terms import PriceTerms
from store_server.contract.article_messages import Article, PriceBook
from store_server.contract.order_messages import Order
from store_server.contract.order_number import OrderNumber
from store_server.contract.order_status import OrderStatus
from store_server.contract.product_code import LabelTemplate, with_check_digit
from store_server.contract.shop_messages import OfflineCaps, Shop

TEMPLATES = (LabelTemplate("21IIIIIWWWWWC"), LabelTemplate("22IIIIIPPPPPC"))
TERMS = PriceTerms(version=7, currency="CNY", tax_rates={"standard": "13", "reduced": "9"}, templates=TEMPLATES)


def piece(code: str, name: str, price_minor: int, *, zh: str = "", mean_g: float | None = None, **more: object) -> Article:
    names = {"en": name, "zh": zh} if zh else {"en": name}
    values = {"department": "Soft drinks and water", "tax_class": "standard", **more}
    return Article.model_validate(
        {"code": code, "name": names, "sold_by": "piece", "unit_price_minor": price_minor, "mean_g": mean_g, **values}
    )


COLA = piece("09520000000011", "Cola 500 ml", 350, zh="可乐 500 毫升", mean_g=530.0)
RICE = piece("09520000000028", "Jasmine rice 5 kg", 4590, department="Rice, noodles and flour", mean_g=5040.0)
WINE = piece("09520000000035", "Red wine 750 ml", 8900, eas=True, minimum_age=18, department="Beer, wine and spirits")
APPLES = Article(
    code="02112345000008",
    name={"en": "Apples Fuji", "zh": "红富士苹果"},
    department="Fruit and vegetables",
    sold_by="weight",
    unit_price_minor=1290,
    tax_class="reduced",
)
CHEESE = Article(
    code=with_check_digit("221234600000"),
    name={"en": "Cheese"},
    department="Dairy and eggs",
    sold_by="weight",
    unit_price_minor=8000,
    tax_class="reduced",
)
RANGE = {article.code: article for article in (COLA, RICE, WINE, APPLES, CHEESE)}
CLAIM = "HTTPS://MARKET.EXAMPLE/P/" + "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567" * 6 + "ABCDEFGHIJKLMNO"


def order(order_id: UUID, status: OrderStatus, **more: object) -> Order:
    values: dict[str, object] = {
        "order_id": order_id,
        "order_number": OrderNumber.of(48213).digits,
        "status": status,
        "revision": 1,
        "currency": "CNY",
        "lines": [],
        "taxes": [],
        "total_minor": 4940,
        "paid_minor": 0,
        "due_minor": 4940,
        "article_count": 2,
        "claim": CLAIM,
    }
    return Order.model_validate({**values, **more})


def price_book(version: int, *articles: Article, templates: tuple[str, ...] = ("21IIIIIWWWWWC",)) -> PriceBook:
    return PriceBook(
        version=version,
        shop_id=1,
        currency="CNY",
        cash_rounding_minor=10,
        tax_rates={"standard": "13"},
        label_templates=list(templates),
        articles=list(articles),
    )


SHOP = Shop(
    shop_id=1,
    name={"en": "Demo Market", "zh": "示范超市"},
    host="market.example",
    currency="CNY",
    cash_rounding_minor=10,
    pass_keys=[],
    offline_caps=OfflineCaps(value_minor=1, exits=1, away_s=1),
)
