"""AT commands, the GSM alphabet and PDUs as bytes, the reference's vector both ways."""

from __future__ import annotations

import pytest

from hardware.errors import ProtocolError
from hardware.sms import protocol
from hardware.sms import protocol_gsm7 as gsm7
from hardware.sms.protocol import Final, Info, Prompt, Reader, Said, Unasked
from hardware.sms.protocol_pdu import PARTS_MAX, Delivery, Number, StatusReport, delivery, parse_report, split, submit
from hardware.sms.simulator_network import Network

VECTOR = bytes.fromhex("0011000B916407281553F80000AA0AE8329BFD4697D9EC37")
REPORT = bytes.fromhex("00062A0B916407281553F8 62112210151500 62112210152500 00")


def said(*chunks: bytes) -> list[Said]:
    reader = Reader()
    return [each for chunk in chunks for each in reader.feed(chunk)]


def taken(text: str) -> list[str]:
    """What phones show when the network took the text's messages."""
    network = Network()
    for part in split(text, 7):
        network.take_pdu(submit(Number.parse("+4915112345678"), part))
    return [str(shown["text"]) for shown in network.texts() if isinstance(shown, dict)]


def test_the_references_message_passes_both_ways() -> None:
    (part,) = split("hellohello")
    assert submit(Number.parse("+46708251358"), part, wants_report=False) == VECTOR
    assert len(VECTOR) - 1 == 23
    arrived = Network().take_pdu(VECTOR)
    assert (arrived.number, arrived.text) == ("+46708251358", "hellohello")


def test_a_report_is_asked_for_by_one_bit() -> None:
    (part,) = split("hellohello")
    wanted = submit(Number.parse("+46708251358"), part)
    assert (wanted[1], wanted[2:]) == (0x31, VECTOR[2:])


def test_packing_both_ways() -> None:
    assert gsm7.pack(b"hellohello").hex() == "e8329bfd4697d9ec37"
    assert gsm7.unpack(bytes.fromhex("E8329BFD4697D9EC37"), 10) == b"hellohello"
    assert gsm7.unpack(b"\xff", 5) == b"\x7f"
    assert gsm7.unpack(b"", 5, 1) == b""
    for count in range(1, 20):
        codes = bytes((place * 37 + 5) % 128 for place in range(count))
        for skip in range(7):
            assert gsm7.unpack(gsm7.pack(codes, skip), count, skip) == codes


def test_every_letter_of_the_alphabet_comes_back() -> None:
    letters = "".join(gsm7.decode(bytes([code])) for code in range(128) if code != gsm7.ESCAPE) + "^{}\\[~]|€\f"
    assert len(letters) == 127 + 10
    codes = gsm7.encode(letters)
    assert codes is not None
    assert gsm7.decode(b"".join(map(bytes, codes))) == letters
    assert taken(letters) == [letters]


def test_an_unknown_extension_is_read_as_the_base() -> None:
    assert gsm7.decode(b"\x1bA") == "A"
    assert gsm7.encode("价") is None


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", 1),
        ("x" * 160, 1),
        ("x" * 161, 2),
        ("x" * 306, 2),
        ("x" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("价" * 70, 1),
        ("价" * 71, 2),
        ("价" * 134, 2),
        ("价" * 135, 3),
        ("🍎" * 35, 1),
        ("🍎" * 36, 2),
        ("x" * 152 + "€" + "y" * 20, 2),
        ("价" * 66 + "🍎" + "格" * 10, 2),
    ],
)
def test_long_texts_are_cut_and_joined_again(text: str, parts: int) -> None:
    assert len(split(text)) == parts
    assert taken(text) == [text]


def test_the_header_of_a_long_text() -> None:
    first, second = split("x" * 161, 0x1C7)
    assert (first.data[:6].hex(), second.data[:6].hex()) == ("050003c70201", "050003c70202")
    assert (first.length, len(first.data)) == (160, 140)
    assert submit(Number("123"), first)[1] == 0x71
    chinese = split("价" * 71, 1)[0]
    assert (chinese.length, chinese.data[6:8].hex()) == (140, "4ef7")
    assert submit(Number("123"), chinese)[8] == 0x08


def test_a_text_that_is_too_long_is_refused() -> None:
    assert len(split("x" * 153 * PARTS_MAX)) == PARTS_MAX
    with pytest.raises(ValueError, match="write a shorter one"):
        split("x" * (153 * PARTS_MAX + 1))
    with pytest.raises(ValueError, match="surrogates"):
        split("\ud83c")


@pytest.mark.parametrize(
    ("typed", "address"),
    [("+46 708-25.13 58", "0B916407281553F8"), ("(0151) 1234/5678", "0C81101521436587"), ("123", "038121F3")],
)
def test_phone_numbers(typed: str, address: str) -> None:
    number = Number.parse(typed)
    assert number.address() == bytes.fromhex(address)


@pytest.mark.parametrize("typed", ["", "12", "+", "call me", "++4912345", "1" * 21, "+49\u0661\u0662\u0663"])
def test_what_is_no_phone_number_is_told(typed: str) -> None:
    with pytest.raises(ValueError, match="no phone number"):
        Number.parse(typed)


