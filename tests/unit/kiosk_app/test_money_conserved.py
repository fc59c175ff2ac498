"""Random histories: whatever happens in whatever order, no coin is lost and none is made."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from uuid import UUID

import pytest

from kiosk_app import session_commands as do
from kiosk_app import session_events as on
from kiosk_app.payment_session import advance, is_possible
from kiosk_app.session import Hopper, Session, State
from store_server.contract.cash_messages import Settlement
from store_server.contract.order_messages import Order
from store_server.contract.refusals import Refusal

HISTORIES = 400
STEPS = 120
FINISH_STEPS_MAX = 400
SEED = 20_260_101
FINAL = {State.IDLE, State.PAID, State.OWING, State.CANCELLED}


@dataclass
class World:
    """The physical truth, and all that may happen next."""

    chance: random.Random
    order: Order
    settle: Callable[[Session], Settlement]
    session: Session
    seq: int = 0
    escrow_minor: int = 0
    stacking: bool = False
    moving: do.PayOut | None = None
    inside_minor: int = 0
    """Coins and notes that the session knows to be taken, over all sessions."""
    outside_minor: int = 0
    reports: list[do.ReportCash] = field(default_factory=list)
    charges: dict[UUID, int] = field(default_factory=dict)
    """What each charge really took off a card."""
    reversing: do.ReverseCard | None = None

    def carry_out(self, commands: tuple[do.Command, ...]) -> None:
        for command in commands:
            if isinstance(command, do.PayOut):
                assert self.moving is None, "two hoppers were told to move at once"
                self.moving = command
            elif isinstance(command, do.StackNote):
                self.stacking = True
            elif isinstance(command, do.ChargeCard):
                assert command.charge_id not in self.charges, "a charge was asked for twice"
                self.charges[command.charge_id] = 0
            elif isinstance(command, do.ReverseCard):
                self.reversing = command
            elif isinstance(command, do.ReportCash):
                self.reports.append(command)

    def happen(self, event: on.Event) -> None:
        if is_possible(self.session, event):
            self.session, commands = advance(self.session, event)
            self.carry_out(commands)
            self.check()

    def check(self) -> None:
        now = self.session
        assert now.taken_minor + now.surplus_minor == (
            now.spent_minor + now.returned_minor + now.uncertain_minor + now.owed_minor + now.to_return_minor
        )
        if now.state in FINAL:
            assert now.to_return_minor == 0
            assert now.open_payout is None
        if now.state is State.PAID and now.card is not None:
            assert self.charges[now.card.charge_id] == now.card.amount_minor, "a paid order was charged exactly"
        if now.state in {State.CANCELLED, State.CHOOSING, State.TAKING_CASH}:
            assert not any(self.charges.values()), "nothing is bought, yet a card is charged"
        if now.state is State.IDLE:
            self.charges.clear()
        if now.request is not None and now.settlement is not None:
            assert now.spent_minor == now.request.cash_due_minor
        assert all(hopper.count >= 0 for hopper in now.hoppers)

    def shopper_waits(self) -> bool:
        """Money mostly goes in when it is asked for, now and then it does not."""
        return self.session.state is not State.TAKING_CASH and self.chance.random() < 0.95

    def piece(self) -> on.Event | None:
        if self.shopper_waits():
            return None
        self.seq += 1
        value = self.chance.choice((10, 50, 100))
        self.inside_minor += value
        return on.CoinTaken("coin-box", 1, self.seq, value)

    def note(self) -> on.Event | None:
        if self.escrow_minor:
            value, stays = self.escrow_minor, self.stacking and self.chance.random() < 0.9
            self.escrow_minor, self.stacking = 0, False
            if not stays:
                return on.NoteReturned()
            self.seq += 1
            self.inside_minor += value
            return on.NoteStacked("note-box", 1, self.seq, value)
        if self.shopper_waits():
            return None
        self.escrow_minor = self.chance.choice((500, 1000, 2000, 5000, 10000))
        return on.NoteOffered(self.escrow_minor)

    def hopper_stops(self) -> on.Event | None:
        moved = self.moving
        if moved is None:
            return None
        self.moving = None
        luck = self.chance.random()
        hopper = self.session.hopper(moved.hopper)
        assert hopper is not None
        paid = moved.count if luck < 0.75 else self.chance.randrange(moved.count + 1)
        paid += luck > 0.97
        uncertain = self.chance.randrange(moved.count - paid + 1) if 0.9 < luck <= 0.97 and paid < moved.count else 0
        self.outside_minor += paid * hopper.coin_minor
        return on.PayoutFinished(moved.payout_id, paid, uncertain, hopper_failed=paid < moved.count)

    def reversal_ends(self, command: do.ReverseCard) -> on.Event:
        self.reversing = None
        if self.chance.random() < 0.2:
            return on.CardNotReversed(command.reversal_id)
        self.charges[command.charge_id] = 0
        return on.CardReversed(command.reversal_id)

    def terminal_answers(self) -> on.Event | None:
        if self.reversing is not None:
            return self.reversal_ends(self.reversing)
        card = self.session.card
        if self.session.state is not State.TAKING_CARD or card is None:
            return None
        luck = self.chance.random()
        if luck < 0.3:
            return on.CardUnknown(card.charge_id)
        if luck < 0.35:
            self.charges[card.charge_id] = card.amount_minor if luck < 0.32 else 0
            return on.CardUncertain(card.charge_id)
        if luck < 0.6:
            return on.CardRefused(card.charge_id, cancelled=luck < 0.5, not_started=luck > 0.55)
        self.charges[card.charge_id] = card.amount_minor if luck < 0.9 else card.amount_minor // 2
        return on.CardApproved(card.charge_id, self.charges[card.charge_id], "17/17", "mc", ())

    def server_answers(self) -> on.Event:
        luck = self.chance.random()
        if self.session.looking_for is not None and luck < 0.8:
            return on.OrderFound(self.session.session_id, self.order, 10)
        if self.session.state is State.CONFIRMING and luck < 0.5:
            return on.Settled(self.settle(self.session))
        if luck > 0.9 and self.session.state is State.CONFIRMING:
            return on.SettleRefused(Refusal.NOT_PAYABLE, "No.")
        return on.StoreUnreachable(self.new_id())

    def new_id(self) -> UUID:
        return UUID(int=self.chance.getrandbits(128), version=4)

    def restart(self) -> on.Event:
        self.escrow_minor, self.stacking = 0, False
        return on.Resumed(self.new_id())

    def cash_ready(self) -> on.Event:
        return on.CashReady((10, 50, 100), (500, 1000, 2000, 5000, 10000), self.hoppers())

    def hoppers(self) -> tuple[on.HopperFound, ...]:
        return tuple(on.HopperFound(one.name, one.coin_minor) for one in self.session.hoppers)

    def anything(self) -> on.Event | None:
        makers: tuple[tuple[int, Callable[[], on.Event | None]], ...] = (
            (30, lambda: on.CodeRead("CLAIM")),
            (40, self.server_answers),
            (30, on.CashChosen),
            (8, on.CardChosen),
            (30, self.terminal_answers),
            (60, self.piece),
            (60, self.note),
            (80, self.hopper_stops),
            (2, on.CancelPressed),
            (1, lambda: on.TimeUp(self.new_id())),
            (20, lambda: on.DonePressed(self.new_id())),
            (20, on.RetryDue),
            (2, on.CashLost),
            (20, self.cash_ready),
            (3, lambda: on.CashChanged((10, 50, 100), (1000,), self.hoppers()[:2])),
            (2, self.restart),
        )
        (make,) = self.chance.choices([make for _, make in makers], [weight for weight, _ in makers])
        return make()


def time_up_forgets(world: World, event: on.Event) -> None:
    """Time that runs out while coins move books them as uncertain: their later outcome is nobody's."""
    if isinstance(event, on.TimeUp) and world.session.state is State.RETURNING and world.moving is not None:
        world.moving = None


