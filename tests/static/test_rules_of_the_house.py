"""The static checks run as tests too, so that one command judges everything."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
OUR_PACKAGES = ("store_server", "hardware", "scanner_app", "kiosk_app", "gate_controller", "program", "demo", "tools")

CHECKS = {
    "ruff": [str(BIN / "ruff"), "check", "--no-cache", "."],
    "format": [str(BIN / "ruff"), "format", "--no-cache", "--check", "."],
    "mypy": [str(BIN / "mypy")],
    "imports": [str(BIN / "lint-imports"), "--no-cache"],
    "documents": [sys.executable, "-m", "tools.draw_documents", "--check"],
}


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", CHECKS)
def test_static_check(name: str) -> None:
    done = subprocess.run(CHECKS[name], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


FORBIDDEN_FOR_CONTRACT = ("sqlalchemy", "fastapi", "PySide6", "serial", "cv2", "nicegui")


def test_the_contract_client_drags_in_nothing_of_the_server_or_the_devices() -> None:
    code = (
        f"import sys, store_server.contract.client; print([name for name in {FORBIDDEN_FOR_CONTRACT!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def _folders() -> list[Path]:
    return [init for package in OUR_PACKAGES for init in (ROOT / package).rglob("__init__.py")]


@pytest.mark.parametrize("init", _folders(), ids=lambda path: str(path.parent.relative_to(ROOT)))
def test_every_folder_tells_its_story(init: Path) -> None:
    docstring = ast.get_docstring(ast.parse(init.read_text(encoding="utf-8"))) or ""
    assert len(docstring) >= 40, f"{init} says too little of what lives there"


def test_every_python_folder_of_the_product_is_a_package() -> None:
    lonely = [
        str(path.parent.relative_to(ROOT))
        for package in OUR_PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if not (path.parent / "__init__.py").exists() and "migrations" not in path.parts
    ]
    assert lonely == []
