"""Uses of passes, and exits, as tests of the controller's record want them."""

from __future__ import annotations

from uuid import UUID, uuid4

from gate_controller.pass_use import PassUse
from store_server.contract.lane_messages import ReportExit


def use_of(order: int = 1, lane: str = "lane-1", *, without_server: bool = False, used_at: int = 1000) -> PassUse:
    return PassUse(
        order_id=UUID(int=order),
        order_number="0482135",
        revision=1,
        lane=lane,
        entry_id=uuid4(),
        total_minor=1280,
        expected_g=500.0,
        spread_g=5.0,
        decided_by="server",
        without_server=without_server,
        exit_pass="HTTPS://X/P/Y",
        used_at=used_at,
    )


def exit_of(order: int = 1) -> ReportExit:
    return ReportExit(
        exit_id=uuid4(),
        order_id=UUID(int=order),
        revision=1,
        lane="lane-1",
        opened_at=1001,
        measured_g=500,
        decided_by="server",
    )
