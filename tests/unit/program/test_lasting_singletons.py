from __future__ import annotations

import subprocess
import sys

PROGRAM = """
from program.qt.bridge import Bridge
from PySide6.QtWidgets import QApplication, QLabel
app = QApplication([])
label, bridge = QLabel(), Bridge()
for number in range(20000):
    label.setEnabled(False)
    bridge.carry(number)
app.processEvents()
print("alive")
"""


def test_thousands_of_calls_and_signals_do_not_end_the_program() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout) == (0, "alive\n"), done.stderr
