"""``store-server``: make the books, fill them, serve, check them."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import socket
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from program.data_dir import claimed
from program.errors import ProgramError, reason
from program.logs import set_up_logs
from program.settings import load_settings
from program.start import announce_ready, on_stop_signal, run
from store_server.contract.device_messages import DeviceRole
from store_server.contract.money import format_minor
from store_server.contract.staff_messages import StaffRole
from store_server.domain.product_list import ProductFormat
from store_server.persistence.database import DatabaseBusyError, DatabaseFullError
from store_server.product_commands import read_promotions, run_import
from store_server.services import books_check, catalogue, copies, enrolments, restore_note, shop_ca
from store_server.services import devices as device_service
from store_server.services import staff as staff_service
from store_server.services.doctor import Health, examine
from store_server.services.product_import import BATCH_ROWS, BATCH_ROWS_MAX, ImportRules
from store_server.services.refused import RefusedError
from store_server.services.store import Store, make_store, open_store
from store_server.settings import PROGRAM, ServerSettings
from store_server.web.workers import Workers

WORKERS_MAX = 16
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
def serve(
    settings: SettingsFile,
    workers: Annotated[
        int, typer.Option(min=1, max=WORKERS_MAX, help="Processes that serve; more than one needs PostgreSQL.")
    ] = 1,
) -> None:
    """Serve devices and staff until SIGTERM."""
    values = load_settings(ServerSettings, settings)
    with claimed(values.data_dir, PROGRAM):
        set_up_logs(PROGRAM, values.data_dir, level=values.log_level)
        with _opened(values) as store:
            _warn_of_cut_off_restore(store)
            catalogue.republish(store)
            if workers == 1:
                _serve(store)
                return
            if not store.database.is_shared:
                raise ProgramError(
                    "Several processes cannot write one SQLite file. Serve with --workers 1, or keep the books in PostgreSQL:"
                    " set url in [database]."
                )
        _serve_by_several(values, workers)


@app.command("import-products")
def import_products(
    settings: SettingsFile,
    file: Annotated[Path, typer.Argument(help="CSV, JSON lines or an Open Food Facts export; also compressed by gzip.")],
    file_format: Annotated[ProductFormat | None, typer.Option("--format", help="Told by the first line without.")] = None,
    batch_rows: Annotated[int, typer.Option(min=1, max=BATCH_ROWS_MAX, help="Rows that are taken in whole or not at all.")] = (
        BATCH_ROWS
    ),
    report: Annotated[Path | None, typer.Option(metavar="FILE", help="Write every bad row into this CSV file.")] = None,
    *,
    skip_bad_rows: Annotated[bool, typer.Option("--skip-bad-rows", help="Take the rest of a batch that has bad rows.")] = False,
    whole_range: Annotated[bool, typer.Option("--whole-range", help="Take articles off sale that are not in FILE.")] = False,
) -> None:
    """Take in articles and prices, batch by batch; what stands there already and is not in FILE stays."""
    rules = ImportRules(file_format, batch_rows=batch_rows, skip_bad_rows=skip_bad_rows, whole_range=whole_range)
    with _books(settings) as store:
        _say(run_import(store, file, rules, report))


@app.command("export-products")
def export_products(
    settings: SettingsFile,
    file: Annotated[Path, typer.Argument(help="File to write; .gz at its end compresses it.")],
    file_format: Annotated[ProductFormat | None, typer.Option("--format", help="Told by FILE's name without.")] = None,
) -> None:
    """Write every article with all that is known of it, exactly as import-products reads it."""
    chosen = file_format or (ProductFormat.JSON_LINES if ".jsonl" in file.name else ProductFormat.CSV)
    if chosen is ProductFormat.OPEN_FOOD_FACTS:
        raise ProgramError("Products are exported as csv or jsonl; Open Food Facts can only be imported.")
    with _books(settings) as store:
        _say(f"{catalogue.export_products(store, file, chosen)} articles are in {file}.")


@app.command("import-promotions")
def import_promotions(
    settings: SettingsFile, file: Annotated[Path, typer.Argument(help="JSON list of promotions, as in the price book.")]
) -> None:
    """Make the promotions in FILE the shop's, in place of all others; one that is wrong refuses the file."""
    with _books(settings) as store:
        given = read_promotions(file)
        _say(f"{len(given)} promotions, price book version {catalogue.set_promotions(store, given)}.")


