from __future__ import annotations

import pytest

from tests.fuzz.fuzzing import Target
from tests.fuzz.parsers import check_parser
from tests.fuzz.radio_targets import TARGETS


@pytest.mark.timeout(0)  # each batch is timed by its CPU; the wall clock of a busy machine says nothing
@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_a_parser_takes_anything(target: Target) -> None:
    check_parser(target)
