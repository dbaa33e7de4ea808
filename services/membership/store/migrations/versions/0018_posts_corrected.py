"""Headships and contacts of trusts are corrected and withdrawn like offices and allocations (R0.4)."""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def _kinds(kinds: str) -> None:
    op.execute("alter table correction drop constraint correction_kind_check")
    op.execute(f"alter table correction add constraint correction_kind_check check (kind in ({kinds})) not valid")


def upgrade() -> None:
    _kinds("'office', 'allocation', 'membership', 'headship', 'trust-contact'")
    op.execute("alter table correction validate constraint correction_kind_check")


def downgrade() -> None:
    """What was corrected of them meanwhile stays recorded."""
    _kinds("'office', 'allocation', 'membership'")