@app.command()
def enrol(
    settings: SettingsFile,
    name: Annotated[str, typer.Argument(help="The device's name, such as kiosk-1.")],
    role: Annotated[DeviceRole, typer.Argument(help="What the device may do.")],
) -> None:
    """Enrol a device and print its token, which is shown this once; enrolling again replaces the token."""
    with _books(settings) as store:
        _say(device_service.enrol(store, name, role))


@app.command("enrol-code")
def enrol_code(settings: SettingsFile) -> None:
    """Make a one-time code that lets one device ask to come in; a supervisor then approves it."""
    with _books(settings) as store:
        made = enrolments.make_code(store, "server")
    _say(f"{made.code} for ten minutes, for one device. Approve it on the staff page when its fingerprint is the same there.")


@app.command()
def revoke(settings: SettingsFile, name: Annotated[str, typer.Argument(help="The device's name.")]) -> None:
    """Shut a device out, at the latest a second from now."""
    with _books(settings) as store:
        try:
            device_service.revoke(store, name, "server")
        except RefusedError as error:
            raise ProgramError(error.sentence) from error
    _say(f"{name} is shut out.")


@app.command("add-staff")
def add_staff(
    settings: SettingsFile,
    name: Annotated[str, typer.Argument(help="Name to log in with.")],
    password_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="File with the password; asked for without.")
    ] = None,
    role: Annotated[StaffRole | None, typer.Option(help="What they may do; attendant for new staff.")] = None,
) -> None:
    """Add a member of staff, or give them a new password or role."""
    with _books(settings) as store:
        staff_service.add_staff(store, name, _password(password_file), role)
    _say(f"{name} can log in at /staff.")


@app.command("remove-staff")
def remove_staff(settings: SettingsFile, name: Annotated[str, typer.Argument(help="Who.")]) -> None:
    """Let a member of staff log in no more."""
    with _books(settings) as store:
        try:
            staff_service.send_away(store, name, "server")
        except RefusedError as error:
            raise ProgramError(error.sentence) from error
    _say(f"{name} cannot log in any more.")


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
        if not found:
            restore_note.settle(store)
    _say(f"audit log ends at {head}")
    for sentence in found:
        _say(sentence)
    if found:
        raise typer.Exit(EXIT_FINDINGS)
    _say("The books agree.")


@app.command("make-ca")
def make_ca(
    settings: SettingsFile,
    host: Annotated[
        list[str] | None, typer.Option(help="A name or address by which devices reach this server; may be given again.")
    ] = None,
) -> None:
    """Make the shop's certificate authority and the server's certificate, or renew the certificate."""
    values = load_settings(ServerSettings, settings)
    hosts = list(dict.fromkeys([*(host or []), socket.gethostname(), "localhost", "127.0.0.1", "::1"]))
    files = shop_ca.make_certificates(values.data_dir / "tls", values.shop.name_en, hosts, int(time.time()))
    _say(f"The server answers as {', '.join(hosts)} for {shop_ca.SERVER_LIFETIME.days} days. Put this into {settings}:")
    _say(f'[server]\ntls_certificate = "{files.certificate}"\ntls_key = "{files.key}"')
    _say(f"Give every device {files.ca} and name it as ca in its [store]. Keep {files.ca_key} away from the network.")


@app.command()
def backup(settings: SettingsFile, file: Annotated[Path, typer.Argument(help="New file for the copy.")]) -> None:
    """Copy the books while the server may serve; the keys in data_dir/keys are not in the copy."""
    with _opened(load_settings(ServerSettings, settings), any_version=True) as store:
        size = copies.back_up(store, file)
    _say(f"{file}: {size} bytes.")


