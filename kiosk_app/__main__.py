"""``kiosk-app``, or ``python -m kiosk_app``."""

from typing import NoReturn

from program.launch import launch


def main() -> NoReturn:
    """Load the command line and run it."""
    launch("kiosk_app.cli")


if __name__ == "__main__":
    main()
