"""A test clock may be set as a real one jumps: unconfirmed, so that what a day brings waits for somebody to look (D3.10)."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("alter table clock add column confirmed boolean not null default true")


def downgrade() -> None:
    op.execute("alter table clock drop column confirmed")
