"""The day on which a letter went, by the service's clock: its receiver's week begins then. Of one that went before this it
is not known, and the day on which it was made counts, as it did."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("alter table letter add column sent_on date")


def downgrade() -> None:
    op.execute("alter table letter drop column sent_on")
