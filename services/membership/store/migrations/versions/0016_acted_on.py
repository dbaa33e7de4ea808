"""What is held back keeps the day of the act beside the instant of its record (R0.8).

What was held back before has none: there the day of the record counts on.
"""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("alter table withheld add column acted_on date")


def downgrade() -> None:
    op.execute("alter table withheld drop column acted_on")
