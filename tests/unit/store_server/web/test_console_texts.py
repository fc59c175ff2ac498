"""The staff page says everything in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from store_server.contract.lane_messages import OF_THE_STORE, StaffCommandKind
from store_server.contract.order_status import OrderStatus
from store_server.web import console
from store_server.web.console.texts import LANGUAGES, texts_of, word


def test_both_languages_have_the_same_texts_with_the_same_gaps() -> None:
    english, chinese = texts_of("en"), texts_of("zh")
    assert english.keys() == chinese.keys()
    for name, text in english.items():
        assert set(re.findall(r"\{(\w+)\}", text)) == set(re.findall(r"\{(\w+)\}", chinese[name])), name


@pytest.mark.parametrize("code", [*StaffCommandKind, *OrderStatus])
def test_every_state_and_command_has_a_chinese_word(code: StaffCommandKind | OrderStatus) -> None:
    if code not in OF_THE_STORE:
        assert word("zh", code.value) != word("en", code.value)
    assert set(LANGUAGES) == {"en", "zh"}


def test_no_text_is_left_over() -> None:
    folder = Path(console.__file__).parent
    source = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py") if path.name != "texts.py")
    built = {"state-", "check-passed", "check-failed", "head-"}
    unused = [name for name in texts_of("en") if f'"{name}"' not in source and not name.startswith(tuple(built))]
    assert unused == []
