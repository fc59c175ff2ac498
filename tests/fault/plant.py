"""``python -m tests.fault.plant``: plants known bugs one after the other and shows that the suite catches each of them.

Every ``planted/*.patch`` damages the server in one way that a reviewer could miss. Its header names the tests that must fail
then (``Caught-by:``, arguments of pytest). They are run in a copy of the tree: first as it is, where they must pass, then with
the patch, where they must fail. Names on the command line choose patches. Exit code 0: all were caught.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PLANTED = Path(__file__).parent / "planted"
LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", "build", "dist", "run", "__pycache__", ".mypy_cache", ".ruff_cache", "*.egg-info"
)
TESTS_FAILED = 1
"""pytest's exit code when tests ran and failed; anything else is no catch."""
SMALL = {"SCANLANE_HISTORIES": "460", "SCANLANE_RACE_S": "3", "SCANLANE_CRASHES": "1", "SCANLANE_SHRINKS": "0"}


@dataclass(frozen=True)
class Planted:
    """One patch."""

    path: Path
    caught_by: tuple[str, ...]

    @property
    def name(self) -> str:
        """Return its file's name without ending."""
        return self.path.stem


def patches() -> list[Planted]:
    """Read every patch's header."""
    found = []
    for path in sorted(PLANTED.glob("*.patch")):
        lines = path.read_text(encoding="utf-8").splitlines()
        caught_by = [tuple(line.removeprefix("Caught-by:").split()) for line in lines if line.startswith("Caught-by:")]
        assert len(caught_by) == 1, f"{path.name} names its tests in one line"
        found.append(Planted(path, caught_by[0]))
    return found


def applies(planted: Planted, tree: Path = ROOT) -> str:
    """Return why a patch does not apply to a tree; empty when it does."""
    done = _apply(planted, tree, "--check")
    return done.stderr if done.returncode else ""


def main(names: list[str]) -> int:
    """Run the chosen patches, all when none is named; return the exit code."""
    chosen = [planted for planted in patches() if not names or planted.name in names]
    with tempfile.TemporaryDirectory(prefix="scanlane-planted-") as folder:
        tree = Path(folder) / "tree"
        shutil.copytree(ROOT, tree, ignore=LEFT_OUT)
        sound = {tests for tests in {planted.caught_by for planted in chosen} if _passes(tests, tree)}
        missed = [planted.name for planted in chosen if planted.caught_by not in sound or not _is_caught(planted, tree)]
    print(f"{len(chosen) - len(missed)} of {len(chosen)} planted bugs were caught.")
    if missed:
        print(f"NOT caught: {', '.join(missed)}. The tests are blind there; mend them, not the patch.")
    return 1 if missed or not chosen else 0


def _passes(tests: tuple[str, ...], tree: Path) -> bool:
    done = _run(tests, tree)
    if done.returncode != 0:
        print(f"{' '.join(tests)} fails without any planted bug:\n{done.stdout[-3000:]}", flush=True)
    return done.returncode == 0


def _is_caught(planted: Planted, tree: Path) -> bool:
    begun = time.monotonic()
    applied = _apply(planted, tree)
    if applied.returncode != 0:
        print(f"{planted.name}: does not apply: {applied.stderr}")
        return False
    try:
        after = _run(planted.caught_by, tree)
    finally:
        _apply(planted, tree, "--reverse")
    caught = after.returncode == TESTS_FAILED
    took_s = round(time.monotonic() - begun)
    print(f"{'caught' if caught else 'MISSED'} {planted.name} by {' '.join(planted.caught_by)} ({took_s} s)", flush=True)
    return caught


def _apply(planted: Planted, tree: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = ["git", "apply", *options, str(planted.path)]
    # Outside of any repository, so that a tree inside another one is patched as well.
    place = os.environ | {"GIT_CEILING_DIRECTORIES": str(tree.parent), "GIT_DIR": os.devnull}
    return subprocess.run(command, cwd=tree, env=place, capture_output=True, text=True, check=False)


def _run(tests: tuple[str, ...], tree: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-n0", *tests]
    return subprocess.run(command, cwd=tree, env=SMALL | dict(os.environ) | SMALL, capture_output=True, text=True, check=False)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
