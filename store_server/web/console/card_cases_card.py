"""Charges of which nobody knows whether they happened: staff looks at the terminal's own list and says it here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from nicegui import ui

from store_server.contract.card_case_messages import CardVerdict
from store_server.web.console.card_case_views import CardCaseView
from store_server.web.console.reason_dialog import ask_reason
from store_server.web.console.texts import say

Judge = Callable[[UUID, CardVerdict, str], Awaitable[None]]
Decide = Callable[[UUID, bool], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class _Button:
    """How one verdict is asked for."""

    name: str
    note: str
    confirm: str
    reasons: tuple[str, ...]


_BUTTONS = {
    CardVerdict.CHARGED: _Button("case-charged", "case-charged-note", "case-charged-confirm", ("case-reason-listed",)),
    CardVerdict.NOT_CHARGED: _Button(
        "case-not-charged",
        "case-not-charged-note",
        "case-not-charged-confirm",
        ("case-reason-not-listed", "case-reason-reversed"),
    ),
}


class CardCasesCard:
    """Shown while any charge is in doubt."""

    def __init__(self, judge: Judge, decide: Decide, language: str) -> None:
        self._judge = judge
        self._decide = decide
        self._language = language
        self._drawn: tuple[CardCaseView, ...] = ()
        with ui.element("div").classes("sl-refunds").props('data-testid="card-cases"') as self._box:
            ui.label(say(language, "cases")).classes("sl-title")
            self._rows = ui.element("div").classes("w-full")
        self._box.set_visibility(False)

    def draw(self, cases: Sequence[CardCaseView]) -> None:
        """Show these; rows are made anew only when they changed."""
        if tuple(cases) == self._drawn:
            return
        self._drawn = tuple(cases)
        self._box.set_visibility(bool(cases))
        self._rows.clear()
        with self._rows:
            for one in cases:
                self._row(one)

    def _row(self, one: CardCaseView) -> None:
        with ui.element("div").classes("sl-row sl-case").props(f'data-testid="case-{one.mark}"'):
            with ui.element("div").classes("grow"):
                ui.label(one.text)
                ui.label(one.said or say(self._language, "case-what-to-do")).classes("sl-quiet")
            if one.may_judge:
                for verdict in CardVerdict:
                    self._judging(one, verdict)
            if one.may_decide:
                self._deciding(one, "case-agree", agree=True)
                self._deciding(one, "case-disagree", agree=False)

    def _judging(self, one: CardCaseView, verdict: CardVerdict) -> None:
        words = _BUTTONS[verdict]

        async def ask() -> None:
            reason = await ask_reason(
                one.text,
                say(self._language, words.confirm),
                [say(self._language, text) for text in words.reasons],
                note=say(self._language, words.note),
                mark=words.name,
                language=self._language,
            )
            if reason:
                await self._judge(one.case_id, verdict, reason)

        button = ui.button(say(self._language, words.name), on_click=ask)
        button.props(f'outline no-caps data-testid="{words.name}-{one.mark}"')

    def _deciding(self, one: CardCaseView, name: str, *, agree: bool) -> None:
        async def decide() -> None:
            await self._decide(one.case_id, agree)

        button = ui.button(say(self._language, name), on_click=decide)
        button.props(f'outline no-caps data-testid="{name}-{one.mark}"')
