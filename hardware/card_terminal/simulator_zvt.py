"""A simulated terminal that speaks ZVT on a byte stream.

It waits for an acknowledgement before it goes on, says so when a command comes at the wrong time, and goes on with a payment
whose line broke. What it does with a payment is :mod:`hardware.card_terminal.simulator_cards`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field

from hardware.bench.simulator import Action, JsonValue
from hardware.card_terminal.simulator_cards import LIMIT_S, Answer, CardDesk, Dealing, End

ACK = b"\x80\x00\x00"
NOT_NOW = b"\x84\x9c\x00"
UNKNOWN = b"\x84\x83\x00"
COMMAND_MAX = 4096
_CODES = {
    End.REFUSED: 0x05,
    End.WRONG_PIN: 0x37,
    End.CANCELLED: 0x6C,
    End.ABORTED: 0x6C,
    End.PUZZLING: 0xFF,
}
_CURRENCIES = {"0978": "EUR", "0756": "CHF", "0156": "CNY", "0840": "USD"}


class ZvtOptions(BaseModel):
    """Which terminal it is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    terminal_id: str = Field(default="28004869", pattern=r"^[0-9]{8}$")
    password: str = Field(default="000000", pattern=r"^[0-9]{6}$")
    limit_s: float = Field(default=LIMIT_S, gt=0)
    """After how long it gives up a payment."""


def build(options: Mapping[str, JsonValue], seed: int) -> ZvtSimulator:
    """Make a terminal from the bench's settings; raises ValueError when they make no sense."""
    del seed  # nothing is random here
    return ZvtSimulator(ZvtOptions.model_validate(dict(options)))


