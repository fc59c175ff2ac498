"""Asking a printer how it is, and hearing what it says of itself in between; used by the driver's thread only."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from hardware.connection import Identity
from hardware.errors import NoReplyError
from hardware.link import Link, waits
from hardware.printer import protocol
from hardware.printer.protocol import (
    AutomaticStatus,
    Condition,
    Confirmed,
    IdentityQuery,
    IdentityText,
    Query,
    QueuedPaper,
    Reply,
    ReplyReader,
    StatusByte,
)

REPLY_TIMEOUT_S = 0.4
TELL_TIMEOUT_S = 1.0
"""For questions that wait in the printer's buffer behind nothing."""
FULL_EVERY = 6
"""Every so many checks all four questions are asked."""
ANSWERS_MAX = 50
UNNAMED = "ESC/POS printer"


class Conversation:
    """What was asked of one printer and what it said."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._reader = ReplyReader()
        self.condition = Condition()
        self.answers: deque[Confirmed | QueuedPaper] = deque(maxlen=ANSWERS_MAX)
        """What came back for questions in the buffer, oldest first; whoever asked takes them out."""
        self._tells_changes = False
        """Whether automatic status was seen since it was asked for."""
        self._asks_automatic = False
        self._checks = 0
        self._texts: list[str] = []

    def read_condition(self, port: Link) -> None:
        """Ask all four questions; believe in a new obstacle only when a second reading has it too.

        Raises:
            NoReplyError: a question was not answered.
        """
        was = self.condition.obstacle
        self._ask_all(port)
        if self.condition.obstacle not in {"", was}:
            self._ask_all(port)

    def check(self, port: Link) -> None:
        """See that it is there and on-line; ask everything now and then, and where it does not tell changes by itself.

        Raises:
            NoReplyError: a question was not answered.
        """
        if self._asks_automatic and not self.condition.obstacle:
            self._asks_automatic = False
            port.write(protocol.AUTOMATIC_STATUS_ON)
        known = self.condition
        try:
            self._ask(port, Query.PRINTER)
        except NoReplyError:
            # It may have been switched off and on again meanwhile.
            self.automatic_lapsed()
            raise
        self._checks += 1
        if self.condition.online != known.online or not self._tells_changes or self._checks % FULL_EVERY == 0:
            self.read_condition(port)

    def automatic_lapsed(self) -> None:
        """Automatic status may be off: a job's ESC @ may end it, and power lost does. It is asked for at the next check."""
        self._tells_changes = False
        self._asks_automatic = True

    def listen(self, port: Link, wait_s: float = 0.0) -> None:
        """Take what the printer said without being asked."""
        for reply in self._reader.feed(port.read(wait_s)):
            self._keep(reply)

    def identify(self, port: Link) -> Identity:
        """Ask for model and serial number; printers that do not tell, or cannot print now, stay unnamed."""
        texts: list[str] = []
        for query in (IdentityQuery.MODEL, IdentityQuery.SERIAL_NUMBER):
            self._texts.clear()
            port.write(protocol.ask_identity(query))
            self._listen_until(port, lambda: bool(self._texts))
            if not self._texts:
                return Identity(model=texts[0] if texts else UNNAMED)
            texts.append(self._texts.pop(0))
        return Identity(model=texts[0] or UNNAMED, serial_number=texts[1])

    def learn_confirmation(self, port: Link) -> bool | None:
        """Find out whether it knows GS ( H; nothing when it answers no question at all, as while it cannot print."""
        self.answers.clear()
        port.write(protocol.ask_confirmation("ASKS") + protocol.ASK_PAPER_QUEUED)
        self._listen_until(port, lambda: bool(self.answers))
        if self.answers and isinstance(self.answers[0], QueuedPaper):
            # No answer to an older question may be taken for one to a later question.
            self._listen_until(port, lambda: False, REPLY_TIMEOUT_S)
        knows = any(isinstance(answer, Confirmed) for answer in self.answers)
        found = True if knows else False if self.answers else None
        if knows:
            self._listen_until(port, lambda: any(isinstance(answer, QueuedPaper) for answer in self.answers), REPLY_TIMEOUT_S)
        self.answers.clear()
        return found

    def _listen_until(self, port: Link, done: Callable[[], bool], timeout_s: float = TELL_TIMEOUT_S) -> None:
        for left_s in waits(timeout_s):
            if done():
                return
            self.listen(port, left_s)

    def _ask_all(self, port: Link) -> None:
        for query in Query:
            self._ask(port, query)

    def _ask(self, port: Link, query: Query) -> None:
        """Ask one question; what else the printer says meanwhile is kept, but not a late answer to another question."""
        self.listen(port)
        port.write(protocol.ask(query))
        for left_s in waits(REPLY_TIMEOUT_S):
            replies = self._reader.feed(port.read(left_s))
            for reply in replies:
                self._keep(reply)
            status = next((reply for reply in replies if isinstance(reply, StatusByte)), None)
            if status is not None:
                self.condition = protocol.understood(self.condition, query, status.value)
                return
        # Half a reply that the line swallowed the rest of must not swallow the next one too.
        self._reader = ReplyReader()
        raise NoReplyError(f"{self._name} does not answer; see that it is switched on and connected")

    def _keep(self, reply: Reply) -> None:
        if isinstance(reply, AutomaticStatus):
            self._tells_changes = True
            self.condition = protocol.understood_automatic(reply.data)
        elif isinstance(reply, Confirmed | QueuedPaper):
            self.answers.append(reply)
        elif isinstance(reply, IdentityText):
            self._texts.append(reply.text)
