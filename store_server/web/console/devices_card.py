"""Adding a device on the staff page: a one-time code, then the devices that wait, each with the fingerprint to compare."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

from nicegui import ui

from store_server.contract.device_messages import DeviceRole, Enrolment
from store_server.web.console.texts import say

REFRESH_S = 2.0
_ROLES = {
    DeviceRole.HANDHELD: "device-role-handheld",
    DeviceRole.KIOSK: "device-role-kiosk",
    DeviceRole.GATE: "device-role-gate",
}

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
        language: str,
    ) -> None:
        self._language = language
        self._make_code, self._waiting, self._approve, self._refuse = make_code, waiting, approve, refuse
        self._shown: list[UUID] = []
        ui.label(say(language, "devices")).classes("sl-title")
        with ui.element("div").classes("sl-devices"):
            ui.button(say(language, "add-device"), on_click=self._show_code).props(
                'unelevated no-caps data-testid="add-device"'
            )
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
            role = say(self._language, _ROLES[one.role])
            ui.label(say(self._language, "device-waits", name=one.name, role=role))
            ui.label(one.fingerprint).classes("text-lg text-weight-bold").props('data-testid="fingerprint"')

            async def approve() -> None:
                await self._approve(one.enrolment_id, one.fingerprint)

            async def refuse() -> None:
                await self._refuse(one.enrolment_id)

            let_in = ui.button(say(self._language, "device-approve"), on_click=approve)
            let_in.props('unelevated no-caps data-testid="approve"')
            ui.button(say(self._language, "device-refuse"), on_click=refuse).props('flat no-caps data-testid="refuse"')
