"""Card terminals: nexo Retailer JSON over HTTPS as in the Adyen Terminal API, and ZVT over TCP.

Both speak through one door: :mod:`hardware.card_terminal.commands` in, :mod:`hardware.card_terminal.events` out.
:mod:`hardware.card_terminal.terminal` holds what keeps a card from being charged twice: every charge and every reversal is in
the journal before its first byte goes out, a lost answer is asked after, and nothing new starts while an outcome is unknown.
What a protocol must be able to say is in :mod:`hardware.card_terminal.dialect`.
:mod:`hardware.card_terminal.protocol_nexo` and :mod:`hardware.card_terminal.protocol_zvt` turn bytes into meaning; the
simulators share no line with them. No card number ever passes through here: terminals send at most the last digits.
"""
