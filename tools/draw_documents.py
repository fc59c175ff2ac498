"""Draws into the documents what code knows best: state diagrams, the list of packages, the settings of every program.

A document holds ``<!-- drawn: NAME -->`` and ``<!-- end -->``; what stands between them is made here from the code.
``python -m tools.draw_documents`` writes, ``--check`` only compares and fails when a document is out of date.
"""

from __future__ import annotations

import ast
import importlib
import re
import sys
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = ("ARCHITECTURE.md", "docs/settings.md", "docs/access.md", "docs/devices.md")
_DRAWN = re.compile(r"(<!-- drawn: ([a-z-]+) -->\n).*?(<!-- end -->)", re.DOTALL)

MACHINES = {
    "order": "store_server.domain.order",
    "trip": "scanner_app.trip",
    "payment-session": "kiosk_app.payment_session",
    "lane": "gate_controller.lane",
    "connection": "hardware.connection",
    "payout": "hardware.cash.payout",
    "escrow": "hardware.cash.escrow",
    "print-job": "hardware.printer.job",
    "cloud-print-job": "hardware.printer.cloudprnt_job",
}
SETTINGS = {
    "store-server": ("store_server.settings", "ServerSettings"),
    "scanner-app": ("scanner_app.settings", "ScannerSettings"),
    "kiosk-app": ("kiosk_app.settings", "KioskSettings"),
    "gate-controller": ("gate_controller.settings", "GateSettings"),
    "device-bench": ("hardware.bench.settings", "BenchSettings"),
}
PACKAGES = ("store_server", "hardware", "scanner_app", "kiosk_app", "gate_controller", "program", "demo", "tools")


def state_diagram(module: str) -> str:
    """Draw a machine's TRANSITIONS as a Mermaid state diagram; events that lead from and to the same state share an arrow."""
    table: dict[tuple[Enum, type], Enum] = importlib.import_module(module).TRANSITIONS
    arrows: dict[tuple[str, str], list[str]] = {}
    for (state, event), target in table.items():
        arrows.setdefault((state.name, target.name), []).append(event.__name__)
    lines = [f"    {source} --> {target}: {_wrapped(events)}" for (source, target), events in arrows.items()]
    return "\n".join(["```mermaid", "stateDiagram-v2", *lines, "```"])


def _wrapped(events: list[str]) -> str:
    rows = [", ".join(events[start : start + 3]) for start in range(0, len(events), 3)]
    return "<br>".join(rows)


def packages() -> str:
    """List every package with the first sentence of its docstring."""
    rows = ["| folder | what lives there |", "|---|---|"]
    for top in PACKAGES:
        for path in sorted((ROOT / top).rglob("__init__.py")):
            docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
            first = " ".join(docstring.split("\n\n")[0].split())
            rows.append(f"| `{path.parent.relative_to(ROOT)}/` | {first} |")
    return "\n".join(rows)


def settings_tables() -> str:
    """List every key of every settings file with its type, default and meaning."""
    parts = []
    for program, (module, name) in SETTINGS.items():
        model: type[BaseModel] = getattr(importlib.import_module(module), name)
        rows = ["| key | default | meaning |", "|---|---|---|", *_rows(model, "", _field_docs(module))]
        parts.append("\n".join([f"## {program}", "", *rows]))
    return "\n\n".join(parts)


def access_matrix() -> str:
    """List every route of the store server and who may call it."""
    access = importlib.import_module("store_server.web.api.access")
    routers = importlib.import_module("store_server.web.app").ROUTERS
    callers = access.CALLERS
    rows = [f"| route | {' | '.join(callers)} |", f"|---|{'---|' * len(callers)}"]
    for (method, path), allowed in sorted(access.matrix(*routers).items(), key=lambda item: (item[0][1], item[0][0])):
        rows.append(f"| `{method} {path}` | {' | '.join('yes' if caller in allowed else '' for caller in callers)} |")
    return "\n".join(rows)


def _rows(model: type[BaseModel], prefix: str, docs: dict[tuple[str, str], str]) -> list[str]:
    rows = []
    for key, field in model.model_fields.items():
        inner = _section(field.annotation)
        if inner is not None:
            rows += _rows(inner, f"{prefix}{key}.", docs)
            continue
        default = "needed" if field.is_required() else _default(field.get_default(call_default_factory=True))
        meaning = docs.get((model.__name__, key)) or _inherited(model, key)
        rows.append(f"| `{prefix}{key}` | {default} | {meaning} |")
    return rows


def _default(value: Any) -> str:
    if value is PydanticUndefined or value is None:
        return ""
    shown = value.value if isinstance(value, Enum) else value
    if isinstance(value, frozenset):
        shown = ", ".join(str(one) for one in sorted(value))  # a set's own order differs from one start to the next
    return f"`{shown}`" if str(shown) else "empty"


def _inherited(model: type[BaseModel], key: str) -> str:
    for base in model.__mro__:
        found = _field_docs(base.__module__).get((base.__name__, key)) if base.__module__ != "builtins" else None
        if found:
            return found
    return ""


def _section(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in getattr(annotation, "__args__", ()) if (found := _section(part)) is not None), None)


def _field_docs(module: str) -> dict[tuple[str, str], str]:
    """Read the docstrings below the fields of a module's classes."""
    path = importlib.import_module(module).__file__
    if path is None or not Path(path).is_relative_to(ROOT):
        return {}
    docs = {}
    for node in ast.walk(ast.parse(Path(path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.ClassDef):
            for field, after in zip(node.body, node.body[1:], strict=False):
                if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and _is_text(after):
                    docs[node.name, field.target.id] = " ".join(str(after.value.value).split())  # type: ignore[attr-defined]
    return docs


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _drawings() -> dict[str, Callable[[], str]]:
    diagrams = {name: (lambda module=module: state_diagram(module)) for name, module in MACHINES.items()}
    return {
        **diagrams,
        "packages": packages,
        "settings": settings_tables,
        "access": access_matrix,
        "faults": fault_table,
    }


def fault_table() -> str:
    """Draw the fault table that the conformance suite tests."""
    table: str = importlib.import_module("tests.integration.hardware.conformance.table").markdown()
    return table


def drawn(text: str) -> str:
    """Return a document with every drawn part made anew."""
    drawings = _drawings()
    return _DRAWN.sub(lambda found: f"{found[1]}{drawings[found[2]]()}\n{found[3]}", text)


def main() -> int:
    """Write the documents, or check them with ``--check``."""
    stale = []
    for name in DOCUMENTS:
        path = ROOT / name
        before = path.read_text(encoding="utf-8")
        after = drawn(before)
        if before != after:
            stale.append(name)
            if "--check" not in sys.argv[1:]:
                path.write_text(after, encoding="utf-8")
    if stale and "--check" in sys.argv[1:]:
        sys.stderr.write(f"Out of date: {', '.join(stale)}. Run 'make docs'.\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
