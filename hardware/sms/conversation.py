"""Asks a modem and waits for its answer; what it says unasked meanwhile goes to whoever cares for it."""

from __future__ import annotations

import time
from collections.abc import Callable

from hardware.errors import DeviceRefusedError, LinkLostError, NoReplyError, ProtocolError
from hardware.link import Link, waits
from hardware.sms import protocol
from hardware.sms.protocol import Final, Info, Prompt, Reader, Said, Unasked

ANSWER_TIMEOUT_S = 2.0
PROMPT_TIMEOUT_S = 5.0
AFTER_REFERENCE_S = 2.0
"""How long OK may come after the message's number."""
QUIET_S = 0.1
TRIES_MAX = 3


class PromptMissingError(NoReplyError):
    """The modem did not ask for the message: it was not sent."""


class AnswerLostError(NoReplyError):
    """The modem has the message and did not say what became of it."""


class RefusedError(DeviceRefusedError):
    """The modem or the network refused, with a reason."""

    def __init__(self, final: Final) -> None:
        super().__init__(final.reason)
        self.final = final


class Conversation:
    """One modem on one line."""

    def __init__(self, port: Link, take: Callable[[Unasked], None]) -> None:
        self._port = port
        self._take = take
        self._reader = Reader()
        self._echo_off = False

    def listen(self, timeout_s: float) -> list[Said]:
        """Wait for what comes first; pass on what nobody asked for and return the rest."""
        rest: list[Said] = []
        for said in self._reader.feed(self._port.read(timeout_s)):
            if isinstance(said, Unasked):
                self._take(said)
            else:
                if self._echo_off and isinstance(said, Info) and said.line.startswith("AT"):
                    raise LinkLostError("the modem repeats what it is told: it has started anew and must be set up again")
                rest.append(said)
        return rest

    def wake(self) -> None:
        """Abort what a program before us, or a lost answer, may have left half done; wait until it answers.

        Raises:
            NoReplyError: it does not answer.
            LinkLostError: it has started anew since it was woken first.
        """
        for _try in range(TRIES_MAX):
            self._port.write(protocol.ABORT)
            self._settle()
            try:
                self.ask("AT", tries=1)
                self.ask("ATE0", tries=1)
            except (NoReplyError, RefusedError):
                continue
            self._settle()
            self._echo_off = True
            return
        raise NoReplyError("the modem does not answer AT; is this its port, and is it switched on?")

    def ask(self, text: str, *, tries: int = TRIES_MAX, timeout_s: float = ANSWER_TIMEOUT_S) -> list[str]:
        """Ask something that may be asked again; return the lines before OK.

        Raises:
            RefusedError: the modem says no.
            NoReplyError: no answer.
        """
        for _try in range(tries):
            self._port.write(self._fresh(text))
            lines, final = self._answer(timeout_s)
            if final is not None:
                if not final.is_ok:
                    raise RefusedError(final)
                return lines
        raise NoReplyError(f"the modem did not answer {text.split('=', maxsplit=1)[0]} within {timeout_s:g} s")

    def ask_line(self, text: str, prefix: str, *, tries: int = TRIES_MAX) -> str:
        """Ask for one line that begins with ``prefix``, so often when no answer comes; a broken line is asked for again.

        Raises:
            RefusedError: the modem says no.
            NoReplyError: no answer.
            ProtocolError: again and again another answer.
        """
        for _try in range(TRIES_MAX):
            lines = self.ask(text, tries=tries)
            found = next((line for line in lines if line.startswith(prefix)), None)
            if found is not None:
                return found
        raise ProtocolError(f"the modem answered {text} with {lines!r}")

    def send(self, text: str, message: bytes, timeout_s: float) -> int | None:
        """Send a message after its prompt; return its number, None when the modem did not tell one.

        Raises:
            PromptMissingError: nothing was sent.
            RefusedError: it was refused.
            AnswerLostError: nobody knows.
            LinkLostError: the port is gone; nothing was sent.
        """
        self._port.write(self._fresh(text))
        self._await_prompt()
        try:
            self._port.write(message + protocol.SEND)
            return self._outcome(timeout_s)
        except LinkLostError as error:
            raise AnswerLostError(str(error)) from error

    def _await_prompt(self) -> None:
        for left_s in waits(PROMPT_TIMEOUT_S):
            for said in self.listen(left_s):
                if said is Prompt.PROMPT:
                    return
                if isinstance(said, Final) and not said.is_ok:
                    raise RefusedError(said)
        raise PromptMissingError("the modem did not ask for the message")

    def _outcome(self, timeout_s: float) -> int | None:
        reference: int | None = None
        is_taken = False
        deadline_s = time.monotonic() + timeout_s
        while (left_s := deadline_s - time.monotonic()) > 0:
            for said in self.listen(left_s):
                if isinstance(said, Final):
                    if not said.is_ok and not is_taken:
                        raise RefusedError(said)
                    return reference
                if isinstance(said, Info) and said.line.startswith("+CMGS:"):
                    reference, is_taken = _reference(said.line), True
                    deadline_s = time.monotonic() + AFTER_REFERENCE_S
        if is_taken:
            return reference
        raise AnswerLostError(f"the modem did not say within {timeout_s:g} s what became of the message")

    def _answer(self, timeout_s: float) -> tuple[list[str], Final | None]:
        lines: list[str] = []
        for left_s in waits(timeout_s):
            for said in self.listen(left_s):
                if isinstance(said, Final):
                    return lines, said
                if isinstance(said, Info):
                    lines.append(said.line)
        return lines, None

    def _fresh(self, text: str) -> bytes:
        """Return the command's bytes after late answers to older ones were thrown away."""
        self.listen(0.0)
        return protocol.command(text)

    def _settle(self) -> None:
        deadline_s = time.monotonic() + ANSWER_TIMEOUT_S
        while self.listen(QUIET_S) and time.monotonic() < deadline_s:
            pass


def _reference(line: str) -> int | None:
    try:
        return protocol.number_in(line, "+CMGS:") & 0xFF
    except ProtocolError:
        return None
