from __future__ import annotations

import gzip
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import event, select

from program.errors import ProgramError
from store_server import product_commands
from store_server.contract.article_messages import PriceBookChanges
from store_server.contract.order_messages import OrderLine
from store_server.contract.refusals import Refusal
from store_server.domain.product_list import ProductFormat
from store_server.persistence.catalogue_tables import articles
from store_server.services import catalogue, product_import
from store_server.services.product_files import opened, replaced
from store_server.services.product_import import BadRow, ImportReport, ImportRules, ImportWatch
from store_server.services.refused import RefusedError
from tests.unit.store_server.market import MILK, PRODUCTS, WINE, Market, open_market

HEADER = "code,name_en,tax_class,unit_price_minor"


def gtin(number: int) -> str:
    body = f"952{number:09d}"
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(body))
    return f"{body}{-total % 10}"


def rows(*numbers: int, price: int = 100) -> list[str]:
    return [f"{gtin(number)},Article {number},standard,{price}" for number in numbers]


def take(market: Market, *lines: str, rules: ImportRules | None = None) -> tuple[ImportReport, list[BadRow]]:
    bad: list[BadRow] = []
    text = [f"{line}\n" for line in (HEADER, *lines)]
    report = product_import.import_products(
        market.store, text, rules or ImportRules(batch_rows=3), ImportWatch(bad_row=bad.append)
    )
    return report, bad


def sold(market: Market) -> set[str]:
    return {code for code, article in catalogue.newest_price_book(market.store).by_code.items() if article.withheld is None}


def test_a_batch_with_a_bad_row_is_left_out_whole_and_the_others_are_taken(market: Market) -> None:
    lines = rows(*range(100, 109))
    lines[4] = lines[4].replace(",100", ",-5")
    report, bad = take(market, *lines)
    assert (report.rows, report.new, report.bad, report.left_out, report.refused_batches) == (9, 6, 1, 2, [(5, 7)])
    assert [(row.line, row.code) for row in bad] == [(6, gtin(104))]
    assert "below zero" in bad[0].reason
    assert sold(market) >= {f"0{gtin(number)}" for number in (100, 101, 102, 106, 107, 108)}
    assert not sold(market) & {f"0{gtin(number)}" for number in (103, 104, 105)}
    mended, _ = take(market, *rows(*range(100, 109)))
    assert (mended.new, mended.unchanged) == (3, 6)


def test_bad_rows_can_be_skipped_one_by_one(market: Market) -> None:
    lines = rows(*range(100, 106))
    lines[1] = lines[1].replace("standard", "luxury")
    lines[2] = lines[2].replace(gtin(102), "9520000000012")
    lines[5] = lines[0]
    report, bad = take(market, *lines, rules=ImportRules(batch_rows=4, skip_bad_rows=True))
    assert (report.new, report.bad, report.left_out) == (3, 3, 0)
    assert [row.line for row in bad] == [3, 4, 7]
    assert bad[2].reason == f"{gtin(100)} is the same article as line 2"


def test_an_export_of_open_food_facts_waits_for_prices(market: Market) -> None:
    export = (
        "code\tcreator\tproduct_name\tfat_100g\n"
        "9520000001001\tx\tOat drink\t1.5\n9520000001018\tx\tSoy drink\t-2\n9520000000011\tx\tMilk\t3.5\n"
        "9520000001025\tx\t\t900\n"
    )
    doubts: list[BadRow] = []
    lines = export.splitlines(keepends=True)
    report = product_import.import_products(
        market.store, lines, ImportRules(skip_bad_rows=True), ImportWatch(doubt=doubts.append)
    )
    assert (report.new, report.changed, report.bad, report.unpriced, report.doubts) == (2, 1, 1, 2, 1)
    assert [(row.line, row.code) for row in doubts] == [(3, "9520000001018")]
    assert doubts[0].reason == "taken without fat_g, which cannot be -2 per 100 g"
    milk = catalogue.newest_price_book(market.store).find(MILK)
    assert milk is not None
    assert milk.unit_price_minor == 1280
    assert "09520000001001" not in sold(market)
    assert not catalogue.article(market.store, "9520000001001").for_sale
    prices = ["code,unit_price_minor\n", "9520000001001,990\n"]
    assert product_import.import_products(market.store, prices, ImportRules(), ImportWatch()).unpriced == 0
    assert "09520000001001" in sold(market)
    again = product_import.import_products(market.store, lines, ImportRules(skip_bad_rows=True), ImportWatch())
    assert (again.unchanged, again.is_published) == (3, False)


