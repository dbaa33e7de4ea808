"""The trusts of a school are found by its number alone: by its periods it took ten times as long, and every decision asks."""

from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("create index school_in_trust_urn on school_in_trust (urn)")


def downgrade() -> None:
    op.execute("drop index school_in_trust_urn")
