"""A school that waited to be told before its standing was kept twice (0010) gets the record of what it knows.

It begins as every other: with what was really answered when the first of what waits was held back. What has changed since
that the school may know is found, and told, when it is looked at on the day of this migration.
"""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

FILL = """
    with waited as (
        select urn, min(withheld_at) as since from withheld
        where released_on is null and urn not in (select urn from representation_as_told) group by urn
    ), answered as (
        insert into answer_as_told select a.* from answer a join waited using (urn) where recorded_at < since
        returning urn, from_date, category, shows_restricted
    ), last as (
        select distinct on (urn) urn, category, shows_restricted from answered order by urn, from_date desc
    )
    insert into representation_as_told (urn, settled_on, category, restricted, public_category, public_role, next_due)
    select urn, settled_on, last.category, coalesce(shows_restricted, false), public_category, public_role,
           coalesce((select today from clock), (now() at time zone 'Europe/London')::date)
    from representation join waited using (urn) left join last using (urn)
"""


def upgrade() -> None:
    op.execute(FILL)


def downgrade() -> None:
    """What was filled in is what any school that waits has; it goes when the school was told."""
