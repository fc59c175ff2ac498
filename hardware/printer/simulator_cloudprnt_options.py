"""What kind of CloudPRNT printer a simulated one is, and the form of what it asks; pure."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field


class CloudPrinterOptions(BaseModel):
    """What kind of printer it is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str = "http://127.0.0.1:8777/secret"
    """Where it asks; ``cloudprnt://`` is understood too."""
    mac: str = Field(default="00:11:62:0d:14:27", min_length=1)
    model: str = "mC-Print3"
    firmware: str = "5.1"
    poll_s: float = Field(default=5.0, gt=0, le=600)
    print_s: float = Field(default=1.0, ge=0)
    """How long a receipt takes."""
    takes: tuple[str, ...] = ("image/png", "text/plain")
    """Media types, the best first."""
    tells_token: bool = True
    """Old firmware does not."""
    asks_setting: bool = False
    """Whether it asks for cloudprnt-setting.json first."""
    boot_s: float = Field(default=0.5, ge=0)


@dataclass(frozen=True, slots=True)
class Wish:
    """A request that it wants to make."""

    method: str
    query: str = ""
    body: bytes = b""
    file: str = ""
    """A file beside the URL, in place of the URL itself."""
