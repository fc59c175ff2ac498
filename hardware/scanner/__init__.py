"""Barcode scanners on a serial line: ASCII lines with AIM identifiers, Datalogic host bytes; Zebra SSI.

:mod:`hardware.scanner.protocol` cuts a stream into lines and reads them, :mod:`hardware.scanner.protocol_ssi` into packets; the
drivers of the same names publish each code once (:mod:`hardware.scanner.events`), the simulators send what a person holds up.
:mod:`hardware.scanner.choice` makes the driver that the settings name.
"""
