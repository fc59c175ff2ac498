"""A whole evaluation, small: what it prints, writes and draws, and that it can fail."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gate_controller.cli import app
from gate_controller.evaluation import drift_trial, experience, learning_trial, passages
from gate_controller.evaluation.report import Aim

CATALOGUE = "gtin,name,mean_g,sd_g,popularity\n" + "".join(
    f"{number},Article {number},{20 + number * number * 6},{0.5 + number * 0.3:.1f},{1 + number % 5}\n"
    for number in range(1, 16)
)


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorten everything whose length is not an option."""
    monkeypatch.setattr(passages, "BOUND_BASKETS", 20)
    monkeypatch.setattr(passages, "NAMED_MAX", 5)
    monkeypatch.setattr(experience, "OPEN_EXITS", 30)
    monkeypatch.setattr(learning_trial, "EXITS", 40)
    monkeypatch.setattr(learning_trial, "CHECKS", (0, 40))
    monkeypatch.setattr(learning_trial, "HONEST_CHECKED", 50)
    monkeypatch.setattr(learning_trial, "ATTACKS_CHECKED", 20)
    monkeypatch.setattr(drift_trial, "RUNS", 1)
    monkeypatch.setattr(drift_trial, "WITHIN_EXITS", 60)
    monkeypatch.setattr(drift_trial, "RIGHT_EXITS", 60)


@pytest.mark.usefixtures("short")
def test_the_table_the_figures_and_the_chart_are_one_outcome(tmp_path: Path) -> None:
    (tmp_path / "shop.csv").write_text(CATALOGUE, encoding="utf-8")
    command = ["evaluate", "--seed", "7", "--exits", "300", "--catalogue", str(tmp_path / "shop.csv")]
    files = ["--json", str(tmp_path / "all.json"), "--chart", str(tmp_path / "all.png")]
    said = CliRunner().invoke(app, [*command, *files])
    assert said.exit_code == 0, said.output
    told = json.loads((tmp_path / "all.json").read_text(encoding="utf-8"))
    assert told["articles"] == 15
    assert {row["kind"] for row in told["rows"]} == {"honest", "own_bag", "unscanned", "swapped", "scanned_twice"}
    for row in told["rows"]:
        assert 0 <= row["stopped"] <= row["exits"]
        assert row["kind"] in {"honest", "own_bag"} or 0 < row["bound"] <= 1
        assert row["kind"] in {"honest", "own_bag"} or row["naming"]["exits"] == 0 or row["naming"]["alike"] >= 0
    for aim in told["aims"]:
        word = {True: "met", False: "MISSED", None: "nothing to measure"}[aim["met"]]
        assert any(line.startswith(aim["what"]) and line.endswith(word) for line in said.stdout.splitlines()), aim
    assert (tmp_path / "all.png").read_bytes().startswith(b"\x89PNG")
    again = CliRunner().invoke(app, [*command, "--json", str(tmp_path / "again.json")])
    assert again.stdout == said.stdout, "the same seed, the same exits"
    assert json.loads((tmp_path / "again.json").read_text(encoding="utf-8")) == told


def test_a_missed_figure_is_called_missed() -> None:
    assert Aim("found", 0.94, 0.95).met is False
    assert Aim("found", 0.95, 0.95).met is True
    assert Aim("stopped", 0.006, 0.005, at_least=False).met is False
    assert Aim("named", None, 0.8).met is None


def test_what_cannot_be_evaluated_is_told_before_any_work(tmp_path: Path) -> None:
    for arguments, sentence in (
        (["--seed", "1", "--catalogue", str(tmp_path / "no.csv")], "cannot be read"),
        (["--seed", "1", "--json", str(tmp_path / "no" / "all.json")], "there is no folder"),
    ):
        said = CliRunner().invoke(app, ["evaluate", *arguments])
        assert said.exit_code != 0
        assert sentence in str(said.exception)
    assert CliRunner().invoke(app, ["evaluate"]).exit_code == 2
    assert CliRunner().invoke(app, []).exit_code == 2, "the lanes need their settings"
