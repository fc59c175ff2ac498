"""Who sits at this browser, in which language: the login form, and what the browser keeps of both."""

from __future__ import annotations

from nicegui import app as nicegui_app
from nicegui import run, ui

from store_server.contract.refusals import Refusal
from store_server.contract.staff_messages import StaffLogin
from store_server.services import staff
from store_server.services.principals import StaffMember
from store_server.services.refused import RefusedError
from store_server.services.store import Store
from store_server.web.console.asking import Sentence, asked
from store_server.web.console.texts import DEFAULT, LANGUAGES, say

_LANGUAGE = "language"
_TOKEN = "staff_token"  # noqa: S105 - a name, no token


def chosen_language() -> str:
    """Return this browser's language."""
    chosen = str(nicegui_app.storage.user.get(_LANGUAGE, DEFAULT))
    return chosen if chosen in LANGUAGES else DEFAULT


def kept_token() -> str:
    """Return the session that this browser has; empty when nobody is logged in."""
    return str(nicegui_app.storage.user.get(_TOKEN, ""))


def member_of(store: Store, token: str) -> StaffMember | None:
    """Return whose session this is, as long as it lasts."""
    principal = staff.find_principal(store, token) if token else None
    return principal if isinstance(principal, StaffMember) else None


async def log_out(store: Store, token: str) -> None:
    """End the session, and show the login form."""
    nicegui_app.storage.user.pop(_TOKEN, None)
    await run.io_bound(staff.logout, store, token)
    ui.navigate.to("/")


def shop_name(store: Store, language: str) -> str:
    """Name the shop."""
    return (store.shop.name_zh if language == "zh" else store.shop.name_en) or store.shop.name_en


def draw_languages(language: str, classes: str) -> None:
    """Offer the other languages."""

    def choose(chosen: str) -> None:
        nicegui_app.storage.user[_LANGUAGE] = chosen
        ui.navigate.to("/")

    for code, name in LANGUAGES.items():
        if code != language:
            button = ui.button(name, on_click=lambda code=code: choose(code))
            button.props(f'flat no-caps {classes} data-testid="language-{code}"')


def draw_login(store: Store, language: str) -> None:
    """Ask who it is."""
    with ui.element("form").classes("sl-login").on("submit.prevent", lambda: None):
        ui.label(shop_name(store, language)).classes("text-xl font-semibold")
        ui.label(say(language, "log-in-please")).style("color: var(--quiet)")
        name = (
            ui.input(say(language, "name"))
            .props('outlined autofocus autocomplete=username data-testid="login-name"')
            .classes("w-full")
        )
        password = ui.input(say(language, "password"), password=True, password_toggle_button=True).classes("w-full")
        password.props('outlined autocomplete=current-password data-testid="login-password"')
        wrong = ui.label().classes("sl-note sl-bad").props('data-testid="login-wrong" role=alert')
        wrong.set_visibility(False)

        async def log_in() -> None:
            wrong.set_visibility(False)
            address = ui.context.client.ip or "unknown"
            try:
                session = await asked(lambda: _login(store, str(name.value or ""), str(password.value or ""), address))
            except Sentence as sentence:
                wrong.set_text(sentence.said(language))
                wrong.set_visibility(True)
                return
            nicegui_app.storage.user[_TOKEN] = session
            ui.navigate.to("/")

        button = ui.button(say(language, "log-in"), on_click=log_in).classes("w-full")
        button.props('unelevated no-caps size=lg data-testid="login-submit"')
        draw_languages(language, "dense")
        password.on("keydown.enter", log_in)
        name.on("keydown.enter", log_in)


def _login(store: Store, name: str, password: str, address: str) -> str:
    if not name or not password:
        raise RefusedError(Refusal.UNAUTHENTICATED, "Please type your name and password.")
    try:
        request = StaffLogin(name=name, password=password)
    except ValueError as error:
        raise RefusedError(Refusal.UNAUTHENTICATED, "Name or password is wrong.") from error
    return staff.login(store, request, address).token
