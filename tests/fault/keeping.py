"""Scenarios of the crash tests beside the day: copies taken and brought back, the shop's authority, older books.

After each kill it is looked at what lies there: under a copy's own name there is a whole copy or nothing; books that a copy was
being brought back to are the former or the copy's, row for row, and a sentence says which; the server's certificate and key
belong together; books are at the revision before or after, and say what to do.
"""

from __future__ import annotations

import os
import ssl
import stat
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from cryptography import x509
from sqlalchemy import Connection

from program.errors import ProgramError
from store_server.contract.cash_messages import CashEvent, CashReport, SettleCash
from store_server.contract.lane_messages import ReportExit
from store_server.contract.order_messages import Order, OrderLine, SubmitOrder
from store_server.contract.tender_messages import BeginTendering
from store_server.persistence import crash_points, schema
from store_server.persistence.database import Database
from store_server.services import books_check, catalogue, copies, exits, orders, payments, restore_note, shop_ca, tendering
from store_server.services.store import Store, make_store
from store_server.settings import ServerSettings
from tests.fault import child
from tests.fault.books import BEGINNING_S, MILK, PRODUCTS, Clock, opened
from tests.fault.day import GATE, HANDHELD, KIOSK, an_id
from tests.fault.lives import LIVES_MAX, Run, Scenario

COPY = "monday"


def scenarios() -> list[Scenario]:
    """Return all of them."""
    return [
        Scenario("copy", take_a_copy, from_nothing=False),
        Scenario("restore", bring_a_copy_back, from_nothing=False),
        Scenario("authority", make_an_authority, from_nothing=True),
        *(Scenario(_upgrade_from(name), partial(bring_up_to_date, name), from_nothing=True) for name in _begun_with()),
    ]


def _upgrade_from(revision: str) -> str:
    return f"upgrade from {revision}"


def _begun_with() -> list[str]:
    """One round begins with the oldest books, whose upgrade takes every step, and the newest; more rounds with all."""
    former = former_revisions()
    return former if int(os.environ.get("SCANLANE_CRASHES", "1")) > 1 else [former[0], former[-1]]


def former_revisions() -> list[str]:
    """Return every revision but the newest, oldest first."""
    script = ScriptDirectory.from_config(schema._config())
    return [step.revision for step in reversed(list(script.walk_revisions()))][:-1]


SHORTEST = _upgrade_from(former_revisions()[-1])
"""The scenario with the fewest steps."""


# Copies ---------------------------------------------------------------------------------------------------------------


def take_a_copy(run: Run) -> Any:
    """Take a copy; a keeper who sees none takes it again under the same name."""
    copy, books = _copy(run), run.dump()
    for _life in range(LIVES_MAX):
        ended = run.go(lambda store, _clock, tell: tell(copies.back_up(store, copy) > 0), recover=False)
        if not ended.killed:
            break
        run.died()
        for left in copy.parent.iterdir():
            if left.name in {COPY, f"{COPY}.new"}:
                _is_whole_or_refused(run, left, books)
        if copy.exists():
            break
    _is_whole_or_refused(run, copy, books)
    return sorted(left.name for left in copy.parent.iterdir())


def _copy(run: Run) -> Path:
    copy = run.settings.data_dir / "copies" / COPY
    copy.parent.mkdir()
    return copy


def _is_whole_or_refused(run: Run, copy: Path, books: Any) -> None:
    """Bring it back: it is refused, or whole, so that the books are the same afterwards; one with its own name is whole."""

    def bring_back(store: Store, _clock: Clock, tell: child.Tell) -> None:
        tell(_refused(lambda: copies.restore(store, copy, force=True)))

    (refused,) = run.in_peace(bring_back)
    assert run.dump() == books
    assert not refused or (copy.name != COPY and "no copy of the books" in refused)


def bring_a_copy_back(run: Run) -> Any:
    """Bring a copy back into books that went on."""
    copy, copied = _copy(run), run.dump()
    run.in_peace(lambda store, _clock, _tell: _go_on_after_a_copy(store, copy))
    former = run.dump()
    assert former != copied
    for _life in range(LIVES_MAX):
        ended = run.go(lambda store, _clock, _tell: copies.restore(store, copy, force=True), recover=False)
        if not ended.killed:
            break
        (told,) = run.in_peace(lambda store, _clock, tell: tell(restore_note.told(store)))
        now = run.dump()
        assert now in (former, copied), "books that are half of each"
        if "former ones" in told:
            assert now == former
        elif "those of the copy" in told:
            assert now == copied
        else:
            assert told == ""
        point, _nth = run.kills[0]
        is_over_or_not_begun = point == "restore.ended" or not point.startswith("restore.")
        assert told or is_over_or_not_begun, f"nothing is said about a kill at {point}"
        run.died()
    assert run.dump() == copied
    return run.in_peace(lambda store, _clock, tell: tell([restore_note.told(store), books_check.findings(store)]))


