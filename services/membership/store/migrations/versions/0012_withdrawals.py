"""What officers decide of an inspection stands beside what sources say of it (R0.4, D3.11).

A withdrawal was a version of the outcome like any other, so the next file undid it.
"""

from alembic import op

from shared.migrations.guards import only_added_to

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# The latest decision counts. ``seen_version``: what was listed when the officer let her withdrawal stand.
DECISION = """
    create table outcome_decision (
        decision_id bigint generated always as identity primary key,
        inspection_number text not null,
        kind text not null,
        withdrawn boolean not null,
        decided_on date not null,
        reason text not null,
        decided_by text not null,
        seen_version integer,
        recorded_at timestamptz not null)
"""


def upgrade() -> None:
    op.execute(DECISION)
    op.execute("create index outcome_decision_inspection on outcome_decision (inspection_number, kind)")
    op.execute(
        "insert into outcome_decision (inspection_number, kind, withdrawn, decided_on, reason, decided_by, recorded_at) "
        "select inspection_number, kind, true, (recorded_at at time zone 'Europe/London')::date, coalesce(reason, ''), source, "
        "recorded_at from outcome where withdrawn order by recorded_at"
    )
    op.execute("delete from outcome where withdrawn")
    op.execute("alter table outcome drop withdrawn, drop reason")
    only_added_to("outcome_decision")


def downgrade() -> None:
    op.execute("alter table outcome add withdrawn boolean not null default false, add reason text")
    op.execute("drop table outcome_decision")
