"""Barcode scanners on a serial line: ASCII lines with AIM identifiers, Datalogic host bytes."""
