from __future__ import annotations

import base64
import random
from dataclasses import replace
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from store_server.contract.order_pass import (
    CLOCK_TOLERANCE_S,
    TEXT_LIMIT,
    OrderPass,
    PassKind,
    PassRefused,
    issue,
    verify,
)
from store_server.contract.refusals import Refusal

KEYS = {kind: Ed25519PrivateKey.from_private_bytes(bytes([kind.value]) * 32) for kind in PassKind}
KEY_IDS = {PassKind.CLAIM: bytes(range(8)), PassKind.EXIT: bytes(range(8, 16))}
PUBLIC = {(kind, KEY_IDS[kind]): key.public_key().public_bytes_raw() for kind, key in KEYS.items()}
NOW_S = 1_800_000_500
BOTH = list(PassKind)


def a_pass(kind: PassKind) -> OrderPass:
    return OrderPass(
        kind=kind,
        shop_id=1,
        key_id=KEY_IDS[kind],
        order_id=UUID("12345678-1234-5678-1234-567812345678"),
        order_serial=48213,
        revision=2,
        total_minor=12_345,
        currency="CNY",
        article_count=7,
        expected_g=4321,
        spread_g=12.3,
        not_before=NOW_S - 100,
        expiry=NOW_S + 7200,
    )


def text_of(order_pass: OrderPass, signer: PassKind | None = None) -> str:
    return issue(order_pass, KEYS[signer or order_pass.kind].sign, "shop.example")


def judged(text: str, kind: PassKind, now_s: float = NOW_S, shop_id: int = 1) -> OrderPass | PassRefused:
    return verify(text, kind=kind, shop_id=shop_id, keys=PUBLIC, now_s=now_s)


def raw_of(text: str) -> bytes:
    body = text.rsplit("/", 1)[1]
    return base64.b32decode(body + "=" * (-len(body) % 8))


def with_raw(text: str, raw: bytes) -> str:
    return f"{text.rsplit('/', 1)[0]}/{base64.b32encode(raw).decode().rstrip('=')}"


@pytest.mark.parametrize("kind", BOTH)
def test_a_pass_reads_back_as_it_was_issued(kind: PassKind) -> None:
    assert judged(text_of(a_pass(kind)), kind) == a_pass(kind)


@pytest.mark.parametrize("kind", BOTH)
def test_the_text_fits_the_alphanumeric_mode_of_a_qr_symbol(kind: PassKind) -> None:
    text = text_of(a_pass(kind))
    assert set(text) <= set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")
    assert text.startswith("HTTPS://SHOP.EXAMPLE/P/")
    assert len(text) < 250


