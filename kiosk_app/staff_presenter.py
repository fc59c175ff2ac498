"""What the staff's screen shows; pure."""

from __future__ import annotations

from collections.abc import Callable

from kiosk_app import views
from kiosk_app.session import Hopper, Session
from kiosk_app.staff_desk import StaffDesk, Told
from kiosk_app.views import Amount, Header
from store_server.contract.money import format_minor

Translate = Callable[[str], str]
_DOT = "●"


def staff_view(
    session: Session,
    desk: StaffDesk,
    header: Header,
    translate: Translate,
    *,
    currency: str,
    printer_ready: bool,
    terminal: bool | None,
) -> views.StaffView:
    """Return the keypad for the code, or the devices and what can be done about them.

    Args:
        session: knows what hoppers and recycler hold.
        desk: how far staff is.
        header: the same as on every screen.
        translate: of all texts.
        currency: of the amounts.
        printer_ready: whether the printer can print.
        terminal: whether the card terminal answers; None where there is none.
    """
    t = translate
    recycled = [hopper for hopper in session.hoppers if hopper.holds_notes]
    can_empty = any(hopper.usable_count for hopper in recycled) and desk.told is not Told.EMPTYING
    return views.StaffView(
        header=header,
        title=t("Staff"),
        is_open=desk.is_open,
        prompt=t("Please type the staff code"),
        number=_DOT * len(desk.typed),
        ok=t("OK"),
        rows=_rows(session, translate, currency, printer_ready=printer_ready, terminal=terminal) if desk.is_open else (),
        told=_told(desk, translate, currency),
        recover=t("The printer is cleared: go on"),
        empty=t("Empty the note store into the cash box") if recycled else "",
        empty_enabled=can_empty,
        voice=Amount(t("Voice"), f"{desk.volume_percent} %" if desk.volume_percent else t("silent")),
        quieter=t("Quieter"),
        louder=t("Louder"),
        leave=t("Back"),
    )


def _rows(session: Session, t: Translate, currency: str, *, printer_ready: bool, terminal: bool | None) -> tuple[Amount, ...]:
    works = {True: t("works"), False: t("does not work")}
    rows = [Amount(t("Receipt printer"), works[printer_ready])]
    if terminal is not None:
        rows.append(Amount(t("Card terminal"), works[terminal]))
    coins = [hopper for hopper in session.hoppers if not hopper.holds_notes]
    rows.append(Amount(t("Coins for change"), _stock(coins, currency)))
    if notes := [hopper for hopper in session.hoppers if hopper.holds_notes]:
        rows.append(Amount(t("Notes for change"), _stock(notes, currency)))
    return tuple(rows)


def _stock(hoppers: list[Hopper], currency: str) -> str:
    held = sorted((hopper for hopper in hoppers if hopper.coin_minor), key=lambda hopper: -hopper.coin_minor)
    return "   ".join(f"{hopper.count} x {format_minor(hopper.coin_minor, currency).removesuffix('.00')}" for hopper in held)


def _told(desk: StaffDesk, t: Translate, currency: str) -> str:
    return {
        Told.NOTHING: "",
        Told.WRONG_CODE: t("This is not the staff code."),
        Told.LOCKED: t("Too many wrong codes. Please wait a minute."),
        Told.PRINTER_ASKED: t("The printer was told to go on. A print that was interrupted is marked as not valid."),
        Told.EMPTYING: t("Notes are moving into the cash box. Please wait."),
        Told.EMPTIED: t("{amount} in notes moved into the cash box.").format(amount=format_minor(desk.moved_minor, currency)),
        Told.NOT_EMPTIED: t("No note was moved. Is the note store empty, busy or away?"),
    }[desk.told]
