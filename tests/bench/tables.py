"""Figures as tables, for a terminal and for a document: a line for each subject, a column for each of its measures."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tests.bench.rows import Row


@dataclass(frozen=True, slots=True)
class Grid:
    """Subjects that have the same measures."""

    lines: list[list[str]]
    """The head first."""
    notes: list[str]
    """What the ratios are against."""

    def text(self) -> str:
        """Draw it for a terminal."""
        widths = [max(map(len, column)) for column in zip(*self.lines, strict=True)]
        drawn = (zip(line, widths, strict=True) for line in self.lines)
        told = [
            "  " + "  ".join(f"{cell:>{width}}" if place else f"{cell:<{width}}" for place, (cell, width) in enumerate(line))
            for line in drawn
        ]
        return "\n".join([*told, *(f"  ({note})" for note in self.notes)])

    def markdown(self) -> str:
        """Draw it for a document."""
        head, *lines = self.lines
        drawn = "\n".join(f"| {' | '.join(line)} |" for line in [head, ["---"] * len(head), *lines])
        return f"{drawn}\n\n{'; '.join(self.notes)}." if self.notes else drawn


def grids(rows: Iterable[Row]) -> Iterator[Grid]:
    """Put rows into grids, one as soon as it is whole."""
    subjects = (list(figures) for _subject, figures in itertools.groupby(rows, lambda row: row.subject))
    for _measures, alike in itertools.groupby(subjects, lambda figures: [(row.measure, row.unit) for row in figures]):
        yield _grid(list(alike))


def _grid(subjects: Sequence[Sequence[Row]]) -> Grid:
    head = ["", *(row.measure if row.unit == "x" else f"{row.measure}, {row.unit}" for row in subjects[0])]
    lines = [[figures[0].subject, *map(_cell, figures)] for figures in subjects]
    notes = dict.fromkeys(f"{row.measure}: {row.against}" for figures in subjects for row in figures if row.against)
    return Grid([head, *lines], list(notes))


def _cell(row: Row) -> str:
    return f"{row.figure} ({row.verdict})" if row.verdict else row.figure