def other_options(options: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Return what makes another terminal."""
    return {**options, "terminal_id": "00000001"}


class ZvtSimulator:
    """One terminal."""

    def __init__(self, options: ZvtOptions) -> None:
        self._options = options
        self._input = bytearray()
        self._now: deque[bytes] = deque()
        """Answers that go out at once."""
        self._queue: deque[bytes] = deque()
        """Commands to the till; the next one follows the acknowledgement."""
        self._waits_ack = False
        self._registered = False
        self._dealing: Dealing | None = None
        self._currency = "EUR"
        self._hangs_up = False
        self.desk = CardDesk(options.limit_s)

    # The bench's side.

    def facts(self) -> dict[str, JsonValue]:
        """Return what was really booked."""
        return {**self.desk.facts(), "terminal_id": self._options.terminal_id, "registered": self._registered}

    def actions(self) -> Mapping[str, Action]:
        """What a person can do at the terminal."""
        return self.desk.actions()

    def power_cycle(self, now_s: float) -> None:
        """Forget what is under way and the registration, keep what is booked."""
        self.desk.step(now_s)
        self.desk.lose_power()
        self._forget_line()
        self._registered, self._dealing = False, None

    def hangs_up(self) -> bool:
        """Whether the terminal closes the connection now; tells it once."""
        told, self._hangs_up = self._hangs_up, False
        return told

    # The wire's side.

    def receive(self, data: bytes, now_s: float) -> None:
        """Take bytes of the till."""
        self._input += data
        while (command := self._command()) is not None:
            self._obey(*command, now_s)
        del self._input[COMMAND_MAX:]

    def send(self, now_s: float) -> bytes:
        """Return what is due."""
        self.desk.step(now_s)
        if self._dealing is not None and not self._dealing.is_running:
            self._tell(self._dealing)
            self._dealing = None
        out = b"".join(self._now)
        self._now.clear()
        if self._queue and not self._waits_ack:
            out += self._queue.popleft()
            self._waits_ack = True
        return out

    def _command(self) -> tuple[bytes, bytes] | None:
        if len(self._input) < 3:  # noqa: PLR2004 - class, instruction, length
            return None
        start, size = (3, self._input[2]) if self._input[2] != 0xFF else (5, int.from_bytes(self._input[3:5], "little"))  # noqa: PLR2004 - ZVT
        if len(self._input) < start + size:
            return None
        command = bytes(self._input[:2]), bytes(self._input[start : start + size])
        del self._input[: start + size]
        return command

    def _obey(self, control: bytes, data: bytes, now_s: float) -> None:
        if control[0] in {0x80, 0x84}:
            self._waits_ack = False
            return
        name = control.hex()
        if name == "06b0":
            self._now.append(ACK)
            if self._dealing is not None:
                self.desk.abort(self._dealing.name)
            return
        if name == "0600":
            self._forget_line()
        if self.desk.running is not None or (not self._registered and name != "0600"):
            self._now.append(NOT_NOW)
            return
        ways = {
            "0600": self._register,
            "0601": self._pay,
            "0602": self._log_off,
            "0620": self._repeat,
            "0630": self._reverse,
            "0650": self._end_day,
            "0501": self._enquiry,
        }
        way = ways.get(name)
        if way is None:
            self._now.append(UNKNOWN)
            return
        way(data, now_s)

    def _register(self, data: bytes, _now_s: float) -> None:
        if data[:3].hex() != self._options.password:
            self._now.append(ACK)
            self._queue.append(_apdu("061e", b"\x83"))
            return
        self._currency = _CURRENCIES.get(data[4:6].hex(), "EUR")
        self._registered = True
        self._now.append(ACK)
        told = b"\x19\x00\x29" + bytes.fromhex(self._options.terminal_id) + b"\x49" + data[4:6]
        self._queue.append(_apdu("060f", told))

    def _log_off(self, _data: bytes, _now_s: float) -> None:
        self._now.append(ACK)
        self._registered = False

    def _enquiry(self, _data: bytes, _now_s: float) -> None:
        self._now.append(ACK)
        self._queue.append(_apdu("060f", b""))

    def _pay(self, data: bytes, now_s: float) -> None:
        behaviour = self.desk.take_behaviour()
        if behaviour[0] == "lost":
            self._hangs_up = True
            return
        if behaviour[0] == "busy":
            self._now.append(NOT_NOW)
            return
        self._now.append(ACK)
        self._queue.append(_apdu("04ff", b"\x0a"))
        amount = int(data[1:7].hex())
        name = f"{len(self.desk.dealings) + 1:06d}"
        self._dealing = self.desk.begin(name, amount, self._currency, now_s, behaviour)

    def _reverse(self, data: bytes, now_s: float) -> None:
        self._now.append(ACK)
        number = int(data[4:6].hex())
        original = next((one for one in self.desk.dealings if one.number == number), None)
        if original is None or original.moved_minor <= 0 or self.desk.is_given_back(original):
            self._queue.append(_apdu("061e", b"\xb5"))
            return
        name = f"{len(self.desk.dealings) + 1:06d}"
        self._dealing = self.desk.give_back(name, original, now_s, self.desk.take_behaviour())

    def _repeat(self, _data: bytes, _now_s: float) -> None:
        self._now.append(ACK)
        last = next((one for one in reversed(self.desk.dealings) if one.moved_minor), None)
        if last is None:
            self._queue.append(_apdu("061e", b"\x64"))
            return
        self._queue += [self._status(last), *self._receipt(last), _apdu("060f", b"")]

    def _end_day(self, _data: bytes, _now_s: float) -> None:
        self._now.append(ACK)
        total = sum(one.moved_minor for one in self.desk.dealings)
        self._queue += [
            _apdu("06d1", b"\x40KASSENSCHNITT"),
            _apdu("06d1", b"\x81" + f"{total / 100:.2f}".encode()),
            _apdu("060f", b""),
        ]

    def _tell(self, dealing: Dealing) -> None:
        assert dealing.end is not None
        if dealing.answer is Answer.NEVER:
            return
        if dealing.answer is Answer.HANG_UP:
            self._forget_line()
            self._hangs_up = True
            return
        if dealing.moved_minor:
            self._queue += [self._status(dealing), *self._receipt(dealing), _apdu("060f", b"")]
            return
        code = bytes([_CODES[dealing.end]])
        if dealing.end is End.ABORTED:
            # Given up before anything was asked of a bank: there is nothing to tell but that it ended.
            self._queue.append(_apdu("061e", code))
            return
        words = b"simulated"
        text = b"\x3c" + bytes(0xF0 | int(digit) for digit in f"{len(words):03d}") + words
        told = b"\x27" + code + b"\x29" + bytes.fromhex(self._options.terminal_id) + text
        self._queue += [_apdu("040f", told), _apdu("061e", code)]

    def _status(self, dealing: Dealing) -> bytes:
        number = f"{dealing.number:06d}"
        moved = f"{abs(dealing.moved_minor):012d}"
        code = "".join(key for key, value in _CURRENCIES.items() if value == dealing.currency)
        told = bytes.fromhex(f"2700 04{moved} 0b{number} 0c093000 0d1122 29{self._options.terminal_id} 49{code} 87{number[2:]}")
        if dealing.reversal_of is not None:
            told += bytes.fromhex(f"37{dealing.reversal_of:06d}")
        brand = b"MASTERCARD\x00"
        return _apdu("040f", told + b"\x8a\x06\x8b\xf1\xf1" + brand)

    def _receipt(self, dealing: Dealing) -> list[bytes]:
        title = b"STORNO" if dealing.reversal_of is not None else b"ZAHLUNG"
        amount = f"{dealing.currency} {abs(dealing.moved_minor) / 100:.2f}".encode()
        lines = []
        for copy in (b"* KUNDENBELEG *", "* HÄNDLERBELEG *".encode("cp437")):
            lines += [_apdu("06d1", b"\x40" + copy), _apdu("06d1", b"\x00" + title), _apdu("06d1", b"\x81" + amount)]
        return lines

    def _forget_line(self) -> None:
        self._now.clear()
        self._queue.clear()
        self._waits_ack = False


def _apdu(control: str, data: bytes) -> bytes:
    size = len(data)
    return bytes.fromhex(control) + (bytes([size]) if size < 255 else b"\xff" + size.to_bytes(2, "little")) + data  # noqa: PLR2004 - ZVT
