"""The server's face: thin FastAPI routers under ``api`` and the staff's NiceGUI page under ``console``.

Start with ``app``, which puts them together. Nothing is decided here: a router reads the request, calls one service and
answers.
"""
