"""Whose word is kept of a school and of its heads, and when it was said: two authorities are read in any order.

What was kept before, or is written by the release before during an upgrade, gives way to the next word. Whoever wants
it in order at once rebuilds (`python -m services.notifications rebuild`).
"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TABLES = ("school", "headship")


def upgrade() -> None:
    for table in TABLES:
        op.execute(
            f"""
            alter table {table}
                add column told_under text not null default '',
                add column told_as uuid not null default '00000000-0000-0000-0000-000000000000'
            """
        )


def downgrade() -> None:
    for table in TABLES:
        op.execute(f"alter table {table} drop column told_under, drop column told_as")