@app.command()
def restore(
    settings: SettingsFile,
    file: Annotated[Path, typer.Argument(help="A copy that backup made.")],
    *,
    force: Annotated[bool, typer.Option("--force", help="Replace books that hold orders.")] = False,
) -> None:
    """Bring a copy of the books back, then check them; the server must not be serving."""
    values = load_settings(ServerSettings, settings)
    with claimed(values.data_dir, PROGRAM):
        with _opened(values) as store:
            copies.restore(store, file, force=force)
        with _opened(values) as store:
            found = books_check.findings(store)
    for sentence in found:
        _say(sentence)
    if found:
        raise typer.Exit(EXIT_FINDINGS)
    _say(f"The books of {file} are back, and they agree.")


@app.command()
def doctor(settings: SettingsFile) -> None:
    """Look at settings, disk, keys, books and open matters; say what to do where something is not well."""
    worst = Health.OK
    for finding in examine(load_settings(ServerSettings, settings), int(time.time())):
        _say(f"{finding.health.value:5}{finding.what}: {finding.told}")
        worst = finding.health if worst is not Health.BAD and finding.health is not Health.OK else worst
    if worst is Health.BAD:
        raise typer.Exit(EXIT_FINDINGS)


def main() -> NoReturn:
    """Run the command line."""
    run(app)


@contextlib.contextmanager
def _books(file: Path) -> Iterator[Store]:
    with _opened(load_settings(ServerSettings, file)) as store:
        _warn_of_cut_off_restore(store)
        yield store


def _warn_of_cut_off_restore(store: Store) -> None:
    if told := restore_note.told(store):
        sys.stderr.write(f"{told}\n")


@contextlib.contextmanager
def _opened(settings: ServerSettings, *, any_version: bool = False) -> Iterator[Store]:
    store = open_store(settings, any_version=any_version)
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
        serving = StoreServing(store, ready=lambda: announce_ready(PROGRAM, url=f"{listen.scheme}://{host}:{port}"))
        on_stop_signal(serving.stop)
        serving.run(listener)


def _serve_by_several(settings: ServerSettings, count: int) -> None:
    """Serve by ``count`` processes and one more, number 0, that has the staff page."""
    # Before the import below: Prometheus' library asks only then whether processes count together.
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(_emptied(settings.data_dir / "metrics"))
    from store_server.web.serving import StoreServing  # noqa: PLC0415 - takes a second, once for all processes

    listen = settings.server
    host = f"[{listen.host}]" if ":" in listen.host else listen.host
    with _listening(listen.host, listen.port) as listener, _listening(listen.host, listen.staff_port) as staff_listener:
        port, staff_port = listener.getsockname()[1], staff_listener.getsockname()[1]

        def serve_one(number: int, ready: Callable[[], None]) -> None:
            folder = settings.data_dir / f"worker-{number}"
            folder.mkdir(exist_ok=True)
            set_up_logs(PROGRAM, folder, level=settings.log_level)
            with _opened(settings) as store:
                serving = StoreServing(store, ready, staff_port if number else None)
                on_stop_signal(serving.stop)
                serving.run(listener if number else staff_listener)

        def announce() -> None:
            announce_ready(
                PROGRAM, url=f"{listen.scheme}://{host}:{port}", staff_url=f"{listen.scheme}://{host}:{staff_port}/staff"
            )

        workers = Workers(count + 1, serve_one)
        on_stop_signal(workers.stop)
        workers.run(announce)


def _emptied(folder: Path) -> Path:
    """Begin with an empty folder: what former processes counted is past."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        advice = "Set host in [server] to an address of this machine, or 0.0.0.0 for all of them."
        if error.errno in {errno.EADDRINUSE, errno.EACCES}:
            advice = "Another program may use it; set another port in [server], or 0 for a free one."
        raise ProgramError(f"Cannot listen on {host} port {port}: {reason(error)}. {advice}") from error
    listener.listen()
    return listener


def _password(file: Path | None) -> str:
    if file is None:
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    try:
        return file.read_text(encoding="utf-8").removesuffix("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ProgramError(f"Cannot read the password file {file}: {reason(error)}.") from error


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
