"""Who hears for a trust of a change of which its school was told: whoever is in post then, as membership said (R0.8)."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        create table hears_for_trust (
            correlation_id uuid not null,
            urn text not null,
            trust_id text not null,
            person_id uuid,
            primary key (correlation_id, urn, trust_id)
        )
        """
    )


def downgrade() -> None:
    op.execute("drop table hears_for_trust")
