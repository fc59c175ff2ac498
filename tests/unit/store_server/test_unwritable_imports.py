"""Files that are imported hold no text that a database refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from program.errors import ProgramError
from store_server.domain.provenance import ProvenanceError, read_event
from store_server.product_commands import read_promotions


def event(ilmd: dict[str, object]) -> dict[str, object]:
    return {"type": "ObjectEvent", "eventTime": "2026-05-04T08:30:00+08:00", "ilmd": ilmd}


@pytest.mark.parametrize("ilmd", [{"lot": "a\0"}, {"\0": 1}, {"lot": [{"a": "\\\0"}]}])
def test_a_nul_in_master_data_is_told(ilmd: dict[str, object]) -> None:
    with pytest.raises(ProvenanceError, match="ilmd: contains a NUL"):
        read_event(event(ilmd))


def test_a_backslash_before_such_letters_is_no_nul() -> None:
    assert read_event(event({"lot": "\\u0000"})).ilmd == {"lot": "\\u0000"}


@pytest.mark.parametrize("text", ["a\0b", "\ud800"])
def test_promotions_with_such_a_text_are_refused_whole(tmp_path: Path, text: str) -> None:
    file = tmp_path / "promotions.json"
    given = {"kind": "basket_off", "promotion_id": "x", "texts": {"en": text}, "basis_points": 100}
    file.write_text(json.dumps([given]), encoding="utf-8")
    with pytest.raises(ProgramError, match="leave it out"):
        read_promotions(file)
    file.write_text(json.dumps([given | {"texts": {"en": "fine"}}]), encoding="utf-8")
    assert len(read_promotions(file)) == 1
