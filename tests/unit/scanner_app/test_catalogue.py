from __future__ import annotations

import random
import sqlite3
from pathlib import Path

import pytest

from scanner_app.catalogue import FILE_NAME, Catalogue, write_changes, write_price_book
from store_server.contract.article_messages import Article, PriceBookChanges
from store_server.contract.price_changes import PriceChangesError
from store_server.contract.product_code import LabelTemplate, ProductCodeError
from tests.unit.scanner_app.goods import COLA, RICE, SHOP, WINE, piece, price_book


def test_before_the_first_price_book(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path)
    assert (catalogue.terms, catalogue.shop, catalogue.version) == (None, None, None)
    assert catalogue.find(COLA.code) is None


def test_a_price_book_answers_without_the_store_also_after_a_restart(tmp_path: Path) -> None:
    write_price_book(tmp_path, price_book(3, COLA, RICE), SHOP)
    catalogue = Catalogue(tmp_path)
    assert catalogue.find(COLA.code) == COLA
    assert catalogue.find(WINE.code) is None
    assert catalogue.find_all([COLA.code, WINE.code]) == {COLA.code: COLA}
    assert catalogue.version == 3
    assert catalogue.shop == SHOP
    assert catalogue.terms is not None
    assert catalogue.terms.templates == (LabelTemplate("21IIIIIWWWWWC"),)


def test_a_newer_one_is_swapped_in_whole(tmp_path: Path) -> None:
    write_price_book(tmp_path, price_book(3, COLA, RICE), SHOP)
    catalogue = Catalogue(tmp_path)
    dearer = COLA.model_copy(update={"unit_price_minor": 400})
    write_price_book(tmp_path, price_book(4, dearer, WINE), SHOP)
    assert catalogue.find(COLA.code) == COLA, "the open one is untouched"
    assert catalogue.find(RICE.code) == RICE
    catalogue.reopen()
    assert catalogue.find(COLA.code) == dearer
    assert catalogue.find(RICE.code) is None, "nothing of the old one is left"
    assert catalogue.version == 4


def test_a_server_that_was_set_back_is_believed(tmp_path: Path) -> None:
    write_price_book(tmp_path, price_book(9, COLA), SHOP)
    write_price_book(tmp_path, price_book(2, COLA), SHOP)
    assert Catalogue(tmp_path).version == 2


def test_a_crash_while_writing_leaves_the_old_one(tmp_path: Path) -> None:
    write_price_book(tmp_path, price_book(3, COLA), SHOP)
    (tmp_path / f"{FILE_NAME}.new").write_bytes(b"half a file")
    assert Catalogue(tmp_path).find(COLA.code) == COLA
    write_price_book(tmp_path, price_book(4, COLA), SHOP)
    assert Catalogue(tmp_path).version == 4


def test_a_price_book_with_a_broken_template_is_not_taken(tmp_path: Path) -> None:
    write_price_book(tmp_path, price_book(3, COLA), SHOP)
    with pytest.raises(ProductCodeError):
        write_price_book(tmp_path, price_book(4, COLA, templates=("99IIIII",)), SHOP)
    assert Catalogue(tmp_path).version == 3


@pytest.mark.parametrize("damage", ["text", "empty", "cut", "layout", "facts"])
def test_a_damaged_file_is_thrown_away_and_fetched_anew(tmp_path: Path, damage: str) -> None:
    path = tmp_path / FILE_NAME
    write_price_book(tmp_path, price_book(3, *(piece(f"{n:014d}", "x", n) for n in range(2000))), SHOP)
    if damage == "text":
        path.write_text("no database at all" * 1000)
    elif damage == "empty":
        path.write_bytes(b"")
    elif damage == "cut":
        path.write_bytes(path.read_bytes()[:20000])
    else:
        change = "PRAGMA user_version = 99" if damage == "layout" else "DELETE FROM facts"
        connection = sqlite3.connect(path)
        with connection:
            connection.execute(change)
        connection.close()
    catalogue = Catalogue(tmp_path)
    assert catalogue.version is None
    assert not path.exists()
    write_price_book(tmp_path, price_book(4, COLA), SHOP)
    catalogue.reopen()
    assert catalogue.version == 4


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="cannot write the price book"):
        write_price_book(tmp_path / "missing", price_book(3, COLA), SHOP)


