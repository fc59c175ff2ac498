"""Order claim (unpaid) and exit pass (paid): fixed-layout signed bytes inside a QR text.

A claim lets a kiosk find the order; an exit pass lets a lane open. They differ in the ``kind`` byte *inside* the signed part
and in their keys, so neither can stand for the other. A signature proves payment; only a durable record proves that the pass
was not used before.

The text is ``HTTPS://<shop host>/P/<base32>`` in capitals, so that a QR symbol carries it in alphanumeric mode
(ISO/IEC 18004, 7.4.4) and a phone opens a page. The bytes, big-endian, 65 signed and 64 of Ed25519 signature (RFC 8032)::

    kind 1 | version 1 | shop 4 | key id 8 | order id 16 | order serial 4 | revision 2 | total 8 | currency 3
    | articles 2 | expected g 4 | spread 0.1 g 4 | not before 4 | expiry 4 | signature 64

Exactly one text stands for one pass: the length is fixed, base32 (RFC 4648) has no padding and its unused bits are zero.
"""

from __future__ import annotations

import base64
import binascii
import re
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from store_server.contract.refusals import Refusal

VERSION = 1
TEXT_LIMIT = 512
CLOCK_TOLERANCE_S = 60
"""How far two clocks of one shop may differ."""

_LAYOUT = struct.Struct(">BBI8s16sIHQ3sHIIII")
_SIGNATURE_LENGTH = 64
_LENGTH = _LAYOUT.size + _SIGNATURE_LENGTH
_BASE32_LENGTH = -(-_LENGTH * 8 // 5)
_TEXT = re.compile(r"^HTTPS://[A-Z0-9.:-]{1,120}/P/([A-Z2-7]+)\Z")


class PassKind(Enum):
    """What a pass is for; the number is the first signed byte."""

    CLAIM = 0xC1
    EXIT = 0xE1


@dataclass(frozen=True, slots=True)
class OrderPass:
    """What a pass says. Held outside this module, it was verified."""

    kind: PassKind
    shop_id: int
    key_id: bytes
    """8 bytes naming the signing key."""
    order_id: UUID
    order_serial: int
    revision: int
    total_minor: int
    currency: str
    article_count: int
    expected_g: int
    """Expected gross weight of the whole order."""
    spread_g: float
    """Standard deviation of that weight, to 0.1 g."""
    not_before: int
    expiry: int

    def _signed_part(self) -> bytes:
        return _LAYOUT.pack(
            self.kind.value,
            VERSION,
            self.shop_id,
            self.key_id,
            self.order_id.bytes,
            self.order_serial,
            self.revision,
            self.total_minor,
            self.currency.encode("ascii"),
            self.article_count,
            self.expected_g,
            round(self.spread_g * 10),
            self.not_before,
            self.expiry,
        )


@dataclass(frozen=True, slots=True)
class PassRefused:
    """Why a text is no valid pass of the wanted kind."""

    refusal: Refusal


def issue(order_pass: OrderPass, sign: Callable[[bytes], bytes], host: str) -> str:
    """Sign a pass and write it as QR text.

    Args:
        order_pass: what to say.
        sign: Ed25519 signing with the key that ``order_pass.key_id`` names.
        host: the shop's host name; only letters, digits, ``.``, ``:`` and ``-``.
    """
    signed = order_pass._signed_part()  # noqa: SLF001 - the layout is this module's own
    text = f"HTTPS://{host.upper()}/P/{_base32(signed + sign(signed))}"
    if not _TEXT.match(text):
        raise ValueError(f"{host!r} cannot stand in a pass: use a host name of letters, digits, dots and dashes")
    return text


def verify(
    text: str, *, kind: PassKind, shop_id: int, keys: Mapping[tuple[PassKind, bytes], bytes], now_s: float
) -> OrderPass | PassRefused:
    """Decide what a scanned text is, in the order: form, signature, kind, shop, time.

    Args:
        text: as scanned; anything.
        kind: what the reader wants; a genuine pass of the other kind is refused as ``WRONG_KIND``.
        shop_id: the reader's shop.
        keys: (kind, key id) to raw Ed25519 public key of 32 bytes.
        now_s: seconds since 1970 UTC; :data:`CLOCK_TOLERANCE_S` is allowed at both ends.
    """
    raw = _bytes_of(text)
    if raw is None:
        return PassRefused(Refusal.NOT_A_PASS)
    signed, signature = raw[: _LAYOUT.size], raw[_LAYOUT.size :]
    order_pass = _read(signed)
    if order_pass is None:
        return PassRefused(Refusal.FORGED)
    public_key = keys.get((order_pass.kind, order_pass.key_id))
    if public_key is None or not _is_signed(signed, signature, public_key):
        return PassRefused(Refusal.OTHER_SHOP if order_pass.shop_id != shop_id else Refusal.FORGED)
    return _judge(order_pass, kind=kind, shop_id=shop_id, now_s=now_s)


def _judge(order_pass: OrderPass, *, kind: PassKind, shop_id: int, now_s: float) -> OrderPass | PassRefused:
    if order_pass.kind is not kind:
        return PassRefused(Refusal.WRONG_KIND)
    if order_pass.shop_id != shop_id:
        return PassRefused(Refusal.OTHER_SHOP)
    if now_s < order_pass.not_before - CLOCK_TOLERANCE_S:
        return PassRefused(Refusal.NOT_YET_VALID)
    if now_s >= order_pass.expiry + CLOCK_TOLERANCE_S:
        return PassRefused(Refusal.EXPIRED)
    return order_pass


def _read(signed: bytes) -> OrderPass | None:
    kind, version, shop, key_id, order, serial, revision, total, currency, count, grams, spread, begin, end = _LAYOUT.unpack(
        signed
    )
    kinds = {member.value: member for member in PassKind}
    if kind not in kinds or version != VERSION or not (currency.isalpha() and currency.isascii()):
        return None
    return OrderPass(
        kind=kinds[kind],
        shop_id=shop,
        key_id=key_id,
        order_id=UUID(bytes=order),
        order_serial=serial,
        revision=revision,
        total_minor=total,
        currency=currency.decode("ascii"),
        article_count=count,
        expected_g=grams,
        spread_g=spread / 10,
        not_before=begin,
        expiry=end,
    )


def _is_signed(signed: bytes, signature: bytes, public_key: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, signed)
    except (InvalidSignature, ValueError):
        return False
    return True


def _base32(raw: bytes) -> str:
    return base64.b32encode(raw).decode("ascii").rstrip("=")


def _bytes_of(text: str) -> bytes | None:
    found = _TEXT.match(text) if len(text) <= TEXT_LIMIT else None
    if found is None or len(found[1]) != _BASE32_LENGTH:
        return None
    try:
        raw = base64.b32decode(found[1] + "=" * (-len(found[1]) % 8))
    except binascii.Error:
        return None
    return raw if len(raw) == _LENGTH and _base32(raw) == found[1] else None
