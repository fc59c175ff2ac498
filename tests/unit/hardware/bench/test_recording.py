from __future__ import annotations

import random

import pytest

from hardware.bench.recording import TITLE, Chunk, Exchange, RecordingError, exchanges, format_chunk, parse_recording
from hardware.bench.replay import HALF_QUESTION_S, ReplaySimulator

SCALE = (
    Chunk(0.0, from_device=False, data=b"\r\n"),
    Chunk(0.1, from_device=False, data=b"@\r\n"),
    Chunk(0.11, from_device=True, data=b'I4 A "B"'),
    Chunk(0.12, from_device=True, data=b"\r\n"),
    Chunk(0.3, from_device=False, data=b"SI\r\n"),
    Chunk(0.31, from_device=True, data=b"S S 1 g\r\n"),
    Chunk(0.5, from_device=False, data=b"SI\r\n"),
    Chunk(0.51, from_device=True, data=b"S S 2 g\r\n"),
)


def text_of(chunks: tuple[Chunk, ...]) -> str:
    return "\n".join([TITLE, "", *map(format_chunk, chunks), "# unplugged"])


def test_what_was_written_is_read() -> None:
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    at_us, chunks = 0, []
    for _ in range(500):
        at_us += chance.randrange(1000)
        chunks.append(Chunk(at_us / 1e6, chance.random() < 0.5, chance.randbytes(chance.randint(1, 40))))
    assert parse_recording(text_of(tuple(chunks))) == tuple(chunks)


def test_a_line_can_be_read_by_eye() -> None:
    assert format_chunk(SCALE[5]) == "0.310000 < 53 20 53 20 31 20 67 0D 0A   | S S 1 g.."


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "must begin with"),
        ("0.0 > 41", "must begin with"),
        (f"{TITLE}\n0.0 > 4", "line 2"),
        (f"{TITLE}\n0.0 = 41", "line 2"),
        (f"{TITLE}\n0.0 >", "line 2"),
        (f"{TITLE}\nnan > 41", "line 2"),
        (f"{TITLE}\n-1 > 41", "line 2"),
        (f"{TITLE}\n1.0 > 41\n0.5 < 42", "line 3: its time"),
    ],
)
def test_what_is_no_recording_is_told(text: str, told: str) -> None:
    with pytest.raises(RecordingError, match=told):
        parse_recording(text)


def test_a_recording_is_cut_where_the_product_begins_to_speak() -> None:
    unasked = Chunk(0.0, from_device=True, data=b"hello")
    found = exchanges((unasked, *SCALE))
    assert [exchange.question for exchange in found] == [b"", b"\r\n@\r\n", b"SI\r\n", b"SI\r\n"]
    assert found[1] == Exchange(
        b"\r\n@\r\n",
        ((pytest.approx(0.01), b'I4 A "B"'), (pytest.approx(0.02), b"\r\n")),  # type: ignore[arg-type] # near
    )


def told(device: ReplaySimulator, question: bytes, now_s: float) -> bytes:
    device.receive(question, now_s)
    return device.send(now_s + 0.05)


def test_answers_come_in_their_order_and_round_again() -> None:
    device = ReplaySimulator(exchanges(SCALE))
    assert device.send(0.0) == b""
    device.receive(b"\r\n", 0.0)
    assert told(device, b"@\r\n", 0.1) == b'I4 A "B"\r\n'
    answers = [told(device, b"SI\r\n", 1.0 + turn) for turn in range(3)]
    assert answers == [b"S S 1 g\r\n", b"S S 2 g\r\n", b"S S 1 g\r\n"]
    assert device.facts()["unknown_questions"] == 0


def test_what_was_never_asked_is_met_with_silence_and_counted() -> None:
    device = ReplaySimulator(exchanges(SCALE))
    assert told(device, b"Z\r\n", 0.0) == b""
    assert device.facts()["last_unknown"] == "5A 0D 0A"
    device.receive(b"S", 1.0)  # a question whose rest does not come
    assert device.send(1.1 + HALF_QUESTION_S) == b""
    assert device.facts()["unknown_questions"] == 2
    assert told(device, b"SI\r\n", 9.0) == b"S S 1 g\r\n"


def test_what_came_unasked_comes_again_by_time() -> None:
    device = ReplaySimulator(exchanges((Chunk(0.5, from_device=True, data=b"code\r"),)))
    assert device.send(10.0) == b""
    assert device.send(10.6) == b"code\r"
    assert device.send(99.0) == b""
    device.play_again(100.0)
    device.send(100.0)
    assert device.send(100.6) == b"code\r"
