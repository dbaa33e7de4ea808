"""What an operator gave up: a rebuild has to step over it, as the inbox did."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        create table discarded (
            topic text not null,
            key text not null,
            epoch integer not null,
            sequence bigint not null,
            discarded_at timestamptz not null default clock_timestamp(),
            primary key (topic, key, epoch, sequence)
        )
        """
    )


def downgrade() -> None:
    op.execute("drop table discarded")
