"""A finger on a touch program's window: talks to its touch socket (see ``--touch-socket``)."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

from demo.errors import DemoError
from demo.waiting import wait_for

ANSWER_TIMEOUT_S = 10.0
_BLOCK = 65536


class Touch:
    """One program's window, touched and read."""

    def __init__(self, name: str, path: Path) -> None:
        self.name = name
        self._path = path

    def look(self) -> dict[str, Any]:
        """Return the screen's name and its visible widgets."""
        return self._ask({"do": "look"})

    def screen(self) -> str:
        """Return the name of the screen that is shown."""
        return str(self.look()["screen"])

    def text(self, name: str) -> str | None:
        """Return a widget's text, or None when it is not visible."""
        return next((str(widget["text"]) for widget in self.look()["widgets"] if widget["name"] == name), None)

    def texts(self) -> dict[str, str]:
        """Return the texts of all visible widgets by name."""
        return {widget["name"]: widget["text"] for widget in self.look()["widgets"]}

    def press(self, name: str) -> None:
        """Press a widget as soon as a finger can."""
        self._when_possible({"do": "press", "name": name})

    def type(self, name: str, text: str) -> None:
        """Type into a field as soon as a finger can."""
        self._when_possible({"do": "type", "name": name, "text": text})

    def picture(self, path: Path) -> Path:
        """Save what the window shows."""
        self._ask({"do": "picture", "path": str(path.resolve())})
        return path

    def wait_screen(self, name: str, timeout_s: float = 20.0) -> None:
        """Wait until a screen is shown."""
        wait_for(lambda: self.screen() == name, f"the screen {name!r} of the {self.name}", timeout_s)

    def wait_text(self, name: str, part: str, timeout_s: float = 20.0) -> str:
        """Wait until a widget's text contains ``part``; return the text."""
        return wait_for(
            lambda: text if (text := self.text(name)) is not None and part in text else None,
            f"{part!r} in {name!r} of the {self.name}",
            timeout_s,
        )

    def _when_possible(self, request: dict[str, Any], timeout_s: float = 10.0) -> None:
        last = [""]

        def attempt() -> bool:
            try:
                self._ask(request)
            except DemoError as error:
                last[0] = str(error)
                return False
            return True

        try:
            wait_for(attempt, f"{request['do']} {request['name']!r} on the {self.name}", timeout_s)
        except DemoError as error:
            raise DemoError(f"{error}: {last[0]}") from None

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
                line.settimeout(ANSWER_TIMEOUT_S)
                line.connect(str(self._path))
                line.sendall(json.dumps(request).encode("utf-8") + b"\n")
                received = b""
                while not received.endswith(b"\n"):
                    block = line.recv(_BLOCK)
                    if not block:
                        break
                    received += block
            answer = json.loads(received)
        except (OSError, ValueError) as error:
            raise DemoError(f"the {self.name} does not answer touches: {error}") from error
        if "error" in answer:
            raise DemoError(str(answer["error"]))
        return dict(answer)
