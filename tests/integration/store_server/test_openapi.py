"""The OpenAPI document against running servers: no answer that it does not tell of, and no mistake of the server's own.

What is asked is made once and asked of a server on each database.
"""

from __future__ import annotations

import contextlib
import http.client
import itertools
import json
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import FlakyStrategyDefinition, Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from program.settings import load_settings
from store_server.contract.staff_messages import StaffLogin
from store_server.contract.wire import RefusedAnswer
from store_server.services import staff
from store_server.services.store import open_store
from store_server.settings import ServerSettings
from tests.conftest import DATABASES
from tests.integration.store_server.server_process import STAFF_NAME, STAFF_PASSWORD, ServerProcess
from tests.support.postgresql import PostgresqlServer

EXAMPLES = int(os.environ.get("SCANLANE_API_EXAMPLES", "6"))
"""Per operation and mode; ``make soak`` takes more."""
STEPS = 8
LIMIT_S = float(os.environ.get("SCANLANE_API_LIMIT_S", "100"))
SEED = int(os.environ.get("SCANLANE_SEED", "20261121"))
CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance, status_code_conformance]
QUIET = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


ODD_VALUES: list[Any] = [
    "a\0b",
    "\ud800",
    "x" * 300_000,
    "\u202e\U0001f95b\x1b[31m",
    "9999999-99-99T99:99:99Z",
    "'; DROP TABLE orders; --",
    2**31,
    2**53 + 1,
    2**63,
    -(2**63) - 1,
    10**400,
    -1,
    0.5,
    1.7e308,
    True,
    None,
    [],
    {"a\0": 1},
    [[[[]]]],
]
UNWRITABLE = ("a\0b", "\ud800")


@dataclass
class Asked:
    """A server, and who may ask it: nobody, a manager and each device, in this order at every server."""

    server: ServerProcess
    credentials: list[str]
    session: requests.Session


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory, postgresql: PostgresqlServer) -> Iterator[list[Asked]]:
    """One server on SQLite, one on PostgreSQL."""
    with contextlib.ExitStack() as stack:
        found = []
        for url in ("", stack.enter_context(postgresql.database_url())):
            server = ServerProcess(tmp_path_factory.mktemp("server"), url)
            stack.callback(server.close)
            server.set_up()
            server.start()
            found.append(Asked(server, _credentials(server), stack.enter_context(requests.Session())))
        yield found


def _credentials(server: ServerProcess) -> list[str]:
    store = open_store(load_settings(ServerSettings, server.settings))
    try:
        manager = staff.login(store, StaffLogin(name=STAFF_NAME, password=STAFF_PASSWORD)).token
    finally:
        store.database.close()
    return ["", manager, *server.tokens.values()]


def _document(asked: Asked) -> Any:
    return schemathesis.openapi.from_url(f"{asked.server.url}/openapi.json")


@pytest.mark.timeout(300)
def test_every_operation_answers_as_the_document_says(both: list[Asked]) -> None:
    print(f"seed {SEED}")
    document = _document(both[0])
    found = list(document.get_all_operations())
    operations = [one.ok() for one in found if isinstance(one, Ok)]
    assert len(operations) == len(found)
    assert len(operations) > 30
    began, left_out = time.monotonic(), 0
    for number, operation in enumerate(operations):
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            if time.monotonic() - began > LIMIT_S:
                left_out += 1
                continue
            try:
                strategy = operation.as_strategy(generation_mode=mode)
                _hammer(strategy, both, SEED + number)
            except Unsatisfiable:
                assert mode is GenerationMode.NEGATIVE, operation.label  # nothing can be wrong in a request without contents
    print(f"{len(operations)} operations, {left_out} runs left out after {LIMIT_S} s")


def _hammer(strategy: st.SearchStrategy[Case[Any]], both: list[Asked], begin: int) -> None:
    @QUIET
    @seed(begin)
    @given(case=strategy, caller=st.integers(0, len(both[0].credentials) - 1))
    def ask(case: Case[Any], caller: int) -> None:
        for asked in both:
            token = asked.credentials[caller]
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            answer = case.call(base_url=asked.server.url, session=asked.session, headers=headers, timeout=10)
            case.validate_response(answer, checks=CHECKS)

    ask()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("which", DATABASES)
