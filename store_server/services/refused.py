"""A "no" on its way out of a use case; the transaction is rolled back with it."""

from __future__ import annotations

from store_server.contract.refusals import Refusal


class RefusedError(Exception):
    """The answer is no: a code for machines and a sentence for people."""

    def __init__(self, refusal: Refusal, sentence: str = "") -> None:
        super().__init__(sentence or refusal.sentence)
        self.refusal = refusal
        self.sentence = sentence or refusal.sentence


class NotThereError(RefusedError):
    """What the request's own address names is not there, or nobody's business; over HTTP it is 404."""
