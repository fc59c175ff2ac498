"""RFID gates: readers of UHF tags that speak LLRP, and the decision whether a tag that was seen is a theft.

:mod:`hardware.rfid.protocol` frames messages, :mod:`hardware.rfid.protocol_parameters` reads what is in them,
:mod:`hardware.rfid.protocol_requests` writes ours; :mod:`hardware.rfid.driver` keeps a reader reading and publishes every
sighting. :mod:`hardware.rfid.epc` tells the article from a tag's number, :mod:`hardware.rfid.watch` decides on an alarm. The
``simulator`` is a reader with tags before its antennas.
"""
