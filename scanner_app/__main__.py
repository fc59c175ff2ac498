"""``python -m scanner_app``."""

from scanner_app.cli import main

main()
