from __future__ import annotations

import json

import pytest

from store_server.web.plain_text import HALF, NO_UTF8, NUL, address_mistake, body_mistake, text_mistake

GOOD = ["", "Milk", "牛奶", "\U0001f95b", "\\u0000", "\\\\ud800", "a\u0001b", "\ue000", "\uffff", "\\"]
BAD = {"\0": NUL, "a\0": NUL, "\\\0": NUL, "\ud800": HALF, "a\udfff": HALF, "\udc00\ud800": HALF, "\\\ud83d": HALF}


@pytest.mark.parametrize("text", GOOD)
def test_what_can_be_written_passes(text: str) -> None:
    for body in ({"a": text}, {text: 1}, [[{"a": [text]}]], text):
        assert body_mistake(json.dumps(body).encode()) is None
        assert body_mistake(json.dumps(body, ensure_ascii=False).encode()) is None
    assert text_mistake(text) is None


@pytest.mark.parametrize(("text", "told"), BAD.items())
def test_what_cannot_be_written_is_told_wherever_it_is(text: str, told: str) -> None:
    for body in ({"a": text}, {text: 1}, [[{"a": ["b", text]}], "c"], text, {"a": "\\u0000", "b": text}):
        assert body_mistake(json.dumps(body).encode()) == told
        assert body_mistake(bytearray(json.dumps(body), "ascii")) == told
    assert text_mistake(text) == told


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b'{"a": "\xed\xa0\x80"}', NO_UTF8),
        (b'{"a": "\xff"}', NO_UTF8),
        ('{"a": "\\u0000"}'.encode("utf-16"), NO_UTF8),
        ('{"a": 1}'.encode("utf-32-le"), NUL),
        (b'{"a": "\0"}', NUL),
        (b'\xef\xbb\xbf{"a": "\\u0000"}', NUL),
        (b"[" * 50_000 + b'"\\u0000"', None),
        (b'{"a": "\\u0000', None),
        (b"\\u0000", None),
        (b"", None),
    ],
)
def test_other_encodings_are_refused_and_broken_json_is_left_to_the_route(body: bytes, told: str | None) -> None:
    assert body_mistake(body) == told


def test_addresses() -> None:
    assert address_mistake("/v1/articles/95", b"since=1&a=%20%2500") is None
    assert address_mistake("/v1/articles/9\x005", b"") == NUL
    assert address_mistake("/v1/articles/95", b"since=%00") == NUL
