"""A simulated CloudPRNT printer: asks at a URL, fetches, prints, tells what became of it; pure.

It shares no code with the product's side of the protocol. Without paper or with its cover open it asks on and does not fetch; a
print in whose middle that happens is given up, half of it stays on the paper, and the next poll says why. Power takes the print
and what it wanted to say about it, not the paper.
"""

from __future__ import annotations

import io
import json
from collections import deque
from collections.abc import Mapping
from enum import Enum
from typing import Any, Literal
from urllib.parse import quote

from PIL import Image, UnidentifiedImageError

from hardware.bench.simulator import Action, ActionError, JsonValue
from hardware.printer.paper import LETTER_DOTS, Row, Run, Sheet, png
from hardware.printer.simulator_cloudprnt_options import CloudPrinterOptions, Wish

RECEIPTS_MAX = 20
DELETES_MAX = 3
"""So often it tells an end that nobody hears."""
DOCUMENT_BYTES_MAX = 2_000_000
OTHER_MAC = "00:11:62:ff:ff:01"
_OK = 200
_CODES = {
    "ok": "200 OK",
    "near_end": "211 Paper low",
    "out": "410 Out of paper",
    "cover": "420 Cover open",
    "jam": "411 Paper jam",
}


class Phase(Enum):
    """What it does."""

    SETTING = "asking for its setting"
    POLLING = "polling"
    FETCHING = "fetching"
    PRINTING = "printing"
    TELLING = "telling the end"


def build(options: Mapping[str, JsonValue], seed: int) -> CloudPrinterSimulator:  # noqa: ARG001 - nothing in it is random
    """Make a printer from the bench's settings; raises ValueError when they make no sense."""
    return CloudPrinterSimulator(CloudPrinterOptions.model_validate(dict(options)))


