"""Forgetful: paid by card; one article on the belt was never scanned, staff rescans it, the difference is paid in cash."""

from __future__ import annotations

from demo.trips import steps
from demo.trips.cast import Cast
from demo.trips.steps import Goods
from demo.waiting import wait_for

SCANNED = (Goods("Spaghetti 500 g"), Goods("Peeled tomatoes 400 g"), Goods("Olive oil 750 ml"))
FORGOTTEN = Goods("Honey 500 g")


def play(cast: Cast) -> None:
    """Play the trip."""
    cast.story.begin("forgetful", f"{FORGOTTEN.name} lies on the belt but was never scanned")
    steps.start_shopping(cast)
    for goods in SCANNED:
        steps.scan(cast, goods)
    number, claim = steps.hand_in(cast)
    exit_pass = steps.pay_by_card(cast, claim, number, "kiosk-receipt-card")
    steps.lay_and_show_pass(cast, (*SCANNED, FORGOTTEN), exit_pass)
    report = cast.story.step(
        "wait for the lane",
        "it stops and does not open",
        lambda: steps.wait_for_lane(cast, "auditing"),
        lambda said: str(said["headline"].get("en", "")),
    )
    likeliest = report["explanations"][0]["text"]["en"] if report["explanations"] else "nothing"
    cast.story.check("read what the lane suspects", f"{FORGOTTEN.name} first", likeliest, passed=FORGOTTEN.name in likeliest)
    _rescan(cast)
    _pay_difference(cast, number)
    steps.walk_out(cast, number)


def _rescan(cast: Cast) -> None:
    product = cast.world.range[FORGOTTEN.name]
    page = cast.page
    if page is None:
        order_id = str(cast.staff.lane()["order_id"])
        cast.story.step(
            "staff rescans it (no browser here: over HTTP)",
            "the difference is due",
            lambda: cast.staff.add_article(order_id, product.code),
            lambda order: f"{int(order['due_minor']) / 100:.2f} yuan are due",
        )
        return

    def rescan() -> str:
        page.wait_for_text(FORGOTTEN.name)
        page.picture("staff-audit")
        page.rescan(product.code)
        said = page.wait_for_text(f"{product.unit_price_minor / 100:.2f}")
        page.picture("staff-rescanned")
        return said

    cast.story.step(
        "staff rescans it on the staff page",
        "the difference is due",
        rescan,
        lambda _: f"{product.unit_price_minor / 100:.2f} yuan are due",
    )


def _pay_difference(cast: Cast, number: str) -> None:
    kiosk = cast.shop.kiosk
    due_minor = steps.cash_due(cast, number)

    def bring_up() -> None:
        kiosk.wait_screen("welcome", 30)
        for digit in number:
            kiosk.press(f"key-{digit}")
        kiosk.press("key-ok")
        kiosk.wait_screen("order")

    cast.story.step(f"type the order number {number} at the kiosk", "the kiosk shows the difference", bring_up)
    steps.choose_cash(cast)
    cast.story.step(f"pay {due_minor / 100:.2f} yuan", "all of it is taken", lambda: cast.world.pay_exactly(due_minor))
    steps.finish_payment(cast, "kiosk-receipt-difference")
    wait_for(lambda: steps.lane_state(cast) != "auditing", "the lane to hear of the payment", 30)
