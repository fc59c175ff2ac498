"""Star CloudPRNT over HTTP (protocol guide 2.4.0): what the printer, always the client, says and is answered; pure.

::

    POST   how it is       {"statusCode": "200%20OK", "printerMAC": "00:11:62:..", ...}  -> 200 {"jobReady": true, ...}
    GET    give me the job ?uid=..&type=image/png&mac=..&token=..                        -> 200 the document, or 404, 415
    DELETE what became     ?mac=..&code=200%20OK&token=..[&retry=n]                      -> 200
           (or GET with "delete" in the query, where DELETE cannot pass)
    GET    <folder>/cloudprnt-setting.json                                               -> 404: HTTP, no MQTT

Codes: 2xx it can print (21x paper low), 41x paper (410 out), 42x cover, other 4xx another fault of the printer, 5xx the job.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import parse_qs, unquote, urlsplit

from hardware.errors import ProtocolError

SCHEME = "cloudprnt"
EXAMPLE = "cloudprnt://0.0.0.0:8777/a-long-secret-word"
PNG, TEXT = "image/png", "text/plain"
MEDIA_TYPES = (PNG, TEXT)
"""What a receipt is offered as, the better first; the printer picks."""
SETTING_FILE = "cloudprnt-setting.json"
POLL_BYTES_MAX = 64 * 1024
QUERY_FIELDS_MAX = 32
TOKEN_MAX = 100
WORD_MAX = 80
"""Letters kept of anything that the printer tells about itself."""
ANSWERS_MAX = 20
PRINTED = 200
NOT_DOWNLOADED = 520
_PAPER_LOW, _PAPER, _COVER = 21, 41, 42
_PAPER_OUT, _PAPER_JAM = 410, 411
_CODE = re.compile(r"\s*([2-5]\d{2,3})(?!\d)\s*(.*)", re.DOTALL)
_MAC = re.compile(r"[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Status:
    """A printer's status code with its words."""

    code: int
    text: str = ""

    @property
    def kind(self) -> int:
        """Its first digit: 2 fine, 4 the printer, 5 the job."""
        return int(str(self.code)[0])

    @property
    def paper(self) -> Literal["ok", "near_end", "out"]:
        """How much paper there is."""
        if self._group == _PAPER_LOW:
            return "near_end"
        return "out" if self.code == _PAPER_OUT else "ok"

    @property
    def cover_open(self) -> bool:
        """Whether it is open."""
        return self._group == _COVER

    @property
    def error(self) -> str:
        """Another fault than paper and cover, in a few words."""
        if self.kind == 2 or self.paper == "out" or self.cover_open:  # noqa: PLR2004 - 2xx
            return ""
        words = "paper jam" if self.code == _PAPER_JAM else self.text or "stopped by a fault"
        return f"{words} ({self.code})"

    @property
    def obstacle(self) -> str:
        """Why it cannot print now, empty where it can."""
        if self.cover_open:
            return "the cover is open"
        return "out of paper" if self.paper == "out" else self.error

    @property
    def _group(self) -> int:
        return int(str(self.code)[:2])


@dataclass(frozen=True, slots=True)
class Poll:
    """What a printer says each time it asks."""

    status: Status
    mac: str = ""
    """Twelve small hexadecimal digits with colons; empty where it tells none."""
    unique_id: str = ""
    printing: bool = False
    job_token: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    """What it answers to requests for a client action."""


@dataclass(frozen=True, slots=True)
class Query:
    """What stands behind the question mark of a GET or DELETE."""

    mac: str = ""
    media_type: str = ""
    token: str = ""
    code: Status | None = None
    is_delete: bool = False
    """It is a GET in place of a DELETE."""


def address_of(url: str) -> tuple[str, int, str]:
    """Return host, port and path of ``cloudprnt://host:port/path``.

    Raises:
        ValueError: the URL is none; the sentence shows one.
    """
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = None
    path = parts.path.rstrip("/")
    if parts.scheme != SCHEME or not parts.hostname or not port or not path or parts.query or parts.fragment:
        raise ValueError(
            f"a CloudPRNT printer asks at a host, a port and a secret path, such as {EXAMPLE}; the printer itself is given "
            "http:// in place of cloudprnt://, and this computer's address"
        )
    assert port is not None
    return parts.hostname, port, path


