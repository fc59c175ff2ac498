from __future__ import annotations

from tests.bench.rows import Row, at_least, below, ratio
from tests.bench.tables import grids

ROWS = [
    Row("orders, 1 client", "rate", 123.4, "1/s"),
    at_least(ratio("orders, 1 client", "share", 10, 40, "plain SQL"), 0.2),
    Row("orders, 16 clients", "rate", 1234, "1/s"),
    at_least(ratio("orders, 16 clients", "share", 1, 40, "plain SQL"), 0.2),
    below(Row("exits", "p99", 49.96, "ms"), 50),
]


def test_subjects_with_the_same_measures_share_a_table() -> None:
    orders, exits = grids(ROWS)
    assert orders.markdown() == (
        "|  | rate, 1/s | share |\n"
        "| --- | --- | --- |\n"
        "| orders, 1 client | 123 | 0.250 (at least 0.2: met) |\n"
        "| orders, 16 clients | 1234 | 0.025 (at least 0.2: MISSED) |\n"
        "\n"
        "share: plain SQL."
    )
    assert exits.text().splitlines() == ["                      p99, ms", "  exits  50.0 (under 50: met)"]


def test_a_name_says_what_was_measured_and_how() -> None:
    assert [row.name for row in ROWS[:2]] == ["orders, 1 client: rate", "orders, 1 client: share"]