def test_stopping_keeps_the_finished_batches_and_publishes_them(market: Market) -> None:
    done: list[int] = []
    watch = ImportWatch(batch_done=lambda report: done.append(report.last_line), wants_stop=lambda: len(done) == 2)
    lines = [f"{line}\n" for line in (HEADER, *rows(*range(100, 109)))]
    report = product_import.import_products(market.store, lines, ImportRules(batch_rows=3), watch)
    assert (report.is_stopped, report.last_line, report.new, report.is_published) == (True, 7, 6, True)
    assert f"0{gtin(105)}" in sold(market)
    again, _ = take(market, *rows(*range(100, 109)))
    assert (again.unchanged, again.new) == (6, 3)


def test_what_a_killed_import_left_unpublished_is_published_at_the_next_start(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    class KilledError(BaseException):
        pass

    def fail(*_arguments: object) -> None:
        raise KilledError

    before = market.version
    with monkeypatch.context() as patched:
        patched.setattr(product_import, "publish", fail)
        with pytest.raises(KilledError):
            take(market, *rows(100, 101))
    assert market.version == before
    assert catalogue.republish(market.store) > before
    assert f"0{gtin(101)}" in sold(market)


def test_a_price_list_changes_prices_only(market: Market) -> None:
    before = market.version
    bad: list[BadRow] = []
    lines = ["code,unit_price_minor\n", "9520000000011,1380\n"]
    report = product_import.import_products(market.store, lines, ImportRules(), ImportWatch(bad_row=bad.append))
    assert (report.changed, bad) == (1, [])
    article = catalogue.newest_price_book(market.store).find(MILK)
    assert article is not None
    assert (article.unit_price_minor, article.name["zh"], article.mean_g) == (1380, "牛奶", 1042.5)
    assert market.submit(version=before).total_minor == 1280
    assert market.submit().total_minor == 1380


@pytest.mark.parametrize(
    ("columns", "withheld"),
    [("recalled\n{},1", "recalled"), ("for_sale\n{},0", "not_for_sale"), ("recalled,for_sale\n{},1,0", "recalled")],
)
def test_recalled_and_withdrawn_articles_stay_in_the_price_book_and_say_so(market: Market, columns: str, withheld: str) -> None:
    before = market.version
    lines = f"code,{columns.format('9520000000011')}\n".splitlines(keepends=True)
    product_import.import_products(market.store, lines, ImportRules(), ImportWatch())
    article = catalogue.newest_price_book(market.store).find(MILK)
    assert article is not None
    assert (article.withheld, article.name["zh"]) == (withheld, "牛奶")
    changes = PriceBookChanges.model_validate_json(catalogue.price_book_changes(market.store, before))
    assert [(one.code, one.withheld) for one in changes.changed] == [(MILK, withheld)]
    expected = Refusal.RECALLED_ARTICLE if withheld == "recalled" else Refusal.NOT_FOR_SALE
    for version in (None, before):
        with pytest.raises(RefusedError, match="Milk 1 l") as caught:
            market.submit(version=version)
        assert caught.value.refusal is expected, "also a basket that was begun before the recall"
    order = market.enter(market.pay(market.submit(OrderLine(code=WINE))).order.exit_pass)
    with pytest.raises(RefusedError) as caught:
        market.rescan(order, MILK)
    assert caught.value.refusal is expected


@pytest.mark.parametrize("columns", ["recalled\n{},1", "for_sale\n{},0", "unit_price_minor\n{},"])
def test_recalled_withdrawn_and_unpriced_articles_are_not_sold(market: Market, columns: str) -> None:
    lines = f"code,{columns.format('9520000000011')}\n".splitlines(keepends=True)
    product_import.import_products(market.store, lines, ImportRules(), ImportWatch())
    assert MILK not in sold(market)
    assert not catalogue.article(market.store, "9520000000011").for_sale


def test_the_whole_range_takes_the_rest_off_sale(market: Market) -> None:
    report, _ = take(market, *rows(100), rules=ImportRules(whole_range=True))
    assert report.taken_off_sale == 4
    assert sold(market) == {f"0{gtin(100)}"}
    catalogue.import_products(market.store, PRODUCTS)
    assert WINE not in sold(market), "only for_sale brings it back"


def test_an_export_is_imported_into_another_shop_and_exported_the_same(market: Market, tmp_path: Path) -> None:
    details = (
        '{"code":"9520000000011","brand":"B","nutrition":{"fat_g":3.5},"allergens":["milk"],"stock":7,"name_fr":"Lait",'
        '"tier_prices_minor":{"gold":1000},"provenance":[{"type":"ObjectEvent","eventTime":"2026-05-04T08:30:00+08:00",'
        '"bizStep":"urn:epcglobal:cbv:bizstep:shipping","readPoint":{"id":"urn:epc:id:sgln:9529999.99999.0"}}]}\n'
    )
    product_import.import_products(market.store, [details], ImportRules(), ImportWatch())
    other = open_market(tmp_path / "other")
    for file_format, name in ((ProductFormat.CSV, "a.csv"), (ProductFormat.JSON_LINES, "a.jsonl.gz")):
        first, second = tmp_path / name, tmp_path / f"again-{name}"
        assert catalogue.export_products(market.store, first, file_format) == 4
        for shop in (market, other):
            with opened(first) as file:
                report = product_import.import_products(shop.store, file.lines(), ImportRules(), ImportWatch())
            assert report.bad == 0
        catalogue.export_products(other.store, second, file_format)
        assert first.read_bytes() == second.read_bytes()
        with opened(first) as file:
            again = product_import.import_products(market.store, file.lines(), ImportRules(), ImportWatch())
        assert (again.unchanged, again.is_published) == (4, False)
    other.store.database.close()


def test_the_details_of_an_article(market: Market) -> None:
    event = '{"type":"ObjectEvent","eventTime":"2026-05-04T08:30:00+08:00","bizStep":"shipping","ilmd":{"lot":"7"}}'
    line = f'{{"code":"9520000000011","origin":"Inner Mongolia","nutrition":{{"fat_g":3.5}},"provenance":[{event}]}}\n'
    product_import.import_products(market.store, [line], ImportRules(), ImportWatch())
    details = catalogue.article(market.store, "9520000000011")
    assert (details.origin, details.nutrition.fat_g, details.provenance[0].biz_step) == ("Inner Mongolia", 3.5, "shipping")
    assert details.provenance[0].ilmd == {"lot": "7"}


def test_a_broken_gzip_file_says_where_it_ends(tmp_path: Path, market: Market) -> None:
    path = tmp_path / "cut.csv.gz"
    whole = gzip.compress("\n".join([HEADER, *rows(*range(100, 3000))]).encode())
    path.write_bytes(whole[: len(whole) // 2])
    with opened(path) as file, pytest.raises(ProgramError, match="cannot be read after line"):
        product_import.import_products(market.store, file.lines(), ImportRules(), ImportWatch())
    assert f"0{gtin(100)}" in sold(market), "finished batches stay and are published"


def test_a_file_that_cannot_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_text("old")

    def fail() -> None:
        with replaced(path) as file:
            file.write("half")
            raise OSError(28, "No space left on device")

    with pytest.raises(ProgramError, match="unchanged"):
        fail()
    assert path.read_text() == "old"
    assert [item.name for item in tmp_path.iterdir()] == ["out.csv"]


def test_an_order_of_a_new_article_is_priced(market: Market) -> None:
    take(market, *rows(100))
    assert market.submit(OrderLine(code=f"0{gtin(100)}", quantity=2)).total_minor == 200


def test_a_disk_that_fills_up_is_told_with_what_is_in(market: Market, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine, file = market.store.database.engine, tmp_path / "list.csv"
    if market.store.database.is_shared:
        return
    file.write_text("\n".join([HEADER, *rows(*range(100, 1100))]), encoding="utf-8")
    monkeypatch.setattr(product_commands, "on_stop_signal", lambda _stop: None)
    engine.dispose()

    @event.listens_for(engine, "connect")
    def _limit(connection: sqlite3.Connection, _record: object) -> None:
        pages = int(connection.execute("PRAGMA page_count").fetchone()[0])
        connection.execute(f"PRAGMA max_page_count={pages + 30}")

    with pytest.raises(ProgramError, match="cannot be written") as caught:
        product_commands.run_import(market.store, file, ImportRules(batch_rows=20), None)
    taken = len(catalogue_codes(market)) - PRODUCTS.count("\n") + 1
    assert taken > 0
    assert f"{taken} articles are in" in str(caught.value)
    assert "Nothing was changed" not in str(caught.value)


def catalogue_codes(market: Market) -> list[str]:
    return market.store.database.read(lambda connection: list(connection.execute(select(articles.c.code)).scalars()))


def test_a_link_stays_and_leads_to_what_is_written(tmp_path: Path) -> None:
    link, file = tmp_path / "link", tmp_path / "list.csv"
    link.symlink_to(file)
    with replaced(link) as text:
        text.write("new")
    assert (link.is_symlink(), file.read_text()) == (True, "new")


def test_a_list_is_never_written_in_place_of_a_device() -> None:
    with pytest.raises(ProgramError, match="no ordinary file"), replaced(Path("/dev/null")):
        pytest.fail("opened")
    assert Path("/dev/null").is_char_device()
