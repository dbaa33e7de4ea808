"""Which school Ofsted lists as continuing which is kept beside what the register's links say of the two.

A link counts before it; where the link is withdrawn, or means nothing in a later file, the listing counts again.
"""

from alembic import op

from shared.migrations.guards import only_added_to

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        create table continuity_listed (
            urn text not null,
            predecessor_urn text not null,
            source text not null,
            recorded_at timestamptz not null,
            primary key (urn, predecessor_urn)
        )
        """
    )
    op.execute(
        "insert into continuity_listed (urn, predecessor_urn, source, recorded_at) "
        "select distinct on (urn, predecessor_urn) urn, predecessor_urn, source, recorded_at from "
        "(select urn, predecessor_urn, source, recorded_at from continuity where kind = 'listed' union all "
        "select urn, predecessor_urn, source, recorded_at from continuity_past where kind = 'listed') as every "
        "order by urn, predecessor_urn, recorded_at"
    )
    only_added_to("continuity_listed")


def downgrade() -> None:
    op.execute("drop table continuity_listed")
