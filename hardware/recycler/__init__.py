"""A note recycler on a serial line of its own: notes in, notes out again as change. ITL SSP, eSSP (NV200).

The owner speaks to :class:`hardware.recycler.driver.RecyclerDriver` in the words of :mod:`hardware.cash.commands`, hears
:mod:`hardware.cash.events`: each value that is stored is a hopper called ``recycler-<value>``. What only a recycler can do is
in :mod:`hardware.recycler.commands`. Bytes are in ``protocol`` (frames), ``protocol_cipher`` (eSSP), ``protocol_words``
(commands and their answers) and ``protocol_events`` (what a poll tells). Decisions are in pure modules: ``intake`` (the note
that comes in), ``payout`` (notes leave at most once), ``judgement`` (what the device's counters say).
:mod:`hardware.recycler.line` speaks on the wire. The simulator shares no code with the driver.
"""
