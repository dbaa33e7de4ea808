"""Whose word is kept of a school, and when it was said: two authorities are read in any order.

What was kept before, or is written by the release before during an upgrade, gives way to the next word. Whoever wants
it in order at once rebuilds (`python -m services.funding rebuild`).
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        alter table school
            add column told_under text not null default '',
            add column told_as uuid not null default '00000000-0000-0000-0000-000000000000'
        """
    )


def downgrade() -> None:
    op.execute("alter table school drop column told_under, drop column told_as")
