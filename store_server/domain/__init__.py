"""Rules that only the server decides: the order machine, what may be paid, who may leave. Pure; the time is an argument."""