def parse_mac(text: str) -> str:
    """Return a MAC address in its one form.

    >>> parse_mac("00-11-62-0D-14-27")
    '00:11:62:0d:14:27'

    Raises:
        ValueError: it is none.
    """
    digits = re.sub(r"[:\-. ]", "", text).lower()
    if not _MAC.fullmatch(digits):
        raise ValueError("a MAC address has twelve hexadecimal digits, such as 00:11:62:0d:14:27")
    return ":".join(digits[place : place + 2] for place in range(0, 12, 2))


def parse_code(text: str) -> Status:
    """Read ``200 OK``, ``200%20OK``, ``OK`` or ``410``.

    Raises:
        ProtocolError: it does not begin with a code.
    """
    decoded = unquote(text)
    if decoded.strip().upper().startswith("OK"):
        return Status(PRINTED, "OK")
    found = _CODE.match(decoded)
    if found is None:
        raise ProtocolError(f"{_word(decoded)!r} does not begin with a status code")
    return Status(int(found[1]), _word(found[2]))


def parse_poll(body: bytes) -> Poll:
    """Read the body of a POST; of its fields only ``statusCode`` must be there, others may be anything.

    Raises:
        ProtocolError: it is too long, no JSON object, or has no status or a wrong address.
    """
    if len(body) > POLL_BYTES_MAX:
        raise ProtocolError(f"a poll has at most {POLL_BYTES_MAX} bytes")
    try:
        told = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise ProtocolError(f"the poll is no JSON: {_word(str(error))}") from error
    if not isinstance(told, dict):
        raise ProtocolError("the poll is no JSON object")
    code = told.get("statusCode")
    if isinstance(code, bool) or not isinstance(code, str | int):
        raise ProtocolError("the poll has no statusCode")
    return Poll(
        parse_code(str(code)),
        mac=_mac(_text(told, "printerMAC")),
        unique_id=_word(_text(told, "uniqueID")),
        printing=told.get("printingInProgress") is True,
        job_token=_text(told, "jobToken")[:TOKEN_MAX],
        answers=_answers(told.get("clientAction")),
    )


def parse_query(query: str) -> Query:
    """Read what stands behind the question mark.

    Raises:
        ProtocolError: it has too many fields, or a code or address that is none.
    """
    try:
        fields = parse_qs(query, keep_blank_values=True, max_num_fields=QUERY_FIELDS_MAX)
    except ValueError as error:
        raise ProtocolError(f"the query cannot be read: {error}") from error
    first = {name: values[0] for name, values in fields.items()}
    return Query(
        mac=_mac(first.get("mac", "")),
        media_type=first.get("type", "").partition(";")[0].strip().lower()[:WORD_MAX],
        token=first.get("token", "")[: TOKEN_MAX + 1],
        code=parse_code(first["code"]) if "code" in first else None,
        is_delete="delete" in first,
    )


def chosen_media(media_type: str, accept: str) -> str | None:
    """Return what to send: the ``type`` of the query, else the best that ``Accept`` takes; nothing where we have no such."""
    if media_type:
        return media_type if media_type in MEDIA_TYPES else None
    taken = [one.partition(";")[0].strip().lower() for one in accept.split(",") if one.strip()]
    if not taken:
        return PNG
    return next((have for have in MEDIA_TYPES if {have, f"{have.partition('/')[0]}/*", "*/*"} & set(taken)), None)


def poll_answer(token: str = "", actions: Sequence[str] = ()) -> bytes:
    """Return the answer to a POST: a job under ``token``, or none; and what the printer is to tell about itself."""
    answer: dict[str, Any] = {"jobReady": bool(token)}
    if token:
        answer |= {"mediaTypes": list(MEDIA_TYPES), "jobToken": token, "deleteMethod": "DELETE"}
    if actions:
        answer["clientAction"] = [{"request": action, "options": ""} for action in actions]
    return json.dumps(answer).encode("ascii")


def _answers(told: Any) -> dict[str, str]:
    if not isinstance(told, list):
        return {}
    found = [one for one in told[:ANSWERS_MAX] if isinstance(one, dict)]
    return {_word(_text(one, "request")): _word(str(one.get("result", ""))) for one in found}


def _mac(text: str) -> str:
    try:
        return parse_mac(text) if text else ""
    except ValueError as error:
        raise ProtocolError(f"{_word(text)!r} is no address: {error}") from error


def _text(told: Mapping[str, Any], name: str) -> str:
    value = told.get(name)
    return value if isinstance(value, str) else ""


def _word(text: str) -> str:
    """Return text that may stand in a log line."""
    return "".join(letter if letter.isprintable() else " " for letter in text[:WORD_MAX]).strip()