def test_status_reports() -> None:
    report = parse_report(REPORT)
    assert report == StatusReport(42, "+46708251358", 0)
    assert (report.delivery, report.reason) == (Delivery.DELIVERED, "it reached the phone")
    assert parse_report(bytes.fromhex("07 91447758100650") + REPORT[1:]) == report
    assert parse_report(bytes.fromhex("0006010481 2143 62112210151500 62112210152500 46")).recipient == "1234"
    assert StatusReport(1, "", 0x7F).reason == "the network reports status 127"
    assert [delivery(status) for status in (0x1F, 0x20, 0x3F, 0x40)] == [
        Delivery.DELIVERED,
        Delivery.WAITING,
        Delivery.WAITING,
        Delivery.FAILED,
    ]


@pytest.mark.parametrize("broken", ["", "00", "000100", "0006", "00062A0B91", REPORT[:-1].hex(), "FF" + REPORT.hex()])
def test_broken_reports_are_told(broken: str) -> None:
    with pytest.raises(ProtocolError):
        parse_report(bytes.fromhex(broken))


def test_the_simulators_reports_are_what_the_driver_reads() -> None:
    network = Network(failing={"+491701234"})
    for number, status in (("+491701234", 0x46), ("0170123", 0x00)):
        (part,) = split("hi")
        arrived = network.take_pdu(submit(Number(number), part))
        assert parse_report(network.report_pdu(arrived)) == StatusReport(arrived.reference, number, status)


def test_answers_with_unasked_lines_anywhere() -> None:
    heard = said(b"\r\nRING\r\n\r\n+CSQ: 17,99\r\n\r\n+CM", b'TI: "SM",3\r\n\r\nOK\r\n\r\n> \r\n+CMGS: 42\r\n+CREG: 1\r\n')
    assert heard == [
        Unasked("RING"),
        Info("+CSQ: 17,99"),
        Unasked('+CMTI: "SM",3'),
        Final(is_ok=True),
        Prompt.PROMPT,
        Info("+CMGS: 42"),
        Unasked("+CREG: 1"),
    ]


def test_a_report_and_its_pdu() -> None:
    told = REPORT.hex().upper()
    assert said(b"+CDS: 26\r\n" + told.encode() + b"\r\n") == [Unasked("+CDS: 26", told)]
    assert said(b"+CDS: 26\r\nOK\r\n") == [Unasked("+CDS: 26"), Final(is_ok=True)]
    line = '+CDS: 6,42,"+46708251358",145,"26/11/22,01:51:51+00","26/11/22,01:51:52+00",0'
    assert said(line.encode() + b"\r\n") == [Unasked(line)]
    assert protocol.text_report(line) == (42, "+46708251358", 0)
    assert protocol.text_report("+CDS: 26") is None
    assert protocol.text_report('+CDS: 6,42,,,"26/11/22,01:51:51+00","26/11/22,01:51:52+00",70') == (42, "", 70)


@pytest.mark.parametrize(
    ("line", "code", "words"),
    [
        ("ERROR", None, "does not say why"),
        ("+CMS ERROR: 1", 1, "no such number is assigned"),
        ("+CMS ERROR: 41", 41, "failed for the moment"),
        ("+CMS ERROR: 42", 42, "congested"),
        ("+CMS ERROR: 96", 96, "misses something"),
        ("+CMS ERROR: 330", 330, "service centre"),
        ("+CMS ERROR: 331", 331, "no network"),
        ("+CMS ERROR: 500", 500, "does not say why"),
        ("+CMS ERROR: 777", 777, "(CMS 777)"),
        ("+CME ERROR: 10", 10, "no SIM card"),
        ("+CME ERROR: 16", 16, "the PIN is wrong"),
        ("+CME ERROR: SIM busy", None, "SIM busy"),
    ],
)
def test_refusals_are_sentences(line: str, code: int | None, words: str) -> None:
    (final,) = said(line.encode() + b"\r\n")
    assert isinstance(final, Final)
    assert (final.is_ok, final.code) == (False, code)
    assert words in final.reason


def test_a_line_that_never_ends_is_dropped() -> None:
    assert said(b"x" * 5000, b"\r\nOK\r\n") == [Final(is_ok=True)]
    reader = Reader()
    reader.feed(b"half a li")
    reader.clear()
    assert reader.feed(b"OK\r\n") == [Final(is_ok=True)]


def test_numbers_in_lines() -> None:
    assert protocol.command("AT+CSQ") == b"AT+CSQ\r"
    assert protocol.signal_dbm("+CSQ: 17,99") == -79
    assert protocol.signal_dbm("+CSQ: 99,99") is None
    assert [protocol.registration(line) for line in ("+CREG: 0,1", "+CREG: 1,5", "+CREG: 2")] == [1, 5, 2]
    assert protocol.values('+CSCA: "+491710760000",145', "+CSCA:") == ["+491710760000", "145"]
    for line in ("+CSQ: ", "+CSQ: x", "+CSX: 1", "+CSQ: 1234567890", "+CSQ: \u0661"):
        with pytest.raises(ProtocolError):
            protocol.signal_dbm(line)
    with pytest.raises(ProtocolError):
        protocol.registration("+CREG: 0,")
