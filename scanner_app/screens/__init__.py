"""The handheld's screens: each draws its view (:mod:`scanner_app.views`) and tells touches by signals, nothing else.

No price, no order, no device and no client is known here. ``theme.qss`` gives every colour and size; ``icons`` holds one
picture per department.
"""
