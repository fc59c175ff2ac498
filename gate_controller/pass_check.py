"""What a scanned or typed text is, as far as this controller can tell by itself; pure.

In this order: form, signature, kind, shop, time (``order_pass.verify``), withdrawn, used before. What is left the server judges
and, only while it cannot be reached, the caps (:mod:`gate_controller.offline`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from gate_controller.pass_use import PassUse
from gate_controller.presenter import refusal_texts
from gate_controller.texts import Texts
from store_server.contract.exit_number import LENGTH, ExitNumber, ExitNumberError
from store_server.contract.order_pass import TEXT_LIMIT, OrderPass, PassKind, PassRefused, verify
from store_server.contract.refusals import Refusal

TYPED_MAX = 40
"""Digits, dashes and blanks up to here are something that somebody typed."""
_ORDER_NUMBER_LENGTH = 7


@dataclass(frozen=True, slots=True)
class Known:
    """What this controller knows of its shop; nothing until the server was heard for the first time."""

    shop_id: int | None
    keys: Mapping[tuple[PassKind, bytes], bytes]
    voided: Mapping[UUID, int]
    """Order to the highest revision whose pass was withdrawn."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The text lets nobody out."""

    refusal: Refusal
    texts: Texts


@dataclass(frozen=True, slots=True)
class Unverified:
    """A text that only the server can judge, because its keys are not known here yet."""


def checked(
    text: str, known: Known, *, used: Callable[[UUID], PassUse | None], used_texts: Callable[[PassUse], Texts], now_s: float
) -> OrderPass | ExitNumber | Unverified | Refused:
    """Judge a text.

    Args:
        text: as scanned or typed; anything.
        known: keys and withdrawn passes.
        used: finds an earlier use in the record.
        used_texts: says when and where that was.
        now_s: seconds since 1970 UTC.
    """
    if _is_typed(text):
        return _number(text)
    if len(text) > TEXT_LIMIT:
        return refused(Refusal.NOT_A_PASS)
    if known.shop_id is None:
        return Unverified()
    found = verify(text, kind=PassKind.EXIT, shop_id=known.shop_id, keys=known.keys, now_s=now_s)
    if isinstance(found, PassRefused):
        return refused(found.refusal)
    if found.revision <= known.voided.get(found.order_id, 0):
        return refused(Refusal.REVOKED)
    earlier = used(found.order_id)
    return found if earlier is None else Refused(Refusal.ALREADY_USED, used_texts(earlier))


def refused(refusal: Refusal, sentence: str = "") -> Refused:
    """Refuse with the words that belong to the code."""
    return Refused(refusal, refusal_texts(refusal, sentence))


def _is_typed(text: str) -> bool:
    digits = text.replace("-", "").replace(" ", "")
    return len(text) <= TYPED_MAX and digits.isascii() and digits.isdigit()


def _number(text: str) -> ExitNumber | Refused:
    digits = text.replace("-", "").replace(" ", "")
    if len(digits) == _ORDER_NUMBER_LENGTH:
        return Refused(Refusal.NOT_A_PASS, WHOLE_NUMBER)
    try:
        return ExitNumber.parse(digits)
    except ExitNumberError:
        return Refused(Refusal.NOT_A_PASS, TYPING_SLIP if len(digits) == LENGTH else WHOLE_NUMBER)


WHOLE_NUMBER: Texts = {
    "en": f"Please type the exit number under the code on your receipt; it has {LENGTH} digits.",
    "zh": f"请输入小票二维码下方的出门号，共{LENGTH}位数字。",
}
TYPING_SLIP: Texts = {
    "en": "That number has a typing slip. Please compare it with the receipt and type it again.",
    "zh": "号码输入有误。请对照小票重新输入。",
}
CODE_WANTED: Texts = {
    "en": "We cannot look up numbers right now. Please show the code on your receipt, or ask the staff.",
    "zh": "暂时无法查询号码。请出示小票上的二维码，或询问工作人员。",
}
