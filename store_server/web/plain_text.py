"""What no database keeps as text is refused at the door: NUL characters, halves of surrogate pairs, bytes that are no UTF-8.

PostgreSQL refuses NUL in a text and SQLite cuts tools off at it, so both would answer differently; here they answer alike, and
for every field of every message. A body without such escapes, which is almost every one, costs one search.
"""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import unquote_to_bytes

NUL = "it contains a NUL character; leave it out"
HALF = "it contains half of a surrogate pair, which is no character; leave it out"
NO_UTF8 = "it is not written in UTF-8"

_SUSPECT = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")


def address_mistake(path: str, query: bytes) -> str | None:
    """Say what is wrong with the text of an address; None for nothing."""
    return NUL if "\0" in path or b"\0" in unquote_to_bytes(query) else None


def body_mistake(body: bytes | bytearray) -> str | None:
    """Say what is wrong with the texts of a JSON body; None for nothing, and for what is no JSON at all."""
    try:
        body.decode()
    except UnicodeDecodeError:
        return NO_UTF8
    if b"\0" in body:
        return NUL
    return _mistake_within(body) if _SUSPECT.search(body) else None


def text_mistake(text: str) -> str | None:
    """Say what is wrong with a text; None for nothing."""
    if "\0" in text:
        return NUL
    return HALF if any("\ud800" <= letter <= "\udfff" for letter in text) else None


def _mistake_within(body: bytes | bytearray) -> str | None:
    try:
        waiting: list[Any] = [json.loads(body)]
    except (ValueError, RecursionError):
        return None
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting += [*value.keys(), *value.values()]
        elif isinstance(value, list):
            waiting += value
        elif isinstance(value, str) and (mistake := text_mistake(value)) is not None:
            return mistake
    return None
