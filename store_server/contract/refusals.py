"""Every "no" that a program can hear, with the sentence a person reads.

A refusal is an ordinary answer: a code for machines and a sentence that says what to do. "Could not find out" is not a refusal
but an exception (:class:`store_server.contract.client.StoreUnreachableError`).
"""

from enum import StrEnum


class Refusal(StrEnum):
    """Why the answer is no."""

    UNKNOWN_ORDER = "unknown_order"
    UNKNOWN_ARTICLE = "unknown_article"
    RECALLED_ARTICLE = "recalled_article"
    NOT_FOR_SALE = "not_for_sale"
    EMPTY_ORDER = "empty_order"
    STALE_PRICE_BOOK = "stale_price_book"
    NOT_PAYABLE = "not_payable"
    BUSY_ELSEWHERE = "busy_elsewhere"
    ALREADY_PAID = "already_paid"
    AMOUNT_MISMATCH = "amount_mismatch"
    KEY_REUSED = "key_reused"
    NOT_A_PASS = "not_a_pass"  # noqa: S105 - a code, no password
    FORGED = "forged"
    WRONG_KIND = "wrong_kind"
    OTHER_SHOP = "other_shop"
    NOT_YET_VALID = "not_yet_valid"
    EXPIRED = "expired"
    UNPAID = "unpaid"
    ALREADY_USED = "already_used"
    SUPERSEDED = "superseded"
    OFFLINE_CAP = "offline_cap"
    REVOKED = "revoked"
    LANES_TAKEN = "lanes_taken"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    WRONG_STATE = "wrong_state"
    BAD_REQUEST = "bad_request"
    SERVER_BUSY = "server_busy"
    TOO_MANY = "too_many"
    BALANCE_TOO_LOW = "balance_too_low"
    COUPON_REFUSED = "coupon_refused"
    COUPON_UNUSED = "coupon_unused"
    NOT_A_MEMBER = "not_a_member"
    LOGIN_TAKEN = "login_taken"
    REFUND_TOO_MUCH = "refund_too_much"
    SECOND_PERSON = "second_person"
    NOT_REPLACEABLE = "not_replaceable"

    @property
    def sentence(self) -> str:
        """What a person reads when no better words are at hand."""
        return _SENTENCES[self]


_SENTENCES = {
    Refusal.UNKNOWN_ORDER: "We do not know this order. Please scan the code on the handheld again.",
    Refusal.UNKNOWN_ARTICLE: "This article is not in our range. Please ask the staff.",
    Refusal.RECALLED_ARTICLE: "An article in this basket was recalled. Please take it out and hand it to the staff.",
    Refusal.NOT_FOR_SALE: "An article in this basket is not for sale. Please take it out and hand it to the staff.",
    Refusal.EMPTY_ORDER: "There is nothing in this order.",
    Refusal.STALE_PRICE_BOOK: "Prices have changed. The handheld is fetching the new ones; please submit again.",
    Refusal.NOT_PAYABLE: "This order cannot be paid any more. Please ask the staff.",
    Refusal.BUSY_ELSEWHERE: "This order is being paid at another kiosk.",
    Refusal.ALREADY_PAID: "This order is already paid. Please take your receipt to the exit lane.",
    Refusal.AMOUNT_MISMATCH: "The amount paid does not fit the order. Please ask the staff.",
    Refusal.KEY_REUSED: "The same request came with other contents; nothing was changed. Please ask the staff.",
    Refusal.NOT_A_PASS: "This code is not from our shop's receipts. Please show the code on your receipt.",
    Refusal.FORGED: "This code is not genuine. Please ask the staff.",
    Refusal.WRONG_KIND: "This order is not paid yet. Please pay at a kiosk first.",
    Refusal.OTHER_SHOP: "This order was paid in another shop. Please ask the staff.",
    Refusal.NOT_YET_VALID: "This receipt is not valid yet. Please ask the staff.",
    Refusal.EXPIRED: "This receipt is too old to leave with. Please ask the staff.",
    Refusal.UNPAID: "This order is not paid yet. Please pay at a kiosk first.",
    Refusal.ALREADY_USED: "This receipt was already used to leave.",
    Refusal.SUPERSEDED: "There is a newer receipt for this order. Please show that one.",
    Refusal.OFFLINE_CAP: "We cannot check this receipt right now. The staff will help you at once.",
    Refusal.REVOKED: "This receipt was withdrawn: the order was paid back or cancelled. Please ask the staff.",
    Refusal.LANES_TAKEN: "Another gate controller runs the lanes of this shop.",
    Refusal.UNAUTHENTICATED: "This device is not enrolled. Run 'store-server enrol' and put the token into its settings.",
    Refusal.FORBIDDEN: "This device's role does not allow that.",
    Refusal.WRONG_STATE: "That is not possible in the order's present state.",
    Refusal.BAD_REQUEST: "The request is not understood.",
    Refusal.TOO_MANY: "Too many wrong tries. Please wait a moment, or ask the staff.",
    Refusal.SERVER_BUSY: "The store server is busy. Please try again in a moment.",
    Refusal.BALANCE_TOO_LOW: "There is not enough money on this balance. Please pay the rest another way.",
    Refusal.COUPON_REFUSED: "This coupon cannot be used here. Please check the code, or ask the staff.",
    Refusal.COUPON_UNUSED: "This coupon takes nothing off this order; it stays valid.",
    Refusal.NOT_A_MEMBER: "You are not logged in any more. Please log in again.",
    Refusal.LOGIN_TAKEN: "There is a member with this login already. Please log in, or choose another one.",
    Refusal.REFUND_TOO_MUCH: "That is more than was paid and not yet given back.",
    Refusal.SECOND_PERSON: "A second member of staff must decide this.",
    Refusal.NOT_REPLACEABLE: "An earlier basket of this trip is being paid or is paid already. Please ask the staff.",
}
