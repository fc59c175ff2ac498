"""An exit pass: deciding about a scanned text against the bare Ed25519 verification inside it."""

from __future__ import annotations

from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from store_server.contract.order_pass import OrderPass, PassKind, issue, verify
from tests.bench.rows import Row, ratio, seconds_per_call

NOW = 1_800_000_000


def measure() -> list[Row]:
    key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    raw = key.public_key().public_bytes_raw()
    key_id = b"bench-01"
    exit_pass = OrderPass(
        kind=PassKind.EXIT,
        shop_id=1,
        key_id=key_id,
        order_id=UUID(int=1),
        order_serial=48213,
        revision=1,
        total_minor=12_345,
        currency="CNY",
        article_count=15,
        expected_g=8_765,
        spread_g=21.5,
        not_before=NOW - 60,
        expiry=NOW + 7200,
    )
    text = issue(exit_pass, key.sign, "market.example")
    message = b"x" * 65
    signature = key.sign(message)
    public = key.public_key()
    decided = seconds_per_call(
        lambda: verify(text, kind=PassKind.EXIT, shop_id=1, keys={(PassKind.EXIT, key_id): raw}, now_s=NOW), 500
    )
    bare = seconds_per_call(lambda: public.verify(signature, message), 500)
    return [
        ratio("exit pass", "scanned text to verdict", decided, bare, "one bare Ed25519 verification"),
        Row("exit pass", "its QR text", len(text), "characters"),
    ]
