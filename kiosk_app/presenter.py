"""From a session to what its screen shows; pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from kiosk_app import views
from kiosk_app.cash_rules import acceptable, stock_of, takes_cash
from kiosk_app.session import CardStage, Notice, NoticeCode, PrintState, Session, State
from kiosk_app.staff_desk import NOBODY, StaffDesk
from kiosk_app.staff_presenter import staff_view
from kiosk_app.views import Amount, Header, NoteView, View
from kiosk_app.wording import NOTICES, OTHER_REFUSAL, REFUSALS, WARNINGS
from store_server.contract.money import format_minor
from store_server.contract.order_messages import PricedLine

Translate = Callable[[str], str]
NUMBER_LENGTH = 7
FIRST_GROUP = 3


@dataclass(frozen=True, slots=True)
class Scene:
    """What a screen needs beside the session."""

    translate: Translate
    language: str = "en"
    shop_name: str = ""
    currency: str = "CNY"
    """For amounts of no order."""
    time_zone: str = ""
    """The shop's, for times on paper."""
    typed: str = ""
    """Digits on the keypad."""
    scanner_ready: bool = True
    printer_ready: bool = True
    cash_fault: str = ""
    """Why the cash devices are lost; empty while they are not ready for the first time."""
    journal_fault: bool = False
    """The journal cannot be written: nothing may be done."""
    has_terminal: bool = False
    terminal_ready: bool = False
    hurry: bool = False
    """Time is nearly up."""
    has_staff_code: bool = False
    """Staff can open a screen of their own."""
    staff: StaffDesk = NOBODY


def present(session: Session, scene: Scene) -> View:
    """Return what is to be seen now."""
    if scene.staff.is_shown and session.state is State.IDLE and not scene.journal_fault:
        return staff_view(
            session,
            scene.staff,
            replace(_header(session, scene), notice="", staff=""),
            scene.translate,
            currency=scene.currency,
            printer_ready=scene.printer_ready,
            terminal=scene.terminal_ready if scene.has_terminal else None,
        )
    if scene.journal_fault or (session.state is State.IDLE and _reasons(session, scene)):
        return _out_of_service(session, scene)
    return _SCREENS[session.state](session, scene)


def grouped(digits: str) -> str:
    """Write the digits of an order number in its two groups, as far as they are there."""
    first, second = digits[:FIRST_GROUP], digits[FIRST_GROUP:]
    return f"{first}-{second}" if second else first


def _reasons(session: Session, scene: Scene) -> tuple[str, ...]:
    t = scene.translate
    if scene.journal_fault:
        return (t("The kiosk cannot write its journal, so it takes no money."),)
    if not session.cash.ready:
        return (t("The cash unit does not answer."),) if scene.cash_fault else (t("The kiosk is getting ready."),)
    if not session.cash.coin_values_minor and not session.cash.note_values_minor:
        return (t("The coin and note slots do not answer."),)
    if not stock_of(session.hoppers):
        return (t("The kiosk has no coins to give change."),)
    return ()


def _out_of_service(session: Session, scene: Scene) -> views.OutOfServiceView:
    t = scene.translate
    return views.OutOfServiceView(
        header=_header(session, scene),
        title=t("This kiosk is out of service"),
        reasons=(*_reasons(session, scene), *((scene.cash_fault,) if scene.cash_fault else ())),
        text=t("Please use another kiosk or ask the staff. The kiosk comes back by itself."),
    )


def _welcome(session: Session, scene: Scene) -> views.WelcomeView:
    t = scene.translate
    typed = scene.typed
    return views.WelcomeView(
        header=_header(session, scene),
        title=t("Pay here"),
        steps=(
            t("Hold the code on your handheld under the reader"),
            t("Insert coins or notes"),
            t("Take your receipt and show it at the exit"),
        ),
        keypad_title=t("Or type your order number"),
        number=grouped(typed),
        placeholder="000-0000",
        ok=t("OK"),
        ok_enabled=len(typed) == NUMBER_LENGTH and session.looking_for is None,
    )


def _order(session: Session, scene: Scene) -> views.OrderView:
    t = scene.translate
    order = session.order
    assert order is not None
    money = _writer(session, scene)
    payable = takes_cash(session) and session.due_minor > 0
    card = scene.has_terminal and scene.terminal_ready
    notice = t("Cash cannot be taken right now: too little change is in the kiosk. Please ask the staff.")
    if payable or card:
        notice = ""
    if not session.cash.ready and not card:
        notice = t("The cash unit does not answer. Please wait a moment or ask the staff.")
    return views.OrderView(
        header=_header(session, scene, instead=notice),
        title=t("Your order"),
        number=grouped(order.order_number),
        lines=tuple(_line(line, scene, money) for line in order.lines),
        taxes=tuple(
            Amount(t("Included tax {rate} %").format(rate=share.rate), money(share.tax_minor)) for share in order.taxes
        ),
        total=Amount(t("Total"), money(order.total_minor)),
        due=Amount(t("To pay in cash"), money(session.due_minor)),
        pay=t("Pay in cash"),
        pay_enabled=payable,
        pay_card=t("Pay by card") if scene.has_terminal else "",
        pay_card_enabled=scene.terminal_ready and order.due_minor > 0,
        cancel=t("Cancel"),
    )


