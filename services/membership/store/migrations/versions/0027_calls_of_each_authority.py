"""Of a school that the register gives to another authority while the inspectors are there each has a call of its own."""

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("drop index inspection_call_open")
    op.execute("create unique index inspection_call_open on inspection_call (urn, authority) where closed_on is null")


def downgrade() -> None:
    """Fails where a school has two open calls: which one is to stay nobody but an officer can say."""
    op.execute("drop index inspection_call_open")
    op.execute("create unique index inspection_call_open on inspection_call (urn) where closed_on is null")
