"""Products as a file may say them, drawn at random."""

from __future__ import annotations

from hypothesis import strategies as st

from store_server.contract.article_messages import Nutrition
from store_server.contract.product_code import with_check_digit

_WORD = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=12)
_WORDS = st.one_of(
    _WORD,
    st.lists(_WORD, min_size=2, max_size=4).map(" ".join),
    st.sampled_from(['5" plate', "'quoted'", "a,b;c|d", "=1+1", "-7", "0012", "1e5", "TRUE", '""', "牛奶 1 升"]),
)
_MINOR = st.integers(1, 10**8)
_FLOAT = st.floats(0.001, 90_000, allow_nan=False)
_JSON = st.recursive(
    st.one_of(
        _WORDS,
        st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=5),
        st.integers(-9, 9),
        st.booleans(),
        st.none(),
        st.floats(-9, 9),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(_WORD, inner, max_size=2)),
    max_leaves=4,
)
_EVENTS = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["ObjectEvent", "TransformationEvent", "AggregationEvent"]),
        "eventTime": st.one_of(
            st.datetimes().map(lambda time: f"{time.isoformat()}+08:00"),
            st.datetimes().map(lambda time: f"{time.isoformat(timespec='seconds')}Z"),
        ),
    },
    optional={
        "bizStep": st.sampled_from(
            ["shipping", "urn:epcglobal:cbv:bizstep:receiving", "https://ref.gs1.org/cbv/BizStep-packing"]
        ),
        "disposition": st.sampled_from(["in_transit", "urn:epcglobal:cbv:disp:active"]),
        "readPoint": _WORDS,
        "bizLocation": _WORDS.map(lambda text: {"id": text}),
        "ilmd": st.dictionaries(_WORD, _JSON, max_size=2),
    },
)
_ANY_GOODS = {
    "name_zh": _WORDS,
    "name_fr": _WORDS,
    "department": _WORDS,
    "brand": _WORDS,
    "package": _WORDS,
    "unit_price_minor": _MINOR,
    "deposit_minor": _MINOR,
    "member_price_minor": _MINOR,
    "tier_prices_minor": st.dictionaries(st.sampled_from(["gold", "silver"]), _MINOR),
    "discountable": st.booleans(),
    "eas": st.booleans(),
    "minimum_age": st.integers(0, 99),
    "recalled": st.booleans(),
    "for_sale": st.booleans(),
    "stock": st.integers(0, 2**53),
    "picture": _WORDS,
    "origin": _WORDS,
    "allergens": st.lists(_WORDS.map(lambda word: word.replace(";", ",")), max_size=3),
    "nutrition": st.dictionaries(st.sampled_from(sorted(Nutrition.model_fields)), st.floats(0, 9_000, allow_nan=False)),
    "provenance": st.lists(_EVENTS, max_size=3),
}
_PIECE_CODE = st.integers(0, 10**6).map(lambda number: with_check_digit(f"952{number:09d}")[1:])
_LABEL_CODE = st.integers(0, 99_999).map(lambda number: with_check_digit(f"21{number:05d}00000")[1:])
_NAMED = {"name_en": _WORDS, "tax_class": st.just("standard")}

PIECE_GOODS = st.fixed_dictionaries(
    {"code": _PIECE_CODE, **_NAMED},
    optional={
        **_ANY_GOODS,
        "mean_g": _FLOAT,
        "sd_g": _FLOAT,
        "weight_source": st.sampled_from(["", "measured", "declared", "learned"]),
    },
)
WEIGHED_GOODS = st.fixed_dictionaries({"code": _LABEL_CODE, "sold_by": st.just("weight"), **_NAMED}, optional=_ANY_GOODS)
PRODUCTS = st.one_of(PIECE_GOODS, WEIGHED_GOODS)