def _line(line: PricedLine, scene: Scene, money: Callable[[int], str]) -> views.LineView:
    name = line.name.get(scene.language) or line.name["en"]
    quantity = f"{line.weight_g / 1000:.3f} kg" if line.weight_g is not None else f"{line.quantity} x"
    return views.LineView(name=name, quantity=quantity, total=money(line.total_minor))


def _cash(session: Session, scene: Scene) -> views.CashView:
    t = scene.translate
    money = _writer(session, scene)
    now = acceptable(session)
    held = session.escrow_minor > 0
    blocked = session.cash.ready and not held and not now.coins and not now.notes
    return views.CashView(
        header=_header(
            session, scene, instead="" if session.cash.ready else t("One moment, the cash unit is being restarted.")
        ),
        title=t("Please insert coins or notes"),
        due=Amount(t("To pay"), money(session.due_minor)),
        paid=Amount(t("Inserted"), money(session.taken_minor)),
        remaining=Amount(t("Remaining"), money(session.remaining_minor)),
        progress_percent=min(100, session.taken_minor * 100 // max(1, session.due_minor)),
        notes_title=t("We take right now"),
        notes=tuple(NoteView(_short(session, scene, value), value in now.notes) for value in session.cash.note_values_minor),
        coins=NoteView(t("Coins"), now.coins or (held and bool(session.cash.coin_values_minor))),
        hint=t("There is too little change for more. Please cancel to get your money back, or ask the staff.")
        if blocked
        else t("Change comes in notes and coins.")
        if any(hopper.holds_notes for hopper in session.hoppers)
        else t("Change comes in coins."),
        cancel=t("Cancel and get everything back"),
    )


def _card(session: Session, scene: Scene) -> views.CardView:
    t = scene.translate
    card = session.card
    assert card is not None
    text = card.text or t("Hold, insert or swipe your card at the terminal.")
    hint = t("The terminal shows what to do next.")
    if card.cancelling:
        text, hint = t("The payment is being cancelled …"), t("If the card was charged already, your order is paid.")
    if card.unknown:
        text = t("We are asking the terminal whether your card was charged.")
        hint = t("Please do not pay again and wait here. The staff is coming to help you.")
    return views.CardView(
        header=_header(session, scene),
        title=t("One moment, please") if card.unknown else t("Please use the card terminal"),
        amount=Amount(t("To pay"), _writer(session, scene)(card.amount_minor)),
        text=t(text),
        hint=hint,
        cancel=t("Cancel"),
        cancel_enabled=not card.cancelling and not card.unknown,
    )


def _confirming(session: Session, scene: Scene) -> views.ConfirmingView:
    t = scene.translate
    away = t("Your money is safe. The shop's computer is not answering; we keep trying.")
    return views.ConfirmingView(
        header=_header(session, scene),
        title=t("Your payment is being confirmed") if session.store_away else t("One moment, please"),
        text=away if session.store_away else t("We are confirming your payment."),
    )


def _returning(session: Session, scene: Scene) -> views.ReturningView:
    t = scene.translate
    money = _writer(session, scene)
    waiting = not session.cash.ready or (session.open_payout is not None and session.open_payout.must_ask)
    return views.ReturningView(
        header=_header(session, scene),
        title=t("Your change") if session.settlement else t("Your money back"),
        change=Amount(t("Comes back in all"), money(session.change_minor + _going_back_minor(session))),
        given=Amount(t("Given so far"), money(session.returned_minor)),
        text=t("The charge of your card is being taken back.")
        if _going_back_minor(session)
        else t("One moment, the cash unit is being restarted. Your money is safe.")
        if waiting
        else t("Please take your money from the trays.")
        if any(hopper.holds_notes for hopper in session.hoppers)
        else t("Please take the coins from the tray."),
    )


def _going_back_minor(session: Session) -> int:
    """Return what is being given back to a card."""
    card = session.card
    return card.moved_minor if card is not None and card.stage is CardStage.REVERSING else 0


def _paid(session: Session, scene: Scene) -> views.PaidView:
    t = scene.translate
    assert session.settlement is not None
    return views.PaidView(
        header=_header(session, scene),
        title=t("Thank you!"),
        text=t("Your order is paid."),
        receipt=_receipt_text(session, scene),
        change=Amount(t("Your change") if session.returned_minor else "", _writer(session, scene)(session.returned_minor)),
        exit_pass=session.settlement.order.exit_pass or "",
        exit_pass_text=t("Show this code at the exit."),
        done=t("Done"),
    )


def _receipt_text(session: Session, scene: Scene) -> str:
    t = scene.translate
    return {
        PrintState.NONE: "",
        PrintState.PRINTING: t("Your receipt is being printed.")
        if scene.printer_ready
        else t("The receipt printer does not work right now. Please take a photo of this code."),
        PrintState.PRINTED: t("Please take your receipt."),
        PrintState.NOT_PRINTED: t("The receipt could not be printed. Please take a photo of this code."),
        PrintState.UNCERTAIN: t("If no receipt came out, please take a photo of this code."),
    }[session.print_state]


def _slip_text(session: Session, scene: Scene) -> str:
    t = scene.translate
    return {
        PrintState.NONE: "",
        PrintState.PRINTING: t("A slip with this amount is being printed."),
        PrintState.PRINTED: t("Please take the slip with this amount."),
        PrintState.NOT_PRINTED: t("The slip could not be printed. Please wait here for the staff."),
        PrintState.UNCERTAIN: t("If no slip came out, please wait here for the staff."),
    }[session.print_state]


def _cancelled(session: Session, scene: Scene) -> views.CancelledView:
    t = scene.translate
    taken = session.taken_minor > 0
    reversed_card = session.card is not None and session.card.stage is CardStage.REVERSED
    if reversed_card and not taken:
        return views.CancelledView(
            header=_header(session, scene),
            title=t("The payment is cancelled"),
            text=t("The charge of your card was taken back."),
            change=Amount("", ""),
            done=t("Done"),
        )
    return views.CancelledView(
        header=_header(session, scene),
        title=t("The payment is cancelled"),
        text=t("Please take your money from the tray.") if taken else t("Nothing was charged."),
        change=Amount(t("Given back") if taken else "", _writer(session, scene)(session.returned_minor) if taken else ""),
        done=t("Done"),
    )


def _owing(session: Session, scene: Scene) -> views.OwingView:
    t = scene.translate
    money = _writer(session, scene)
    amounts = (
        (t("We owe you"), session.owed_minor),
        (t("To be counted by the staff"), session.uncertain_minor + session.doubt_minor),
        (t("Card payment to be checked"), session.card_doubt_minor),
    )
    paid = session.settlement is not None
    return views.OwingView(
        header=_header(session, scene),
        title=_owing_title(session, scene),
        text=t("We are sorry. The amount is recorded and the staff is coming to help you."),
        owed=tuple(Amount(label, money(amount)) for label, amount in amounts if amount),
        receipt=_slip_text(session, scene),
        exit_pass=(session.settlement.order.exit_pass or "") if session.settlement is not None else "",
        exit_pass_text=t("Show this code at the exit.") if paid else "",
        done=t("Done"),
    )


def _owing_title(session: Session, scene: Scene) -> str:
    t = scene.translate
    if session.settlement is not None:
        return t("Your order is paid, but change is missing")
    if session.card_doubt_minor:
        return t("The staff will check your card payment")
    return t("We could not give back all your money")


_SCREENS: dict[State, Callable[[Session, Scene], View]] = {
    State.IDLE: _welcome,
    State.CHOOSING: _order,
    State.TAKING_CASH: _cash,
    State.TAKING_CARD: _card,
    State.CONFIRMING: _confirming,
    State.RETURNING: _returning,
    State.PAID: _paid,
    State.CANCELLED: _cancelled,
    State.OWING: _owing,
}


def _header(session: Session, scene: Scene, *, instead: str = "") -> Header:
    t = scene.translate
    notice, warning = instead, bool(instead)
    if not notice and session.notice is not None:
        notice, warning = _sentence(session.notice, session, scene), session.notice.code in WARNINGS
    if not notice and session.state is State.IDLE and not scene.scanner_ready:
        notice, warning = t("The code reader does not answer. Please type the order number."), True
    if not notice and scene.hurry:
        notice, warning = t("Do you need more time? Touch the screen."), True
    staff = t("Staff") if scene.has_staff_code and session.state is State.IDLE else ""
    return Header(shop=scene.shop_name, language=scene.language, notice=notice, warning=warning, staff=staff)


def _sentence(notice: Notice, session: Session, scene: Scene) -> str:
    t = scene.translate
    if notice.code is NoticeCode.REFUSED:
        assert notice.refusal is not None
        return t(REFUSALS.get(notice.refusal, OTHER_REFUSAL))
    return t(NOTICES[notice.code]).format(amount=_short(session, scene, notice.amount_minor))


def _writer(session: Session, scene: Scene) -> Callable[[int], str]:
    currency = session.order.currency if session.order is not None else scene.currency
    return lambda minor: format_minor(minor, currency)


def _short(session: Session, scene: Scene, minor: int) -> str:
    """Write a note's value the way people say it, without zeros behind the point."""
    return _writer(session, scene)(minor).removesuffix(".00")
