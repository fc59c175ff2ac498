from __future__ import annotations

from demo.kiosk_truth import recycler_line, terminal_line


def test_the_terminal_tells_what_it_waits_for_and_has_booked() -> None:
    facts = {"charges": 2, "booked_minor": 10050, "running": None}
    assert terminal_line(facts) == "Card terminal: nothing to pay; 2 booked, ¥100.5 in all"
    assert "waits for a card" in terminal_line({**facts, "running": "7"})


def test_the_recycler_tells_where_its_notes_are() -> None:
    facts = {"store": {"500": 12, "2000": 1}, "recycler_box": {"10000": 2}, "takes_notes": [500, 1000]}
    told = recycler_line(facts)
    assert told == "Note recycler: 12 x ¥5, 1 x ¥20 for change, ¥200 in the cash box; takes now: ¥5 ¥10"
    assert recycler_line({"store": {}, "recycler_box": {}, "takes_notes": []}).endswith("takes now: none")
