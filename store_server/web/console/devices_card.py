"""Adding a device on the staff page: a one-time code, then the devices that wait, each with the fingerprint to compare."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

from nicegui import ui

from store_server.contract.device_messages import Enrolment

REFRESH_S = 2.0

Ask = Callable[[], Awaitable[list[Enrolment] | None]]
"""Fetches who waits; None when it could not."""


class DevicesCard:
    """What supervisors see below the orders."""

    def __init__(
        self,
        make_code: Callable[[], Awaitable[str]],
        waiting: Ask,
        approve: Callable[[UUID, str], Awaitable[None]],
        refuse: Callable[[UUID], Awaitable[None]],
    ) -> None:
        self._make_code, self._waiting, self._approve, self._refuse = make_code, waiting, approve, refuse
        self._shown: list[UUID] = []
        ui.label("Devices").classes("sl-title")
        with ui.element("div").classes("sl-devices"):
            ui.button("Add device", on_click=self._show_code).props('unelevated no-caps data-testid="add-device"')
            self._code = ui.label().props('data-testid="enrolment-code" role=status').classes("sl-note")
            self._list = ui.element("div")
        ui.timer(REFRESH_S, self._refresh)

    async def _show_code(self) -> None:
        self._code.set_text(await self._make_code())

    async def _refresh(self) -> None:
        waiting = await self._waiting()
        if waiting is None or [one.enrolment_id for one in waiting] == self._shown:
            return
        self._shown = [one.enrolment_id for one in waiting]
        self._list.clear()
        with self._list:
            for one in waiting:
                self._draw(one)

    def _draw(self, one: Enrolment) -> None:
        with ui.element("div").classes("row items-center q-gutter-md q-py-sm").props(f'data-testid="waiting-{one.name}"'):
            ui.label(f"{one.name} wants to come in as {one.role.value}.")
            ui.label(one.fingerprint).classes("text-lg text-weight-bold").props('data-testid="fingerprint"')

            async def approve() -> None:
                await self._approve(one.enrolment_id, one.fingerprint)

            async def refuse() -> None:
                await self._refuse(one.enrolment_id)

            ui.button("Same on its screen: let in", on_click=approve).props('unelevated no-caps data-testid="approve"')
            ui.button("Refuse", on_click=refuse).props('flat no-caps data-testid="refuse"')
