"""Urgent requests while a school is inspected (W-16); what an authority has set; why a leader got one school more (W-18)."""

from alembic import op

from shared.migrations.guards import only_added_to

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLES = [
    """
    create table inspection_call (
        call_id uuid primary key,
        urn text not null,
        authority text not null,
        called_on date not null,
        called_at timestamptz not null,
        correlation_id uuid not null,
        started_by text not null,
        closed_on date,
        closed_because text check (closed_because in ('published', 'officer')),
        close_reason text,
        closed_by text,
        check ((closed_on is null) = (closed_because is null))
    )
    """,
    # One open call a school, whoever presses the button first.
    "create unique index inspection_call_open on inspection_call (urn) where closed_on is null",
    "create index inspection_call_authority on inspection_call (authority, called_on)",
    # When somebody answered is not kept: the minutes taken are never shown against a person.
    """
    create table inspection_ask (
        call_id uuid not null references inspection_call,
        place integer not null check (place >= 1),
        role text not null,
        rule text not null,
        person_id uuid,
        trust_id text,
        asked_at timestamptz not null,
        answer_by timestamptz,
        answer text not null check (answer in ('waiting', 'accepted', 'cannot', 'no-answer', 'not-needed')),
        answered_by text,
        primary key (call_id, place)
    )
    """,
    "create unique index inspection_ask_waiting on inspection_ask (call_id) where answer = 'waiting'",
    "create unique index inspection_ask_accepted on inspection_ask (call_id) where answer = 'accepted'",
    "create index inspection_ask_out_of_time on inspection_ask (answer_by) where answer = 'waiting'",
    "create index inspection_ask_person on inspection_ask (person_id)",
    # What an authority has set for itself. Nothing: not stated, and applied as such (R0.7).
    """
    create table authority_setting (
        authority text not null,
        version integer not null check (version >= 1),
        answer_minutes integer check (answer_minutes between 1 and 1440),
        hours_from time,
        hours_until time,
        schools_a_leader integer check (schools_a_leader >= 0),
        reason text not null,
        set_by text not null,
        recorded_at timestamptz not null,
        primary key (authority, version)
    )
    """,
    # Why somebody was allocated above the authority's limit, or in spite of a conflict.
    """
    create table allocation_reason (
        allocation_id uuid primary key,
        over_the_limit boolean not null,
        conflict text,
        reason text not null check (reason <> ''),
        given_by text not null,
        recorded_at timestamptz not null
    )
    """,
]

APPEND_ONLY = ("authority_setting", "allocation_reason")


def upgrade() -> None:
    for statement in TABLES:
        op.execute(statement)
    only_added_to(*APPEND_ONLY)


def downgrade() -> None:
    for table in ("allocation_reason", "authority_setting", "inspection_ask", "inspection_call"):
        op.execute(f"drop table {table}")
