"""The kiosk: bring up an order, take cash, give change, print the receipt with its exit pass.

``payment_session`` is the state machine, ``change`` decides which coins to give, ``journal`` remembers on disk every coin
before and after it moves, ``desk`` carries out what the session commands. Knows the store contract and the devices; no other
program.
"""
