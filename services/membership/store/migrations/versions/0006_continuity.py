"""Which school continues which, in what way and from when.

`school_link` keeps what the latest file has at each school; `continuity` is the one relation that follows from it.
What was written because a school continues another stands in `followed`, so that it can be moved when a date moves, and
is told from what an officer decided. `to_follow` names the schools to look at for that: triggers fill it, so that no
writer of a membership, a headship, an allocation or the register can forget to.
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

MARKED = ("school", "continuity", "membership", "headship", "allocation")

STATEMENTS = [
    """
    create table school_link (
        urn text not null,
        linked_urn text not null,
        link_type text not null,
        established_on date,
        source text not null,
        source_as_at date not null,
        recorded_at timestamptz not null,
        primary key (urn, linked_urn, link_type)
    )
    """,
    "create index school_link_linked on school_link (linked_urn)",
    """
    alter table continuity
        add kind text not null default 'listed'
            check (kind in ('continues', 'merged', 'amalgamated', 'split', 'listed')),
        add from_date date,
        add source_as_at date
    """,
    # Whole rows go to the past, so its columns are the same ones.
    "alter table continuity_past add kind text not null default 'listed', add from_date date, add source_as_at date",
    "update continuity set kind = case when merged then 'merged' else 'continues' end",
    """
    create table followed (
        urn text not null,
        what text not null check (what in ('place', 'end-of-place', 'head', 'allocation', 'end-of-allocation')),
        subject text not null,
        on_date date not null,
        ref text not null default '',
        ended_before date,
        why text not null,
        recorded_at timestamptz not null,
        primary key (urn, what, subject)
    )
    """,
    """
    create table ask (
        ask_id uuid primary key,
        kind text not null,
        urn text not null,
        on_date date not null,
        why text not null,
        asked_at timestamptz not null,
        answer text,
        answered_by text,
        answered_at timestamptz,
        unique (kind, urn, on_date)
    )
    """,
    """
    create table lead_named (
        urn text not null,
        from_date date not null,
        body_id uuid not null,
        named_by text not null,
        recorded_at timestamptz not null,
        primary key (urn, from_date)
    )
    """,
    """
    create table to_follow (
        mark bigint generated always as identity primary key,
        urn text not null
    )
    """,
    """
    create function mark_to_follow() returns trigger language plpgsql as $$
    begin
        insert into to_follow (urn)
        select distinct n.urn from new_rows n
        where exists (select from continuity c where c.urn = n.urn)
           or exists (select from continuity c where c.predecessor_urn = n.urn)
           or exists (select from followed f where f.urn = n.urn)
           or exists (select from school s where s.urn = n.urn and (s.closed_on is not null or s.status = 'closed')
                      and (exists (select from membership m where m.urn = n.urn)
                           or exists (select from allocation a where a.urn = n.urn)))
        order by n.urn;
        return null;
    end $$
    """,
]


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
    for table in MARKED:
        for event in ("insert", "update"):
            op.execute(
                f"create trigger {table}_{event}_is_followed after {event} on {table} "
                "referencing new table as new_rows for each statement execute function mark_to_follow()"
            )


def downgrade() -> None:
    for table in MARKED:
        for event in ("insert", "update"):
            op.execute(f"drop trigger {table}_{event}_is_followed on {table}")
    op.execute("drop function mark_to_follow()")
    for table in ("to_follow", "lead_named", "ask", "followed", "school_link"):
        op.execute(f"drop table {table}")
    for table in ("continuity", "continuity_past"):
        op.execute(f"alter table {table} drop kind, drop from_date, drop source_as_at")
