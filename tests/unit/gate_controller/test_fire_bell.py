"""Fire in all lanes, and a disk that does not obey."""

from __future__ import annotations

from pathlib import Path

from gate_controller import words
from gate_controller.fire_bell import FILE_NAME, FireBell
from gate_controller.words import Event


def test_a_disk_that_keeps_the_note_of_a_fire_keeps_no_lane_from_being_reset(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).mkdir()  # nothing can be written there, and it cannot be removed like a file
    bell, heard = FireBell(tmp_path), list[Event]()
    bell.join(heard.append)
    bell.declared("lane-1", "mei", "smoke")
    bell.reset("lane-1", "mei")
    assert heard[-1] == words.FireReset("mei")
