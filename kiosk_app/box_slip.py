"""The slip that goes with the cash out of a box: what should be in the bag, what was counted, who, when, where."""

from __future__ import annotations

from collections.abc import Callable

from hardware.printer.receipt import Cut, Feed, Receipt, ReceiptLine, Rule, TextLine
from kiosk_app.boxes import name_of
from store_server.contract.box_messages import EmptyBox
from store_server.contract.money import format_minor
from store_server.contract.shop_time import wall_clock

Translate = Callable[[str], str]


def slip_of(
    emptied: EmptyBox, *, shop_name: str, kiosk: str, currency: str, translate: Translate, copy: bool, time_zone: str = ""
) -> Receipt:
    """Compose the slip; ``copy`` when it was printed before."""
    t = translate

    def money(minor: int) -> str:
        return format_minor(minor, currency)

    expected = sum(pile.value_minor * pile.count for pile in emptied.contents)
    when = wall_clock(emptied.emptied_at, time_zone).strftime("%Y-%m-%d %H:%M")
    lines: list[ReceiptLine] = [
        TextLine(shop_name or "Scanlane", bold=True, centred=True),
        *([TextLine(t("COPY"), bold=True, centred=True)] if copy else []),
        TextLine(t("Cash taken out"), bold=True, double=True, centred=True),
        TextLine(name_of(emptied.device, t), bold=True, centred=True),
        TextLine(f"{when}  {kiosk}", centred=True),
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
