"""``store-server``, or ``python -m store_server``."""

from typing import NoReturn

from program.launch import launch


def main() -> NoReturn:
    """Load the command line and run it."""
    launch("store_server.cli")


if __name__ == "__main__":
    main()