def other_options(options: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Return what makes it another printer."""
    return {**options, "mac": OTHER_MAC}


class CloudPrinterSimulator:
    """A printer in the network."""

    def __init__(self, options: CloudPrinterOptions | None = None) -> None:
        self.options = options or CloudPrinterOptions()
        self._paper: Literal["ok", "near_end", "out"] = "ok"
        self._cover_open = self._jammed = False
        self._refuse_with = ""
        self._mute_ends = False
        self._receipts: deque[tuple[str, bytes]] = deque(maxlen=RECEIPTS_MAX)
        self._halves = self._polls = self._fetches = 0
        self._refusals: deque[str] = deque(maxlen=RECEIPTS_MAX)
        self._phase = Phase.POLLING
        self._start(0.0)

    # The device's side.

    def wish(self, now_s: float) -> Wish | None:
        """Return what it asks now, or nothing; every wish is followed by :meth:`answered` or :meth:`unanswered`."""
        self._print_on(now_s)
        if self._phase is Phase.FETCHING:
            return Wish("GET", self._query(type=self._media))
        if self._phase is Phase.TELLING:
            return Wish("DELETE", self._query(code=self._code, **({"retry": str(self._tries)} if self._tries else {})))
        if now_s < self._next_s:
            return None
        if self._phase is Phase.SETTING:
            return Wish("GET", file="cloudprnt-setting.json")
        return Wish("POST", body=self._told())

    def answered(self, status: int, body: bytes, now_s: float) -> None:
        """Hear the answer to what it asked."""
        self._last_status = status
        if self._phase is Phase.SETTING:
            self._phase = Phase.POLLING
        elif self._phase is Phase.FETCHING:
            self._fetched(status, body, now_s)
        elif self._phase is Phase.TELLING:
            self._end_told(heard=status == _OK, now_s=now_s)
        else:
            self._polls += 1
            self._actions.clear()
            self._next_s = now_s + self.options.poll_s
            if status == _OK:
                self._heard(body, now_s)

    def unanswered(self, now_s: float) -> None:
        """Hear nothing: the line is broken, or nobody is there."""
        self._last_status = 0
        if self._phase is Phase.FETCHING:
            self._tell_end("520 Download timeout")
        elif self._phase is Phase.TELLING:
            self._end_told(heard=False, now_s=now_s)
        self._next_s = now_s + self.options.poll_s

    def power_cycle(self, now_s: float) -> None:
        """Lose the print and everything that it wanted to say; the paper stays."""
        if self._phase is Phase.PRINTING:
            self._halves += 1
        self._start(now_s + self.options.boot_s)

    # The bench's side.

    def facts(self) -> dict[str, JsonValue]:
        """Return how the printer is and what it has printed."""
        return {
            "paper": self._paper,
            "cover_open": self._cover_open,
            "jammed": self._jammed,
            "phase": self._phase.value,
            "polls": self._polls,
            "fetches": self._fetches,
            "last_status": self._last_status,
            "half_receipts": self._halves,
            "refusals": list[JsonValue](self._refusals),
            "receipts": [_receipt_told(*receipt) for receipt in self._receipts],
        }

    def actions(self) -> Mapping[str, Action]:
        """Return what a person can do at the printer."""
        return {
            "take_receipt": self.take_receipt,
            "paper": self.paper,
            "cover": self.cover,
            "jam": self.jam,
            "refuse_next": self.refuse_next,
            "mute_ends": self.mute_ends,
        }

    def picture(self) -> bytes:
        """Return the last receipt as a PNG."""
        media, document = self._receipts[-1] if self._receipts else ("text/plain", b"")
        return document if media == "image/png" else _text_drawn(document)

    def take_receipt(self) -> JsonValue:
        """Take the last receipt; returns what it is."""
        if not self._receipts:
            raise ActionError("No receipt hangs out of the printer.")
        return _receipt_told(*self._receipts.pop())

    def paper(self, state: Literal["ok", "near_end", "out"]) -> None:
        """Put in a full roll, a roll that is near its end, or take the paper out."""
        self._paper = state
        self._next_s = 0.0

    def cover(self, *, open: bool) -> None:  # noqa: A002 - the name that the control API gives it
        """Open or close the cover."""
        self._cover_open = open
        self._next_s = 0.0

    def jam(self, *, on: bool) -> None:
        """Jam the paper, or take the jam out."""
        self._jammed = on
        self._next_s = 0.0

    def refuse_next(self, code: str) -> None:
        """Let it end the next job with this code in place of printing it, such as ``511 Decode error``."""
        self._refuse_with = code

    def mute_ends(self, *, on: bool) -> None:
        """Let it print and never tell the end, or stop that."""
        self._mute_ends = on

    def _start(self, at_s: float) -> None:
        self._phase = Phase.SETTING if self.options.asks_setting else Phase.POLLING
        self._next_s = at_s
        self._token = self._media = self._code = ""
        self._document = b""
        self._printed_at_s = 0.0
        self._tries = self._last_status = 0
        self._actions: list[JsonValue] = []

    def _status(self) -> str:
        if self._cover_open:
            return _CODES["cover"]
        return _CODES["jam"] if self._jammed else _CODES[self._paper]

    def _can_print(self) -> bool:
        return self._status().startswith("2")

    def _told(self) -> bytes:
        told: dict[str, Any] = {
            "status": "23 6 0 0 0 0 0 0 0 ",
            "printerMAC": self.options.mac,
            "uniqueID": None,
            "statusCode": quote(self._status()),
            "jobToken": self._token or None,
            "printingInProgress": self._phase is Phase.PRINTING,
            "clientAction": self._actions or None,
        }
        return json.dumps(told).encode()

    def _query(self, **more: str) -> str:
        fields = {"mac": self.options.mac, **more}
        if self._token and self.options.tells_token:
            fields["token"] = self._token
        return "&".join(f"{name}={quote(value, safe='')}" for name, value in fields.items())

    def _heard(self, body: bytes, now_s: float) -> None:
        try:
            answer = json.loads(body)
        except ValueError:
            return
        if not isinstance(answer, dict):
            return
        for one in answer.get("clientAction") or []:
            result = self._about_itself().get(one["request"])
            if result is not None:
                self._actions.append({"request": one["request"], "result": result})
                self._next_s = now_s
        if answer.get("jobReady") is True and self._phase is Phase.POLLING and self._can_print():
            self._token = str(answer.get("jobToken") or "")
            offered = answer.get("mediaTypes") or []
            self._media = next((media for media in self.options.takes if media in offered), "")
            self._phase = Phase.FETCHING
            if not self._media:
                self._tell_end("510 Incompatible media type")

    def _about_itself(self) -> dict[str, str]:
        options = self.options
        return {"ClientType": options.model, "ClientVersion": options.firmware, "GetPollInterval": str(round(options.poll_s))}

    def _fetched(self, status: int, body: bytes, now_s: float) -> None:
        self._fetches += 1
        if status != _OK:
            self._tell_end("520 Download timeout")
        elif self._refuse_with:
            self._tell_end(self._refuse_with)
            self._refuse_with = ""
        elif len(body) > DOCUMENT_BYTES_MAX:
            self._tell_end("521 Job too large")
        elif self._media == "image/png" and not _is_picture(body):
            self._tell_end("511 Media decoding error")
        else:
            self._document, self._phase = body, Phase.PRINTING
            self._printed_at_s = now_s + self.options.print_s
            self._next_s = min(self._next_s, now_s + self.options.poll_s)

    def _print_on(self, now_s: float) -> None:
        if self._phase is not Phase.PRINTING:
            return
        if not self._can_print():
            self._halves += 1
            self._phase, self._token, self._next_s = Phase.POLLING, "", now_s
        elif now_s >= self._printed_at_s:
            self._receipts.append((self._media, self._document))
            self._tell_end("200 OK")

    def _tell_end(self, code: str) -> None:
        if not code.startswith("2"):
            self._refusals.append(code)
        self._code, self._tries, self._phase = code, 0, Phase.POLLING if self._mute_ends else Phase.TELLING

    def _end_told(self, *, heard: bool, now_s: float) -> None:
        self._tries += 1
        if heard or self._tries >= DELETES_MAX:
            self._token, self._phase, self._next_s = "", Phase.POLLING, now_s


def _is_picture(document: bytes) -> bool:
    try:
        with Image.open(io.BytesIO(document)) as picture:
            picture.load()
            return picture.format == "PNG"
    except (OSError, ValueError, SyntaxError, UnidentifiedImageError, Image.DecompressionBombError):
        return False


def _receipt_told(media: str, document: bytes) -> JsonValue:
    if media != "image/png":
        return {"media": media, "lines": list[JsonValue](document.decode("utf-8", "replace").splitlines())}
    with Image.open(io.BytesIO(document)) as picture:
        return {"media": media, "lines": [f"[picture {picture.width} x {picture.height}]"]}


def _text_drawn(document: bytes) -> bytes:
    rows = document.decode("utf-8", "replace").splitlines()[:500]
    return png(Sheet(tuple(Row((Run(row),), 0, LETTER_DOTS + 6) for row in rows)))
