"""Receipt printers: ESC/POS with status."""
