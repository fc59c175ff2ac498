"""``python -m tests.fault.plant``: plants known bugs one after the other and shows that the suite catches each of them.

Every ``planted/*.patch`` damages the server in one way that a reviewer could miss. Its header names the tests that must fail
then (``Caught-by:``, arguments of pytest). They are run in a copy of the tree: first as it is, where they must pass, then with
the patch, where they must fail. Names on the command line choose patches. The end is a table with a verdict for each; a patch
that does not fit the source any more is a failure as well as a bug that nobody noticed. Exit code 0: all were caught.

``--by-histories N`` asks instead whether histories of chance alone would have found each of them: up to N histories on SQLite
with each patch, and the table says which history failed, by which seed and why. Bugs that only several processes, a power cut
or a start can show are beyond histories, so exit code 0 says only that the histories were sound without any bug.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PLANTED = Path(__file__).parent / "planted"
LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", "build", "dist", "run", "__pycache__", ".mypy_cache", ".ruff_cache", "*.egg-info"
)
BY_HISTORIES, HISTORIES = "--by-histories", 700
"""The option, and how many when it says no number: half of what ``make test`` runs on SQLite."""
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


class Verdict(Enum):
    """What became of a patch."""

    CAUGHT = "caught"
    MISSED = "MISSED: its tests pass with the bug in the source; mend them, not the patch"
    BROKEN = "BROKEN: its tests did not run to an end with it, which proves nothing; mend the patch"
    STALE = "DOES NOT FIT: the source has changed; make the patch anew"
    UNSOUND = "UNSOUND: its tests fail without any bug; mend them or the source"


@dataclass(frozen=True)
class Tried:
    """One row of the table at the end."""

    planted: Planted
    verdict: Verdict
    took_s: int


def main(names: list[str]) -> int:
    """Run the chosen patches, all when none is named; return the exit code."""
    histories = 0
    if names[:1] == [BY_HISTORIES]:
        number = names[1] if names[1:] and names[1].isdigit() else ""
        histories, names = int(number or HISTORIES), names[2:] if number else names[1:]
    known = patches()
    unknown = set(names) - {planted.name for planted in known}
    if unknown:
        print(f"There is no patch {', '.join(sorted(unknown))}. There are: {', '.join(planted.name for planted in known)}.")
        return 2
    chosen = [planted for planted in known if not names or planted.name in names]
    with tempfile.TemporaryDirectory(prefix="scanlane-planted-") as folder:
        tree = Path(folder) / "tree"
        shutil.copytree(ROOT, tree, ignore=LEFT_OUT)
        if histories:
            return _by_histories(chosen, tree, histories)
        print(f"{len(chosen)} planted bugs; first their tests without any:", flush=True)
        sound = {tests: _passes(tests, tree) for tests in dict.fromkeys(planted.caught_by for planted in chosen)}
        tried = [_try(planted, tree, is_sound=sound[planted.caught_by]) for planted in chosen]
    _print_table(tried)
    return 0 if all(one.verdict is Verdict.CAUGHT for one in tried) else 1


def _print_table(tried: list[Tried]) -> None:
    wide = max(len(one.planted.name) for one in tried)
    print(f"\n{'planted bug':{wide}}  {'s':>4}  verdict")
    for one in tried:
        by = f" by {' '.join(one.planted.caught_by)}" if one.verdict is Verdict.CAUGHT else ""
        print(f"{one.planted.name:{wide}}  {one.took_s:>4}  {one.verdict.value}{by}")
    caught = sum(one.verdict is Verdict.CAUGHT for one in tried)
    print(f"\n{caught} of {len(tried)} planted bugs were caught.", flush=True)


def _by_histories(chosen: list[Planted], tree: Path, histories: int) -> int:
    begun_with = int(os.environ.get("SCANLANE_SEED", "0")) or random.SystemRandom().getrandbits(32)
    print(f"seed {begun_with}, at most {histories} histories each; first without any bug:", flush=True)
    number, why = _histories(tree, histories, begun_with)
    if number:
        print(f"UNSOUND: history {number} fails without any bug: {why}")
        return 1
    print(f"  pass\n\n{'planted bug':32}  {'caught in history':>17}  by", flush=True)
    for planted in chosen:
        if (applied := _apply(planted, tree)).returncode:
            print(f"{planted.name:32}  {Verdict.STALE.value}\n{applied.stderr}", flush=True)
            continue
        try:
            number, why = _histories(tree, histories, begun_with)
        finally:
            _apply(planted, tree, "--reverse")
        print(f"{planted.name:32}  {number or 'not caught':>17}  {why[:160]}", flush=True)
    return 0


def _histories(tree: Path, histories: int, begun_with: int) -> tuple[int, str]:
    command = [sys.executable, "-m", "tests.fault.history_runs", "sqlite", str(histories), str(begun_with)]
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=True)
    number, why = json.loads(done.stdout.splitlines()[-1])
    return number, why


def _passes(tests: tuple[str, ...], tree: Path) -> bool:
    begun = time.monotonic()
    done = _run(tests, tree)
    passed = done.returncode == 0
    print(f"  {'pass' if passed else 'FAIL'} {' '.join(tests)} ({round(time.monotonic() - begun)} s)", flush=True)
    if not passed:
        print(done.stdout[-3000:], flush=True)
    return passed


def _try(planted: Planted, tree: Path, *, is_sound: bool) -> Tried:
    begun = time.monotonic()
    verdict = _judge(planted, tree, is_sound=is_sound)
    took_s = round(time.monotonic() - begun)
    print(f"{planted.name}: {verdict.value} ({took_s} s)", flush=True)
    return Tried(planted, verdict, took_s)


def _judge(planted: Planted, tree: Path, *, is_sound: bool) -> Verdict:
    applied = _apply(planted, tree)
    if applied.returncode != 0:
        print(applied.stderr, end="")
        return Verdict.STALE
    try:
        after = _run(planted.caught_by, tree) if is_sound else None
    finally:
        _apply(planted, tree, "--reverse")
    if after is None:
        return Verdict.UNSOUND
    verdicts = {0: Verdict.MISSED, TESTS_FAILED: Verdict.CAUGHT}
    if after.returncode not in verdicts:
        print(after.stdout[-3000:])
    return verdicts.get(after.returncode, Verdict.BROKEN)


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
