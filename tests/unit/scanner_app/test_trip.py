from __future__ import annotations

import typing
from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner_app import trip as machine
from scanner_app.basket import PIECES_MAX
from scanner_app.basket_steps import UNDO_MAX
from scanner_app.notices import Notice, NoticeKind
from scanner_app.order_steps import FAREWELL_S, POLL_PERIOD_S
from scanner_app.trip import TRANSITIONS, IllegalTransitionError, State, Trip, accepts, advance, resume
from scanner_app.trip_events import (
    ArticleScanned,
    AskingRefused,
    BackPressed,
    CodeRefused,
    Event,
    IdleTimeUp,
    LanguageChosen,
    LineRemoved,
    OrderDropped,
    OrderDue,
    OrderLeft,
    OrderPaid,
    PollOrder,
    PricesRefreshed,
    QuantityChanged,
    RefreshPrices,
    ReviewPressed,
    Say,
    Speech,
    StartPressed,
    StoreTrip,
    StoreUnreachable,
    Submit,
    SubmitAccepted,
    SubmitPressed,
    SubmitRefused,
    TimeUp,
    UndoPressed,
    WakeAfter,
    Wipe,
    seen,
)
from scanner_app.trip_state import RETRY_S
from store_server.contract.order_messages import REPLACES_MAX
from store_server.contract.order_status import OrderStatus
from store_server.contract.product_code import ProductCode
from store_server.contract.refusals import Refusal
from store_server.contract.wire import LINES_MAX
from tests.unit.scanner_app.goods import COLA, RICE, order, piece
from tests.unit.scanner_app.walks import (
    DONE,
    EVENTS,
    FIRST,
    GONE,
    HANDED_IN,
    PAID,
    REVIEWING,
    SCAN_APPLES,
    SCAN_COLA,
    SCAN_RICE,
    SECOND,
    SHOPPING,
    SUBMITTED,
    TRIPS,
    WAITING,
    played,
)

PAIRS = [(state, kind) for state in State for kind in typing.get_args(Event)]


def test_the_samples_cover_every_event() -> None:
    assert set(EVENTS) == set(typing.get_args(Event)) == {kind for _, kind in TRANSITIONS}
    assert set(machine._HANDLERS) == set(EVENTS)


@pytest.mark.parametrize(("state", "kind"), PAIRS, ids=lambda part: getattr(part, "name", None) or part.__name__)
def test_every_pair_goes_where_the_table_says_or_is_refused(state: State, kind: type[Event]) -> None:
    event, target = EVENTS[kind], TRANSITIONS.get((state, kind))
    able = [trip for events in TRIPS[state] if accepts(trip := played(*events)[0], event)]
    for events in TRIPS[state]:
        trip, _ = played(*events)
        assert trip.state is state
        if trip in able:
            after, _ = advance(trip, event)
            assert after.state is target
        else:
            with pytest.raises(IllegalTransitionError, match=kind.__name__):
                advance(trip, event)
    assert bool(able) == (target is not None)


@pytest.mark.parametrize("state", State)
def test_every_state_is_reached_and_left(state: State) -> None:
    assert any(target is state for (source, _), target in TRANSITIONS.items() if source is not state)
    assert any(source is state for (source, _), target in TRANSITIONS.items() if target is not state)


def test_a_whole_trip_and_what_it_commands() -> None:
    _, commands = played(*GONE, TimeUp())
    shown = [command for command in commands if not isinstance(command, StoreTrip)]
    (submit, *rest) = shown
    assert isinstance(submit, Submit)
    assert [(line.code, line.quantity) for line in submit.order.lines] == [(COLA.code, 1), (RICE.code, 1)]
    assert (submit.order.order_id, submit.order.price_book_version) == (FIRST, 7)
    assert rest == [
        Say(Speech.PAY_AT_KIOSK),
        WakeAfter(POLL_PERIOD_S),
        Say(Speech.PAID),
        WakeAfter(POLL_PERIOD_S),
        Say(Speech.THANK_YOU),
        WakeAfter(FAREWELL_S),
        Wipe(),
    ]


# Shopping.


def test_a_piece_scanned_again_raises_its_line_and_a_label_makes_another() -> None:
    trip, _ = played(StartPressed(), SCAN_COLA, SCAN_APPLES, SCAN_COLA, SCAN_APPLES)
    assert [(line.article.name["en"], line.quantity, line.weight_g) for line in trip.lines] == [
        ("Cola 500 ml", 2, None),
        ("Apples Fuji", 1, 850),
        ("Apples Fuji", 1, 850),
    ]
    assert len({line.number for line in trip.lines}) == 3


