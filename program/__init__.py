"""What every Scanlane program does before its own work: settings file, log, data folder, one instance, sentences for mistakes.

Knows no shop, no device and no server. The touch programs' Qt plumbing is in :mod:`program.qt`.
"""
