"""A policy that was adopted by mistake is corrected and withdrawn (R0.1, R0.4).

What an authority has adopted is only ever added to, and so is what was taken back of it; `policy` is what follows: which one
applies on which days.
"""

from alembic import op

from shared.migrations.guards import only_added_to

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

# ``from_date`` null: it always was so. ``in_place_of``: the version that was adopted by mistake.
ADOPTION = """
    create table policy_adoption (
        authority text not null references authority,
        kind text not null check (kind in ('category', 'routing')),
        version integer not null,
        name text not null,
        inherit text check (inherit in ('converters', 'always', 'never')),
        settings jsonb not null default '{}',
        from_date date,
        in_place_of integer,
        reason text not null default '',
        adopted_by text not null default '',
        recorded_at timestamptz not null default '-infinity',
        primary key (authority, kind, version))
"""
WITHDRAWAL = """
    create table policy_withdrawal (
        authority text not null,
        kind text not null,
        version integer not null,
        reason text not null,
        withdrawn_by text not null,
        recorded_at timestamptz not null,
        primary key (authority, kind, version))
"""
# A row that was cut by a later policy was recorded anew; the first that says a version is its adoption.
FILL = """
    insert into policy_adoption
        (authority, kind, version, name, inherit, settings, from_date, reason, adopted_by, recorded_at)
    select distinct on (authority, kind, version)
        authority, kind, version, name, inherit, settings, lower(during), reason, adopted_by, recorded_at
    from (select authority, kind, version, name, inherit, settings, during, reason, adopted_by, recorded_at from policy
          union all
          select authority, kind, version, name, inherit, settings, during, reason, adopted_by, recorded_at from policy_past)
        as every
    order by authority, kind, version, recorded_at
"""


def upgrade() -> None:
    op.execute(ADOPTION)
    op.execute(WITHDRAWAL)
    op.execute(FILL)
    only_added_to("policy_adoption", "policy_withdrawal")


def downgrade() -> None:
    op.execute("drop table policy_withdrawal")
    op.execute("drop table policy_adoption")
