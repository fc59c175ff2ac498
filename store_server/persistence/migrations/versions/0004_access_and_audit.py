"""Enrolment codes, revocation, staff roles, the audit log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

WHOLE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
COUNT_MAX = 2**53


def upgrade() -> None:
    """Make what this revision adds."""
    _audit()
    _audit_heads()
    _enrolments()
    whole = "INTEGER" if _is_sqlite() else "BIGINT"
    op.execute(f"ALTER TABLE devices ADD COLUMN revoked_at {whole}")
    op.execute(
        "ALTER TABLE staff ADD COLUMN role TEXT NOT NULL DEFAULT 'attendant'"
        " CONSTRAINT role_known CHECK (role IN ('attendant', 'supervisor', 'manager'))"
    )
    op.execute(f"ALTER TABLE staff ADD COLUMN left_at {whole}")
    _keep_unchanged()


def downgrade() -> None:
    """Take it away again."""
    for table, column in (("staff", "left_at"), ("staff", "role"), ("devices", "revoked_at")):
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
    for table in ("enrolments", "audit_heads", "audit"):
        op.drop_table(table)
    if not _is_sqlite():
        op.execute("DROP FUNCTION audit_is_never_changed")


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("seq", WHOLE, autoincrement=False, nullable=False),
        sa.Column("at", WHOLE, nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("prev_hash", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.CheckConstraint(f"seq BETWEEN 1 AND {COUNT_MAX}", name="seq_range"),
        sa.CheckConstraint("length(hash) = 64 AND length(prev_hash) = 64", name="hashes_whole"),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("hash"),
        sqlite_strict=True,
    )
    op.create_index("audit_by_subject", "audit", ["subject", "seq"])


def _audit_heads() -> None:
    op.create_table(
        "audit_heads",
        sa.Column("shop_id", WHOLE, autoincrement=False, nullable=False),
        sa.Column("seq", WHOLE, nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.CheckConstraint(f"seq BETWEEN 0 AND {COUNT_MAX}", name="seq_range"),
        sa.PrimaryKeyConstraint("shop_id"),
        sqlite_strict=True,
    )


def _enrolments() -> None:
    op.create_table(
        "enrolments",
        sa.Column("enrolment_id", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("selector", sa.Text(), nullable=False),
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("tries", WHOLE, nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", WHOLE, nullable=False),
        sa.Column("expires_at", WHOLE, nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("fingerprint", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", WHOLE, nullable=True),
        sa.CheckConstraint("status IN ('open', 'asked', 'approved', 'refused', 'spent')", name="status_known"),
        sa.CheckConstraint("tries BETWEEN 0 AND 5", name="tries_range"),
        sa.CheckConstraint(
            "(status IN ('asked', 'approved', 'refused')) = (fingerprint IS NOT NULL)", name="asked_has_a_fingerprint"
        ),
        sa.PrimaryKeyConstraint("enrolment_id"),
        sqlite_strict=True,
    )
    op.create_index("enrolments_by_selector", "enrolments", ["selector", "expires_at"])


def _keep_unchanged() -> None:
    """Refuse every change but adding the next row."""
    if _is_sqlite():
        refuse = "BEGIN SELECT RAISE(ABORT, 'rows of audit are never changed'); END"
        op.execute(f"CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit {refuse}")
        op.execute(f"CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit {refuse}")
        # INSERT OR REPLACE fires no DELETE trigger unless recursive_triggers is on.
        not_next = "NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM audit)"
        same_hash = "EXISTS (SELECT 1 FROM audit WHERE hash = NEW.hash)"
        op.execute(f"CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit WHEN {not_next} OR {same_hash} {refuse}")
        return
    op.execute(
        "CREATE FUNCTION audit_is_never_changed() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'rows of audit are never changed' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    guard = "EXECUTE FUNCTION audit_is_never_changed()"
    op.execute(f"CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON audit FOR EACH ROW {guard}")
    op.execute(f"CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit FOR EACH STATEMENT {guard}")
