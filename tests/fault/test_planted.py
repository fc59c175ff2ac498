"""The planted bugs still fit the source; ``python -m tests.fault.plant`` shows that each is caught."""

from __future__ import annotations

import pytest

from tests.fault.plant import ROOT, Planted, applies, main, patches

WANTED_AT_LEAST = 10


@pytest.mark.parametrize("planted", patches(), ids=lambda planted: str(planted.name))
def test_a_planted_bug_still_fits_the_source(planted: Planted) -> None:
    assert applies(planted) == ""
    for argument in planted.caught_by:
        if argument.startswith("tests/"):
            assert (ROOT / argument.partition("::")[0]).exists()


def test_there_are_enough_of_them() -> None:
    assert len(patches()) >= WANTED_AT_LEAST


def test_a_name_that_no_patch_has_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["99-no-such-bug"]) == 2
    assert "01-drop-unique-key" in capsys.readouterr().out