def test_a_removed_lines_number_is_never_used_again() -> None:
    trip, _ = played(StartPressed(), SCAN_COLA, SCAN_RICE, LineRemoved(2), SCAN_RICE)
    assert [line.number for line in trip.lines] == [1, 3]


def test_undo_takes_back_what_was_done_in_turn() -> None:
    trip, _ = played(StartPressed(), SCAN_COLA, QuantityChanged(1, 4), LineRemoved(1))
    assert trip.lines == ()
    trip, _ = played(UndoPressed(), trip=trip)
    assert [line.quantity for line in trip.lines] == [4]
    trip, _ = played(UndoPressed(), trip=trip)
    assert [line.quantity for line in trip.lines] == [1]
    trip, _ = played(UndoPressed(), trip=trip)
    assert trip.lines == ()
    assert not accepts(trip, UndoPressed())


def test_undo_remembers_a_bounded_number_of_steps() -> None:
    trip, _ = played(StartPressed(), *[SCAN_COLA] * (UNDO_MAX + 5))
    assert len(trip.history) == UNDO_MAX


@pytest.mark.parametrize("quantity", [0, -1, PIECES_MAX + 1])
def test_a_quantity_out_of_range_is_no_event(quantity: int) -> None:
    trip, _ = played(*SHOPPING)
    assert accepts(trip, QuantityChanged(1, PIECES_MAX))
    assert not accepts(trip, QuantityChanged(1, quantity))
    assert not accepts(trip, QuantityChanged(9, 1))


def test_a_labels_quantity_cannot_change() -> None:
    trip, _ = played(StartPressed(), SCAN_APPLES)
    assert not accepts(trip, QuantityChanged(1, 2))


def test_more_pieces_than_the_limit_are_told_and_not_added() -> None:
    trip, _ = played(StartPressed(), SCAN_COLA, QuantityChanged(1, PIECES_MAX), SCAN_COLA)
    assert trip.lines[0].quantity == PIECES_MAX
    assert trip.notice == Notice(NoticeKind.PIECES_LIMIT)


def test_more_lines_than_the_limit_are_told_and_not_added() -> None:
    goods = [piece(f"{9520000000000 + number:014d}", "x", 100) for number in range(LINES_MAX + 1)]
    scans = [ArticleScanned(ProductCode(key=article.code, text=article.code), article) for article in goods]
    trip, _ = played(StartPressed(), *scans)
    assert len(trip.lines) == LINES_MAX
    assert trip.notice == Notice(NoticeKind.LINES_LIMIT)
    again, _ = played(scans[0], trip=trip)
    assert again.lines[0].quantity == 2


def test_nothing_in_the_basket_cannot_be_reviewed() -> None:
    assert not accepts(played(StartPressed())[0], ReviewPressed())


def test_a_notice_goes_with_the_next_scan() -> None:
    trip, _ = played(*SHOPPING, EVENTS[CodeRefused])
    assert trip.notice is not None
    assert played(SCAN_COLA, trip=trip)[0].notice is None


# Handing in.


def test_the_trip_is_stored_before_the_order_is_sent() -> None:
    trip, _ = played(*REVIEWING)
    after, commands = advance(trip, SubmitPressed(FIRST, 7))
    assert commands == (StoreTrip(), Submit(after.submission or pytest.fail("no submission")))


def test_while_the_store_is_away_the_same_order_is_repeated_with_growing_waits() -> None:
    trip, commands = played(*WAITING)
    (sent,) = [command for command in commands if isinstance(command, Submit)]
    waits: list[float] = []
    for _ in range(6):
        trip, commands = played(StoreUnreachable(), trip=trip)
        waits += [command.delay_s for command in commands if isinstance(command, WakeAfter)]
        trip, commands = played(TimeUp(), trip=trip)
        assert commands == [sent]
        assert trip.state is State.REVIEWING
    assert waits == [*RETRY_S, RETRY_S[-1], RETRY_S[-1]]


def test_a_second_press_while_waiting_sends_nothing_more() -> None:
    assert not accepts(played(*WAITING)[0], SubmitPressed(SECOND, 7))


