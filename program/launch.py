"""A program's very first step: to load the rest of itself, which takes a second, as politely as it ends later."""

from __future__ import annotations

import importlib
import sys
from typing import NoReturn

EXIT_INTERRUPTED = 130
"""What shells tell of a program that Ctrl-C ended: 128 and the number of SIGINT."""


def launch(module: str) -> NoReturn:
    """Run ``main`` of a module; Ctrl-C ends the program without a traceback, also while it is being loaded."""
    try:
        importlib.import_module(module).main()
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)
    sys.exit(0)
