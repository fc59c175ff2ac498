"""JSON with exact decimals: what comes in is bounded and strict, numbers go in and out as :class:`~decimal.Decimal`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from hardware.errors import ProtocolError

MESSAGE_BYTES_MAX = 256 * 1024
DEPTH_MAX = 32
NUMBER_LETTERS_MAX = 40


def written(value: object) -> str:
    """Write a value without blanks; decimals with all their digits.

    >>> written({"RequestedAmount": Decimal("10.90"), "Flag": True})
    '{"RequestedAmount":10.90,"Flag":true}'
    """
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{json.dumps(str(key))}:{written(item)}" for key, item in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ",".join(map(written, value)) + "]"
    if isinstance(value, Decimal):
        return format(value, "f")
    assert not isinstance(value, float), "a float is no amount"
    return json.dumps(value)


def parsed(data: bytes | str) -> Any:
    """Read a message; numbers become int or Decimal.

    Raises:
        ProtocolError: it is no JSON, not UTF-8, too large or too deep, or names a thing twice.
    """
    if len(data) > MESSAGE_BYTES_MAX:
        raise ProtocolError(f"the terminal sent more than {MESSAGE_BYTES_MAX} bytes")
    try:
        text = data.decode("utf-8") if isinstance(data, bytes) else data
        _refuse_depth(text)
        return json.loads(text, parse_float=_number, parse_int=_integer, parse_constant=_no_constant, object_pairs_hook=_unique)
    except (ValueError, ArithmeticError) as error:
        raise ProtocolError(f"the terminal sent no JSON: {error}") from error


def _refuse_depth(text: str) -> None:
    depth, in_text, escaped = 0, False, False
    for letter in text:
        if in_text:
            in_text = escaped or letter != '"'
            escaped = letter == "\\" and not escaped
        elif letter == '"':
            in_text = True
        elif letter in "[{":
            depth += 1
            if depth > DEPTH_MAX:
                raise ValueError(f"it is deeper than {DEPTH_MAX}")
        elif letter in "]}":
            depth -= 1


def _number(text: str) -> Decimal:
    if len(text) > NUMBER_LETTERS_MAX:
        raise ValueError("a number is too long")
    return Decimal(text)


def _integer(text: str) -> int:
    if len(text) > NUMBER_LETTERS_MAX:
        raise ValueError("a number is too long")
    return int(text)


def _no_constant(text: str) -> Any:
    raise ValueError(f"{text} is no number")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return found
