"""From a trip to what its screen shows. Pure: texts, prices and the state of things around come as arguments."""

from __future__ import annotations

from collections.abc import Callable

from scanner_app.basket_texts import (
    article_count,
    basket_hints,
    last_article_view,
    line_views,
    nearly_text,
    priced_basket,
    saved_text,
)
from scanner_app.notices import NoticeKind
from scanner_app.scene import Scene, Surroundings
from scanner_app.trip import State, Trip
from scanner_app.views import (
    HeaderView,
    LeftView,
    NoticeView,
    PaidView,
    ReviewingView,
    ShoppingView,
    SubmittedView,
    Tone,
    View,
    WelcomeView,
)
from scanner_app.wording import Translate, _, notice_sentence
from store_server.contract.exit_number import ExitNumber
from store_server.contract.order_number import OrderNumber, OrderNumberError
from store_server.contract.order_status import OrderStatus


def present(trip: Trip, around: Surroundings, translate: Translate) -> View:
    """Return what the trip's screen shows."""
    return _VIEWS[trip.state](Scene(trip, around, translate))


def _header(scene: Scene) -> HeaderView:
    return HeaderView(
        shop_name=scene.name(scene.around.shop_name) or "Scanlane",
        language=scene.trip.language,
        badge="" if scene.around.store_answers else scene.text(_("Offline")),
    )


def _notice(scene: Scene) -> NoticeView:
    if not scene.around.storage_writes:
        return NoticeView(scene.text(_("This handheld cannot save any more. Please ask the staff for another.")), Tone.WARNING)
    if scene.trip.notice is None:
        return NoticeView()
    calm = scene.trip.notice.kind is NoticeKind.PRICES_CHANGED
    return NoticeView(notice_sentence(scene.trip.notice, scene.translate), Tone.CALM if calm else Tone.WARNING)


def _welcome(scene: Scene) -> WelcomeView:
    ready = scene.around.terms is not None
    waiting = scene.text(_("Prices are being fetched. One moment, please."))
    if not ready and not scene.around.store_answers:
        waiting = scene.text(_("The store is not answering, and there are no prices yet. Please take another handheld."))
    elif not ready and scene.around.store_refusal is not None:
        waiting = scene.text(scene.around.store_refusal.sentence)
    notice = _notice(scene)
    return WelcomeView(
        header=_header(scene),
        greeting=scene.text(_("Welcome")),
        invitation=scene.text(_("Scan while you shop. Pay at a kiosk. No queue.")),
        start=scene.text(_("Start")),
        can_start=ready,
        notice=notice if ready or notice.text else NoticeView(waiting),
    )


def _shopping(scene: Scene) -> ShoppingView:
    basket = priced_basket(scene)
    return ShoppingView(
        header=_header(scene),
        camera_text=_camera_text(scene),
        camera_ready=scene.around.camera_ready,
        last=last_article_view(scene, basket),
        aim=scene.text(_("Show the bar code of an article to the camera.")),
        notice=_notice(scene),
        lines=line_views(scene, basket),
        empty=scene.text(_("Your basket is empty.")),
        code_label=scene.text(_("Type a code")),
        code_add=scene.text(_("Add")),
        keypad_close=scene.text(_("Close")),
        undo=scene.text(_("Undo")),
        can_undo=bool(scene.trip.history),
        count=article_count(scene, basket.article_count, basket.expected_g),
        total_label=scene.text(_("Total")),
        total=scene.amount(basket.total_minor),
        saved=saved_text(scene, basket),
        nearly="" if _notice(scene).text else nearly_text(scene),
        review=scene.text(_("Review")),
        can_review=bool(scene.trip.lines),
    )


def _camera_text(scene: Scene) -> str:
    if scene.around.camera_ready:
        return ""
    if not scene.around.camera_set:
        return scene.text(_("No camera. Please type the code."))
    return scene.text(_("The camera is not connected. Please type the code, or ask the staff."))


