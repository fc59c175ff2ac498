"""Coins and notes on one ccTalk bus: coin acceptor, note validator with escrow, hoppers.

The owner gives :mod:`hardware.cash.commands` to a :class:`hardware.cash.driver.CashBusDriver` and hears
:mod:`hardware.cash.events`. Bytes are in :mod:`hardware.cash.protocol` (frames) and ``protocol_*`` (their contents). Decisions
are in pure modules: :mod:`hardware.cash.counters` (which events are new), :mod:`hardware.cash.escrow` (the note that may still
go back), :mod:`hardware.cash.payout` (coins leave at most once). :mod:`hardware.cash.bus` speaks on the line; one file per kind
of device uses it. ``simulator`` is a whole bus with every coin and note in it; ``*_simulator`` are its devices.
"""
