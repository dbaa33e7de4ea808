"""Which entries and allocations a school doesn't know of yet: its head is answered as if they were not there (R0.8)."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        create table withheld_fact (
            kind text not null,
            fact_id uuid not null,
            urn text not null,
            correlation_id uuid not null,
            primary key (kind, fact_id),
            foreign key (urn, correlation_id) references withheld
        )
        """
    )
    op.execute("create index withheld_fact_urn on withheld_fact (urn)")


def downgrade() -> None:
    op.execute("drop table withheld_fact")
