"""A body may lie in more than one area."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        create table body_area (
            body_id uuid references body,
            area text,
            primary key (body_id, area)
        )
        """
    )
    op.execute("insert into body_area (body_id, area) select body_id, area from body where area is not null")
    op.execute("alter table body drop column area")


def downgrade() -> None:
    """Of several areas the first remains."""
    op.execute("alter table body add column area text")
    op.execute("update body set area = (select min(area) from body_area where body_area.body_id = body.body_id)")
    op.execute("drop table body_area")
