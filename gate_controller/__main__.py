"""``gate-controller``, or ``python -m gate_controller``."""

from typing import NoReturn

from program.launch import launch


def main() -> NoReturn:
    """Load the command line and run it."""
    launch("gate_controller.cli")


if __name__ == "__main__":
    main()