@pytest.mark.parametrize("kind", BOTH)
def test_every_flipped_bit_is_refused(kind: PassKind) -> None:
    text = text_of(a_pass(kind))
    raw = raw_of(text)
    for bit in range(len(raw) * 8):
        changed = bytearray(raw)
        changed[bit // 8] ^= 1 << bit % 8
        found = judged(with_raw(text, bytes(changed)), kind)
        assert isinstance(found, PassRefused), f"bit {bit} may be flipped"
        assert found.refusal in {Refusal.FORGED, Refusal.OTHER_SHOP}


@pytest.mark.parametrize("kind", BOTH)
def test_every_truncation_and_every_lengthening_is_refused(kind: PassKind) -> None:
    text = text_of(a_pass(kind))
    for length in range(len(text)):
        assert judged(text[:length], kind) == PassRefused(Refusal.NOT_A_PASS)
    raw = raw_of(text)
    for length in range(len(raw)):
        assert judged(with_raw(text, raw[:length]), kind) == PassRefused(Refusal.NOT_A_PASS)
    for tail in ("A", "=", " ", "\n", "\x00"):
        assert judged(text + tail, kind) == PassRefused(Refusal.NOT_A_PASS), repr(tail)
        assert judged(tail + text, kind) == PassRefused(Refusal.NOT_A_PASS), repr(tail)


@pytest.mark.parametrize("kind", BOTH)
def test_exactly_one_text_stands_for_a_pass(kind: PassKind) -> None:
    text = text_of(a_pass(kind))
    prefix, body = text.rsplit("/", 1)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
    accepted = [
        place
        for place in range(len(body))
        for letter in alphabet
        if letter != body[place] and judged(f"{prefix}/{body[:place]}{letter}{body[place + 1 :]}", kind) == a_pass(kind)
    ]
    assert accepted == []
    assert judged(text.lower(), kind) == PassRefused(Refusal.NOT_A_PASS)


def test_neither_kind_stands_for_the_other() -> None:
    assert judged(text_of(a_pass(PassKind.CLAIM)), PassKind.EXIT) == PassRefused(Refusal.WRONG_KIND)
    assert judged(text_of(a_pass(PassKind.EXIT)), PassKind.CLAIM) == PassRefused(Refusal.WRONG_KIND)


@pytest.mark.parametrize("kind", BOTH)
def test_the_other_kinds_key_signs_nothing(kind: PassKind) -> None:
    other = PassKind.CLAIM if kind is PassKind.EXIT else PassKind.EXIT
    assert judged(text_of(a_pass(kind), signer=other), kind) == PassRefused(Refusal.FORGED)
    borrowed = replace(a_pass(kind), key_id=KEY_IDS[other])
    assert judged(text_of(borrowed, signer=other), kind) == PassRefused(Refusal.FORGED)


@pytest.mark.parametrize("kind", BOTH)
def test_a_pass_of_another_shop_is_told_as_such(kind: PassKind) -> None:
    assert judged(text_of(replace(a_pass(kind), shop_id=2)), kind) == PassRefused(Refusal.OTHER_SHOP)
    stranger = replace(a_pass(kind), shop_id=2, key_id=b"stranger")
    assert judged(text_of(stranger), kind) == PassRefused(Refusal.OTHER_SHOP)
    assert judged(text_of(replace(a_pass(kind), key_id=b"stranger")), kind) == PassRefused(Refusal.FORGED)


@pytest.mark.parametrize(
    ("after_expiry_s", "refusal"),
    [(CLOCK_TOLERANCE_S - 1, None), (CLOCK_TOLERANCE_S, Refusal.EXPIRED), (365 * 86_400, Refusal.EXPIRED)],
)
def test_a_pass_ends_at_its_expiry_with_the_clocks_tolerance(after_expiry_s: int, refusal: Refusal | None) -> None:
    found = judged(text_of(a_pass(PassKind.EXIT)), PassKind.EXIT, now_s=NOW_S + 7200 + after_expiry_s)
    assert (found.refusal if isinstance(found, PassRefused) else None) == refusal


@pytest.mark.parametrize(
    ("before_s", "refusal"),
    [(CLOCK_TOLERANCE_S, None), (CLOCK_TOLERANCE_S + 1, Refusal.NOT_YET_VALID), (365 * 86_400, Refusal.NOT_YET_VALID)],
)
def test_a_pass_begins_at_its_time_with_the_clocks_tolerance(before_s: int, refusal: Refusal | None) -> None:
    found = judged(text_of(a_pass(PassKind.EXIT)), PassKind.EXIT, now_s=NOW_S - 100 - before_s)
    assert (found.refusal if isinstance(found, PassRefused) else None) == refusal


def test_another_version_is_refused_even_when_signed() -> None:
    text = text_of(a_pass(PassKind.EXIT))
    signed = bytearray(raw_of(text)[:-64])
    signed[1] = 2
    forged = bytes(signed) + KEYS[PassKind.EXIT].sign(bytes(signed))
    assert judged(with_raw(text, forged), PassKind.EXIT) == PassRefused(Refusal.FORGED)


@pytest.mark.parametrize("host", ["", "shop example", "shop/x", "商店.example", "x" * 121])
def test_a_host_that_cannot_stand_in_a_pass_is_refused(host: str) -> None:
    with pytest.raises(ValueError, match="host name"):
        issue(a_pass(PassKind.EXIT), KEYS[PassKind.EXIT].sign, host)


@given(st.text(max_size=TEXT_LIMIT * 2))
def test_no_text_breaks_the_reader(text: str) -> None:
    assert isinstance(judged(text, PassKind.EXIT), PassRefused)


def test_random_bytes_of_the_right_length_are_refused() -> None:
    seed = 20_261_121
    print(f"seed {seed}")
    source = random.Random(seed)
    text = text_of(a_pass(PassKind.EXIT))
    for _ in range(500):
        found = judged(with_raw(text, source.randbytes(len(raw_of(text)))), PassKind.EXIT)
        assert isinstance(found, PassRefused)
        assert found.refusal in {Refusal.FORGED, Refusal.OTHER_SHOP}
