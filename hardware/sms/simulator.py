"""A simulated SMS modem: AT commands in, answers and unasked lines out; behind it the network with what really arrived.

Where modems differ it does what makes a driver's life harder: it echoes until told not to, forgets everything without power,
and says RING or +CMTI in the middle of anything.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Mapping

from pydantic import BaseModel, ConfigDict, Field

from hardware.bench.simulator import Action, ActionError, JsonValue
from hardware.sms.simulator_card import NO_CARD, Card
from hardware.sms.simulator_network import Arrived, Network, gsm_text

LINE_MAX = 600
MESSAGE_MAX = 600
_CONFIG = re.compile(r"AT(?:\+CMEE|\+CSCS|\+CSMP|\+CNMI|\+CREG|\+CGREG|\+COPS|\+IFC|\+IPR)=[\w\",]*")


class ModemOptions(BaseModel):
    """What kind of modem it is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    serial_number: str = Field(default="356938035643809", pattern=r"^\d{15}$")
    """Its IMEI."""
    maker: str = "Telit"
    model: str = "LE910C1-EU"
    firmware: str = "25.21.671"
    pin: str = Field(default="", pattern=r"^(\d{4,8})?$")
    """The SIM card's PIN; empty for none."""
    centre: str = "+491710760000"
    """The service centre's number."""
    send_s: float = Field(default=0.2, ge=0)
    """How long the network takes for a message."""
    report_s: float = Field(default=0.5, ge=0)
    """When the report about it comes."""


def build(options: Mapping[str, JsonValue], seed: int) -> ModemSimulator:
    """Make a modem from the bench's settings; raises ValueError when they make no sense. It has no use for the seed."""
    del seed
    return ModemSimulator(ModemOptions.model_validate(dict(options)))


