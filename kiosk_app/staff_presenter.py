"""What the staff's screen shows; pure."""

from __future__ import annotations

from collections.abc import Callable

from kiosk_app import views
from kiosk_app.boxes import name_of
from kiosk_app.session import Hopper, Session
from kiosk_app.staff_desk import StaffDesk, Told
from kiosk_app.views import Amount, Header
from store_server.contract.money import format_minor

Translate = Callable[[str], str]
_DOT = "●"
PILES_SHOWN = 9
"""More values than a box of one currency holds; the sum is of all of them in any case."""


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
    box = desk.is_open and bool(desk.place)
    return views.StaffView(
        header=header,
        title=name_of(desk.place, t) if box else t("Staff"),
        is_open=desk.is_open,
        prompt=t("Take everything out, count it and type the sum") if box else t("Please type the staff code"),
        number=_counted(desk, currency) if box else _DOT * len(desk.typed),
        ok="" if box else t("OK"),
        rows=_rows(session, translate, currency, printer_ready=printer_ready, terminal=terminal) if desk.is_open else (),
        told=_told(desk, translate, currency),
        recover=t("The printer is cleared: go on"),
        empty=t("Empty the note store into the cash box") if recycled else "",
        empty_enabled=can_empty,
        voice=Amount(t("Voice"), f"{desk.volume_percent} %" if desk.volume_percent else t("silent")),
        quieter=t("Quieter"),
        louder=t("Louder"),
        leave=t("Back"),
        take_out=t("Take cash out of:") if desk.boxes else "",
        boxes=tuple(f"{name_of(box.place, t)}\n{format_minor(box.worth_minor, currency)}" for box in desk.boxes),
        box=_box(desk, translate, currency) if box else None,
        slip_again=t("Print the last slip again") if desk.boxes else "",
    )


def _counted(desk: StaffDesk, currency: str) -> str:
    return "" if desk.counted_minor is None else format_minor(desk.counted_minor, currency)


def _box(desk: StaffDesk, t: Translate, currency: str) -> views.BoxView:
    box, counted = desk.box, desk.counted_minor

    def money(minor: int) -> str:
        return format_minor(minor, currency)

    hint = t("Leave it empty when it is counted elsewhere.")
    if counted is not None:
        hint = _difference(counted - box.worth_minor, t, currency)
    return views.BoxView(
        piles=tuple(Amount(f"{count} x {money(value)}", money(value * count)) for value, count in box.piles[:PILES_SHOWN]),
        expected=Amount(t("Should be in it"), money(box.worth_minor)),
        hint=hint,
        done=t("The box is empty: print the slip"),
    )


def _difference(difference_minor: int, t: Translate, currency: str) -> str:
    if not difference_minor:
        return t("That is what should be in it.")
    text = t("{amount} too much") if difference_minor > 0 else t("{amount} missing")
    return text.format(amount=format_minor(abs(difference_minor), currency))


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
    taken_out = t("{amount} taken out. The slip is printed.").format(amount=format_minor(desk.moved_minor, currency))
    if desk.difference_minor:
        taken_out += "\n" + _difference(desk.difference_minor, t, currency)
    return {
        Told.NOTHING: "",
        Told.BOX_EMPTIED: taken_out,
        Told.BOX_CHANGED: t("Something else is in the box now. Please look again."),
        Told.SLIP_AGAIN: t("The slip is printed again."),
        Told.SLIP_NOT_PRINTED: t("The slip was not printed. Look after the printer, then print it again."),
        Told.WRONG_CODE: t("This is not the staff code."),
        Told.LOCKED: t("Too many wrong codes. Please wait a minute."),
        Told.PRINTER_ASKED: t("The printer was told to go on. A print that was interrupted is marked as not valid."),
        Told.EMPTYING: t("Notes are moving into the cash box. Please wait."),
        Told.EMPTIED: t("{amount} in notes moved into the cash box.").format(amount=format_minor(desk.moved_minor, currency)),
        Told.NOT_EMPTIED: t("No note was moved. Is the note store empty, busy or away?"),
    }[desk.told]