def test_turning_back_and_handing_in_the_same_basket_is_the_same_order() -> None:
    trip, _ = played(*WAITING, StoreUnreachable(), BackPressed())
    assert trip.state is State.SHOPPING
    assert accepts(trip, SCAN_COLA), "scanning goes on"
    assert not accepts(trip, SubmitAccepted(SUBMITTED)), "an answer that comes now is for later"
    again, commands = played(ReviewPressed(), SubmitPressed(SECOND, 8), trip=trip)
    assert [command.order.order_id for command in commands if isinstance(command, Submit)] == [FIRST]
    assert again.submission is not None
    assert again.submission.price_book_version == 7


def test_turning_back_and_changing_the_basket_is_another_order() -> None:
    trip, _ = played(*WAITING, StoreUnreachable(), BackPressed(), SCAN_COLA)
    _, commands = played(ReviewPressed(), SubmitPressed(SECOND, 8), trip=trip)
    assert [(command.order.order_id, command.order.replaces) for command in commands if isinstance(command, Submit)] == [
        (SECOND, (FIRST,))
    ]


def test_every_unanswered_order_is_replaced_until_the_store_has_answered() -> None:
    third = UUID(int=3)
    trip, _ = played(*WAITING, StoreUnreachable(), BackPressed(), SCAN_COLA, ReviewPressed(), SubmitPressed(SECOND, 8))
    refused, _ = played(SubmitRefused(SECOND, Refusal.STALE_PRICE_BOOK), SubmitPressed(third, 9), trip=trip)
    assert refused.submission is not None
    assert refused.submission.replaces == (FIRST,)
    trip, _ = played(StoreUnreachable(), BackPressed(), SCAN_COLA, ReviewPressed(), SubmitPressed(third, 9), trip=trip)
    assert trip.submission is not None
    assert trip.submission.replaces == (FIRST, SECOND)
    accepted, _ = played(SubmitAccepted(order(third, OrderStatus.SUBMITTED)), trip=trip)
    assert (accepted.unanswered, accepted.given_up) == ((), None)


def test_as_many_orders_are_replaced_as_the_store_takes() -> None:
    trip, _ = played(*REVIEWING)
    for number in range(1, REPLACES_MAX + 3):
        trip, _ = played(SubmitPressed(UUID(int=number), 7), BackPressed(), SCAN_COLA, ReviewPressed(), trip=trip)
    assert trip.unanswered == tuple(UUID(int=number) for number in range(3, REPLACES_MAX + 3))


def test_changing_and_changing_back_is_the_same_order_again() -> None:
    trip, _ = played(*WAITING, StoreUnreachable(), BackPressed(), SCAN_COLA, UndoPressed(), ReviewPressed())
    _, commands = played(SubmitPressed(SECOND, 8), trip=trip)
    assert [command.order.order_id for command in commands if isinstance(command, Submit)] == [FIRST]


@pytest.mark.parametrize(
    "other", [SubmitAccepted(order(SECOND, OrderStatus.SUBMITTED)), SubmitRefused(SECOND, Refusal.FORBIDDEN)]
)
def test_an_answer_about_another_order_is_no_answer(other: Event) -> None:
    assert not accepts(played(*WAITING)[0], other)


def test_a_refusal_is_told_and_the_next_attempt_has_another_id() -> None:
    trip, commands = played(*WAITING, SubmitRefused(FIRST, Refusal.STALE_PRICE_BOOK))
    assert trip.submission is None
    assert trip.notice == Notice(NoticeKind.REFUSED, refusal=Refusal.STALE_PRICE_BOOK)
    assert RefreshPrices() in commands
    _, commands = played(SubmitPressed(SECOND, 8), trip=trip)
    assert [command.order.order_id for command in commands if isinstance(command, Submit)] == [SECOND]


def test_new_prices_reprice_the_basket_and_its_history_and_mark_what_is_gone() -> None:
    dearer = COLA.model_copy(update={"unit_price_minor": 400})
    trip, _ = played(*SHOPPING, QuantityChanged(1, 2), PricesRefreshed({COLA.code: dearer}))
    assert [(line.article.unit_price_minor, line.gone) for line in trip.lines] == [(400, False), (4590, True)]
    assert trip.notice == Notice(NoticeKind.PRICES_CHANGED)
    undone, _ = played(UndoPressed(), trip=trip)
    assert undone.lines[0].article.unit_price_minor == 400


def test_a_recalled_article_in_the_basket_is_gone_and_says_why() -> None:
    recalled = COLA.model_copy(update={"withheld": "recalled", "unit_price_minor": 0})
    trip, _ = played(*SHOPPING, PricesRefreshed({COLA.code: recalled, RICE.code: RICE}))
    assert [(line.article.withheld, line.article.unit_price_minor, line.gone) for line in trip.lines] == [
        ("recalled", 350, True),
        (None, 4590, False),
    ]
    assert trip.notice == Notice(NoticeKind.REFUSED, refusal=Refusal.RECALLED_ARTICLE)
    sold, _ = played(PricesRefreshed({COLA.code: COLA, RICE.code: RICE}), trip=trip)
    assert [line.gone for line in sold.lines] == [False, False]


