"""In which story an entry of the authority was lifted: a school that was not told of that knows what was said before (R0.8)."""

from alembic import op

revision = "0029"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("alter table la_lift add column correlation_id uuid")


def downgrade() -> None:
    op.execute("alter table la_lift drop column correlation_id")
