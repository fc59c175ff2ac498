"""The OpenAPI document against the running server: no answer that it does not tell of, and no mistake of the server's own."""

from __future__ import annotations

import itertools
import os
import time
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from store_server.contract.staff_messages import StaffLogin
from store_server.services import staff
from store_server.services.store import open_store
from store_server.settings import ServerSettings
from tests.integration.store_server.server_process import STAFF_NAME, STAFF_PASSWORD, ServerProcess

EXAMPLES = int(os.environ.get("SCANLANE_API_EXAMPLES", "6"))
"""Per operation and mode; ``make soak`` takes more."""
STEPS = 8
LIMIT_S = float(os.environ.get("SCANLANE_API_LIMIT_S", "60"))
SEED = int(os.environ.get("SCANLANE_SEED", "20261121"))
CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance, status_code_conformance]
QUIET = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def credentials(server: ServerProcess) -> list[str]:
    """Return a token of every kind of caller, and none."""
    store = open_store(ServerSettings(data_dir=server.folder / "data"))
    try:
        manager = staff.login(store, StaffLogin(name=STAFF_NAME, password=STAFF_PASSWORD)).token
    finally:
        store.database.close()
    return ["", manager, *server.tokens.values()]


@pytest.mark.timeout(300)
def test_every_operation_answers_as_the_document_says(server: ServerProcess, credentials: list[str]) -> None:
    print(f"seed {SEED}")
    document = schemathesis.openapi.from_url(f"{server.url}/openapi.json")
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
                _hammer(strategy, credentials, SEED + number)
            except Unsatisfiable:
                assert mode is GenerationMode.NEGATIVE, operation.label  # nothing can be wrong in a request without contents
    print(f"{len(operations)} operations, {left_out} runs left out after {LIMIT_S} s")


def _hammer(strategy: st.SearchStrategy[Case[Any]], credentials: list[str], begin: int) -> None:
    @QUIET
    @seed(begin)
    @given(case=strategy, token=st.sampled_from(credentials))
    def ask(case: Case[Any], token: str) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = case.call(headers=headers, timeout=10)
        case.validate_response(answer, checks=CHECKS)

    ask()


@pytest.mark.timeout(300)
def test_walks_from_answer_to_request_find_no_mistake(server: ServerProcess, credentials: list[str]) -> None:
    """Answers' ids go into later requests, as kiosk, lane, handheld and staff would use them."""
    document = schemathesis.openapi.from_url(f"{server.url}/openapi.json")
    began = time.monotonic()
    turns = itertools.cycle(credentials[1:])

    class Walk(document.as_state_machine()):  # type: ignore[misc]  # made from the document at run time
        def get_call_kwargs(self, case: Case[Any]) -> dict[str, Any]:  # noqa: ARG002 - schemathesis' name
            return {"headers": {"Authorization": f"Bearer {next(turns)}"}, "timeout": 10}

        def validate_response(self, response: Any, case: Case[Any], **_more: Any) -> None:
            case.validate_response(response, checks=CHECKS)

    walks = 3 * EXAMPLES
    Walk.run(settings=settings(QUIET, max_examples=walks, stateful_step_count=STEPS))
    print(f"{walks} walks of {STEPS} steps in {time.monotonic() - began:.0f} s")
