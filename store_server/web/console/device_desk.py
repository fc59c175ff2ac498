"""What supervisors do about devices that want to come in, asked of the store."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from nicegui import ui

from store_server.contract.device_messages import Enrolment, EnrolmentStatus
from store_server.services import enrolments
from store_server.services.principals import StaffMember
from store_server.services.store import Store
from store_server.web.console.asking import Sentence, asked
from store_server.web.console.texts import say


class DeviceDesk:
    """Asks the store for one member of staff and tells them what came of it."""

    def __init__(self, store: Store, member: StaffMember, language: str) -> None:
        self._store = store
        self._member = member
        self._language = language

    async def make_code(self) -> str:
        """Return what is to be typed on the new device, or why there is no code."""
        try:
            made = await asked(lambda: enrolments.make_code(self._store, self._member.principal))
        except Sentence as sentence:
            return sentence.said(self._language)
        return say(self._language, "device-code", code=made.code)

    async def waiting(self) -> list[Enrolment] | None:
        """Return who waits to be let in; None when the store does not say."""
        try:
            return await asked(lambda: enrolments.waiting(self._store))
        except Sentence:
            return None

    async def approve(self, enrolment_id: UUID, fingerprint: str) -> None:
        """Let a device in that shows this fingerprint."""
        await self._decide(lambda: enrolments.approve(self._store, self._member, enrolment_id, fingerprint))

    async def refuse(self, enrolment_id: UUID) -> None:
        """Send a device away."""
        await self._decide(lambda: enrolments.refuse(self._store, self._member, enrolment_id))

    async def _decide(self, decision: Callable[[], Enrolment]) -> None:
        try:
            decided = await asked(decision)
        except Sentence as sentence:
            ui.notify(sentence.said(self._language), type="negative")
            return
        let_in = decided.status is EnrolmentStatus.APPROVED
        ui.notify(say(self._language, "device-approved" if let_in else "device-refused", device=decided.name), type="positive")