def test_a_folder_with_a_strange_name(tmp_path: Path) -> None:
    folder = tmp_path / "a b?c#d%20e"
    folder.mkdir()
    write_price_book(folder, price_book(3, COLA), SHOP)
    assert Catalogue(folder).find(COLA.code) == COLA


def changes(since: int, version: int, *changed: Article, removed: tuple[str, ...] = (), articles: int) -> PriceBookChanges:
    return PriceBookChanges(
        since=since, terms=price_book(version), changed=list(changed), removed=list(removed), articles=articles
    )


def test_changes_are_applied_to_a_copy_and_swapped_in_whole(tmp_path: Path) -> None:
    write_price_book(tmp_path, price_book(3, COLA, RICE), SHOP)
    catalogue = Catalogue(tmp_path)
    dearer = COLA.model_copy(update={"unit_price_minor": 400})
    write_changes(tmp_path, changes(3, 4, dearer, WINE, removed=(RICE.code,), articles=2), SHOP)
    assert (catalogue.version, catalogue.find(COLA.code)) == (3, COLA), "the open one is untouched"
    catalogue.reopen()
    assert (catalogue.version, catalogue.shop) == (4, SHOP)
    assert catalogue.find_all([COLA.code, RICE.code, WINE.code]) == {COLA.code: dearer, WINE.code: WINE}


@pytest.mark.parametrize(
    "given",
    [
        changes(2, 4, WINE, articles=2),
        changes(3, 4, WINE, articles=3),
        changes(3, 2, articles=1),
        PriceBookChanges(since=3, terms=price_book(4).model_copy(update={"shop_id": 2}), changed=[], removed=[], articles=1),
    ],
)
def test_changes_that_do_not_fit_leave_the_old_one(tmp_path: Path, given: PriceBookChanges) -> None:
    write_price_book(tmp_path, price_book(3, COLA), SHOP)
    with pytest.raises(PriceChangesError):
        write_changes(tmp_path, given, SHOP)
    catalogue = Catalogue(tmp_path)
    assert (catalogue.version, catalogue.find(COLA.code), catalogue.find(WINE.code)) == (3, COLA, None)


def test_changes_that_break_off_leave_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_price_book(tmp_path, price_book(3, COLA), SHOP)
    with monkeypatch.context() as patched:
        patched.setattr("os.fsync", _power_cut)
        with pytest.raises(OSError, match="power"):
            write_changes(tmp_path, changes(3, 4, WINE, articles=2), SHOP)
    assert Catalogue(tmp_path).version == 3
    write_changes(tmp_path, changes(3, 4, WINE, articles=2), SHOP)
    assert Catalogue(tmp_path).version == 4


def _power_cut(_file: int) -> None:
    raise OSError("power")


def test_without_a_price_book_there_is_nothing_to_change(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        write_changes(tmp_path, changes(3, 4, articles=0), SHOP)


@pytest.mark.parametrize("seed", range(5))
def test_a_price_book_with_many_changes_is_the_newest_one(tmp_path: Path, seed: int) -> None:
    print("seed", seed)
    chance = random.Random(seed)
    held = {f"{n:014d}": piece(f"{n:014d}", "x", 100) for n in range(20)}
    write_price_book(tmp_path, price_book(1, *held.values()), SHOP)
    for version in range(2, 12):
        gone = tuple(chance.sample(sorted(held), min(len(held), chance.randint(0, 3))))
        for code in gone:
            del held[code]
        made = [piece(f"{chance.randint(0, 30):014d}", "y", chance.randint(1, 9)) for _ in range(chance.randint(0, 4))]
        held |= {article.code: article for article in made}
        changed = [held[code] for code in {article.code for article in made}]
        write_changes(tmp_path, changes(version - 1, version, *changed, removed=gone, articles=len(held)), SHOP)
    catalogue = Catalogue(tmp_path)
    assert catalogue.version == 11
    assert catalogue.find_all(f"{n:014d}" for n in range(31)) == held
