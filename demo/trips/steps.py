"""What several trips do alike: shop, hand in, pay, leave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from demo import plan
from demo.errors import DemoError
from demo.trips.cast import Cast
from demo.waiting import wait_for

LANE_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class Goods:
    """One article in the bag: by name, weighed goods with the grams on their label."""

    name: str
    grams: int | None = None


def start_shopping(cast: Cast) -> None:
    """Press Start on the handheld."""
    handheld = cast.shop.handheld

    def start() -> None:
        handheld.wait_screen("welcome", 30)
        handheld.press("start")
        handheld.wait_screen("shopping")

    cast.story.step("press Start on the handheld", "the handheld is ready to scan", start)


def scan(cast: Cast, goods: Goods, *, difficulty: str = "moderate") -> None:
    """Show one article to the camera."""
    weight = f", label of {goods.grams} g" if goods.grams is not None else ""
    cast.story.step(
        f"show {goods.name}{weight} to the camera",
        "it is read, named and priced",
        lambda: cast.world.show(goods.name, grams=goods.grams, difficulty=difficulty),
        lambda said: " ".join(said.split()),
    )


def hand_in(cast: Cast) -> tuple[str, str]:
    """Review and submit; return order number (digits) and claim."""
    handheld = cast.shop.handheld

    def submit() -> tuple[str, str]:
        handheld.press("review")
        handheld.wait_screen("reviewing")
        handheld.press("submit")
        handheld.wait_screen("submitted")
        number = str(handheld.text("order-number")).replace("-", "").strip()
        return number, cast.world.claim_on_handheld()

    return cast.story.step(
        "hand in the order", "the handheld shows its code and number", submit, lambda order: f"order number {order[0]}"
    )


def bring_up_at_kiosk(cast: Cast, claim: str) -> None:
    """Hold the handheld's code before the kiosk's scanner."""
    kiosk = cast.shop.kiosk

    def bring_up() -> str:
        kiosk.wait_screen("welcome", 30)
        cast.world.show_to_kiosk(claim)
        kiosk.wait_screen("order")
        return str(kiosk.text("due"))

    cast.story.step(
        "hold the code to the kiosk's scanner", "the kiosk shows the order", bring_up, lambda due: f"the kiosk shows {due} due"
    )


def choose_cash(cast: Cast) -> None:
    """Press Cash."""
    kiosk = cast.shop.kiosk

    def choose() -> None:
        kiosk.press("pay-cash")
        kiosk.wait_screen("cash")

    cast.story.step("choose cash", "coins and notes are taken", choose)


def finish_payment(cast: Cast, receipt: str) -> str:
    """Wait for the kiosk's thanks, take change and receipt; return the exit pass read off the paper."""
    kiosk = cast.shop.kiosk

    def finish() -> str:
        kiosk.wait_screen("paid", 40)
        cast.world.take_money()
        exit_pass = cast.world.take_receipt(receipt)
        kiosk.press("done")
        return exit_pass

    return cast.story.step(
        "take change and receipt",
        "the receipt carries the exit pass",
        finish,
        lambda exit_pass: f"the receipt carries an exit pass of {len(exit_pass)} characters",
    )


def pay_exactly(cast: Cast, claim: str, number: str, receipt: str) -> str:
    """Pay an order with exact cash; return the exit pass."""
    bring_up_at_kiosk(cast, claim)
    choose_cash(cast)
    due_minor = cash_due(cast, number)
    cast.story.step(
        f"insert {due_minor / 100:.2f} yuan exactly", "all of it is taken", lambda: cast.world.pay_exactly(due_minor)
    )
    return finish_payment(cast, receipt)


def pay_by_card(cast: Cast, claim: str, number: str, receipt: str) -> str:
    """Pay an order at the card terminal; return the exit pass."""
    kiosk, world = cast.shop.kiosk, cast.world
    due_minor, before_minor = int(cast.staff.order(number)["due_minor"]), world.card_booked_minor()
    bring_up_at_kiosk(cast, claim)

    def choose() -> str:
        kiosk.press("pay-card")
        kiosk.wait_screen("card")
        return str(kiosk.text("text"))

    cast.story.step("choose the card", "the kiosk sends the shopper to the terminal", choose, str)

    def pay() -> None:
        world.hold_card_to_terminal()
        wait_for(lambda: world.card_booked_minor() - before_minor == due_minor, "the terminal to book the sum")

    cast.story.step("hold the card to the terminal", f"{due_minor / 100:.2f} yuan are booked, once", pay)
    return finish_payment(cast, receipt)


def cash_due(cast: Cast, number: str) -> int:
    """Return what is due in cash: rounded half up to the smallest coin of one jiao."""
    due_minor = int(cast.staff.order(number)["due_minor"])
    return (due_minor + 5) // 10 * 10


def lay_and_show_pass(cast: Cast, goods: Sequence[Goods], exit_pass: str) -> float:
    """Lay the goods on the lane's belt and hold the pass before its scanner; return their true weight."""
    grams = sum(cast.world.real_grams(item.name, grams=item.grams) for item in goods)
    tags = len(cast.world.tagged([item.name for item in goods]))

    def lay() -> None:
        wait_for_lane(cast, "idle")
        cast.world.show_to_lane(exit_pass)
        wait_for(lambda: lane_state(cast) not in ("idle", "checking"), "the lane to accept the pass", LANE_TIMEOUT_S)
        if lane_state(cast) == "refused":
            raise DemoError(f"the lane refuses the pass: {cast.staff.lane()['headline']['en']}")
        cast.world.lay_on_belt(grams, live_tags=tags)

    cast.story.step(f"show the exit pass and lay {grams:.0f} g on the belt", "the lane begins to weigh", lay)
    return grams


def walk_out(cast: Cast, number: str) -> None:
    """Walk through the open gate and see the order leave the books."""
    cast.story.step("walk through the gate", "the lane opens", cast.world.walk_through)
    cast.story.step(
        "look at the order",
        "it has EXITED",
        lambda: wait_for_order(cast, number, "exited"),
        lambda order: f"order {number} is {order['status']}",
    )


def wait_for_order(cast: Cast, number: str, status: str, timeout_s: float = LANE_TIMEOUT_S) -> dict[str, Any]:
    """Wait until the server says that an order has a status."""
    return wait_for(
        lambda: order if (order := cast.staff.order(number)).get("status") == status else None,
        f"order {number} to be {status}",
        timeout_s,
    )


def lane_state(cast: Cast) -> str:
    """Return what the lane last said it does, in small letters."""
    return str(cast.staff.lane().get("state", "")).lower()


def wait_for_lane(cast: Cast, state: str, timeout_s: float = LANE_TIMEOUT_S) -> dict[str, Any]:
    """Wait until the lane says that it is in a state, for the next shopper without a fault; return its report."""

    def found() -> dict[str, Any] | None:
        report = cast.staff.lane()
        if str(report.get("state", "")).lower() != state or (state == "idle" and report.get("faults")):
            return None
        return report

    return wait_for(found, f"{plan.LANE} to be {state}", timeout_s)
