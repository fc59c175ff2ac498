"""The kiosk: bring up an order, take cash, give change, print the receipt with its exit pass.

``payment_session`` is the state machine, its rules are in ``session_rules``; ``change`` decides which coins to give;
``journal`` remembers on disk every coin before and after it moves; ``desk`` hears the world and ``errands`` carries out what
the session commands; ``presenter`` says what ``screens`` show; ``staff_touches`` and ``box_work`` are the staff's part. Knows
the store contract and the devices; no other program.
"""
