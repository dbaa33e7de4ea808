"""Each school is told by itself: one story may be of several schools, as a change of chair is (R0.8)."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        create table told_school (
            correlation_id uuid not null,
            urn text not null,
            told_on date not null,
            primary key (correlation_id, urn)
        )
        """
    )
    # What was let out until now was let out for every school of the story.
    op.execute(
        """
        insert into told_school (correlation_id, urn, told_on)
        select distinct correlation_id, substring(journey.key from '/school/(.+)$'), gate.told_on
        from gate join journey using (correlation_id)
        where gate.told_on is not null and journey.key like '%/school/%'
        """
    )
    op.execute("alter table gate drop column told_on")


def downgrade() -> None:
    op.execute("alter table gate add column told_on date")
    op.execute(
        """
        update gate set told_on = told.told_on
        from (select correlation_id, min(told_on) as told_on from told_school group by 1) as told
        where gate.correlation_id = told.correlation_id
        """
    )
    op.execute("drop table told_school")
