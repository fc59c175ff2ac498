from __future__ import annotations

import contextlib

import biip
import pytest
from biip.gtin import Gtin
from hypothesis import example, given
from hypothesis import strategies as st

from store_server.contract.product_code import LabelTemplate, ProductCode, ProductCodeError, with_check_digit

TEMPLATES = (LabelTemplate("21IIIIIWWWWWC"), LabelTemplate("22IIIIIPPPPPC"))


@pytest.mark.parametrize(
    ("scanned", "key"),
    [
        ("9520000000011", "09520000000011"),
        ("09520000000011", "09520000000011"),
        ("]E09520000000011", "09520000000011"),
        (" 9520000000011\r", "09520000000011"),
        # GS1 General Specifications, figure 3.3.2-2: GTIN-8 and GTIN-12 filled with zeros on the left.
        ("95200002", "00000095200002"),
        ("614141000012", "00614141000012"),
        ("0614141000012", "00614141000012"),
    ],
)
def test_the_same_article_has_one_key_whichever_symbol_carried_it(scanned: str, key: str) -> None:
    assert ProductCode.parse(scanned, TEMPLATES).key == key


def test_a_weighed_label_tells_article_and_grams() -> None:
    assert ProductCode.parse("2112345008509", TEMPLATES) == ProductCode(
        key="02112345000008", text="2112345008509", weight_g=850
    )


def test_a_priced_label_tells_article_and_price() -> None:
    label = TEMPLATES[1].label("02200017000002", 2345)
    assert ProductCode.parse(label, TEMPLATES) == ProductCode(key="02200017000002", text=label, price_minor=2345)


@given(st.integers(0, 99_999), st.integers(0, 99_999), st.sampled_from(TEMPLATES))
def test_a_printed_label_reads_back(item: int, value: int, template: LabelTemplate) -> None:
    key = with_check_digit(f"{template.prefix}{item:05d}00000")
    code = ProductCode.parse(template.label(key, value), TEMPLATES)
    assert code.key == key
    assert (code.weight_g if "W" in template.pattern else code.price_minor) == value


def test_a_label_that_no_template_explains_is_refused() -> None:
    label = LabelTemplate("29IIIIIWWWWWC").label("02912345000004", 100)
    with pytest.raises(ProductCodeError, match="no label template"):
        ProductCode.parse(label, TEMPLATES)


@given(st.sampled_from(["9520000000011", "2112345008509", "614141000012", "95200002"]), st.data())
def test_one_wrong_digit_is_found(code: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(code) - 1))
    by = data.draw(st.integers(1, 9))
    slip = code[:place] + str((int(code[place]) + by) % 10) + code[place + 1 :]
    with pytest.raises(ProductCodeError):
        ProductCode.parse(slip, TEMPLATES)


def digits_of_any_kind() -> st.SearchStrategy[str]:
    """Digits that are a GTIN by luck, and digits that were completed to one, also with zeros in front."""
    completed = st.text("0123456789", min_size=1, max_size=13).map(with_check_digit)
    cut = st.tuples(completed, st.sampled_from([8, 12, 13, 14])).map(lambda pair: pair[0][-pair[1] :])
    return st.text("0123456789", min_size=1, max_size=16) | completed | cut


@given(digits_of_any_kind(), st.sampled_from(["", " ", "]E0", "]d2"]))
@example("00000000", "")
@example("00000000000000", "]E0")
def test_bare_digits_are_a_code_where_biip_reads_a_gtin(digits: str, prefix: str) -> None:
    try:
        expected = Gtin.parse(digits).as_gtin_14()
    except biip.ParseError:
        expected = ""
    if expected and not (len(digits) == 13 and digits.startswith("2")):
        assert ProductCode.parse(prefix + digits) == ProductCode(key=expected, text=digits)
    else:
        # Longer digits may be GS1 element strings, with a GTIN of their own.
        with contextlib.suppress(ProductCodeError):
            assert ProductCode.parse(prefix + digits).text != digits


@pytest.mark.parametrize("text", ["", "1", "abc", "95200000000११", "9520000000011\x00", "HTTPS://SHOP/P/A", "9" * 91, "²" * 13])
def test_what_is_no_code_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ProductCodeError, match="product code"):
        ProductCode.parse(text, TEMPLATES)


@given(st.text(max_size=120))
@example("]")
def test_no_text_breaks_the_reader(text: str) -> None:
    with contextlib.suppress(ProductCodeError):
        assert len(ProductCode.parse(text, TEMPLATES).key) == 14


@pytest.mark.parametrize(
    "pattern", ["", "21IIIIIWWWWW", "31IIIIIWWWWWC", "21IIIIIWWPPPC", "21WWWWWIIIIIC", "2xIIIIIWWWWWC", "21IIIIWWWWWC\n"]
)
def test_a_wrong_template_is_refused(pattern: str) -> None:
    with pytest.raises(ProductCodeError, match="label template"):
        LabelTemplate(pattern)
