"""A school that was closed and is open again was closed meanwhile: the days between are kept with it.

``closures``: in turn the first day on which it was no longer open and the first on which it was again.
"""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("school", "school_past"):
        op.execute(f"alter table {table} add closures date[] not null default '{{}}'")


def downgrade() -> None:
    for table in ("school", "school_past"):
        op.execute(f"alter table {table} drop closures")
