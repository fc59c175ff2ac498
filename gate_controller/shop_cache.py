"""The shop's keys and caps and its price book on this controller's own disk, so that a lane works without the server."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from pydantic import ValidationError

from gate_controller.texts import Texts
from gate_controller.weighing import Goods, Shelf
from store_server.contract.article_messages import PriceBook
from store_server.contract.order_pass import PassKind
from store_server.contract.shop_messages import Shop
from store_server.contract.wire import Answer

SHOP_FILE = "shop.json"
PRICE_BOOK_FILE = "price-book.json"
FILE_LIMIT_BYTES = 64 * 1024 * 1024

_log = logging.getLogger(__name__)
AnyAnswer = TypeVar("AnyAnswer", bound=Answer)


class ShopCache:
    """What the server last said about the shop. Replaced as a whole; read by one thread, written by another."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.shop: Shop | None = _load(folder / SHOP_FILE, Shop)
        self.price_book: PriceBook | None = _load(folder / PRICE_BOOK_FILE, PriceBook)
        self.keys = _keys(self.shop)
        """(kind, key id) to public key, as ``order_pass.verify`` wants them."""
        self.voided = _voided(self.shop)
        """Order to the highest revision whose pass was withdrawn."""
        self.goods = _goods(self.price_book)
        """One piece of every article that is sold by the piece, as the price book has it."""
        self.catalogue = Shelf.of(self.goods)
        """Those whose weight is known; laid out anew by :class:`gate_controller.weight_desk.WeightDesk`, which knows more."""
        self._named: tuple[PriceBook | None, dict[str, dict[str, str]]] = (None, {})

    @property
    def currency(self) -> str:
        """The shop's currency; CNY until a server was heard."""
        return self.shop.currency if self.shop is not None else "CNY"

    def name_of(self, code: str) -> Texts | None:
        """Return an article's names; None where the price book does not have it."""
        book = self.price_book
        if book is not self._named[0]:
            articles = book.articles if book is not None else []
            self._named = (book, {article.code: article.name for article in articles})
        return self._named[1].get(code)

    def keep_shop(self, shop: Shop) -> None:
        """Use and store new keys and caps."""
        if shop != self.shop:
            _store(self._folder / SHOP_FILE, shop)
            self.keys = _keys(shop)
            self.voided = _voided(shop)
            self.shop = shop

    def keep_price_book(self, book: PriceBook) -> None:
        """Use and store a newer price book; an older one is ignored."""
        if self.price_book is None or book.version > self.price_book.version or book.shop_id != self.price_book.shop_id:
            _store(self._folder / PRICE_BOOK_FILE, book)
            self.goods = _goods(book)
            self.price_book = book


def _keys(shop: Shop | None) -> dict[tuple[PassKind, bytes], bytes]:
    keys = {}
    for key in shop.pass_keys if shop is not None else ():
        kind = PassKind.CLAIM if key.kind == "claim" else PassKind.EXIT
        with contextlib.suppress(ValueError):  # a key that is no hexadecimal number verifies nothing
            keys[kind, bytes.fromhex(key.key_id)] = bytes.fromhex(key.public_key)
    return keys


def _voided(shop: Shop | None) -> Mapping[UUID, int]:
    return {void.order_id: void.revision for void in (shop.voided_passes if shop is not None else ())}


def _goods(book: PriceBook | None) -> tuple[Goods, ...]:
    articles = book.articles if book is not None else []
    return tuple(
        Goods.of_article(article) for article in articles if article.sold_by == "piece" and article.withheld != "not_for_sale"
    )


def _load(path: Path, answer: type[AnyAnswer]) -> AnyAnswer | None:
    try:
        if path.stat().st_size > FILE_LIMIT_BYTES:
            _log.warning("%s is too large to be ours; it is fetched again", path)
            return None
        return answer.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        _log.warning("%s cannot be read and is fetched again: %s", path, error)
        return None


def _store(path: Path, answer: Answer) -> None:
    """Replace the file as a whole: after a power cut there is the old one or the new one."""
    fresh = path.with_suffix(".new")
    try:
        with fresh.open("w", encoding="utf-8") as file:
            file.write(answer.model_dump_json())
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError as error:
        _log.warning("%s cannot be stored: %s", path, error)
