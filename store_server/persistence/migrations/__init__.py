"""Alembic migrations: how the books' tables came to be, one revision per change; run by ``store-server init``."""
