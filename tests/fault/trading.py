"""Scenarios of the crash tests in which the shop trades: its first day, a whole day, a crowd that wants the same commit.

Each lives through its work, however often it is killed, and returns facts to compare.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from store_server.contract.device_messages import DeviceRole
from store_server.contract.member_messages import DeleteMember, IssueCoupons, MemberLogin, RegisterMember
from store_server.contract.order_messages import OrderLine, SubmitOrder
from store_server.contract.staff_messages import StaffLogin
from store_server.services import books_check, catalogue, coupons, devices, members, orders, staff
from store_server.services.store import Store
from tests.fault import child
from tests.fault.books import BEGINNING_S, MILK, PRODUCTS, Auditor, Clock
from tests.fault.day import HANDHELD, KIOSK, STAFF, Known, Step, an_id, the_day
from tests.fault.lives import LIVES_MAX, Run, Scenario, books_of


def scenarios() -> list[Scenario]:
    """Return all of them."""
    return [
        Scenario("init", make_the_books, from_nothing=True),
        Scenario("people", let_people_in, from_nothing=False),
        Scenario("day", live_a_day, from_nothing=False),
        Scenario("crowd", crowd, from_nothing=False),
    ]


def live_a_day(run: Run) -> Any:
    """Live through the day; return answers and books."""
    steps = the_day()
    answers = live_through(run, steps, Known(run.shelf.secrets), look=books_check.findings)
    for step in steps:
        if step.told_once:
            answers.pop(step.name)
    refused = {name: answer for name, answer in answers.items() if isinstance(answer, str)}
    assert refused == {}, "the day is meant to go well"
    return {"answers": answers, "books": books_of(run.settings)}


def live_through(
    run: Run, steps: list[Step], known: Known, *, look: Callable[[Store], Any] = lambda _store: None
) -> dict[str, Any]:
    """Live through requests, and through each that can be repeated once more; return their first answers."""
    answers: dict[str, Any] = {}
    for lives in range(LIVES_MAX):
        assert lives < LIVES_MAX - 1, "killed more often than armed"

        def live(store: Store, clock: Clock, tell: child.Tell) -> None:
            for step in steps:
                if step.name not in answers:
                    tell([step.name, step.run(store, clock, known)])
            for step in steps:
                if step.once:
                    tell([step.name, step.run(store, clock, known)])
            tell(["look", look(store)])

        # The power is back in the second in which it went.
        now_s = next((step.at_s for step in steps if step.name not in answers), BEGINNING_S)
        ended = run.go(live, recover=lives > 0, now_s=now_s)
        _remember(steps, ended.told, answers, known)
        if not ended.killed:
            break
        run.died()
    return answers


def _remember(steps: list[Step], told: list[Any], answers: dict[str, Any], known: Known) -> None:
    by_name = {step.name: step for step in steps}
    for name, answer in told:
        if name in answers:
            assert answer == answers[name], f"{name}: another answer than the first time"
            continue
        answers[name] = answer
        if name in by_name:
            by_name[name].learn(known, answer)


def make_the_books(run: Run) -> Any:
    """Make a shop from nothing; it must sell in the end."""

    def first_sale(store: Store, _clock: Clock, tell: child.Tell) -> None:
        catalogue.import_products(store, PRODUCTS)
        request = SubmitOrder(
            order_id=an_id("first"),
            price_book_version=catalogue.newest_price_book(store).version,
            lines=[OrderLine(code=MILK)],
        )
        order = orders.submit(store, HANDHELD, request)
        tell([order.status.value, order.total_minor, order.claim is not None, books_check.findings(store)])

    return _done_at_last(run, first_sale)


def let_people_in(run: Run) -> Any:
    """Let in devices, staff and members, and let one go; what one of them was given before the kill is given anew."""

    def let_in(store: Store, _clock: Clock, tell: child.Tell) -> None:
        token = devices.enrol(store, "kiosk-1", DeviceRole.KIOSK)
        assert staff.find_principal(store, token) is not None
        staff.add_staff(store, "mei", "a long password")
        session = staff.login(store, StaffLogin(name="mei", password="a long password"))
        assert staff.find_principal(store, session.token) is not None
        member = RegisterMember(member_id=uuid4(), login=f"{uuid4()}@example.org", password="a long password")
        members.register(store, KIOSK, member)
        member_session = members.login(store, MemberLogin(login=member.login, password=member.password))
        batch = IssueCoupons(batch_id=uuid4(), promotion_id="ten-off", valid_from=BEGINNING_S, valid_until=BEGINNING_S + 10**6)
        assert len(coupons.issue(store, STAFF, batch).codes) == 1
        members.delete(store, KIOSK, DeleteMember(member_token=member_session.token, password=member.password))
        tell(books_check.findings(store))

    return _done_at_last(run, let_in)


def _done_at_last(run: Run, work: Callable[[Store, Clock, child.Tell], None]) -> list[Any]:
    """Do work from its beginning until nobody kills it; return what it told then."""
    for _life in range(LIVES_MAX):
        ended = run.go(work, recover=True)
        if not ended.killed:
            return ended.told
        run.died()
    raise AssertionError("killed more often than armed")


CROWD = 6


def crowd(run: Run) -> Any:
    """Let many writers wait for the same commit; what was answered is in the books, the rest can be asked again."""
    answered: dict[str, Any] = {}
    for lives in range(LIVES_MAX):
        assert lives < LIVES_MAX - 1, "killed more often than armed"

        def rush(store: Store, _clock: Clock, tell: child.Tell) -> None:
            version = catalogue.newest_price_book(store).version
            lock, together = threading.Lock(), threading.Barrier(CROWD)

            def shop(number: int) -> None:
                together.wait()
                for trip in range(3):
                    name = f"crowd {number} {trip}"
                    request = SubmitOrder(order_id=an_id(name), price_book_version=version, lines=[OrderLine(code=MILK)])
                    answer = orders.submit(store, HANDHELD, request)
                    with lock:
                        tell([name, answer.order_number])

            threads = [threading.Thread(target=shop, args=(number,)) for number in range(CROWD)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            with lock:
                tell(["findings", books_check.findings(store)])

        ended = run.go(rush, recover=lives > 0)
        _remember([], ended.told, answered, {})
        if not ended.killed:
            break
        run.died()
    numbers = [number for name, number in answered.items() if name != "findings"]
    assert len(numbers) == len(set(numbers)) == CROWD * 3
    auditor = Auditor(run.settings)
    try:
        assert auditor.one("SELECT count(*) FROM orders") == CROWD * 3
        assert auditor.one("SELECT count(*) FROM order_events") == CROWD * 3
    finally:
        auditor.close()
    return answered["findings"]
