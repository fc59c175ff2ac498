"""What every rule returns."""

from __future__ import annotations

from typing import TypeAlias

from kiosk_app.session import Session
from kiosk_app.session_commands import Command

Step: TypeAlias = tuple[Session, tuple[Command, ...]]
"""The session after an event, and what is to be done, in order."""
