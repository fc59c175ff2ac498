"""The devices: scales, scanners, cash, printers, I/O modules, cameras, speakers, and a bench that simulates them.

Knows grams, minor units of cash and text; no shop, no GUI, no database, no HTTP API. Each device folder holds ``protocol``
(bytes <-> meaning, pure), ``driver`` (a :class:`hardware.device.Driver`: what to ask and when) and ``simulator`` (the device's
physics and words, pure). Start with :mod:`hardware.device`: one worker thread owns each port and runs the one connection
machine of :mod:`hardware.connection`. Only :mod:`hardware.link` opens ports.
"""
