"""Of what was recorded together, how much people are told of, and how much of that was read: departments wait for it."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        create table recorded_together (
            first_id uuid primary key,
            correlation_id uuid not null,
            people integer not null check (people > 0),
            people_read integer not null check (people_read between 0 and people)
        ) with (fillfactor = 80)
        """
    )
    op.execute("create index recorded_together_unread on recorded_together (correlation_id) where people_read < people")


def downgrade() -> None:
    op.execute("drop table recorded_together")
