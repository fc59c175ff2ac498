"""Routers, one file per kind of caller; each path is exactly what ``store_server.contract.client`` calls."""
