"""The outcome of an evaluation as one picture, drawn with Pillow."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from gate_controller.evaluation.report import LEARNED_AIM, Outcome

WIDTH, HEIGHT = 1500, 1240
_MARGIN = 60
_INK, _FAINT, _GRID, _PAPER = "#1b1f24", "#57606a", "#d8dee4", "#ffffff"
_SERIES = (
    ("perfect test", "#8c959f"),
    ("lane", "#0b6bcb"),
    ("best fixed band, grams", "#d4a72c"),
    ("best fixed band, percent", "#c4623f"),
)
_AIMS_ROOMY = 10
_MISSED, _MET = "#b42318", "#1a7f37"


def draw_chart(outcome: Outcome) -> Image.Image:
    """Draw detection by attack, false alarms, learning and the aims."""
    image = Image.new("RGB", (WIDTH, HEIGHT), _PAPER)
    pen = ImageDraw.Draw(image)
    pen.text((_MARGIN, 28), "Weighing at the exit: what the lane notices", _INK, font=_font(34))
    said = f"{outcome.articles} articles of {outcome.source}, {outcome.exits:,} simulated exits, seed {outcome.seed}"
    pen.text((_MARGIN, 74), said, _FAINT, font=_font(19))
    honest = outcome.passages.row("honest")
    alarms = (
        f"False alarms: {100 * honest.rate:.2f} % of {honest.exits:,} honest exits; stated rate {100 * outcome.rate:.2f} %."
        " Perfect test and bands have the stated rate."
    )
    pen.text((_MARGIN, 100), alarms, _INK, font=_font(19))
    _draw_detections(pen, outcome, (_MARGIN + 40, 210, WIDTH - _MARGIN, 630))
    _draw_learning(pen, outcome, (_MARGIN + 40, 770, 720, 1080))
    _draw_aims(pen, outcome, (800, 740))
    return image


def save_chart(outcome: Outcome, path: Path) -> None:
    """Write the picture as PNG."""
    draw_chart(outcome).save(path, format="PNG")


Box = tuple[int, int, int, int]


def _draw_detections(pen: ImageDraw.ImageDraw, outcome: Outcome, box: Box) -> None:
    left, top, right, bottom = box
    _scale(pen, box, "part of the exits with this attack that are stopped")
    at = left
    for name, colour in _SERIES:
        pen.rectangle((at, top - 60, at + 22, top - 42), fill=colour)
        pen.text((at + 30, top - 62), name, _INK, font=_font(18))
        at += 60 + round(pen.textlength(name, font=_font(18)))
    pen.line((at, top - 51, at + 22, top - 51), fill=_INK, width=3)
    pen.text((at + 30, top - 62), "a perfect test that knows the attack", _INK, font=_font(18))
    rows = outcome.passages.attacked
    each = (right - left) / len(rows)
    bar = each * 0.82 / len(_SERIES)
    for number, row in enumerate(rows):
        values = (row.bound.one_test if row.bound else 0.0, row.rate, row.grams_band or 0.0, row.percent_band or 0.0)
        begin = left + number * each + each * 0.09
        for place, value in enumerate(values):
            x = begin + place * bar
            y = bottom - value * (bottom - top)
            pen.rectangle((x, y, x + bar - 3, bottom), fill=_SERIES[place][1])
        if row.bound is not None:
            y = bottom - row.bound.knowing * (bottom - top)
            pen.line((begin, y, begin + bar - 3, y), fill=_INK, width=3)
        label = f"{100 * row.rate:.0f}"
        pen.text((begin + 1.5 * bar, bottom - row.rate * (bottom - top) - 4), label, _SERIES[1][1], font=_font(16), anchor="mb")
        first, _, second = row.scenario.name.partition(", ")
        pen.text((begin + 2 * bar, bottom + 10), first, _INK, font=_font(17), anchor="mt")
        pen.text((begin + 2 * bar, bottom + 34), second, _INK, font=_font(17), anchor="mt")


def _draw_learning(pen: ImageDraw.ImageDraw, outcome: Outcome, box: Box) -> None:
    left, top, right, bottom = box
    pen.text((left, top - 66), "Learning from wrong weights", _INK, font=_font(22))
    _scale(pen, box, "part of the perfect test's detection, after so many exits")
    last = max(1, outcome.learning.exits)
    points = [
        (left + step.exits / last * (right - left), bottom - min(1.0, step.part_of_bound) * (bottom - top))
        for step in outcome.learning.steps
    ]
    aim = bottom - LEARNED_AIM * (bottom - top)
    pen.line((left, aim, right, aim), fill=_MET, width=2)
    pen.text((right, aim + 4), f"aim {LEARNED_AIM:.0%}", _MET, font=_font(16), anchor="rt")
    pen.line(points, fill=_SERIES[1][1], width=4)
    for (x, y), step in zip(points, outcome.learning.steps, strict=True):
        pen.ellipse((x - 6, y - 6, x + 6, y + 6), fill=_SERIES[1][1])
        if step.exits == 0 or step.exits * 4 >= last:
            pen.text((x, bottom + 10), f"{step.exits}", _INK, font=_font(17), anchor="mt")


def _draw_aims(pen: ImageDraw.ImageDraw, outcome: Outcome, at: tuple[int, int]) -> None:
    x, y = at
    pen.text((x, y - 36), "Aims", _INK, font=_font(22))
    for aim in outcome.aims():
        word, colour = ("met", _MET) if aim.met else ("nothing to measure", _FAINT) if aim.met is None else ("MISSED", _MISSED)
        sign = "at least" if aim.at_least else "at most"
        value = "-" if aim.value is None else f"{100 * aim.value:.2f} %"
        pen.text((x, y), aim.what, _INK, font=_font(17))
        pen.text((x + 12, y + 19), f"{value}, {sign} {100 * aim.limit:.2f} %", _FAINT, font=_font(16))
        pen.text((WIDTH - _MARGIN, y + 8), word, colour, font=_font(18), anchor="rt")
        y += 44 if len(outcome.aims()) <= _AIMS_ROOMY else 36


def _scale(pen: ImageDraw.ImageDraw, box: Box, title: str) -> None:
    left, top, right, bottom = box
    pen.text((left - 40, top - 12), title, _FAINT, font=_font(16), anchor="lb")
    for percent in range(0, 101, 20):
        y = bottom - percent / 100 * (bottom - top)
        pen.line((left, y, right, y), fill=_GRID if percent else _FAINT, width=1)
        pen.text((left - 8, y), f"{percent} %", _FAINT, font=_font(16), anchor="rm")


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
