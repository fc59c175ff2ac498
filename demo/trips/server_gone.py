"""Server gone: killed while people shop, pay and leave; nothing is lost or doubled."""

from __future__ import annotations

from demo.shop import SERVER
from demo.trips import steps
from demo.trips.cast import Cast
from demo.trips.steps import Goods
from demo.waiting import wait_for

BAG = (Goods("Fresh milk 950 ml"), Goods("Wholemeal bread 400 g"), Goods("Butter 227 g"))


def play(cast: Cast) -> None:
    """Play the trip."""
    cast.story.begin("server gone", "the store server dies three times and comes back")
    number, claim = _shop_without(cast)
    exit_pass = _pay_without(cast, number, claim)
    _leave_without(cast, number, exit_pass)


def _kill(cast: Cast, when: str) -> None:
    def kill() -> None:
        cast.shop.kill(SERVER)
        wait_for(lambda: not cast.shop.is_server_answering(), "the server to be gone")

    cast.story.step(f"kill -9 the store server {when}", "it is gone", kill)


def _bring_back(cast: Cast) -> None:
    cast.story.step("start the store server again", "it serves", lambda: cast.shop.restart(SERVER))


def _shop_without(cast: Cast) -> tuple[str, str]:
    handheld = cast.shop.handheld
    orders_before = cast.staff.order_count()
    steps.start_shopping(cast)
    steps.scan(cast, BAG[0])
    _kill(cast, "while a shopper scans")
    for goods in BAG[1:]:
        steps.scan(cast, goods)

    def submit() -> str:
        handheld.press("review")
        handheld.wait_screen("reviewing")
        handheld.press("submit")
        return handheld.wait_text("notice", " ", 20)

    cast.story.step("hand in the order", "the handheld says that it waits for the shop's computer", submit, str)
    _bring_back(cast)

    def handed_in() -> tuple[str, str]:
        handheld.wait_screen("submitted", 30)
        return str(handheld.text("order-number")).replace("-", "").strip(), cast.world.claim_on_handheld()

    number, claim = cast.story.step(
        "wait", "the order is handed in by itself", handed_in, lambda order: f"order number {order[0]}"
    )
    new = cast.staff.order_count() - orders_before
    cast.story.check("look at the orders", "one is new", f"{new} new", passed=new == 1)
    return number, claim


def _pay_without(cast: Cast, number: str, claim: str) -> str:
    kiosk = cast.shop.kiosk
    steps.bring_up_at_kiosk(cast, claim)
    steps.choose_cash(cast)
    due_minor = steps.cash_due(cast, number)
    _kill(cast, "while the kiosk takes money")
    cast.story.step(f"insert {due_minor / 100:.2f} yuan", "it is taken all the same", lambda: cast.world.pay_exactly(due_minor))
    cast.story.step("look at the kiosk", "it keeps the money safe and waits", lambda: kiosk.wait_screen("confirming"), None)
    _bring_back(cast)
    exit_pass = steps.finish_payment(cast, "kiosk-receipt-server-gone")
    order = steps.wait_for_order(cast, number, "paid")
    cast.story.check(
        "look at the order",
        "it is paid once",
        f"{order['paid_minor'] / 100:.2f} yuan paid of {order['total_minor'] / 100:.2f}",
        passed=order["paid_minor"] == order["total_minor"],
    )
    return exit_pass


def _leave_without(cast: Cast, number: str, exit_pass: str) -> None:
    steps.wait_for_lane(cast, "idle")
    grams = sum(cast.world.real_grams(item.name, grams=item.grams) for item in BAG)
    _kill(cast, "before the shopper reaches the lane")

    def leave() -> None:
        cast.world.show_to_lane(exit_pass)
        cast.world.lay_on_belt(grams)
        cast.world.walk_through()

    cast.story.step("show the pass, lay the goods, walk through", "the lane opens on the pass's signature alone", leave)
    _bring_back(cast)
    cast.story.step(
        "look at the order",
        "the exit is reported once the server is back",
        lambda: steps.wait_for_order(cast, number, "exited", 60),
        lambda order: f"order {number} is {order['status']}",
    )
