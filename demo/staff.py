"""Staff at the store server: by the staff page in a browser where there is one, else by the same requests over HTTP."""

from __future__ import annotations

import shutil
import uuid
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import requests
from playwright.sync_api import Browser, Page, Playwright, sync_playwright
from playwright.sync_api import Error as BrowserError

from demo import plan
from demo.errors import DemoError
from demo.waiting import wait_for

ANSWER_TIMEOUT_S = 10.0
PAGE_TIMEOUT_MS = 15_000
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class StaffApi:
    """The staff routes of the store server over HTTP."""

    def __init__(self, store_url: str) -> None:
        self._url = store_url
        self._session = requests.Session()
        self._session.trust_env = False

    def log_in(self) -> None:
        """Open a staff session."""
        answer = self._post("/v1/staff/login", {"name": plan.STAFF_NAME, "password": plan.STAFF_SECRET})
        self._session.headers["Authorization"] = f"Bearer {answer['token']}"

    def lane(self, name: str = plan.LANE) -> dict[str, Any]:
        """Return what a lane last said; empty when it said nothing yet."""
        return next((dict(view["report"]) for view in self._get("/v1/staff/lanes") if view["report"]["lane"] == name), {})

    def order(self, number: str) -> dict[str, Any]:
        """Return a recent order by its number; empty when there is none."""
        return next((dict(order) for order in self._get("/v1/staff/orders") if order["order_number"] == number), {})

    def order_count(self) -> int:
        """Return how many recent orders there are."""
        return len(self._get("/v1/staff/orders"))

    def balances(self) -> dict[str, int]:
        """Return the ledger: account to balance in minor units."""
        return {row["account"]: int(row["balance_minor"]) for row in self._get("/v1/staff/ledger")}

    def add_article(self, order_id: str, code: str) -> dict[str, Any]:
        """Rescan an article into an order."""
        body = {"amendment_id": str(uuid.uuid4()), "code": code}
        return dict(self._post(f"/v1/staff/orders/{order_id}/articles", body))

    def command(self, kind: str, reason: str, lane: str = plan.LANE) -> None:
        """Tell a lane what to do."""
        body = {"command_id": str(uuid.uuid4()), "kind": kind, "reason": reason}
        self._post(f"/v1/staff/lanes/{lane}/commands", body)

    def close(self) -> None:
        """Close idle connections."""
        self._session.close()

    def _get(self, path: str) -> Any:
        return self._answer("GET", path, None)

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        return self._answer("POST", path, body)

    def _answer(self, method: str, path: str, body: dict[str, Any] | None) -> Any:
        try:
            response = self._session.request(method, f"{self._url}{path}", json=body, timeout=ANSWER_TIMEOUT_S)
            answer = response.json()
        except (requests.RequestException, ValueError) as error:
            raise DemoError(f"the store server does not answer: {error}") from error
        if not response.ok:
            raise DemoError(str(answer.get("sentence", answer)))
        return answer


def browser_path() -> str | None:
    """Return an installed Chromium, if there is one."""
    return next((found for name in _BROWSERS if (found := shutil.which(name))), None)


class StaffPage:
    """The staff page in a real Chromium; a context manager."""

    def __init__(self, store_url: str, pictures: Path) -> None:
        self._url = f"{store_url}/staff"
        self._pictures = pictures
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None
        self._page: Page | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._browser is not None:
            with suppress(BrowserError):
                self._browser.close()
        if self._playwright is not None:
            self._playwright.stop()

    def log_in(self) -> None:
        """Open the page and log in."""
        path = browser_path()
        if path is None:
            raise DemoError("no Chromium is installed")
        try:
            self._playwright = sync_playwright().start()
        except Exception as error:  # Playwright raises bare Exceptions when its own driver cannot start
            raise DemoError(f"Playwright does not start: {error}") from error
        try:
            self._browser = self._playwright.chromium.launch(executable_path=path, args=_FLAGS)
            self._page = self._browser.new_page(viewport={"width": 1280, "height": 800})
            self._page.set_default_timeout(PAGE_TIMEOUT_MS)
            self._page.goto(self._url)
            self._page.get_by_test_id("login-name").fill(plan.STAFF_NAME)
            self._page.get_by_test_id("login-password").fill(plan.STAFF_SECRET)
            self._page.get_by_test_id("login-submit").click()
            self._page.get_by_test_id(f"lane-{plan.LANE}").wait_for()
        except BrowserError as error:
            raise DemoError(f"the staff page does not work: {error}") from error

    def wait_for_text(self, text: str, timeout_s: float = 15) -> str:
        """Wait until the lane's card says ``text``."""
        card = self._shown().get_by_test_id(f"lane-{plan.LANE}")
        return wait_for(lambda: said if text in (said := card.inner_text()) else None, f"{text!r} on the staff page", timeout_s)

    def rescan(self, code: str) -> None:
        """Scan an article into the order that is in the lane."""
        page = self._shown()
        try:
            page.get_by_test_id(f"lane-{plan.LANE}-rescan").fill(code)
            page.get_by_test_id(f"lane-{plan.LANE}-rescan-submit").click()
        except BrowserError as error:
            raise DemoError(f"the staff page takes no rescan: {error}") from error

    def silence(self) -> None:
        """Silence the lane's alarm."""
        try:
            self._shown().get_by_test_id(f"lane-{plan.LANE}-silence").click()
        except BrowserError as error:
            raise DemoError(f"the staff page cannot silence the alarm: {error}") from error

    def picture(self, name: str) -> Path:
        """Save what the page shows."""
        path = self._pictures / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        self._shown().screenshot(path=path)
        return path

    def _shown(self) -> Page:
        if self._page is None:
            raise DemoError("the staff page is not open")
        return self._page
