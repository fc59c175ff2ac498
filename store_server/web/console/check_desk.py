"""What staff does with a check of the goods, asked of the store."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID, uuid4

from store_server.contract.check_messages import CheckProgress, FinishCheck, ScanArticle, TakeScanBack
from store_server.services import goods_checks
from store_server.services.principals import StaffMember
from store_server.services.store import Store
from store_server.web.console import presenter
from store_server.web.console.asking import Sentence, asked
from store_server.web.console.check_panel import CheckCalls
from store_server.web.console.presenter import CheckStandView


class CheckDesk:
    """Asks the store for one member of staff, and answers how the check stands now, or why not."""

    def __init__(self, store: Store, member: StaffMember, language: str) -> None:
        self._store = store
        self._member = member
        self._language = language
        self.calls = CheckCalls(self._look, self._scan, self._take_back, self._finish)

    async def _look(self, lane: str, check_id: UUID) -> tuple[CheckStandView | None, str]:
        return await self._asked(lambda: goods_checks.progress(self._store, self._member, lane, check_id))

    async def _scan(self, lane: str, check_id: UUID, code: str) -> tuple[CheckStandView | None, str]:
        request = ScanArticle(scan_id=uuid4(), code=code[:90])
        return await self._asked(lambda: goods_checks.scan(self._store, self._member, lane, check_id, request))

    async def _take_back(self, lane: str, check_id: UUID, scan_id: UUID) -> tuple[CheckStandView | None, str]:
        request = TakeScanBack(scan_id=scan_id)
        return await self._asked(lambda: goods_checks.take_back(self._store, self._member, lane, check_id, request))

    async def _finish(self, lane: str, check_id: UUID) -> tuple[CheckStandView | None, str]:
        request = FinishCheck(finish_id=uuid4())
        return await self._asked(lambda: goods_checks.finish(self._store, self._member, lane, check_id, request))

    async def _asked(self, work: Callable[[], CheckProgress]) -> tuple[CheckStandView | None, str]:
        try:
            progress = await asked(work)
        except Sentence as sentence:
            return None, sentence.said(self._language)
        return presenter.check_stand(progress, self._store.shop.currency, self._language), ""
