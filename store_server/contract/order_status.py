"""Every state an order can be in, as all programs name them."""

from enum import StrEnum


class OrderStatus(StrEnum):
    """The order machine's states; the rules between them are in ``store_server.domain.order``."""

    OPEN = "open"
    """A basket that the shopper is still filling."""
    SUBMITTED = "submitted"
    """Priced by the server; something is due."""
    TENDERING = "tendering"
    """One kiosk holds it and takes money."""
    PAID = "paid"
    """Nothing is due; an exit pass was issued."""
    LEAVING = "leaving"
    """One lane holds it and checks the goods."""
    EXITED = "exited"
    """The goods have left the shop; final."""
    VOIDED = "voided"
    """Given up before payment; final."""
    EXPIRED = "expired"
    """Not paid in time; final."""
    REFUNDED = "refunded"
    """All captured money went back; final."""