def other_options(options: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Return the options of another modem of the same kind."""
    return {**options, "serial_number": "490154203237518"}


class ModemSimulator:
    """A modem on a serial line."""

    def __init__(self, options: ModemOptions) -> None:
        self._options = options
        self._network = Network()
        self._registered = 1
        self._level = 17
        self._card = Card(options.pin)
        self._output = bytearray()
        self._due: deque[tuple[float, Callable[[float], None]]] = deque()
        """What happens later: a message's answer, a report."""
        self._start_anew()
        self._plain: dict[str, Callable[[], str]] = {
            "AT": lambda: "",
            "ATE0": lambda: self._set_echo(on=False),
            "ATE1": lambda: self._set_echo(on=True),
            "AT+CGMI": lambda: options.maker,
            "AT+CGMM": lambda: options.model,
            "AT+CGMR": lambda: options.firmware,
            "AT+CGSN": lambda: options.serial_number,
            "AT+CSQ": lambda: f"+CSQ: {self._level},99",
            "AT+CREG?": lambda: f"+CREG: {self._creg},{self._registered}",
            "AT+CSCA?": lambda: f'+CSCA: "{options.centre}",145',
            "AT+CMGF=0": lambda: self._set_text_mode(on=False),
            "AT+CMGF=1": lambda: self._set_text_mode(on=True),
        }

    def _start_anew(self) -> None:
        self._echo = True
        self._errors_told = False
        self._text_mode = False
        self._reports_on = False
        self._report_wanted = False
        self._creg = 0
        self._card.lock()
        self._line = bytearray()
        self._writing: str | None = None
        """The argument of the AT+CMGS whose message is being typed."""
        self._message = bytearray()

    # The bench's side.

    def set_network(self, found: bool, roaming: bool = False) -> JsonValue:  # noqa: FBT001, FBT002 - an action's arguments
        """Let the modem find its network, at home or roaming, or lose it."""
        self._registered = (5 if roaming else 1) if found else 2
        if self._creg:
            self._say(f"+CREG: {self._registered}")
        return None

    def set_signal(self, level: int) -> JsonValue:
        """Set the signal as AT+CSQ tells it: 0 to 31, 99 for unknown."""
        if not 0 <= level <= 31 and level != 99:  # noqa: PLR2004 - the standard's numbers
            raise ActionError("A signal is 0 to 31, or 99 for unknown.")
        self._level = level
        return None

    def refuse_next(self, code: int) -> JsonValue:
        """Let the network refuse the next message with this CMS error."""
        if not 1 <= code <= 999:  # noqa: PLR2004 - three digits
            raise ActionError("A CMS error is 1 to 999.")
        self._network.refuse_code = code
        return None

    def lose_phone(self, number: str) -> JsonValue:
        """Switch a phone off for good: messages to it are taken and reported as failed."""
        self._network.failing.add(number)
        return None

    def ring(self) -> JsonValue:
        """Call the modem."""
        self._say("RING")
        return None

    def message_comes(self) -> JsonValue:
        """Let a message come in for the modem."""
        self._say('+CMTI: "SM",3')
        return None

    def card(self, inserted: bool) -> JsonValue:  # noqa: FBT001 - an action's arguments come by name
        """Take the SIM card out or put it in."""
        self._card.is_in = inserted
        self._card.lock()
        return None

    def actions(self) -> Mapping[str, Action]:
        """What network and people can do."""
        return {
            "set_network": self.set_network,
            "set_signal": self.set_signal,
            "refuse_next": self.refuse_next,
            "lose_phone": self.lose_phone,
            "ring": self.ring,
            "message_comes": self.message_comes,
            "card": self.card,
        }

    def facts(self) -> dict[str, JsonValue]:
        """What really arrived at the phones, and how the modem stands."""
        return {
            "texts": self._network.texts(),
            "messages": [
                {"number": message.number, "reference": message.reference, "text": message.text, "coding": message.coding}
                for message in self._network.messages
            ],
            "writing": self._writing is not None,
            "on_the_way": len(self._due),
            "unlocked": self._card.is_unlocked,
            "pin_tries": self._card.tries,
            "registered": self._registered,
            "signal": self._level,
            "serial_number": self._options.serial_number,
        }

    # The wire's side.

    def receive(self, data: bytes, now_s: float) -> None:
        """Take typed characters."""
        for byte in data:
            if self._echo:
                self._output.append(byte)
            if self._writing is not None:
                self._type(byte, now_s)
            elif byte == ord("\r"):
                line = self._line.decode("ascii", errors="replace").strip()
                self._line.clear()
                if line:
                    self._obey(line)
            elif byte >= ord(" ") and len(self._line) < LINE_MAX:
                self._line.append(byte)

    def send(self, now_s: float) -> bytes:
        """Return what is said by now."""
        for _ in range(len(self._due)):
            due_s, happen = self._due.popleft()
            if now_s >= due_s:
                happen(now_s)
            else:
                self._due.append((due_s, happen))
        output = bytes(self._output)
        self._output.clear()
        return output

    def power_cycle(self, now_s: float) -> None:
        """Forget all settings; messages on their way to the network are lost with their answers."""
        del now_s
        self._due.clear()
        self._output.clear()
        self._start_anew()

    def _say(self, *lines: str) -> None:
        for line in lines:
            if line:
                self._output += f"\r\n{line}\r\n".encode("ascii", errors="replace")

    def _fail(self, kind: str, code: int) -> None:
        self._say(f"+{kind} ERROR: {code}" if self._errors_told else "ERROR")

    def _obey(self, line: str) -> None:
        if line in self._plain:
            self._say(self._plain[line](), "OK")
        elif line == "AT+CPIN?":
            self._tell_pin()
        elif line.startswith("AT+CPIN="):
            self._enter_pin(line.removeprefix("AT+CPIN=").strip('"'))
        elif _CONFIG.fullmatch(line):
            self._configure(line)
        elif line.startswith("AT+CMGS="):
            self._begin_message(line.removeprefix("AT+CMGS="))
        else:
            self._fail("CME", 4)

    def _set_echo(self, *, on: bool) -> str:
        self._echo = on
        return ""

    def _set_text_mode(self, *, on: bool) -> str:
        self._text_mode = on
        return ""

    def _configure(self, line: str) -> None:
        if line.startswith("AT+CMEE="):
            self._errors_told = line != "AT+CMEE=0"
        elif line.startswith("AT+CREG="):
            self._creg = int(line.endswith("1"))
        elif line.startswith("AT+CNMI="):
            self._reports_on = line.split(",")[3:4] == ["1"]
        elif line.startswith("AT+CSMP="):
            self._report_wanted = line.removeprefix("AT+CSMP=").split(",")[0] == "49"
        self._say("OK")

    def _tell_pin(self) -> None:
        if self._card.is_in:
            self._say(f"+CPIN: {self._card.state}", "OK")
        else:
            self._fail("CME", NO_CARD)

    def _enter_pin(self, pin: str) -> None:
        error = self._card.enter(pin)
        self._say("OK") if error is None else self._fail("CME", error)

    def _begin_message(self, argument: str) -> None:
        if not self._card.is_usable:
            self._fail("CMS", 311 if self._card.is_in else 310)
        elif not re.fullmatch(r'"\+?\d{3,20}"(,\d+)?' if self._text_mode else r"\d{1,3}", argument):
            self._fail("CMS", 304)
        else:
            self._writing = argument
            self._message.clear()
            self._output += b"\r\n> "

    def _type(self, byte: int, now_s: float) -> None:
        if byte == 0x1B:  # noqa: PLR2004 - escape
            self._writing = None
            self._say("OK")
        elif byte != 0x1A:  # noqa: PLR2004 - ctrl-Z
            if len(self._message) < MESSAGE_MAX:
                self._message.append(byte)
        else:
            argument, message = self._writing or "", bytes(self._message)
            self._writing = None
            self._due.append((now_s + self._options.send_s, lambda at_s: self._finish(argument, message, at_s)))

    def _finish(self, argument: str, message: bytes, now_s: float) -> None:
        code, self._network.refuse_code = self._network.refuse_code, None
        if self._registered not in {1, 5}:
            code = 331
        if code is not None:
            self._fail("CMS", code)
            return
        try:
            arrived = self._taken(argument, message)
        except (ValueError, IndexError):
            self._fail("CMS", 304)
            return
        self._say(f"+CMGS: {arrived.reference}", "OK")
        if arrived.wants_report and self._reports_on:
            self._due.append((now_s + self._options.report_s, lambda _at_s: self._report(arrived)))

    def _taken(self, argument: str, message: bytes) -> Arrived:
        if '"' not in argument:
            pdu = bytes.fromhex(message.decode("ascii"))
            if len(pdu) - 1 - pdu[0] != int(argument):
                raise ValueError("the length is another")
            return self._network.take_pdu(pdu)
        if any(code > 127 for code in message):  # noqa: PLR2004 - seven bits
            raise ValueError("that is no GSM alphabet")
        number = argument.split(",", maxsplit=1)[0].strip('"')
        return self._network.take(number, gsm_text(message), "GSM", (0, 1, 1), wants_report=self._report_wanted)

    def _report(self, message: Arrived) -> None:
        if self._text_mode:
            self._say(self._network.report_text(message))
        else:
            pdu = self._network.report_pdu(message)
            self._output += f"\r\n+CDS: {len(pdu) - 1}\r\n{pdu.hex().upper()}\r\n".encode()
