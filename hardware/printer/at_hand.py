"""The job that is being printed: its pieces, the questions behind them, and which answers are about them."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from uuid import UUID

from hardware.printer import protocol
from hardware.printer.job import Job
from hardware.printer.protocol import Confirmed, QueuedPaper


@dataclass(slots=True)
class AtHand:
    """The job at hand. ``confirms`` is whether the printer knows GS ( H."""

    id: UUID
    pieces: list[bytes]
    confirms: bool
    job: Job
    _asked: dict[str, int] = field(default_factory=dict)
    _asked_paper: deque[int] = field(default_factory=deque)
    _asked_before: int = 0

    def next_piece(self) -> bytes:
        """Return the piece that the machine has just counted as sent, with the question behind it."""
        return self.pieces[self.job.sent - 1] + self.question()

    def question(self) -> bytes:
        """Return a question that is answered when everything sent so far was processed."""
        if not self.confirms:
            self._asked_paper.append(self.job.sent)
            return protocol.ASK_PAPER_QUEUED
        identifier = protocol.confirmation_id((self.id.int + self._asked_before) % protocol.CONFIRMATION_IDS)
        self._asked_before += 1
        self._asked[identifier] = self.job.sent
        return protocol.ask_confirmation(identifier)

    def question_again(self) -> bytes:
        """Ask once more; with answers that carry no name, the next one is then about this question."""
        self._asked_paper.clear()
        return self.question()

    def meant_by(self, answer: Confirmed | QueuedPaper) -> int | None:
        """Return up to which piece everything was processed; nothing for an answer to another question."""
        if isinstance(answer, Confirmed):
            return self._asked.pop(answer.id, None)
        # Answers come in the order of the questions.
        return self._asked_paper.popleft() if self._asked_paper else None