@pytest.mark.parametrize("refusal", [Refusal.RECALLED_ARTICLE, Refusal.NOT_FOR_SALE, Refusal.UNKNOWN_ARTICLE])
def test_a_basket_that_may_not_be_sold_makes_the_handheld_look_for_news(refusal: Refusal) -> None:
    _, commands = played(*WAITING, SubmitRefused(FIRST, refusal))
    assert RefreshPrices() in commands


def test_a_price_book_that_changes_nothing_here_says_nothing() -> None:
    before, _ = played(*SHOPPING)
    after, commands = played(EVENTS[PricesRefreshed], trip=before)
    assert (after, commands) == (before, [])


def test_new_prices_do_not_change_an_order_that_is_on_its_way() -> None:
    dearer = COLA.model_copy(update={"unit_price_minor": 400})
    trip, _ = played(*WAITING)
    after, _ = played(PricesRefreshed({COLA.code: dearer, RICE.code: RICE}), trip=trip)
    assert after.submission == trip.submission


# The order at the store.


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (OrderStatus.OPEN, OrderDue),
        (OrderStatus.SUBMITTED, OrderDue),
        (OrderStatus.TENDERING, OrderDue),
        (OrderStatus.PAID, OrderPaid),
        (OrderStatus.LEAVING, OrderPaid),
        (OrderStatus.EXITED, OrderLeft),
        (OrderStatus.REFUNDED, OrderLeft),
        (OrderStatus.VOIDED, OrderDropped),
        (OrderStatus.EXPIRED, OrderDropped),
    ],
)
def test_what_each_status_means(status: OrderStatus, kind: type[Event]) -> None:
    assert type(seen(order(FIRST, status))) is kind


def test_an_order_of_which_something_was_paid_is_never_dropped() -> None:
    assert isinstance(seen(order(FIRST, OrderStatus.EXPIRED, paid_minor=100)), OrderDue)


def test_every_status_is_known() -> None:
    for status in OrderStatus:
        seen(order(FIRST, status))


def test_polling_goes_on_whatever_is_answered() -> None:
    for events in (HANDED_IN, DONE):
        trip, _ = played(*events)
        (ask,) = played(TimeUp(), trip=trip)[1]
        assert ask == PollOrder(FIRST)
        for answer in (StoreUnreachable(), AskingRefused(Refusal.SERVER_BUSY), OrderDue(SUBMITTED), OrderPaid(PAID)):
            _, commands = played(answer, trip=trip)
            assert any(isinstance(command, WakeAfter) for command in commands), answer


def test_a_difference_that_staff_found_is_paid_again() -> None:
    more = order(FIRST, OrderStatus.SUBMITTED, revision=2, paid_minor=4940, due_minor=350, total_minor=5290)
    trip, commands = played(*DONE, OrderDue(more))
    assert trip.state is State.SUBMITTED
    assert Say(Speech.PAY_DIFFERENCE) in commands
    trip, commands = played(OrderDue(more), trip=trip)
    assert not any(isinstance(command, Say) for command in commands), "said once"
    trip, commands = played(OrderPaid(order(FIRST, OrderStatus.PAID, revision=2)), trip=trip)
    assert trip.state is State.PAID
    assert Say(Speech.PAID) in commands


def test_being_held_by_a_lane_is_no_news() -> None:
    trip, commands = played(*DONE, OrderPaid(order(FIRST, OrderStatus.LEAVING)))
    assert not any(isinstance(command, Say) for command in commands[-2:])
    assert trip.state is State.PAID


def test_an_order_that_was_dropped_for_a_recall_says_which_article() -> None:
    recalled = COLA.model_copy(update={"withheld": "recalled"})
    trip, _ = played(*HANDED_IN, PricesRefreshed({COLA.code: recalled, RICE.code: RICE}))
    assert (trip.state, trip.notice) == (State.SUBMITTED, None), "the order stands until the store says otherwise"
    dropped, commands = played(OrderDropped(FIRST), trip=trip)
    assert (dropped.state, RefreshPrices() in commands) == (State.REVIEWING, True)
    assert dropped.notice == Notice(NoticeKind.REFUSED, refusal=Refusal.RECALLED_ARTICLE)
    assert [line.gone for line in dropped.lines] == [True, False]
    changed, _ = played(BackPressed(), LineRemoved(1), ReviewPressed(), SubmitPressed(SECOND, 8), trip=dropped)
    assert changed.submission is not None
    assert [line.code for line in changed.submission.lines] == [RICE.code]


