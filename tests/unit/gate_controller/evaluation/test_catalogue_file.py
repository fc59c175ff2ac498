"""Catalogues from files: every mistake is a sentence with its line."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from gate_controller.evaluation.catalogue_file import OURS, CatalogueFileError, parse_catalogue, read_catalogue

HEAD = "gtin,name,mean_g,sd_g,popularity\n"
GOOD = HEAD + '1,Salt,500,2,3\n2,Rice,1000,5.5,10\n3,"Tea, green",80,0.5,0\n'
DEMO = Path(__file__).parents[4] / "demo" / "catalogue" / "products.csv"


def test_a_good_table_is_read() -> None:
    salt, rice, tea = parse_catalogue(GOOD, "shop.csv")
    assert (salt.code, salt.name, salt.mean_g, salt.sd_g, salt.popularity) == ("00000000000001", "Salt", 500.0, 2.0, 3.0)
    assert (rice.sd_g, tea.name, tea.popularity) == (5.5, "Tea, green", 0.0)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "line 1: the heading lacks gtin"),
        ("gtin,name,mean,sd_g,popularity\n1,a,1,1,1\n", "line 1: the heading lacks mean_g"),
        (HEAD + "1,a,500,2,1\n2,b,heavy,2,1\n", "line 3: mean_g is 'heavy'"),
        (HEAD + "1,a,500,2,1\n2,b,,2,1\n", "line 3: mean_g is ''"),
        (HEAD + "1,a,0,2,1\n", "line 2: mean_g is 0; an article must weigh more than nothing"),
        (HEAD + "1,a,nan,2,1\n", "line 2: mean_g is 'nan'"),
        (HEAD + "1,a,inf,2,1\n", "line 2: mean_g is 'inf'"),
        (HEAD + "1,a,500,-2,1\n", "line 2: sd_g and popularity must not be negative"),
        (HEAD + "x1,a,500,2,1\n", "line 2: gtin is 'x1'"),
        (HEAD + "123456789012345,a,500,2,1\n", "line 2: gtin is '123456789012345'"),
        (HEAD + "1,a,500,2,1\n01,b,500,2,1\n", "line 3: gtin 00000000000001 stands in line 2 already"),
        (HEAD + "1,Tea, green,500,2,1\n", "line 2: there are more values than columns"),
        (HEAD + "1,a\n", "line 2: mean_g is ''"),
        (HEAD + "1,a,500,2,1\n2,b,500,2,1\n", "has 2 articles; at least 3 are needed"),
        (HEAD + "1,a\0,500,2,1\n", "shop.csv"),
    ],
)
def test_a_bad_table_is_a_sentence_with_its_line(text: str, sentence: str) -> None:
    with pytest.raises(CatalogueFileError) as caught:
        parse_catalogue(text, "shop.csv")
    assert sentence in str(caught.value)


def test_a_file_that_cannot_be_read_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(CatalogueFileError, match="cannot be read"):
        read_catalogue(tmp_path / "none.csv")
    with pytest.raises(CatalogueFileError, match="cannot be read"):
        read_catalogue(tmp_path)
    other = tmp_path / "other.csv"
    other.write_bytes(b"\xff\xfe\x00gtin")
    with pytest.raises(CatalogueFileError, match="not UTF-8"):
        read_catalogue(other)
    other.write_text("\ufeff" + GOOD, encoding="utf-8")
    assert len(read_catalogue(other)) == 3, "as spreadsheets write it"


def test_our_catalogue_is_the_demo_shops() -> None:
    with DEMO.open(encoding="utf-8", newline="") as file:
        demo = {row["code"]: row for row in csv.DictReader(file) if row["mean_g"]}
    ours = {article.code.lstrip("0"): article for article in read_catalogue(OURS)}
    assert ours.keys() == {code.lstrip("0") for code in demo}
    for code, row in demo.items():
        article = ours[code.lstrip("0")]
        assert (article.name, article.mean_g, article.sd_g) == (row["name_en"], float(row["mean_g"]), float(row["sd_g"])), code
