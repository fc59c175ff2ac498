"""The device bench as its operator sees it: puts goods, cash, codes and tags into the world over the control API."""

from __future__ import annotations

from typing import Any

import requests

from demo.errors import DemoError

ANSWER_TIMEOUT_S = 10.0


class Bench:
    """The control API of ``device-bench``."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._session = requests.Session()
        self._session.trust_env = False

    def close(self) -> None:
        """Close idle connections."""
        self._session.close()

    def devices(self) -> list[dict[str, Any]]:
        """Return every device with its state, facts and actions."""
        return list(self._answer(self._session.get(f"{self.url}/devices", timeout=ANSWER_TIMEOUT_S))["devices"])

    def facts(self, device: str) -> dict[str, Any]:
        """Return a device's physical truth."""
        return dict(self._answer(self._session.get(f"{self.url}/devices/{device}", timeout=ANSWER_TIMEOUT_S))["facts"])

    def do(self, device: str, action: str, **arguments: Any) -> Any:
        """Play the world: one action on one device."""
        answer = self._session.post(f"{self.url}/devices/{device}/{action}", json=arguments, timeout=ANSWER_TIMEOUT_S)
        return self._answer(answer).get("result")

    def picture(self, device: str) -> bytes:
        """Return what the camera sees or what the printer printed, as PNG."""
        answer = self._session.get(f"{self.url}/devices/{device}/picture.png", timeout=ANSWER_TIMEOUT_S)
        if not answer.ok:
            raise DemoError(f"the bench has no picture of {device}: {answer.text}")
        return answer.content

    @staticmethod
    def _answer(response: requests.Response) -> dict[str, Any]:
        body = response.json()
        if not response.ok:
            raise DemoError(str(body.get("error", body)))
        return dict(body)
