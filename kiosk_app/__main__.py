"""``python -m kiosk_app``."""

from kiosk_app.cli import main

main()
