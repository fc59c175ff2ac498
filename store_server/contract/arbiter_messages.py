"""What goes over the wire about which gate controller runs a shop's lanes: one at a time, because its record is the arbiter."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import Field

from store_server.contract.wire import Answer, Count, DeviceName, Request

LANES_MAX = 64


class ClaimLanes(Request):
    """A gate controller begins to run the shop's lanes, or goes on running them."""

    controller_id: UUID
    """Made once with its record of used passes; whoever has another record is another controller."""
    run_id: UUID
    """Made at each start of the program."""
    lanes: Annotated[list[DeviceName], Field(min_length=1, max_length=LANES_MAX)]
    begins: bool
    """The first claim of this run; a controller that merely goes on must not push out a later run of itself."""
    take_over: bool = False
    """A person says that the other controller is gone for good."""


class ReleaseLanes(Request):
    """A gate controller ends, and the server has every exit of its record: any controller may follow."""

    controller_id: UUID
    run_id: UUID


class LanesClaimed(Answer):
    """Who runs the shop's lanes now."""

    controller_id: UUID
    run_id: UUID
    since: Count
    released: bool = False
