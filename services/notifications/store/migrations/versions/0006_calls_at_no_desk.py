"""Steps of a journey that only officers see: of an inspection call about which no desk of the council was asked (W-16)."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("alter table journey add column at_no_desk boolean not null default false")
    # What was read until now doesn't say here who was asked: rather too little is shown than too much.
    op.execute("update journey set at_no_desk = true where type like 'consortia.membership.inspection-call.%'")


def downgrade() -> None:
    op.execute("alter table journey drop column at_no_desk")
