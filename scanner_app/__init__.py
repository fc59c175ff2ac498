"""The shopper's handheld: scan while you browse, see the total, hand in the order.

``trip`` is the state machine, ``presenter`` turns a trip into texts, ``screens`` draw them, ``catalogue`` is the local price
book, ``desk`` carries out what the trip commands. Knows the store contract and the camera; no other program.
"""