def test_a_dropped_order_gives_the_basket_back() -> None:
    trip, _ = played(*HANDED_IN, OrderDropped(FIRST))
    assert [line.article for line in trip.lines] == [COLA, RICE]
    assert trip.order is None
    _, commands = played(SubmitPressed(SECOND, 7), trip=trip)
    assert [command.order.order_id for command in commands if isinstance(command, Submit)] == [SECOND]


def test_nothing_of_the_shopper_is_left_after_the_exit() -> None:
    trip, _ = played(LanguageChosen("zh"), *GONE)
    assert trip == Trip(state=State.LEFT, language="zh")
    home, commands = played(TimeUp(), trip=trip)
    assert home == Trip()
    assert commands == [Wipe()]


def test_the_next_shopper_is_greeted_in_the_houses_language() -> None:
    trip, _ = played(LanguageChosen("en"), *GONE, TimeUp(), trip=Trip(language="zh", house_language="zh"))
    assert trip == Trip(language="zh", house_language="zh")


# Left alone, and restarted.


def test_where_nobody_touches_it_for_long() -> None:
    for events, target in ((SHOPPING, State.WELCOME), (REVIEWING, State.WELCOME), (DONE, State.LEFT)):
        trip, _ = played(*events)
        assert trip.idle_limit_s is not None
        assert played(IdleTimeUp(), trip=trip)[0].state is target
    for events in ((), WAITING, HANDED_IN, GONE):
        trip, _ = played(*events)
        assert trip.idle_limit_s is None
        assert not accepts(trip, IdleTimeUp())


@pytest.mark.parametrize("events", [SHOPPING, REVIEWING])
def test_an_abandoned_basket_is_wiped(events: Iterable[Event]) -> None:
    trip, commands = played(IdleTimeUp(), trip=played(*events)[0])
    assert (trip, commands) == (Trip(), [Wipe()])


def test_after_a_restart_the_trip_goes_on_where_it_was() -> None:
    waiting, _ = played(*WAITING)
    assert waiting.submission is not None
    assert resume(waiting) == (Submit(waiting.submission),)
    assert resume(played(*HANDED_IN)[0]) == (PollOrder(FIRST),)
    assert resume(played(*DONE)[0]) == (PollOrder(FIRST),)
    assert resume(played(*GONE)[0]) == (WakeAfter(FAREWELL_S),)
    for events in ((), SHOPPING, REVIEWING):
        assert resume(played(*events)[0]) == ()


ANY_EVENT = st.one_of(
    st.sampled_from([*EVENTS.values(), SCAN_RICE, SCAN_APPLES, LineRemoved(2), QuantityChanged(2, 5), SubmitPressed(SECOND, 8)])
)


@settings(max_examples=300, deadline=None)
@given(st.lists(ANY_EVENT, max_size=40))
def test_whatever_happens_the_trip_stays_sound(events: list[Event]) -> None:
    trip, stored = Trip(), Trip()
    sent: dict[UUID, object] = {}
    for event in events:
        if not accepts(trip, event):
            continue
        before = trip
        trip, commands = advance(trip, event)
        for command in commands:
            if isinstance(command, StoreTrip):
                stored = trip
            elif isinstance(command, Wipe):
                stored = Trip()
                sent.clear()
            elif isinstance(command, Submit):
                assert stored.submission == command.order, "an order is on the disk before it is sent"
                if before.order is None and before.state is State.REVIEWING and not isinstance(event, SubmitPressed):
                    assert sent[command.order.order_id] == command.order, "an id belongs to its contents"
                sent[command.order.order_id] = command.order
        durable = replace(trip, history=(), notice=None, last_number=None, failed_attempts=0)
        kept = replace(stored, history=(), notice=None, last_number=None, failed_attempts=0)
        assert trip.state is State.WELCOME or durable == kept, "what a restart would find is what is there"
        assert (trip.submission is not None) <= (trip.state is State.REVIEWING)
        assert (trip.order is not None) == (trip.state in {State.SUBMITTED, State.PAID})
        assert all(1 <= line.quantity <= PIECES_MAX for line in trip.lines)
        assert len({line.number for line in trip.lines}) == len(trip.lines)
