"""``device-bench``, or ``python -m hardware.bench``."""

from typing import NoReturn

from program.launch import launch


def main() -> NoReturn:
    """Load the command line and run it."""
    launch("hardware.bench.cli")


if __name__ == "__main__":
    main()
