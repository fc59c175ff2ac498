"""What an I/O module's URL says: where the port is, and how frames look on it; pure.

``modbus-tcp://host`` or ``modbus-tcp://host:port`` is a module on the network. Everything else is a serial line: a port's path,
or ``socket://host:port`` for a device server that passes serial bytes on.
"""

from __future__ import annotations

from enum import Enum
from urllib.parse import urlsplit

from hardware.errors import LinkLostError

SCHEME = "modbus-tcp"
PORT = 502


class Framing(Enum):
    """How frames look."""

    BY_URL = "by-url"
    RTU = "rtu"
    TCP = "tcp"


def opened_by(url: str, framing: Framing) -> tuple[str, Framing]:
    """Return the URL to open and the framing to use on it.

    Raises:
        LinkLostError: the URL names no host, or its port is no port.
    """
    if not url.startswith(f"{SCHEME}:"):
        return url, Framing.RTU if framing is Framing.BY_URL else framing
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or PORT
    except ValueError as error:
        raise LinkLostError(f"cannot open {url}: {error}") from error
    if not host:
        raise LinkLostError(f"cannot open {url}: write {SCHEME}://host or {SCHEME}://host:port")
    bracketed = f"[{host}]" if ":" in host else host
    return f"socket://{bracketed}:{port}", Framing.TCP if framing is Framing.BY_URL else framing
