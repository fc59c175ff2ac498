"""Before Python 3.12, PySide6 6.12.0 takes references away from ``None`` and ``True`` until the interpreter aborts.

Every call of Qt that returns nothing costs ``None`` one reference, every ``Signal.emit`` costs ``True`` one: the return value
is not counted, but its receiver drops it. From Python 3.12 on both are immortal (PEP 683) and nothing happens; before, a window
ends after some thousand calls with ``none_dealloc: deallocating None``. Measured on Python 3.11 in one run each: 1,000 calls of
``setEnabled`` cost 1,000 references with 6.12.0, and none with 6.11.3 and 6.10.3.
"""

from __future__ import annotations

import ctypes
import sys

SPARE_REFERENCES = 1 << 50
"""A hundred thousand calls a second use this up in 350 years."""
_IMMORTAL_SINCE = (3, 12)


def make_singletons_last() -> None:
    """Give None, True and False so many spare references that the lost ones do not matter."""
    if sys.version_info >= _IMMORTAL_SINCE:
        return
    for singleton in (None, True, False):
        if sys.getrefcount(singleton) < SPARE_REFERENCES:
            # A CPython object begins with its reference count (PyObject.ob_refcnt, a Py_ssize_t) at its address.
            ctypes.c_ssize_t.from_address(id(singleton)).value += SPARE_REFERENCES