def _go_on_after_a_copy(store: Store, copy: Path) -> None:
    copies.back_up(store, copy)
    _submit(store, "after the copy")


# The shop's authority -------------------------------------------------------------------------------------------------


def make_an_authority(run: Run) -> Any:
    """Make the authority and the server's certificate, then renew it."""
    folder = run.settings.data_dir / "tls"
    files = shop_ca.CaFiles(folder)
    first = b""

    def make_and_renew(tell: child.Tell) -> None:
        for later_s in (0, 300 * 86_400):
            shop_ca.make_certificates(folder, "Market", ["store.example"], BEGINNING_S + later_s)
            tell(later_s)

    for _life in range(LIVES_MAX):
        ended = run.alone(make_and_renew)
        if files.certificate.exists():
            _belong_together(files)
            assert first in {b"", files.ca.read_bytes()}, "devices trust another authority by now"
            first = files.ca.read_bytes()
        if not ended.killed:
            break
        run.died()
    return sorted((path.name, stat.S_IMODE(path.stat().st_mode)) for path in folder.iterdir())


def _belong_together(files: shop_ca.CaFiles) -> None:
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(files.certificate, files.key)
    authority = x509.load_pem_x509_certificate(files.ca.read_bytes())
    x509.load_pem_x509_certificate(files.certificate.read_bytes()).verify_directly_issued_by(authority)


# Older books ----------------------------------------------------------------------------------------------------------


def move(database: Database, revision: str, how: Callable[[Config, str], None]) -> None:
    """Upgrade or downgrade books to a revision, in one transaction as ``init`` does."""

    def work(connection: Connection) -> None:
        config = schema._config()
        config.attributes["connection"] = connection
        how(config, revision)

    database.write(work)


def bring_up_to_date(former: str, run: Run) -> Any:
    """Start a new server on books of a former one that hold a paid trip; the shopper leaves, another one comes."""
    run.begin_with(f"books of {former}", lambda settings: _make_older(settings, former))
    older = run.dump()
    for _life in range(LIVES_MAX):
        ended = run.go(_go_on_after_an_upgrade, recover=True)
        if not ended.killed:
            break
        run.died()
        child.run(lambda _tell: _opens_or_says_what_to_do(run, older))
    newer = run.dump()
    for table in ("transfers", "order_events"):
        rows = [row[: len(older[table][0])] for row in newer[table]]
        assert [row for row in older[table] if row not in rows] == [], f"rows of {table} are lost"
    assert ended.told[-1] == [], "findings in books that were brought up to date"
    return {"told": ended.told, "rows": {table: len(rows) for table, rows in newer.items()}}


def _make_older(settings: ServerSettings, former: str) -> None:
    make_store(settings, Clock())
    store = opened(settings, Clock())
    catalogue.import_products(store, PRODUCTS)
    order = _submit(store, "before the upgrade")
    session = an_id("session before the upgrade")
    tendering.begin(store, KIOSK, BeginTendering(session_id=session, claim=order.claim))
    taken = [CashEvent(device="note-box", epoch=1, seq=1, value_minor=1280)]
    payment = SettleCash(
        payment_id=an_id("payment before the upgrade"),
        session_id=session,
        order_id=order.order_id,
        revision=order.revision,
        cash_due_minor=1280,
        taken=taken,
        change_minor=0,
    )
    payments.settle(store, KIOSK, payment)
    report = CashReport(session_id=session, order_id=order.order_id, outcome="paid", taken=taken, payouts=[], owed_minor=0)
    payments.report_cash(store, KIOSK, report)
    move(store.database, former, command.downgrade)
    store.database.close()


def _go_on_after_an_upgrade(store: Store, _clock: Clock, tell: child.Tell) -> None:
    left = ReportExit(
        exit_id=an_id("exit after the upgrade"),
        order_id=an_id("before the upgrade"),
        revision=1,
        lane="lane-1",
        opened_at=BEGINNING_S,
        measured_g=1042,
        decided_by="server",
    )
    exits.report_exit(store, GATE, left)
    tell(_submit(store, "after the upgrade").status.value)
    tell(books_check.findings(store))


def _opens_or_says_what_to_do(run: Run, older: Any) -> None:
    crash_points.watch(None)
    if refused := _refused(lambda: _look(run)):
        assert "run 'store-server init'" in refused
        assert run.dump() == older, "books that are half brought up to date"


def _look(run: Run) -> None:
    opened(run.settings, Clock()).database.close()


def _refused(work: Callable[[], None]) -> str:
    try:
        work()
    except ProgramError as error:
        return str(error)
    return ""


def _submit(store: Store, name: str) -> Order:
    version = catalogue.newest_price_book(store).version
    request = SubmitOrder(order_id=an_id(name), price_book_version=version, lines=[OrderLine(code=MILK)])
    return orders.submit(store, HANDHELD, request)
