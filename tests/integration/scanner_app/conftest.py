"""Widgets are real, and drawn where no display is needed."""

import os

os.environ["QT_QPA_PLATFORM"] = "offscreen"
