"""Honest: scan, hand in, pay with notes and coins, take notes and coins as change, leave; then count every coin and note."""

from __future__ import annotations

from demo import plan
from demo.trips import steps
from demo.trips.cast import Cast
from demo.trips.steps import Goods
from demo.waiting import wait_for

BAG = (
    Goods("Jasmine rice 5 kg"),
    Goods("Cola 500 ml"),
    Goods("Cola 500 ml"),
    Goods("Face masks 5"),
    Goods("Apples Fuji", grams=852),
)


def play(cast: Cast) -> str:
    """Play the trip; return the exit pass that was used."""
    cast.story.begin("honest", "a shopper scans while she browses, pays cash at the kiosk and walks out")
    _shop(cast)
    number, claim = steps.hand_in(cast)
    exit_pass = _pay(cast, number, claim)
    steps.lay_and_show_pass(cast, BAG, exit_pass)
    steps.walk_out(cast, number)
    cast.story.step("look at the handheld", "it thanks and forgets the shopper", lambda: _forgotten(cast))
    count_the_cash(cast)
    return exit_pass


def _shop(cast: Cast) -> None:
    handheld = cast.shop.handheld
    steps.start_shopping(cast)
    for name in ("Jasmine rice 5 kg", "Cola 500 ml", "Face masks 5", "Sesame oil 250 ml"):
        steps.scan(cast, Goods(name), difficulty="hard" if name.startswith("Face") else "moderate")

    def two_colas() -> str:
        handheld.press("line-2-plus")
        handheld.press("line-2-plus")
        handheld.press("line-2-minus")
        return handheld.wait_text("line-2-quantity", "2")

    cast.story.step(
        "count the cola up to three and down to two", "the line says 2", two_colas, lambda said: f"the line says {said}"
    )

    def remove_oil() -> bool:
        handheld.press("line-4-remove")
        return wait_for(lambda: handheld.text("line-4-name") is None, "the fourth line to go")

    cast.story.step(
        "put the sesame oil back and remove its line", "three lines are left", remove_oil, lambda _: "three lines are left"
    )
    steps.scan(cast, Goods("Apples Fuji", grams=852))


def _pay(cast: Cast, number: str, claim: str) -> str:
    world = cast.world
    steps.bring_up_at_kiosk(cast, claim)
    steps.choose_cash(cast)
    due_minor = steps.cash_due(cast, number)
    note = 10000
    coins_minor = due_minor % note % 1000 // 100 * 100
    cast.story.step("insert a note of 100 yuan", "it goes into the recycler's cash box", lambda: world.pay_with(note))

    def coins() -> None:
        for _ in range(coins_minor // 100):
            world.pay_with(100)

    cast.story.step(f"insert {coins_minor // 100} coins of 1 yuan", "they are counted", coins)
    rest_minor = due_minor - note - coins_minor
    notes = -(-rest_minor // 2000)

    def notes_of_20() -> None:
        for _ in range(notes):
            world.pay_with(2000)

    cast.story.step(f"insert {notes} notes of 20 yuan", "they are kept for the next shopper's change", notes_of_20)
    exit_pass = steps.finish_payment(cast, "kiosk-receipt")
    change_minor = note + coins_minor + notes * 2000 - due_minor
    given = world.returned_minor()
    cast.story.check(
        "count the change", f"{change_minor / 100:.2f} yuan", f"{given / 100:.2f} yuan", passed=given == change_minor
    )
    _look_at_the_notes(cast, change_minor)
    return exit_pass


def _look_at_the_notes(cast: Cast, change_minor: int) -> None:
    """See that the recycler gave all of the change that notes can make."""
    notes = cast.world.notes_returned()
    worth_minor = sum(int(value) * count for value, count in notes.items())
    told = ", ".join(f"{count} x {int(value) // 100} yuan" for value, count in notes.items()) or "none"
    expected_minor = change_minor // min(plan.RECYCLER_FLOAT) * min(plan.RECYCLER_FLOAT)
    cast.story.check(
        "look at the notes among it",
        f"notes of {expected_minor / 100:.2f} yuan came out of the recycler",
        told,
        passed=worth_minor == expected_minor,
    )


def _forgotten(cast: Cast) -> None:
    handheld = cast.shop.handheld
    wait_for(lambda: handheld.screen() in ("left", "welcome"), "the handheld to say thank you", 30)
    handheld.wait_screen("welcome", 30)


def count_the_cash(cast: Cast) -> None:
    """Compare what the simulators know they hold with what the books say, to the fen."""
    held = cast.world.machine_total_minor() - cast.world.machine_total_at_start_minor

    def booked() -> int | None:
        balances = cast.staff.balances()
        in_machine = sum(minor for account, minor in balances.items() if account.startswith("cash/"))
        in_escrow = sum(abs(minor) for account, minor in balances.items() if account.startswith("escrow/"))
        return in_machine if in_escrow == 0 and in_machine == held else None

    cast.story.step(
        "count every coin and note in the kiosk",
        f"the books say what the machine holds: {held / 100:+.2f} yuan since the start",
        lambda: wait_for(
            lambda: booked() is not None, f"the books to say {held / 100:+.2f} yuan; they say {cast.staff.balances()}"
        ),
        lambda _: f"the books say {held / 100:+.2f} yuan, the machine holds it",
    )
