"""HTTPS to a terminal on the local net: the certificate is the right one, or nothing is sent.

A terminal's certificate is checked against a CA file, where the maker hands one out, or against the SHA-256 fingerprint of
the very certificate that staff saw when the terminal was set up. Without either the system's authorities decide. Terminals are
known by address, so a certificate of the shop's own CA need not carry a host name: ``check_host`` is off unless asked for.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import socket
import ssl
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from hardware.card_terminal.protocol_json import MESSAGE_BYTES_MAX
from hardware.errors import LinkLostError, NoReplyError, ProtocolError, WrongDeviceError

CONNECT_TIMEOUT_S = 3.0
_FINGERPRINT_DIGITS = 64
_OK = 200


@dataclass(frozen=True, slots=True)
class Trust:
    """By what a terminal's certificate is known."""

    ca: Path | None = None
    fingerprint: str = ""
    """SHA-256 of the certificate, in hexadecimal; colons and blanks do not matter."""
    check_host: bool = False

    @property
    def digits(self) -> str:
        """The fingerprint as 64 small digits; empty when none is pinned.

        Raises:
            ValueError: it is no SHA-256.
        """
        digits = "".join(letter for letter in self.fingerprint.lower() if letter not in ": ")
        if digits and (len(digits) != _FINGERPRINT_DIGITS or not set(digits) <= set("0123456789abcdef")):
            raise ValueError("a fingerprint has 64 hexadecimal digits: the SHA-256 of the terminal's certificate")
        return digits


class Https:
    """One address of one terminal."""

    def __init__(self, url: str, trust: Trust) -> None:
        """Prepare; connects nowhere yet.

        Raises:
            LinkLostError: the URL or the CA file cannot be used.
        """
        parts = urlsplit(url)
        if parts.scheme not in {"https", "http"} or not parts.hostname:
            raise LinkLostError(f"{url!r} is no address of a terminal; it looks like https://192.168.1.20:8443/nexo")
        self.url = url
        self._host = parts.hostname
        try:
            self._port = parts.port
            self._pinned = trust.digits
            self._tls = _context(trust) if parts.scheme == "https" else None
        except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
            raise LinkLostError(f"cannot use the settings of {url}: {error}") from error
        self._path = parts.path or "/nexo"

    def connect(self) -> Exchange:
        """Open a connection whose certificate was checked.

        Raises:
            LinkLostError: nobody answers there, or with no certificate of ours.
            WrongDeviceError: another certificate than the pinned one.
        """
        if self._tls is None:
            line = http.client.HTTPConnection(self._host, self._port, timeout=CONNECT_TIMEOUT_S)
        else:
            line = http.client.HTTPSConnection(self._host, self._port, timeout=CONNECT_TIMEOUT_S, context=self._tls)
        try:
            line.connect()
            _watch(line.sock)
            self._check(line)
        except (OSError, http.client.HTTPException) as error:
            line.close()
            raise LinkLostError(f"{self.url} does not answer: {error}") from error
        except WrongDeviceError:
            line.close()
            raise
        return Exchange(line, self._path)

    def post(self, body: bytes, timeout_s: float) -> bytes:
        """Send one message and return its answer."""
        exchange = self.connect()
        try:
            exchange.send(body)
            return exchange.answer(timeout_s)
        finally:
            exchange.close()

    def _check(self, line: http.client.HTTPConnection) -> None:
        if not self._pinned or not isinstance(line.sock, ssl.SSLSocket):
            return
        certificate = line.sock.getpeercert(binary_form=True) or b""
        found = hashlib.sha256(certificate).hexdigest()
        if not hmac.compare_digest(found, self._pinned):
            raise WrongDeviceError(
                f"{self.url} shows the certificate {found}, the settings pin another: compare it with the terminal's own, "
                "then correct the settings, or find out who answers there"
            )


class Exchange:
    """One request and its answer, on one connection."""

    def __init__(self, line: http.client.HTTPConnection, path: str) -> None:
        self._line = line
        self._path = path

    def send(self, body: bytes) -> None:
        """Send the request; when it fails, nobody knows how much of it arrived."""
        try:
            self._line.request("POST", self._path, body, {"Content-Type": "application/json", "Connection": "close"})
        except (OSError, http.client.HTTPException) as error:
            raise LinkLostError(f"the line broke while sending: {error}") from error

    def answer(self, timeout_s: float) -> bytes:
        """Wait for the answer.

        Raises:
            NoReplyError: none in time.
            LinkLostError: the line broke.
            ProtocolError: it is no good answer.
        """
        try:
            if self._line.sock is not None:
                self._line.sock.settimeout(timeout_s)
            response = self._line.getresponse()
            data = response.read(MESSAGE_BYTES_MAX + 1)
        except TimeoutError as error:
            raise NoReplyError(f"the terminal did not answer within {timeout_s:g} s") from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise LinkLostError(f"the line broke before the answer: {error!r}") from error
        if response.status != _OK:
            raise ProtocolError(
                f"what answers refuses the message with HTTP status {response.status}: is it a terminal, and are path, poi_id "
                "and key right?"
            )
        return data

    def close(self) -> None:
        """Close the connection."""
        self._line.close()


def _watch(sock: socket.socket) -> None:
    """Let the system notice within seconds that a cable was pulled while we wait for a shopper."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in ((socket.TCP_KEEPIDLE, 2), (socket.TCP_KEEPINTVL, 1), (socket.TCP_KEEPCNT, 3)):
        sock.setsockopt(socket.IPPROTO_TCP, option, value)


def _context(trust: Trust) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname = trust.check_host
    if trust.ca is not None:
        context.load_verify_locations(trust.ca)
    elif trust.digits:  # the pinned certificate is the only one that is believed, whoever signed it
        context.verify_mode = ssl.CERT_NONE
    else:
        context.load_default_certs()
    return context
