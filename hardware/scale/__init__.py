"""Weighing scales: MT-SICS and Toledo 8217.

:mod:`hardware.scale.protocol` (MT-SICS) and :mod:`hardware.scale.protocol_8217` turn bytes into answers and answers into
:mod:`hardware.scale.reading`; the drivers of the same names ask the scale five times a second and publish
:mod:`hardware.scale.events`; the simulators are a pan with a mass on it. :mod:`hardware.scale.choice` makes the driver that the
settings name. A reading is one reply of the scale: whoever decides on a weight waits for stable readings that agree.
"""
