"""The newest orders as a table."""

from __future__ import annotations

import html
from collections.abc import Sequence

from nicegui import ui

from store_server.web.console.presenter import OrderRowView


class OrdersTable:
    """A table that is drawn anew when something changed."""

    def __init__(self) -> None:
        self._drawn: tuple[OrderRowView, ...] | None = None
        with ui.element("div").classes("sl-table").props('data-testid="orders"'):
            self._content = ui.html("", sanitize=False)

    def draw(self, rows: Sequence[OrderRowView]) -> None:
        """Show these orders."""
        if tuple(rows) == self._drawn:
            return
        self._drawn = tuple(rows)
        self._content.set_content(_table(rows) if rows else '<div class="sl-empty">No order yet.</div>')


def _table(rows: Sequence[OrderRowView]) -> str:
    head = (
        '<tr><th>Order</th><th>State</th><th class="sl-right sl-hide-small">Articles</th>'
        '<th class="sl-right">Total</th><th class="sl-right">Due</th></tr>'
    )
    return f"<table><thead>{head}</thead><tbody>{''.join(_row(row) for row in rows)}</tbody></table>"


def _row(row: OrderRowView) -> str:
    return (
        f'<tr title="{html.escape(chr(10).join(row.lines))}"><td>{html.escape(row.number)}</td>'
        f'<td><span class="sl-chip sl-{row.tone}">{html.escape(row.status)}</span></td>'
        f'<td class="sl-right sl-hide-small">{row.articles}</td>'
        f'<td class="sl-right">{html.escape(row.total)}</td><td class="sl-right">{html.escape(row.due)}</td></tr>'
    )
