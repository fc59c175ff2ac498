"""Asks staff why."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from nicegui import ui

from store_server.web.console.texts import say

REASON_MIN, REASON_MAX = 2, 200
"""As the contract wants it."""


async def ask_reason(
    title: str, confirm: str, reasons: Sequence[str], *, mark: str, language: str, note: str = "", at_least: int = REASON_MIN
) -> str:
    """Return the reason that was given; empty when staff turned back.

    Args:
        title: what is about to be done.
        confirm: what the button says.
        reasons: what is said most often.
        mark: how scripts and tests find the parts.
        language: of the page.
        note: what that means; empty where the title says it all.
        at_least: so many letters a reason has.
    """
    with ui.dialog() as dialog, ui.card().style("min-width: min(460px, 92vw)"):
        ui.label(title).classes("text-lg font-semibold")
        if note:
            ui.label(note).classes("sl-quiet")
        reason = ui.input(say(language, "reason"), autocomplete=list(reasons)).classes("w-full")
        reason.props(f'outlined maxlength={REASON_MAX} data-testid="{mark}-reason"')
        with ui.element("div").classes("sl-row"):
            for text in reasons:
                ui.chip(text, on_click=lambda text=text: reason.set_value(text)).props("outline clickable")
        with ui.element("div").classes("sl-row justify-end"):
            ui.button(say(language, "cancel"), on_click=lambda: dialog.submit("")).props("flat no-caps")
            button = ui.button(confirm, on_click=lambda: dialog.submit(reason.value))
            button.props(f'unelevated no-caps data-testid="{mark}-confirm"')
            button.bind_enabled_from(reason, "value", lambda value: len(cleaned(value)) >= at_least)
    given = await dialog
    dialog.delete()
    return cleaned(given)


def cleaned(text: str | None) -> str:
    """Make one line of what was typed or pasted, without what is no letter."""
    plain = "".join(" " if unicodedata.category(letter) in {"Cc", "Cs"} else letter for letter in text or "")
    return " ".join(plain.split())[:REASON_MAX]
