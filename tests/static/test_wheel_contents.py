"""What a program reads at run time comes with the wheel, not only with a checkout."""

from __future__ import annotations

import configparser
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_every_file_of_a_package_is_package_data() -> None:
    settings = configparser.ConfigParser()
    settings.read(ROOT / "setup.cfg", encoding="utf-8")
    tops = [top.removesuffix("*") for top in settings["options.packages.find"]["include"].split()]
    patterns = [pattern.strip() for pattern in settings["options.package_data"]["*"].split(",")]
    files = {file for top in tops for file in (ROOT / top).rglob("*") if file.is_file() and "__pycache__" not in file.parts}
    packages = {file.parent for file in files if file.name == "__init__.py"}
    installed = {file for package in packages for pattern in ("*.py", *patterns) for file in package.glob(pattern)}
    assert len(files) > 100
    assert sorted(str(file.relative_to(ROOT)) for file in files - installed) == []
