from __future__ import annotations

from typing import Literal

import pytest

from hardware.bench import actions
from hardware.bench.simulator import ActionError, JsonValue


class Pan:
    def put(self, grams: float, now_s: float, *, slowly: bool = False, where: Literal["left", "right"] = "left") -> JsonValue:
        """Put goods on the pan."""
        if grams > 100:
            raise ActionError("The pan carries 100 g.")
        return [grams, now_s, slowly, where]

    def count(self, pieces: int) -> JsonValue:
        return 100 // pieces

    def name(self, text: str | None = None) -> JsonValue:
        return text

    def untyped(self, anything):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN201 - some actions may be so
        return anything


PAN = Pan()


def test_description() -> None:
    assert actions.describe("put", PAN.put) == {
        "name": "put",
        "doc": "Put goods on the pan.",
        "parameters": [
            {"name": "grams", "type": "float", "required": True},
            {"name": "slowly", "type": "bool", "required": False, "default": False},
            {"name": "where", "type": '"left" | "right"', "required": False, "default": "left"},
        ],
    }
    assert actions.describe("name", PAN.name)["parameters"] == [
        {"name": "text", "type": "str | None", "required": False, "default": None}
    ]


def test_call() -> None:
    assert actions.call("put", PAN.put, {"grams": 5, "where": "right"}, 7.0) == [5.0, 7.0, False, "right"]
    assert actions.call("name", PAN.name, {"text": None}, 7.0) is None
    assert actions.call("untyped", PAN.untyped, {"anything": [1]}, 7.0) == [1]


@pytest.mark.parametrize(
    ("name", "arguments", "sentence"),
    [
        ("put", {}, "put needs 'grams'. It takes: grams, slowly, where."),
        ("put", {"grams": 1, "milk": 2}, "put takes no 'milk'. It takes: grams, slowly, where."),
        ("put", {"grams": 1, "now_s": 2}, "put takes no 'now_s'. It takes: grams, slowly, where."),
        ("put", {"grams": "much"}, 'put: grams is wrong: Input should be a valid number (got "much").'),
        ("put", {"grams": True}, "put: grams is wrong"),
        ("put", {"grams": float("inf")}, "put: grams is wrong"),
        ("put", {"grams": float("nan")}, "put: grams is wrong"),
        ("put", {"grams": 1, "slowly": 1}, "put: slowly is wrong"),
        ("put", {"grams": 1, "where": "up"}, "put: where is wrong"),
        ("put", {"grams": 101}, "The pan carries 100 g."),
        ("count", {"pieces": 1.5}, "count: pieces is wrong"),
        ("count", {"pieces": 0}, "count cannot be done with that"),
        ("count", {"pieces": ["a" * 100]}, "count: pieces is wrong"),
    ],
)
def test_wrong_arguments_get_a_sentence(name: str, arguments: dict[str, JsonValue], sentence: str) -> None:
    with pytest.raises(ActionError) as refused:
        actions.call(name, getattr(PAN, name), arguments, 7.0)
    assert str(refused.value).startswith(sentence)
    assert len(str(refused.value)) < 200
