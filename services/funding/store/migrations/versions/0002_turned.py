"""The last day for which new award years were looked at."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        create table turned (
            only_row boolean primary key default true check (only_row),
            turned_to date not null
        )
        """
    )


def downgrade() -> None:
    op.execute("drop table turned")
