from __future__ import annotations

from pathlib import Path

import pytest

from program.errors import ProgramError
from program.qt.texts import load_texts

PO = """msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\\n"

msgid "Start"
msgstr "开始"

msgid "Two "
"parts"
msgstr ""
"两"
"段"

msgid "Not done"
msgstr ""

#, fuzzy
msgid "Doubtful"
msgstr "可疑"
"""


def test_english_needs_no_file(tmp_path: Path) -> None:
    assert load_texts(tmp_path, "en")("Start") == "Start"


def test_texts_are_translated_and_what_is_missing_stays_english(tmp_path: Path) -> None:
    (tmp_path / "zh.po").write_text(PO, encoding="utf-8")
    translate = load_texts(tmp_path, "zh")
    assert translate("Start") == "开始"
    assert translate("Two parts") == "两段"
    assert translate("Not done") == "Not done"
    assert translate("Unheard of") == "Unheard of"


def test_a_translation_that_is_marked_doubtful_is_not_shown(tmp_path: Path) -> None:
    (tmp_path / "zh.po").write_text(PO, encoding="utf-8")
    assert load_texts(tmp_path, "zh")("Doubtful") == "Doubtful"


def test_an_unknown_language_names_the_known_ones(tmp_path: Path) -> None:
    (tmp_path / "zh.po").write_text(PO, encoding="utf-8")
    with pytest.raises(ProgramError, match=r"'fr'. Choose one of: en, zh"):
        load_texts(tmp_path, "fr")
