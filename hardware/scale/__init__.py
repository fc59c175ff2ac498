"""Weighing scales: MT-SICS.

:mod:`hardware.scale.protocol` turns bytes into replies and replies into readings, :mod:`hardware.scale.driver` asks the scale
five times a second, :mod:`hardware.scale.simulator` is a pan with a mass on it. A reading is one reply of the scale: whoever
decides on a weight waits for stable readings that agree.
"""
