"""Tables of tenders, coupons, refunds and the kiosks' times of service."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table, Text, UniqueConstraint

from store_server.persistence.tables import AMOUNT_MAX_MINOR, Id, Whole, metadata

payments = Table(
    "payments",
    metadata,
    Column("payment_id", Id, primary_key=True),
    Column("order_id", Id, ForeignKey("orders.order_id"), nullable=False),
    Column("revision", Whole, nullable=False),
    Column("tender", Text, nullable=False),
    Column("covered_minor", Whole, nullable=False),
    Column("captured_minor", Whole, nullable=False),
    Column("refund_reserved_minor", Whole, nullable=False),
    Column("kiosk", Text, nullable=False),
    Column("session_id", Id, nullable=False),
    Column("member_id", Id, nullable=True),
    Column("reference", Text, nullable=False),
    Column("paid_at", Whole, nullable=False),
    CheckConstraint("tender IN ('cash', 'balance', 'coupon', 'card')", name="tender_known"),
    CheckConstraint(f"covered_minor BETWEEN 0 AND {AMOUNT_MAX_MINOR}", name="covered_minor_range"),
    CheckConstraint(f"captured_minor BETWEEN 0 AND {2 * AMOUNT_MAX_MINOR}", name="captured_minor_range"),
    CheckConstraint("refund_reserved_minor BETWEEN 0 AND captured_minor", name="refunds_at_most_the_capture"),
    CheckConstraint("(tender = 'balance') = (member_id IS NOT NULL)", name="balance_has_a_member"),
    Index("payments_by_order", "order_id"),
    sqlite_strict=True,
)
"""What was taken for an order, one row for each tender."""

refunds = Table(
    "refunds",
    metadata,
    Column("refund_id", Id, primary_key=True),
    Column("payment_id", Id, ForeignKey("payments.payment_id"), nullable=False),
    Column("order_id", Id, ForeignKey("orders.order_id"), nullable=False),
    Column("amount_minor", Whole, nullable=False),
    Column("destination", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("requested_by", Text, nullable=False),
    Column("decided_by", Text, nullable=True),
    Column("reason", Text, nullable=False),
    Column("requested_at", Whole, nullable=False),
    Column("decided_at", Whole, nullable=True),
    Column("paid_out_by", Text, nullable=True),
    Column("paid_out_at", Whole, nullable=True),
    CheckConstraint(f"amount_minor BETWEEN 1 AND {2 * AMOUNT_MAX_MINOR}", name="amount_minor_range"),
    CheckConstraint("destination IN ('balance', 'claim', 'card')", name="destination_known"),
    CheckConstraint("state IN ('waiting', 'done', 'declined', 'paid_out')", name="state_known"),
    CheckConstraint("state <> 'paid_out' OR destination = 'claim'", name="only_claims_are_paid_out"),
    Index("refunds_by_order", "order_id"),
    Index("refunds_by_payment", "payment_id"),
    sqlite_strict=True,
)

order_voids = Table(
    "order_voids",
    metadata,
    Column("order_id", Id, ForeignKey("orders.order_id"), primary_key=True),
    Column("staff", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("voided_at", Whole, nullable=False),
    sqlite_strict=True,
)

coupon_batches = Table(
    "coupon_batches",
    metadata,
    Column("batch_id", Id, primary_key=True),
    Column("promotion_id", Text, nullable=False),
    Column("uses_max", Whole, nullable=False),
    Column("valid_from", Whole, nullable=False),
    Column("valid_until", Whole, nullable=False),
    Column("issued_by", Text, nullable=False),
    Column("issued_at", Whole, nullable=False),
    CheckConstraint("uses_max BETWEEN 1 AND 1000000", name="uses_max_range"),
    CheckConstraint("valid_from < valid_until", name="valid_for_a_time"),
    sqlite_strict=True,
)

coupons = Table(
    "coupons",
    metadata,
    Column("coupon_id", Text, primary_key=True),
    Column("batch_id", Id, ForeignKey("coupon_batches.batch_id"), nullable=False),
    Column("code_hash", Text, nullable=False, unique=True),
    sqlite_strict=True,
)
"""Of a code only a hash is kept; whoever reads the books cannot use the coupons."""

coupon_uses = Table(
    "coupon_uses",
    metadata,
    Column("coupon_id", Text, ForeignKey("coupons.coupon_id"), primary_key=True),
    Column("use_number", Whole, primary_key=True, autoincrement=False),
    Column("order_id", Id, ForeignKey("orders.order_id"), nullable=False),
    Column("state", Text, nullable=False),
    Column("reserved_at", Whole, nullable=False),
    Column("expires_at", Whole, nullable=False),
    Column("committed_at", Whole, nullable=True),
    CheckConstraint("use_number BETWEEN 1 AND 1000000", name="use_number_range"),
    CheckConstraint("state IN ('reserved', 'committed', 'released')", name="state_known"),
    CheckConstraint("(state = 'committed') = (committed_at IS NOT NULL)", name="committed_has_a_time"),
    UniqueConstraint("coupon_id", "order_id", name="once_in_one_order"),
    Index("coupon_uses_by_order", "order_id", "state"),
    Index("coupon_uses_by_state", "state", "expires_at"),
    sqlite_strict=True,
)
"""A coupon has as many use numbers as it may be used; each is taken by one order. A committed use never changes again."""

kiosk_sessions = Table(
    "kiosk_sessions",
    metadata,
    Column("kiosk_session_id", Id, primary_key=True),
    Column("kiosk", Text, nullable=False),
    Column("opened_at", Whole, nullable=False),
    Column("closed_at", Whole, nullable=True),
    Column("opening", Text, nullable=False),
    Column("expected", Text, nullable=False),
    Column("differences", Text, nullable=False),
    sqlite_strict=True,
)
Index(
    "one_open_session_per_kiosk",
    kiosk_sessions.c.kiosk,
    unique=True,
    sqlite_where=kiosk_sessions.c.closed_at.is_(None),
    postgresql_where=kiosk_sessions.c.closed_at.is_(None),
)
