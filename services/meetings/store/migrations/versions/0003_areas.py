"""Bodies that lie in several areas, and corrections of the past.

A database that already holds events is rebuilt after this (`python -m services.meetings rebuild`): what was corrected
before is filled in from the topic.
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("drop index body_area")
    op.execute("alter table body add column areas text[] not null default '{}'")
    op.execute("update body set areas = array[area] where area is not null")
    op.execute("alter table body drop column area")
    op.execute("create index body_areas on body using gin (areas)")
    # Stored and never acted on (D3.10): what was said at a meeting is not unsaid, only marked.
    op.execute(
        """
        create table history_correction (
            urn text not null,
            epoch integer not null,
            sequence bigint not null,
            what text not null,
            from_date date not null,
            until date not null,
            corrected_on date not null,
            correlation_id uuid not null,
            primary key (urn, epoch, sequence)
        )
        """
    )


def downgrade() -> None:
    """Of several areas the first remains."""
    op.execute("drop table history_correction")
    op.execute("alter table body add column area text")
    op.execute("update body set area = areas[1]")
    op.execute("drop index body_areas")
    op.execute("alter table body drop column areas")
    op.execute("create index body_area on body (authority, area) where area is not null")
