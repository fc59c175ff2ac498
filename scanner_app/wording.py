"""The sentences of the handheld: every text is an English gettext id, marked by ``_`` so that a test finds each translation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from scanner_app.basket import PIECES_MAX
from scanner_app.notices import Notice, NoticeKind
from scanner_app.trip_events import Speech
from store_server.contract.wire import LINES_MAX

Translate = Callable[[str], str]
"""English id in, text in the shopper's language out."""


class Speaks(Protocol):
    """Whatever has a voice."""

    def say(self, text: str, language: str) -> None:
        """Say it aloud without waiting for the end."""


def _(text: str) -> str:
    """Mark a text for translation; it is translated where the shopper's language is known."""
    return text


_NOTICES = {
    NoticeKind.NOT_A_PRODUCT: _("“{detail}” is not a product code. Show the bar code of the article, or type its digits."),
    NoticeKind.UNKNOWN_ARTICLE: _("We do not know the article {detail}. Please ask the staff; nothing was added."),
    NoticeKind.RECALLED: _("This article was recalled: please hand it to the staff. Nothing was added."),
    NoticeKind.NOT_FOR_SALE: _("This article is not for sale: please hand it to the staff. Nothing was added."),
    NoticeKind.EXPIRED: _("This piece is past its date: please hand it to the staff. Nothing was added."),
    NoticeKind.NEEDS_LABEL: _("This article is sold by weight. Weigh it, then scan the label from the scale."),
    NoticeKind.PIECES_LIMIT: _("More than {pieces} of one article? Please ask the staff."),
    NoticeKind.LINES_LIMIT: _("The basket is full: it holds {lines} lines. Please hand it in first."),
    NoticeKind.PRICES_CHANGED: _("Prices have changed. Please look at the total again."),
    NoticeKind.ORDER_DROPPED: _("The order ended without payment. Your basket is still here; please hand it in again."),
    NoticeKind.REFUSED: "",
}

_SPEECH = {
    Speech.PAY_AT_KIOSK: _("Please pay at a kiosk. Show it this code."),
    Speech.PAY_DIFFERENCE: _("The staff added an article. Please pay the difference at a kiosk."),
    Speech.PAID: _("Thank you. Please take your receipt to the exit."),
    Speech.THANK_YOU: _("Thank you for shopping with us. Good-bye!"),
}


def notice_sentence(notice: Notice, translate: Translate) -> str:
    """Return a notice in words."""
    if notice.refusal is not None:
        return translate(notice.refusal.sentence)
    return translate(_NOTICES[notice.kind]).format(detail=notice.detail, pieces=PIECES_MAX, lines=LINES_MAX)


def spoken(speech: Speech, translate: Translate) -> str:
    """Return what to say aloud."""
    return translate(_SPEECH[speech])
