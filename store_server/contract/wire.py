"""The two kinds of everything that goes over the wire, and the limits of what is in it.

Requests refuse unknown fields, so that a typing slip is heard; answers ignore them, so that an older client reads a newer
server. Ids are made by the caller, written to its own disk, then sent: repeating a request with the same id gives the same
answer. Amounts are minor units, weights grams, times whole seconds since 1970 UTC.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from store_server.contract.refusals import Refusal

QUANTITY_MAX = 999
LINES_MAX = 200
WEIGHT_MAX_G = 100_000
AMOUNT_MAX_MINOR = 100_000_000
COUNT_MAX = 2**53
"""Every program reads a whole number up to here exactly."""
Quantity = Annotated[int, Field(ge=1, le=QUANTITY_MAX)]
Grams = Annotated[int, Field(ge=1, le=WEIGHT_MAX_G)]
AmountMinor = Annotated[int, Field(ge=0, le=AMOUNT_MAX_MINOR)]
PaidMinor = Annotated[int, Field(ge=1, le=AMOUNT_MAX_MINOR)]
Count = Annotated[int, Field(ge=0, le=COUNT_MAX)]
Key14 = Annotated[str, Field(pattern=r"^[0-9]{14}$")]
DeviceName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
MemberToken = Annotated[str, Field(min_length=20, max_length=100, pattern=r"^[A-Za-z0-9_-]+$")]
Reason = Annotated[str, Field(min_length=2, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]


class Request(BaseModel):
    """What a client sends."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, allow_inf_nan=False)


class Answer(BaseModel):
    """What the server answers."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class RefusedAnswer(Answer):
    """The body of every refusal (HTTP 4xx)."""

    refusal: Refusal
    sentence: str
