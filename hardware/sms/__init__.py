"""SMS by a modem on a serial line that understands AT commands.

The owner gives :class:`hardware.sms.events.SendText` to a :class:`hardware.sms.driver.SmsDriver` and hears what became of it.
:mod:`hardware.sms.protocol` reads what a modem says, ``protocol_pdu`` cuts texts into messages and reads the network's
reports, ``protocol_gsm7`` is the alphabet; :mod:`hardware.sms.conversation` asks and waits; :mod:`hardware.sms.outbox` knows
which report belongs to which text. ``simulator`` is a modem, ``simulator_network`` the network behind it with what really
arrived.
"""
