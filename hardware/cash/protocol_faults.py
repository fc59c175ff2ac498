"""What the event codes of coin acceptor (229) and note validator (159) and the self check (232) mean for people.

Codes as in the ccTalk generic specification, part 3; severities are ours: what goes back to the shopper is information, what
stops the device needs a hand, what smells of fraud needs staff.
"""

from __future__ import annotations

from dataclasses import dataclass

from hardware.cash.events import Severity, TroubleCode

RETURN_LEVER = 254
BILL_STACKED = 0
BILL_IN_ESCROW = 1
BILL_RETURNED = (0, 1)
_TYPE_INHIBITED = range(128, 160)


@dataclass(frozen=True, slots=True)
class Fault:
    """One event that is no money."""

    code: TroubleCode
    severity: Severity
    sentence: str


def _rejected(sentence: str) -> Fault:
    return Fault(TroubleCode.REJECTED, Severity.INFORMATION, sentence)


def _jam(sentence: str) -> Fault:
    return Fault(TroubleCode.JAM, Severity.OUT_OF_SERVICE, sentence)


def _fraud(sentence: str) -> Fault:
    return Fault(TroubleCode.FRAUD, Severity.ALARM, sentence)


def _broken(sentence: str) -> Fault:
    return Fault(TroubleCode.DEVICE_FAULT, Severity.OUT_OF_SERVICE, sentence)


def _note(sentence: str) -> Fault:
    return Fault(TroubleCode.DEVICE_FAULT, Severity.INFORMATION, sentence)


COIN_FAULTS: dict[int, Fault] = {
    1: _rejected("A coin was not recognised and went back."),
    2: _rejected("This coin is not taken at the moment; it went back."),
    3: _rejected("A coin looked like several kinds of coin and went back."),
    4: _rejected("Something passed the coin entry without reaching the sensors."),
    5: _rejected("A coin was not measured in time and went back."),
    6: _broken("A coin was recognised but did not reach the credit sensor. Look into the coin acceptor."),
    7: _broken("A coin did not reach the sorter. Look into the coin acceptor."),
    8: _rejected("Two coins came too close together; insert them one by one."),
    12: _rejected("A rejected coin has not left the acceptor yet."),
    14: _jam("The credit sensor of the coin acceptor is covered. Clear the coin path."),
    15: _jam("The sorter of the coin acceptor is covered. Clear the coin path."),
    16: _fraud("A coin passed the credit sensors in the wrong order."),
    17: _fraud("A coin went backwards."),
    18: _rejected("A coin was too fast and went back."),
    19: _rejected("A coin was too slow and went back."),
    20: _fraud("A coin on a string was seen."),
    23: _fraud("A coin reached the credit sensor too early."),
    24: _rejected("The same coin was rejected several times."),
    25: _rejected("A piece of metal that is no coin went back."),
    26: _jam("The reject chute of the coin acceptor is covered. Clear it."),
    30: _jam("The gate of the coin acceptor does not open. Clear the coin path."),
    31: _jam("A coin did not leave the manifold in time. Clear the coin path."),
    32: _jam("The manifold of the coin acceptor is covered. Clear the coin path."),
    34: _fraud("The security setting of the coin acceptor was changed."),
    35: _broken("The motor of the coin acceptor failed."),
    36: _fraud("A coin was swallowed without a credit."),
    37: _rejected("A coin was too fast and went back."),
    38: _rejected("A coin was too slow and went back."),
    39: _broken("A coin was sorted to the wrong place. Look into the coin acceptor."),
    40: _fraud("Light from outside was seen in the coin acceptor."),
}

BILL_FAULTS: dict[int, Fault] = {
    0: _rejected("Notes are not taken at the moment; the note went back."),
    2: _rejected("A note was not recognised and went back."),
    3: _rejected("A note did not move well and went back; smooth it and try again."),
    4: _rejected("This note is not taken at the moment; it went back."),
    5: _rejected("This note is switched off in the note validator; it went back."),
    6: _jam("A note is jammed and can be pulled out. Clear the note path now."),
    7: _jam("A note is jammed in the note box. Clear it."),
    8: _fraud("A note was pulled backwards."),
    9: _fraud("Someone tampered with the note validator."),
    10: _note("The note box works again."),
    11: Fault(TroubleCode.DEVICE_FAULT, Severity.ALARM, "The note box was taken out."),
    12: _note("The note box was put in."),
    13: _broken("The note box is faulty."),
    14: Fault(TroubleCode.FULL, Severity.OUT_OF_SERVICE, "The note box is full. Empty it."),
    15: _jam("The note box is jammed. Clear it."),
    16: _jam("A note is jammed inside the note validator. Clear it."),
    17: _fraud("Someone tampered with the optics of the note validator."),
    18: _fraud("A note on a string was seen."),
    19: _broken("The string guard of the note validator is faulty."),
    20: _note("A barcode ticket was inserted."),
    21: Fault(TroubleCode.UNCERTAIN_NOTE, Severity.ALARM, "A note of unknown value was put into the note box. Count it."),
}

SELF_CHECK_FAULTS = {
    1: "its memory is damaged",
    2: "its coils fail",
    3: "its credit sensor fails",
    8: "its sorter sensors fail",
    18: "its reject sensor fails",
    30: "its program memory is damaged",
    33: "its supply voltage is wrong",
    34: "it is too hot or too cold",
    36: "its note sensor fails",
    37: "its note motor fails",
    38: "its note box fails",
    39: "a note is jammed",
    42: "its gate is open",
    43: "its gate is closed",
    44: "its note box is missing",
    45: "its note box is full",
    49: "its optics fail",
    51: "its door is open",
    55: "it could not start",
}


def coin_fault(code: int) -> Fault:
    """Return what an event (0, code) of a coin acceptor means; 254, the return lever, is not a fault."""
    if code in _TYPE_INHIBITED:
        return COIN_FAULTS[2]
    return COIN_FAULTS.get(code) or _broken(f"The coin acceptor reports event {code}. Look into it.")


def bill_fault(code: int) -> Fault:
    """Return what an event (0, code) of a note validator means; (0, 1), returned from escrow, is not a fault."""
    return BILL_FAULTS.get(code) or _broken(f"The note validator reports event {code}. Look into it.")


def self_check_sentence(code: int) -> str:
    """Say what a self check found; empty when all is well."""
    if code == 0:
        return ""
    return SELF_CHECK_FAULTS.get(code, f"its self check answers fault {code}")
