"""Sentences that are chosen by a code: refusals, hints, what is spoken. Message ids are the English texts."""

from __future__ import annotations

from kiosk_app.session import NoticeCode
from kiosk_app.session_commands import Phrase
from store_server.contract.refusals import Refusal


def marked(text: str) -> str:
    """Mark a message id that is translated later."""
    return text


REFUSALS: dict[Refusal, str] = {
    Refusal.UNKNOWN_ORDER: marked("We do not know this order. Please scan the code on your handheld again."),
    Refusal.NOT_PAYABLE: marked("This order cannot be paid any more. Please ask the staff."),
    Refusal.BUSY_ELSEWHERE: marked("This order is being paid at another kiosk."),
    Refusal.ALREADY_PAID: marked("This order is already paid. Please take your receipt to the exit lane."),
    Refusal.AMOUNT_MISMATCH: marked("The order has changed meanwhile. Please scan its code again."),
    Refusal.NOT_A_PASS: marked("This code is not an order of our shop. Please scan the code on your handheld."),
    Refusal.FORGED: marked("This code is not genuine. Please ask the staff."),
    Refusal.WRONG_KIND: marked("This is a receipt that is already paid. Please take it to the exit lane."),
    Refusal.OTHER_SHOP: marked("This code is from another shop. Please scan the code on your handheld."),
    Refusal.NOT_YET_VALID: marked("This code is not valid yet. Please ask the staff."),
    Refusal.EXPIRED: marked("This code is too old. Please submit the order on your handheld again."),
    Refusal.SUPERSEDED: marked("There is a newer code for this order. Please scan that one."),
    Refusal.RECALLED_ARTICLE: marked(
        "An article of this order was recalled. Please hand it to the staff, and hand the basket in again without it."
    ),
    Refusal.SERVER_BUSY: marked("The shop's computer is busy. Please try again in a moment."),
}
OTHER_REFUSAL = marked("That is not possible right now. Please ask the staff.")

NOTICES: dict[NoticeCode, str] = {
    NoticeCode.LOOKING: marked("One moment, we are fetching your order …"),
    NoticeCode.BAD_NUMBER: marked("That is not an order number. Please compare its 7 digits with the handheld."),
    NoticeCode.STORE_AWAY: marked("The shop's computer is not answering. Please try again in a moment."),
    NoticeCode.FINISH_FIRST: marked("Please finish or cancel this order first."),
    NoticeCode.NOTE_REFUSED: marked("We cannot give change for a {amount} note right now. Please take it back."),
    NoticeCode.NOTE_WENT_BACK: marked("The {amount} note came back. Please insert it again."),
    NoticeCode.PIECE_REJECTED: marked("That coin or note was not recognised. Please try it again or use another."),
    NoticeCode.TOO_MANY_PIECES: marked("That is the most coins and notes we can take. Please cancel and ask the staff."),
    NoticeCode.RESTARTED: marked("The kiosk was restarted. You get back all money that you inserted."),
    NoticeCode.CARD_REFUSED: marked("The card was not accepted. Nothing was charged. Try another card, or pay in cash."),
    NoticeCode.CARD_CANCELLED: marked("The card payment was cancelled. Nothing was charged."),
    NoticeCode.CARD_UNAVAILABLE: marked("The card terminal cannot be used right now. Nothing was charged."),
    NoticeCode.STRAY_MONEY: marked("Money was inserted that was not needed. It comes back."),
}
WARNINGS = frozenset(NoticeCode) - {NoticeCode.LOOKING}

TERMINAL_TEXTS = (
    marked("Please confirm the amount at the terminal"),
    marked("Please follow the terminal"),
    marked("Not accepted"),
    marked("One moment, please"),
    marked("This card is not accepted"),
    marked("This card is not known"),
    marked("This card has expired"),
    marked("Please insert or hold your card"),
    marked("Please take your card"),
    marked("The card could not be read"),
    marked("This card is not valid"),
    marked("This payment is not possible"),
    marked("The PIN was wrong"),
    marked("Approved"),
    marked("Declined"),
    marked("Please wait for the staff"),
)
"""What card terminals ask the shopper for, as their driver says it."""

PHRASES: dict[Phrase, str] = {
    Phrase.INSERT_CASH: marked("Please insert coins or notes."),
    Phrase.USE_TERMINAL: marked("Please use the card terminal."),
    Phrase.NOTE_REFUSED: marked("Please take your note back."),
    Phrase.ONE_MOMENT: marked("One moment, please."),
    Phrase.TAKE_CHANGE: marked("Please take your change."),
    Phrase.THANK_YOU: marked("Thank you. Please take your receipt and show it at the exit."),
    Phrase.CANCELLED: marked("The payment is cancelled."),
    Phrase.STAFF_COMES: marked("Please wait, the staff is coming to help you."),
    Phrase.NOT_UNDERSTOOD: marked("Please look at the screen."),
}
