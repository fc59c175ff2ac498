"""Tables, the database engine with its safety settings, and Alembic migrations. No rules here."""
