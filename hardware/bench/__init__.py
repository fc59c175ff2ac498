"""The bench: hosts simulated devices behind ptys and TCP ports, and lets a person or a script play the world.

The device side speaks only the real protocol. The operator side is a control API on 127.0.0.1 (:mod:`hardware.bench.control`):
put weights, insert cash, show codes, carry tags, unplug. A simulator is pure (:mod:`hardware.bench.simulator`): it is told the
time and the bytes, and answers bytes.
"""
