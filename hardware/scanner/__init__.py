"""Barcode scanners on a serial line: ASCII lines with AIM identifiers, Datalogic host bytes.

:mod:`hardware.scanner.protocol` cuts the stream into lines and reads them, :mod:`hardware.scanner.driver` publishes each code
once, :mod:`hardware.scanner.simulator` sends what a person holds before it.
"""
