"""What is printed at the end of a session: the receipt with its exit pass, the slip of what is owed, or both."""

from __future__ import annotations

from dataclasses import replace

from hardware.printer.receipt import Cut, Feed, Logo, QrCode, Receipt, ReceiptLine, Rule, TextLine
from kiosk_app.letterhead import Letterhead
from kiosk_app.presenter import grouped
from kiosk_app.session import Card, Session
from store_server.contract.cash_messages import Settlement
from store_server.contract.exit_number import ExitNumber
from store_server.contract.order_messages import Order, PricedLine
from store_server.contract.promotions import AppliedPromotion


def receipt_of(session: Session, letterhead: Letterhead, now_s: float) -> Receipt:
    """Compose the paper for this session as it stands.

    Args:
        session: paid, owing or both.
        letterhead: its currency is for amounts where there is no order.
        now_s: seconds since 1970, for a slip without settlement.
    """
    if session.order is not None:
        letterhead = replace(letterhead, currency=session.order.currency)
    writer = _Writer(session, letterhead)
    lines: list[ReceiptLine] = [Logo(), TextLine(letterhead.head, bold=True, double=True, centred=True)]
    settlement = session.settlement
    if settlement is not None:
        lines += writer.sale(settlement)
    else:
        lines += writer.slip_head(now_s)
    lines += writer.debts()
    if settlement is not None:
        lines += writer.exit_pass(settlement)
    return (*lines, Feed(2), Cut())


class _Writer:
    """Lines in one language and currency."""

    def __init__(self, session: Session, letterhead: Letterhead) -> None:
        self._session = session
        self._letterhead = letterhead
        self._language = letterhead.language
        self._t = letterhead.translate

    def sale(self, settlement: Settlement) -> list[ReceiptLine]:
        t, order, session = self._t, settlement.order, self._session
        lines: list[ReceiptLine] = []
        if session.prints > 1:
            lines.append(TextLine(t("COPY"), bold=True, centred=True))
        lines += [
            TextLine(t("Receipt {number}").format(number=settlement.receipt_number), centred=True),
            TextLine(self._letterhead.stamp(settlement.paid_at), centred=True),
            TextLine(t("Order {number}").format(number=grouped(order.order_number)), centred=True),
            Rule(),
            *(line for place, priced in enumerate(order.lines) for line in self._article(order, place, priced)),
            Rule(),
            *self._basket_discounts(order),
            self._row(t("Total"), order.total_minor, bold=True),
            *self._taxes(order),
        ]
        saved_minor = sum(line.discount_minor for line in order.lines)
        if saved_minor:
            lines.append(self._row(t("You saved"), saved_minor, bold=True))
        due = session.order.due_minor if session.order is not None else order.total_minor
        if due != order.total_minor:
            lines += [self._row(t("Paid before"), order.total_minor - due), self._row(t("Due"), due)]
        if session.due_minor != due and session.card is None:
            lines.append(self._row(t("Rounding"), session.due_minor - due))
        if session.card is not None:
            return [*lines, *self._card(session.card)]
        lines.append(self._row(t("Cash"), session.taken_minor))
        lines.append(self._row(t("Change"), session.returned_minor))
        return lines

    def _card(self, card: Card) -> list[ReceiptLine]:
        """Print what the card was charged, and what its terminal wants to have printed."""
        t = self._t
        label = t("Card")
        lines: list[ReceiptLine] = [self._row(f"{label} {card.brand}".rstrip(), card.moved_minor)]
        if card.receipt:
            lines += [Rule(), *(TextLine(line, centred=True) for line in card.receipt)]
        return lines

    def slip_head(self, now_s: float) -> list[ReceiptLine]:
        t, session = self._t, self._session
        lines: list[ReceiptLine] = [TextLine(self._letterhead.stamp(now_s), centred=True)]
        if session.order is not None:
            lines.append(TextLine(t("Order {number}").format(number=grouped(session.order.order_number)), centred=True))
        lines += [
            TextLine(t("Payment cancelled, nothing was bought"), centred=True),
            Rule(),
            self._row(t("Cash"), session.taken_minor),
            self._row(t("Given back"), session.returned_minor),
        ]
        return lines

    def debts(self) -> list[ReceiptLine]:
        t, session = self._t, self._session
        if not session.needs_staff:
            return []
        lines: list[ReceiptLine] = [Rule()]
        if session.owed_minor:
            lines.append(TextLine(t("We owe you"), self._money(session.owed_minor), bold=True, double=True))
        uncertain = session.uncertain_minor + session.doubt_minor
        if uncertain:
            lines.append(self._row(t("To be counted by the staff"), uncertain))
        if session.card_doubt_minor:
            lines.append(self._row(t("Card payment to be checked"), session.card_doubt_minor))
            lines.append(TextLine(t("Please do not pay again before the staff has looked."), centred=True))
        lines += [
            TextLine(t("Please show this slip to the staff."), centred=True),
            TextLine(t("Session {number}").format(number=str(session.session_id)[:8]), centred=True),
        ]
        return lines

    def exit_pass(self, settlement: Settlement) -> list[ReceiptLine]:
        text = settlement.order.exit_pass
        if not text:
            return []
        shown = TextLine(self._t("Show this code at the exit"), bold=True, centred=True)
        number = TextLine(str(ExitNumber.of_order(settlement.order.order_number, text)), centred=True)
        return [Rule(), shown, QrCode(text), number]

    def _article(self, order: Order, place: int, line: PricedLine) -> list[ReceiptLine]:
        """Print an article at its shelf price, then what came off for it alone, so that a reader can add up."""
        english = line.name["en"]
        name = line.name.get(self._language) or english
        unit = self._money(line.unit_price_minor)
        detail = ""
        if line.weight_g is not None:
            detail = f"  {line.weight_g / 1000:.3f} kg x {unit}/kg"
        elif line.quantity > 1:
            detail = f"  {line.quantity} x {unit}"
        lines: list[ReceiptLine] = [
            TextLine(name, self._money(line.total_minor + line.discount_minor), fallback=english),
            *([TextLine(detail)] if detail else []),
        ]
        if line.rescanned:
            lines.append(TextLine("  " + self._t("Added by the staff at the exit")))
        return lines + [self._off(one) for one in order.discounts if _lines_of(one) == {place}]

    def _basket_discounts(self, order: Order) -> list[ReceiptLine]:
        """Print what came off several articles together."""
        lines = [self._off(one) for one in order.discounts if len(_lines_of(one)) > 1]
        untold = sum(line.discount_minor for line in order.lines) - sum(one.amount_minor for one in order.discounts)
        return [*lines, self._row(self._t("Discount"), -untold)] if untold else [*lines]

    def _off(self, discount: AppliedPromotion) -> TextLine:
        english = discount.texts.get("en") or discount.promotion_id
        text = discount.texts.get(self._language) or english
        return TextLine(f"  {text}", self._money(-discount.amount_minor), fallback=f"  {english}")

    def _taxes(self, order: Order) -> list[ReceiptLine]:
        text = self._t("Included tax {rate} %")
        return [self._row("  " + text.format(rate=share.rate), share.tax_minor) for share in order.taxes]

    def _row(self, text: str, minor: int, *, bold: bool = False) -> TextLine:
        return TextLine(text, self._money(minor), bold=bold)

    def _money(self, minor: int) -> str:
        return self._letterhead.money(minor)


def _lines_of(discount: AppliedPromotion) -> set[int]:
    return {take.line for take in discount.takes if take.amount_minor}
