"""Which trust a school belongs to, from when until when; what was said of it before a correction is kept beside it."""

from alembic import op

from shared.migrations.guards import only_added_to

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# '-infinity' stands for no beginning. The periods follow from the listings; school.trust_id is that of the present day.
STATEMENTS = [
    """
    create table school_in_trust (
        urn text not null,
        trust_id text not null,
        trust_name text,
        during daterange not null check (not isempty(during)),
        recorded_at timestamptz not null,
        primary key (urn, during without overlaps)
    )
    """,
    "create index school_in_trust_trust on school_in_trust (trust_id)",
    "create table school_in_trust_past (replaced_at timestamptz not null, like school_in_trust)",
    "create index school_in_trust_past_urn on school_in_trust_past (urn)",
    "create trigger school_in_trust_keeps_replaced before update or delete on school_in_trust "
    "for each row execute function keep_replaced_row()",
    # What was known until now had no days.
    """
    insert into school_in_trust (urn, trust_id, trust_name, during, recorded_at)
    select urn, trust_id, trust_name, daterange('-infinity', null), recorded_at from school where trust_id is not null
    """,
    """
    insert into school_in_trust_past (replaced_at, urn, trust_id, trust_name, during, recorded_at)
    select replaced_at, urn, trust_id, trust_name, daterange('-infinity', null), recorded_at from school_past
    where trust_id is not null
    """,
]


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
    only_added_to("school_in_trust_past")


def downgrade() -> None:
    op.execute("drop table school_in_trust_past")
    op.execute("drop table school_in_trust")