def test_walks_from_answer_to_request_find_no_mistake(both: list[Asked], which: str) -> None:
    """Answers' ids go into later requests, as kiosk, lane, handheld and staff would use them."""
    asked = both[DATABASES.index(which)]
    document = _document(asked)
    began = time.monotonic()
    turns = itertools.cycle(asked.credentials[1:])

    class Walk(document.as_state_machine()):  # type: ignore[misc]  # made from the document at run time
        def get_call_kwargs(self, case: Case[Any]) -> dict[str, Any]:  # noqa: ARG002 - schemathesis' name
            return {"headers": {"Authorization": f"Bearer {next(turns)}"}, "timeout": 10, "session": asked.session}

        def validate_response(self, response: Any, case: Case[Any], **_more: Any) -> None:
            case.validate_response(response, checks=CHECKS)

    walks = 3 * EXAMPLES
    led_elsewhere = 0
    for number in range(walks):
        try:
            # Each walk for itself: the server remembers, so the same requests again lead elsewhere; Hypothesis calls it flaky.
            seed(SEED + number)(Walk).run(settings=settings(QUIET, max_examples=2, stateful_step_count=STEPS))
        except FlakyStrategyDefinition:
            led_elsewhere += 1
    print(f"{walks} walks of {STEPS} steps in {time.monotonic() - began:.0f} s, {led_elsewhere} of them cut short")
    assert led_elsewhere <= walks // 3


@pytest.mark.timeout(300)
def test_odd_values_in_every_field_are_refused_alike(both: list[Asked]) -> None:
    """NUL, halves of characters, numbers beyond 64 bit, long texts, other kinds of value: in every field of every message."""
    print(f"seed {SEED}")
    operations = [one.ok() for one in _document(both[0]).get_all_operations() if isinstance(one, Ok)]
    fields = 0
    for number, operation in enumerate(operations):
        if operation.body:
            for case in _one_case(operation, SEED + number):
                fields += sum(_spoil(asked, case) for asked in both)
    print(f"{fields} fields")
    assert fields > 120


def _one_case(operation: Any, begin: int) -> list[Case[Any]]:
    made = []

    @settings(QUIET, max_examples=1)
    @seed(begin)
    @given(case=operation.as_strategy(generation_mode=GenerationMode.POSITIVE))
    def make(case: Case[Any]) -> None:
        made.append(case)

    make()
    return made


def _spoil(asked: Asked, case: Case[Any]) -> int:
    """Ask with an odd value in each field; return how many fields there are."""
    target = urlsplit(case.as_transport_kwargs()["url"])._replace(scheme="", netloc="").geturl()
    line = http.client.HTTPConnection(urlsplit(asked.server.url).netloc, timeout=10)

    def answer_to(body: Any, token: str) -> tuple[int, bytes]:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        with contextlib.suppress(BrokenPipeError):  # the server does not wait for the rest of what is too long
            line.request(case.method, target, json.dumps(body), headers)
        answer = line.getresponse()
        status, text = answer.status, answer.read()
        if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            line.close()
        assert status < 500, (case.method, target, body, text)
        assert status < 400 or RefusedAnswer.model_validate_json(text).sentence
        return status, text

    welcome = [token for token in asked.credentials if answer_to(case.body, token)[0] not in {401, 403}] or [""]
    places = list(_places(case.body))
    for place in places:
        for number, value in enumerate(ODD_VALUES):
            status, text = answer_to(_with(case.body, place, value), welcome[number % len(welcome)])
            if value in UNWRITABLE:
                told = RefusedAnswer.model_validate_json(text)
                assert (status, told.refusal) == (422, "bad_request")
                assert "leave it out" in told.sentence
    line.close()
    return len(places)


def _places(value: Any, above: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every place inside a JSON value, of a list only the first."""
    inner = value.items() if isinstance(value, dict) else enumerate(value[:1]) if isinstance(value, list) else ()
    for key, one in inner:
        yield (*above, key)
        yield from _places(one, (*above, key))


def _with(value: Any, place: tuple[str | int, ...], odd: Any) -> Any:
    if not place:
        return odd
    changed: Any = dict(value) if isinstance(value, dict) else list(value)
    changed[place[0]] = _with(value[place[0]], place[1:], odd)
    return changed


@pytest.mark.parametrize(
    "address", ["/v1/articles/95%00", "/v1/price-book/changes?since=%00", "/docs/assets/%00", "/%00", "/staff/%00"]
)
def test_an_address_with_nul_is_refused(both: list[Asked], address: str) -> None:
    for asked in both:
        headers = asked.server.headers("kiosk-1")
        answer = requests.get(f"{asked.server.url}{address}", headers=headers, timeout=5)
        assert answer.status_code == 422
        assert "NUL" in answer.json()["sentence"]