def _reviewing(scene: Scene) -> ReviewingView:
    basket = priced_basket(scene)
    waiting = scene.trip.submission is not None
    return ReviewingView(
        header=_header(scene),
        title=scene.text(_("Your basket")),
        lines=line_views(scene, basket),
        hints=basket_hints(scene, basket.lines),
        notice=_waiting_notice(scene) if waiting else _review_notice(scene),
        waiting=waiting,
        waiting_text=scene.text(_("Handing in …")) if waiting else "",
        taxes=tuple(
            scene.text(
                _("includes {rate} % tax: {amount}") if basket.prices_include_tax else _("plus {rate} % tax: {amount}"),
                rate=share.rate,
                amount=scene.amount(share.tax_minor),
            )
            for share in basket.taxes
            if share.tax_minor
        ),
        count=article_count(scene, basket.article_count, basket.expected_g),
        total_label=scene.text(_("Total")),
        total=scene.amount(basket.total_minor),
        saved=saved_text(scene, basket),
        back=scene.text(_("Back")),
        submit=scene.text(_("Hand in")),
        can_submit=scene.trip.can_be_handed_in,
    )


def _review_notice(scene: Scene) -> NoticeView:
    """Say what stops the basket, over what was said before: nothing else can be done about it here."""
    if not scene.around.storage_writes or not any(line.gone for line in scene.trip.lines):
        return _notice(scene)
    if any(line.article.withheld == "recalled" for line in scene.trip.lines if line.gone):
        sentence = _("An article was recalled. Please go back, remove what is struck out and hand it to the staff.")
    else:
        sentence = _("What is struck out is not sold any more. Please go back and remove it.")
    return NoticeView(scene.text(sentence), Tone.WARNING)


def _waiting_notice(scene: Scene) -> NoticeView:
    if scene.trip.failed_attempts == 0:
        return NoticeView(scene.text(_("Handing in your basket …")))
    sentence = _("The store is not answering. Your basket is safe; it will be handed in by itself.")
    return NoticeView(scene.text(sentence), Tone.WARNING)


def _submitted(scene: Scene) -> SubmittedView:
    order = scene.trip.order
    assert order is not None, "a submitted trip has its order"
    instruction = _("Show this code to a kiosk, or type the number there.")
    if order.status is OrderStatus.TENDERING:
        instruction = _("The order is being paid at the kiosk.")
    elif order.paid_minor:
        instruction = _("The staff added an article. Please pay the difference at a kiosk.")
    notice = _notice(scene)
    return SubmittedView(
        header=_header(scene),
        title=scene.text(_("Pay at a kiosk")),
        instruction=scene.text(instruction),
        qr_text=order.claim or "",
        number_label=scene.text(_("Order number")),
        number=_number(order.order_number),
        due_label=scene.text(_("To pay")),
        due=scene.amount(order.due_minor),
        notice=notice if notice.text else _silence(scene),
    )


def _silence(scene: Scene) -> NoticeView:
    """The order is safe at the store while the handheld does not hear from it."""
    if scene.around.store_answers:
        return NoticeView()
    return NoticeView(scene.text(_("The store is not answering right now. Your order is kept.")))


def _paid(scene: Scene) -> PaidView:
    order = scene.trip.order
    assert order is not None, "a paid trip has its order"
    notice = _notice(scene)
    if order.overpaid_minor and not notice.text:
        sentence = _("The article that the staff added completed a promotion. The staff gives you {amount} back.")
        notice = NoticeView(scene.text(sentence, amount=scene.amount(order.overpaid_minor)))
    exit_pass = order.exit_pass or ""
    instruction = _("Show this code or your receipt at the exit.") if exit_pass else _("Take your receipt to the exit.")
    return PaidView(
        header=_header(scene),
        title=scene.text(_("Paid. Thank you!")),
        instruction=scene.text(instruction),
        qr_text=exit_pass,
        exit_number=_exit_number(order.order_number, exit_pass),
        number_label=scene.text(_("Order number")),
        number=_number(order.order_number),
        total_label=scene.text(_("Total")),
        total=scene.amount(order.total_minor),
        notice=notice,
    )


def _exit_number(order_number: str, exit_pass: str) -> str:
    if not exit_pass:
        return ""
    try:
        return str(ExitNumber.of_order(order_number, exit_pass))
    except ValueError:
        return ""


def _left(scene: Scene) -> LeftView:
    return LeftView(
        header=_header(scene),
        title=scene.text(_("Thank you!")),
        farewell=scene.text(_("Good-bye. Your basket was wiped from this handheld.")),
    )


def _number(digits: str) -> str:
    try:
        return str(OrderNumber.parse(digits))
    except OrderNumberError:
        return digits


_VIEWS: dict[State, Callable[[Scene], View]] = {
    State.WELCOME: _welcome,
    State.SHOPPING: _shopping,
    State.REVIEWING: _reviewing,
    State.SUBMITTED: _submitted,
    State.PAID: _paid,
    State.LEFT: _left,
}
