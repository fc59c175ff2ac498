"""What the store server and its clients agree on: the only part of the server that an app may import.

Values and pure functions, but for :mod:`store_server.contract.client`, which speaks HTTP. Start with ``messages`` (what goes
over the wire) and ``order_status`` (what an order can be).
"""
