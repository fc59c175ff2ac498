"""SMS by a modem with AT commands."""
