"""What can go wrong while the demo plays the shop."""


class DemoError(Exception):
    """The demo cannot go on; the message says what did not happen."""
