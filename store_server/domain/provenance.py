"""Where an article came from, as events of EPCIS 2.0 (ISO/IEC 19987:2024); its words are those of CBV 2.0 (ISO/IEC 19988:2024).

Read are the JSON forms that are met: ``type``, ``eventType`` or ``isA``; a word bare, as URN such as
``urn:epcglobal:cbv:bizstep:shipping`` or as web address such as ``https://ref.gs1.org/cbv/BizStep-shipping``; a place as text
or as ``{"id": ...}``. Kept is one form: bare words.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from store_server.contract.article_messages import ProvenanceEvent

EVENTS_MAX = 50
"""Events of one article."""
TEXT_MAX = 300
ILMD_MAX_BYTES = 4_000

_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
"""As JSON writes it, and not a backslash before the letters u0000."""

EVENT_TYPES = frozenset({"ObjectEvent", "AggregationEvent", "AssociationEvent", "TransactionEvent", "TransformationEvent"})
BIZ_STEPS = frozenset(
    [
        "accepting",
        "arriving",
        "assembling",
        "collecting",
        "commissioning",
        "consigning",
        "creating_class_instance",
        "cycle_counting",
        "decommissioning",
        "departing",
        "destroying",
        "disassembling",
        "dispensing",
        "encoding",
        "entering_exiting",
        "holding",
        "inspecting",
        "installing",
        "killing",
        "loading",
        "other",
        "packing",
        "picking",
        "receiving",
        "removing",
        "repackaging",
        "repairing",
        "replacing",
        "reserving",
        "retail_selling",
        "sampling",
        "sensor_reporting",
        "shipping",
        "staging_outbound",
        "stock_taking",
        "stocking",
        "storing",
        "transporting",
        "unloading",
        "unpacking",
        "void_shipping",
    ]
)
DISPOSITIONS = frozenset(
    [
        "active",
        "available",
        "completeness_inferred",
        "completeness_verified",
        "conformant",
        "container_closed",
        "container_open",
        "damaged",
        "destroyed",
        "dispensed",
        "disposed",
        "encoded",
        "expired",
        "in_progress",
        "in_transit",
        "inactive",
        "mismatch_class",
        "mismatch_instance",
        "mismatch_quantity",
        "needs_replacement",
        "no_pedigree_match",
        "non_conformant",
        "non_sellable_other",
        "partially_dispensed",
        "recalled",
        "reserved",
        "retail_sold",
        "returned",
        "sellable_accessible",
        "sellable_not_accessible",
        "stolen",
        "unavailable",
        "unknown",
    ]
)
_FORMS = {
    "bizStep": ("urn:epcglobal:cbv:bizstep:", "https://ref.gs1.org/cbv/BizStep-", "cbv:BizStep-"),
    "disposition": ("urn:epcglobal:cbv:disp:", "https://ref.gs1.org/cbv/Disp-", "cbv:Disp-"),
}


class ProvenanceError(ValueError):
    """Something is not as EPCIS has it; the message names the event and the field."""


def read_events(value: Any) -> tuple[ProvenanceEvent, ...]:
    """Read the events of one article and put them into the order of time.

    Raises:
        ProvenanceError: something is not as EPCIS has it.
    """
    if not isinstance(value, list) or len(value) > EVENTS_MAX:
        raise ProvenanceError(f"provenance: expected a list of at most {EVENTS_MAX} events")
    events = []
    for number, item in enumerate(value, 1):
        try:
            events.append(read_event(item))
        except ValueError as error:
            raise ProvenanceError(f"provenance: event {number}: {error}") from error
    return tuple(sorted(events, key=lambda event: (datetime.fromisoformat(event.event_time), event.model_dump_json())))


def read_event(item: Any) -> ProvenanceEvent:
    """Read one event.

    Raises:
        ProvenanceError: the message names the field.
    """
    if not isinstance(item, Mapping):
        raise ProvenanceError("is no JSON object")
    kind = next((item[name] for name in ("eventType", "type", "isA") if name in item), None)
    if not isinstance(kind, str) or kind not in EVENT_TYPES:
        raise ProvenanceError(f"eventType: {kind!r} is not one of {', '.join(sorted(EVENT_TYPES))}")
    return ProvenanceEvent(
        event_type=kind,
        event_time=_time(item.get("eventTime")),
        biz_step=_word("bizStep", item.get("bizStep"), BIZ_STEPS),
        disposition=_word("disposition", item.get("disposition"), DISPOSITIONS),
        read_point=_place("readPoint", item.get("readPoint")),
        biz_location=_place("bizLocation", item.get("bizLocation")),
        ilmd=_master_data(item.get("ilmd")),
    )


def _time(value: Any) -> str:
    try:
        time = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        time = None
    if time is None or time.tzinfo is None:
        raise ProvenanceError(f"eventTime: {value!r} is no time with its offset, such as 2026-05-04T08:30:00+08:00")
    return time.isoformat()


def _word(field: str, value: Any, known: frozenset[str]) -> str | None:
    if value is None:
        return None
    word = value if isinstance(value, str) else ""
    for form in _FORMS[field]:
        word = word.removeprefix(form)
    if word not in known:
        raise ProvenanceError(f"{field}: {value!r} is not a word of the Core Business Vocabulary 2.0")
    return word


def _place(field: str, value: Any) -> str | None:
    text = value.get("id") if isinstance(value, Mapping) else value
    if text is None and value is None:
        return None
    if not isinstance(text, str) or not 0 < len(text) <= TEXT_MAX or not text.isprintable():
        raise ProvenanceError(f'{field}: expected a text or {{"id": text}} of 1 to {TEXT_MAX} printable characters')
    return text


def _master_data(value: Any) -> dict[str, Any]:
    if value is None:
        return {}
    try:
        written = json.dumps(value, ensure_ascii=False, allow_nan=False)
        size = len(written.encode())
    except (ValueError, RecursionError):
        written, size = "", ILMD_MAX_BYTES + 1
    if _NUL.search(written):
        raise ProvenanceError("ilmd: contains a NUL character; leave it out")
    if not isinstance(value, dict) or size > ILMD_MAX_BYTES:
        raise ProvenanceError(f"ilmd: expected a JSON object of at most {ILMD_MAX_BYTES} bytes")
    return value
