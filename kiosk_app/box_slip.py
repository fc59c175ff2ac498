"""The slip that goes with the cash out of a box: what should be in the bag, what was counted, who, when, where."""

from __future__ import annotations

from hardware.printer.receipt import Cut, Feed, Receipt, ReceiptLine, Rule, TextLine
from kiosk_app.boxes import name_of
from kiosk_app.letterhead import Letterhead
from store_server.contract.box_messages import EmptyBox


def slip_of(emptied: EmptyBox, letterhead: Letterhead, *, copy: bool) -> Receipt:
    """Compose the slip; ``copy`` when it was printed before."""
    t, money = letterhead.translate, letterhead.money
    expected = sum(pile.value_minor * pile.count for pile in emptied.contents)
    lines: list[ReceiptLine] = [
        TextLine(letterhead.head, bold=True, centred=True),
        *([TextLine(t("COPY"), bold=True, centred=True)] if copy else []),
        TextLine(t("Cash taken out"), bold=True, double=True, centred=True),
        TextLine(name_of(emptied.device, t), bold=True, centred=True),
        TextLine(letterhead.stamp(emptied.emptied_at), centred=True),
        TextLine(t("Staff: {name}").format(name=emptied.staff), centred=True),
        Rule(),
        *(
            TextLine(f"{pile.count} x {money(pile.value_minor)}", money(pile.value_minor * pile.count))
            for pile in emptied.contents
        ),
        Rule(),
        TextLine(t("Should be in it"), money(expected), bold=True),
    ]
    counted = emptied.counted_minor
    if counted is None:
        lines.append(TextLine(t("Not counted at the kiosk")))
    else:
        lines.append(TextLine(t("Counted"), money(counted), bold=True))
        if counted != expected:
            label = t("Missing") if counted < expected else t("Too much")
            lines.append(TextLine(label, money(abs(counted - expected)), bold=True))
    lines += [
        Rule(),
        TextLine(t("Number {number}").format(number=str(emptied.emptying_id)[:8]), centred=True),
        Feed(2),
        TextLine(t("Signature") + " ____________________"),
    ]
    return (*lines, Feed(2), Cut())
