"""``store-server``: make the books, fill them, serve, check them."""

from __future__ import annotations

import contextlib
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from program.data_dir import claimed
from program.errors import ProgramError
from program.logs import set_up_logs
from program.settings import load_settings
from program.start import announce_ready, on_stop_signal, run
from store_server.contract.messages import DeviceRole
from store_server.contract.money import format_minor
from store_server.domain.product_list import ProductListError
from store_server.persistence.database import DatabaseBusyError, DatabaseFullError
from store_server.services import books_check, catalogue
from store_server.services import devices as device_service
from store_server.services import staff as staff_service
from store_server.services.store import Store, make_store, open_store
from store_server.settings import PROGRAM, ServerSettings

EXIT_FINDINGS = 1
"""Exit code of ``verify`` when the books do not agree."""

app = typer.Typer(
    name=PROGRAM,
    help="The store server: catalogue, prices, orders, money, exits and the staff page.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)

SettingsFile = Annotated[Path, typer.Option("--settings", metavar="FILE", help="The settings file (TOML).")]


@app.command()
def init(settings: SettingsFile) -> None:
    """Make the books and the signing keys, or bring older books up to date."""
    values = load_settings(ServerSettings, settings)
    with claimed(values.data_dir, PROGRAM):
        make_store(values)
    _say(f"The books and keys are in {values.data_dir}.")


@app.command()
def serve(settings: SettingsFile) -> None:
    """Serve devices and staff until SIGTERM."""
    values = load_settings(ServerSettings, settings)
    with claimed(values.data_dir, PROGRAM):
        set_up_logs(PROGRAM, values.data_dir, level=values.log_level)
        with _opened(values) as store:
            catalogue.republish(store)
            _serve(store)


@app.command("import-products")
def import_products(settings: SettingsFile, file: Annotated[Path, typer.Argument(help="CSV file of the whole range.")]) -> None:
    """Take in the whole range from a CSV file; a bad row refuses the file and leaves the present range."""
    with _books(settings) as store:
        try:
            done = catalogue.import_products(store, file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise ProgramError(f"Cannot read {file}: {error}. It must be a text file in UTF-8.") from error
        except ProductListError as error:
            raise ProgramError(f"{file} was not taken in; nothing was changed:\n{error}") from error
    _say(f"{done.articles} articles, price book version {done.version}{'' if done.changed else ' (nothing new)'}.")


@app.command()
def enrol(
    settings: SettingsFile,
    name: Annotated[str, typer.Argument(help="The device's name, such as kiosk-1.")],
    role: Annotated[DeviceRole, typer.Argument(help="What the device may do.")],
) -> None:
    """Enrol a device and print its token, which is shown this once; enrolling again replaces the token."""
    with _books(settings) as store:
        _say(device_service.enrol(store, name, role))


@app.command("add-staff")
def add_staff(
    settings: SettingsFile,
    name: Annotated[str, typer.Argument(help="Name to log in with.")],
    password_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="File with the password; asked for without.")
    ] = None,
) -> None:
    """Add a member of staff, or give them a new password."""
    with _books(settings) as store:
        staff_service.add_staff(store, name, _password(password_file))
    _say(f"{name} can log in at /staff.")


@app.command()
def verify(
    settings: SettingsFile,
    expect_head: Annotated[
        str, typer.Option(metavar="HEAD", help="An end of the audit log that was written down before; it must still be there.")
    ] = "",
) -> None:
    """Check that all facts, all money and the audit log agree; print the log's end, to be kept elsewhere."""
    with _books(settings) as store:
        found = books_check.findings(store, expect_head)
        head = books_check.audit_head(store)
        for balance in books_check.balances(store):
            _say(f"{balance.account:40} {format_minor(balance.balance_minor, store.shop.currency):>16}")
    _say(f"audit log ends at {head}")
    for sentence in found:
        _say(sentence)
    if found:
        raise typer.Exit(EXIT_FINDINGS)
    _say("The books agree.")


def main() -> NoReturn:
    """Run the command line."""
    run(app)


def _books(file: Path) -> contextlib.AbstractContextManager[Store]:
    return _opened(load_settings(ServerSettings, file))


@contextlib.contextmanager
def _opened(settings: ServerSettings) -> Iterator[Store]:
    store = open_store(settings)
    try:
        yield store
    except (DatabaseBusyError, DatabaseFullError) as error:
        raise ProgramError(f"The books cannot be written: {error}. Nothing was changed; mend that and try again.") from error
    finally:
        store.database.close()


def _serve(store: Store) -> None:
    from store_server.web.serving import StoreServing  # noqa: PLC0415 - takes a second, which other commands need not wait

    listen = store.settings.server
    with _listening(listen.host, listen.port) as listener:
        port = listener.getsockname()[1]
        host = f"[{listen.host}]" if ":" in listen.host else listen.host
        serving = StoreServing(store, ready=lambda: announce_ready(PROGRAM, url=f"http://{host}:{port}"))
        on_stop_signal(serving.stop)
        serving.run(listener)


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise ProgramError(
            f"Cannot listen on {host} port {port}: {error.strerror or error}. Another program may use it; set another port in"
            " [server], or 0 for a free one."
        ) from error
    listener.listen()
    return listener


def _password(file: Path | None) -> str:
    if file is None:
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    try:
        return file.read_text(encoding="utf-8").removesuffix("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ProgramError(f"Cannot read the password file {file}: {error}.") from error


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