def next_step(world: World) -> on.Event | None:
    """Return what brings a session on when nothing fails any more."""
    session = world.session
    if world.reversing is not None:
        return world.terminal_answers()
    if not session.cash.ready or (session.state is State.RETURNING and session.open_payout is None and not world.escrow_minor):
        return world.cash_ready()
    if world.escrow_minor:
        return world.note()
    if session.open_payout is not None:
        payout = session.open_payout
        world.moving = None
        world.outside_minor += payout.count * payout.coin_minor
        return on.PayoutFinished(payout.payout_id, payout.count, 0, hopper_failed=False)
    return {
        State.CONFIRMING: lambda: on.Settled(world.settle(session)),
        State.IDLE: lambda: on.StoreUnreachable(world.new_id()),
        State.CHOOSING: on.CancelPressed,
        State.TAKING_CASH: on.CancelPressed,
        State.TAKING_CARD: world.terminal_answers,
    }.get(session.state, lambda: on.DonePressed(world.new_id()))()


def finish(world: World) -> None:
    """Let the faults end: everything comes to rest by itself."""
    for _ in range(FINISH_STEPS_MAX):
        if world.session.state is State.IDLE and world.session.looking_for is None:
            return
        event = next_step(world)
        if event is not None:
            world.happen(event)
    pytest.fail(f"never came to rest: {world.session}")


@pytest.mark.parametrize("number", range(8))
def test_random_histories_lose_and_double_nothing(
    number: int,
    idle: Session,
    order_of: Callable[..., Order],
    settlement_of: Callable[[Session], Settlement],
) -> None:
    seed = SEED + number
    sys.stdout.write(f"seed {seed}\n")
    chance = random.Random(seed)
    seen: set[State] = set()
    for _ in range(HISTORIES // 8):
        hoppers = tuple(Hopper(one.name, one.coin_minor, chance.randrange(40), present=True) for one in idle.hoppers)
        order = order_of(chance.randrange(5, 2500))
        world = World(
            chance, order, settlement_of, replace(idle, session_id=UUID(int=chance.getrandbits(128)), hoppers=hoppers)
        )
        for _ in range(STEPS):
            event = world.anything()
            if event is not None:
                time_up_forgets(world, event)
                world.happen(event)
                seen.add(world.session.state)
        finish(world)
        reported_in = sum(piece.value_minor for one in world.reports for piece in one.report.taken)
        reported_out = sum(payout.paid * payout.coin_minor for one in world.reports for payout in one.report.payouts)
        assert reported_in == world.inside_minor, "what is in the machine is what the reports say"
        assert reported_out == world.outside_minor, "what left the machine is what the reports say"
    assert seen == set(State)
