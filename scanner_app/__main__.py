"""``scanner-app``, or ``python -m scanner_app``."""

from typing import NoReturn

from program.launch import launch


def main() -> NoReturn:
    """Load the command line and run it."""
    launch("scanner_app.cli")


if __name__ == "__main__":
    main()
