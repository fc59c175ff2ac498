"""What the shopper sees: each screen draws a ready view and tells which button was touched; no rule, no device, no client.

``page`` is the frame of all; ``theme.qss`` gives colour, type scale and touch sizes. A touch comes out as the button's
objectName.
"""
