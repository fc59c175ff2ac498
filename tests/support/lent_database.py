"""One PostgreSQL database that test after test borrows: what a test left in it is taken out, exactly.

Making a database costs the server thirty times what emptying one does. When it is made, its rows and the numbers of its
sequences are kept in a schema of their own; whoever gives it back gives it back to that state. A test that changed more than
rows (a table, a trigger, a setting of the database) is found out by the catalogue's own row versions, and its database is
thrown away.
"""

from __future__ import annotations

import psycopg

USES_MAX = 100
"""Rows that were deleted keep their place on the disk; a new database now and then costs less than vacuuming."""

_KEEP = """
DO $$
DECLARE one name; filled boolean;
BEGIN
    CREATE SCHEMA as_new;
    FOR one IN SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY relname LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', one) INTO filled;
        IF filled THEN
            EXECUTE format('CREATE TABLE as_new.%1$I AS TABLE public.%1$I', one);
        END IF;
    END LOOP;
    CREATE MATERIALIZED VIEW as_new.sequences AS
        SELECT sequencename, start_value, last_value FROM pg_sequences WHERE schemaname = 'public';
END $$
"""
_ALONE = """
SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""
# Every change to a catalogue's row makes a newer version of it; statistics alone are written into the old one.
_SHAPE = """
WITH stays AS (SELECT oid, xmin FROM pg_class WHERE relpersistence <> 't'),
    here AS (SELECT oid FROM pg_database WHERE datname = current_database()),
    versions AS (
        SELECT 'class', xmin FROM stays
        UNION ALL SELECT 'namespace', xmin FROM pg_namespace WHERE nspname !~ '^pg_(toast_)?temp_'
        UNION ALL SELECT 'attribute', xmin FROM pg_attribute WHERE attrelid IN (SELECT oid FROM stays)
        UNION ALL SELECT 'default', xmin FROM pg_attrdef
        UNION ALL SELECT 'index', xmin FROM pg_index
        UNION ALL SELECT 'constraint', xmin FROM pg_constraint
        UNION ALL SELECT 'trigger', xmin FROM pg_trigger
        UNION ALL SELECT 'function', xmin FROM pg_proc
        UNION ALL SELECT 'rule', xmin FROM pg_rewrite
        UNION ALL SELECT 'extension', xmin FROM pg_extension
        UNION ALL SELECT 'setting', xmin FROM pg_db_role_setting WHERE setdatabase IN (SELECT 0 UNION ALL SELECT oid FROM here)
    )
SELECT kind, count(*), max(version::text::bigint) FROM versions AS one (kind, version) GROUP BY kind ORDER BY kind
"""
_RESTORE = """
DO $$
DECLARE one name; kept record;
BEGIN
    SET LOCAL session_replication_role = replica;
    FOR one IN SELECT relname FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND pg_relation_size(oid) > 0 LOOP
        EXECUTE format('DELETE FROM public.%I', one);
    END LOOP;
    FOR one IN SELECT relname FROM pg_class WHERE relnamespace = 'as_new'::regnamespace AND relkind = 'r' LOOP
        EXECUTE format('INSERT INTO public.%1$I OVERRIDING SYSTEM VALUE TABLE as_new.%1$I', one);
    END LOOP;
    FOR kept IN SELECT * FROM as_new.sequences LOOP
        PERFORM setval(
            format('public.%I', kept.sequencename), coalesce(kept.last_value, kept.start_value), kept.last_value IS NOT NULL
        );
    END LOOP;
END $$
"""


class LentDatabase:
    """A database of a PostgreSQL server, with its tables and perhaps rows in them."""

    def __init__(self, name: str, uri: str) -> None:
        """Keep what stands in it, to give it back."""
        self.name = name
        self._connection = psycopg.connect(uri, autocommit=True)
        self._connection.execute(_KEEP)
        self._shape = self._connection.execute(_SHAPE).fetchall()
        self._uses = 0

    def restore(self) -> bool:
        """Cut everyone off and take everything back that changed since it was made; False when that cannot be done."""
        self._uses += 1
        try:
            self._connection.execute(_ALONE)
            if self._uses >= USES_MAX or self._connection.execute(_SHAPE).fetchall() != self._shape:
                return False
            self._connection.execute(_RESTORE)
        except psycopg.OperationalError:  # the test cut this connection off as well
            return False
        return True

    def close(self) -> None:
        """Let go of it."""
        self._connection.close()
