"""What people do in the shop, played at the bench: show articles, insert cash, lay goods on the belt, walk through the gate."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

from demo import plan
from demo.catalogue import Product, label, products
from demo.errors import DemoError
from demo.eyes import read_qr
from demo.shop import Shop
from demo.waiting import wait_for

CASH_STEP_TIMEOUT_S = 15.0
NOTES_MINOR = (10000, 5000, 2000, 1000, 500)
COINS_MINOR = (100, 50, 10)
CASH_DEVICES = (plan.KIOSK_CASH, plan.KIOSK_RECYCLER)


class World:
    """The shopper's hands and bag."""

    def __init__(self, shop: Shop, pictures: Path, *, seed: int = plan.SEED) -> None:
        """Play in an open shop.

        Args:
            shop: with every program running.
            pictures: folder for pictures that are taken on the way.
            seed: decides what each piece really weighs.
        """
        self.shop = shop
        self.bench = shop.bench
        self.pictures = pictures
        self.range = products()
        self._random = random.Random(seed)  # noqa: S311 - weights of goods, not secrets
        self.machine_total_at_start_minor = self.machine_total_minor()
        self.let_terminal_wait()

    # shopping

    def show(self, name: str, *, grams: int | None = None, difficulty: str = "moderate") -> str:
        """Hold an article before the handheld's camera until it was read; return what the handheld says of it."""
        product = self.range[name]
        code = product.code if grams is None else label(product, grams)
        self.bench.do(plan.CAMERA, "show", code=code, difficulty=difficulty, name=name)
        try:
            return self.shop.handheld.wait_text("last-article", name)
        finally:
            self.bench.do(plan.CAMERA, "clear")

    def real_grams(self, name: str, *, grams: int | None = None) -> float:
        """Weigh one piece of an article: its own weight differs from the mean by its spread."""
        product = self.range[name]
        if grams is not None:
            return max(1.0, self._random.gauss(grams, 1.0))
        return max(1.0, self._random.gauss(product.mean_g, product.sd_g))

    def tagged(self, names: Sequence[str]) -> list[Product]:
        """Return the articles among ``names`` that carry a tag."""
        return [self.range[name] for name in names if self.range[name].eas]

    def claim_on_handheld(self) -> str:
        """Read the order's QR code off the handheld's screen."""
        return read_qr(self.shop.handheld.picture(self.pictures / "handheld-order-code.png"))

    # paying

    def show_to_kiosk(self, text: str) -> None:
        """Hold a code before the kiosk's scanner."""
        self.bench.do(plan.KIOSK_SCANNER, "scan", text=text)

    def insert_note(self, value_minor: int) -> None:
        """Push a note into the kiosk's recycler."""
        self.bench.do(plan.KIOSK_RECYCLER, "insert_note", value_minor=value_minor)

    def insert_coin(self, value_minor: int) -> None:
        """Drop a coin into the kiosk."""
        self.bench.do(plan.KIOSK_CASH, "insert_coin", value_minor=value_minor)

    def pay_exactly(self, due_minor: int) -> None:
        """Pay with the fewest coins and notes that make the sum, one after the other as the kiosk takes them."""
        rest = due_minor
        for value in (*NOTES_MINOR, *COINS_MINOR):
            while rest >= value:
                self.pay_with(value)
                rest -= value

    def pay_with(self, value_minor: int) -> None:
        """Insert one coin or note and wait until the kiosk has taken it."""
        before = self.cash_taken_minor()
        self._wait_for_light(value_minor)
        if value_minor in NOTES_MINOR:
            self.insert_note(value_minor)
        else:
            self.insert_coin(value_minor)
        wait_for(lambda: self.cash_taken_minor() > before, "the kiosk to take the money", CASH_STEP_TIMEOUT_S)

    def _wait_for_light(self, value_minor: int) -> None:
        """Wait until the light at the slot says that coins or notes of a value are taken."""
        is_note = value_minor in NOTES_MINOR
        device, fact = (plan.KIOSK_RECYCLER, "takes_notes") if is_note else (plan.KIOSK_CASH, "takes_coins")
        wait_for(
            lambda: value_minor in self.bench.facts(device)[fact],
            f"the kiosk to take {value_minor / 100:g} yuan",
            CASH_STEP_TIMEOUT_S,
        )

    def cash_taken_minor(self) -> int:
        """Return what lies in the coin box, the recycler's cash box and its store."""
        recycler = self.bench.facts(plan.KIOSK_RECYCLER)
        coins = self.bench.facts(plan.KIOSK_CASH)["coin_box"]
        return _worth(coins) + _worth(recycler["recycler_box"]) + _worth(recycler["store"])

    def machine_total_minor(self) -> int:
        """Return all the cash inside the kiosk, as the simulators know it."""
        return sum(int(self.bench.facts(device)["machine_total_minor"]) for device in CASH_DEVICES)

    def take_money(self) -> None:
        """Empty the trays."""
        for device in CASH_DEVICES:
            self.bench.do(device, "take_money")

    def returned_minor(self) -> int:
        """Return all that the kiosk ever gave back to shoppers."""
        return sum(int(self.bench.facts(device)["given_back_minor"]) for device in CASH_DEVICES)

    def notes_returned(self) -> dict[str, int]:
        """Return the notes that the kiosk ever gave back to shoppers: value in minor units to how many."""
        return dict(self.bench.facts(plan.KIOSK_RECYCLER)["given_back"])

    def card_booked_minor(self) -> int:
        """Return what the terminal really booked on cards."""
        return int(self.bench.facts(plan.KIOSK_TERMINAL)["booked_minor"])

    def hold_card_to_terminal(self, does: str = "approve") -> None:
        """Hold a card to the terminal as soon as it asks for one; ``refuse``, ``wrong_pin`` and ``cancel`` are other ends."""
        wait_for(
            lambda: self.bench.facts(plan.KIOSK_TERMINAL)["running"], "the terminal to ask for a card", CASH_STEP_TIMEOUT_S
        )
        self.bench.do(plan.KIOSK_TERMINAL, "customer", does=does)

    def let_terminal_wait(self) -> None:
        """Let the terminal wait for a card with every payment, as a real one does."""
        self.bench.do(plan.KIOSK_TERMINAL, "every_payment", behaviour="hold")

    def take_receipt(self, name: str) -> str:
        """Take the printed receipt; return the exit pass that a scanner reads off the paper."""

        def printed() -> bytes | None:
            return self.bench.picture(plan.KIOSK_PRINTER) if self.bench.facts(plan.KIOSK_PRINTER)["receipts"] else None

        picture = wait_for(printed, "a receipt in the printer")
        path = self.pictures / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(picture)
        self.bench.do(plan.KIOSK_PRINTER, "take_receipt")
        return read_qr(path)

    # leaving

    def lay_on_belt(self, grams: float, *, live_tags: int = 0) -> None:
        """Lay all goods on the lane's belt."""
        self.bench.do(plan.LANE, "put_goods", grams=round(grams, 1), live_tags=live_tags)

    def show_to_lane(self, text: str) -> None:
        """Hold a code before the lane's scanner."""
        self.bench.do(plan.LANE_SCANNER, "scan", text=text)

    def carry_live_tag(self) -> None:
        """Carry a tag that nobody disarmed past the pedestal."""
        self.bench.do(plan.LANE, "carry_tag")

    def walk_through(self) -> None:
        """Take the goods from the belt's end and walk through the gate as soon as it is open."""

        def attempt() -> bool:
            try:
                self.bench.do(plan.LANE, "walk_through")
            except DemoError:
                return False
            return True

        wait_for(attempt, "the gate to open", 30)


def _worth(pile: object) -> int:
    """Return the value of a pile of cash: value in minor units to count."""
    if not isinstance(pile, dict):
        raise DemoError(f"the bench does not tell a pile of cash: {pile!r}")
    return sum(int(value) * int(count) for value, count in pile.items())
