"""Messages to people, and the order in which a change is told."""

from alembic import op

from shared.migrations.guards import only_added_to

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

APPEND_ONLY = ("stage_opened", "letter_attempt")


def upgrade() -> None:
    # A projection: rebuilt and swapped, so no foreign key.
    op.execute(
        """
        create table headship (
            urn text not null,
            person_id uuid not null,
            from_date date not null,
            until date,
            primary key (urn, person_id, from_date)
        )
        """
    )
    _order_of_telling()
    _messages()
    only_added_to(*APPEND_ONLY)  # what was told stays told


def _order_of_telling() -> None:
    """The gate of a story knows its stage too: 1 heads, 2 speakers, 3 departments, 4 the feed, which is all (R0.8)."""
    op.execute("alter table gate add column stage smallint not null default 4 check (stage between 1 and 4)")
    op.execute("alter table gate add column stage_since timestamptz not null default clock_timestamp()")
    op.execute("create index gate_open on gate (correlation_id) where stage < 4")
    op.execute(
        """
        create table stage_opened (
            id bigint generated always as identity primary key,
            correlation_id uuid not null references gate,
            stage smallint not null,
            why text not null,
            opened_at timestamptz not null default clock_timestamp()
        )
        """
    )
    op.execute("create index stage_opened_story on stage_opened (correlation_id)")
    # One row a record and audience. It goes out once its story is told, at its stage, behind the earlier of its key.
    op.execute("alter table held drop constraint held_event_id_key")
    op.execute("alter table held add column audience text")
    op.execute("alter table held add column needs_told boolean not null default true")
    op.execute("alter table held add column opens_at smallint not null default 3")
    op.execute(
        """
        insert into held (event_id, correlation_id, key, departments, headers, value, held_at, audience)
        select event_id, correlation_id, key, departments, headers, value, held_at, one
        from held, unnest(departments) as one where audience is null order by position
        """
    )
    op.execute("delete from held where audience is null")
    op.execute("alter table held alter column audience set not null")
    op.execute("alter table held drop column departments")
    op.execute("alter table held drop constraint held_correlation_id_fkey")
    op.execute("create unique index held_once on held (event_id, audience)")
    op.execute("create index held_line on held (key, audience, position)")


def _messages() -> None:
    # A letter is one e-mail or text: what is sent, under one Message-ID, however often.
    op.execute(
        """
        create table letter (
            id uuid primary key,
            person_id uuid not null,
            authority text not null,
            channel text not null check (channel in ('email', 'text')),
            urgent boolean not null,
            made_on date not null,
            made_at timestamptz not null default clock_timestamp(),
            state text not null default 'pending' check (state in ('pending', 'sent', 'failed')),
            reason text,
            attempts integer not null default 0,
            due_at timestamptz not null default clock_timestamp(),
            sent_at timestamptz,
            last_code integer,
            check ((state = 'sent') = (sent_at is not null)),
            check ((state = 'failed') = (reason is not null))
        ) with (fillfactor = 80)
        """
    )
    op.execute("create index letter_due on letter (due_at) where state = 'pending'")
    op.execute("create index letter_of on letter (person_id, made_on)")
    # One row a fact, person and channel: the natural key of the reaction, so that a fact is told once.
    op.execute(
        """
        create table message (
            id uuid primary key,
            position bigint generated always as identity unique,
            event_id uuid not null,
            person_id uuid not null,
            channel text not null check (channel in ('email', 'text')),
            authority text not null,
            kind text not null,
            urn text not null,
            details jsonb not null,
            sensitivity text not null,
            correlation_id uuid not null,
            traceparent text,
            urgent boolean not null,
            stage smallint check (stage in (1, 2)),
            created_at timestamptz not null default clock_timestamp(),
            due_at timestamptz not null,
            state text not null default 'waiting' check (state in ('waiting', 'in-letter', 'sent', 'failed')),
            reason text,
            letter_id uuid references letter,
            unique (event_id, person_id, channel),
            check (state not in ('in-letter', 'sent') or letter_id is not null),
            check ((state = 'failed') = (reason is not null))
        ) with (fillfactor = 80)
        """
    )
    op.execute("create index message_waiting on message (due_at) where state = 'waiting'")
    op.execute("create index message_of on message (person_id, position)")
    op.execute("create index message_story on message (correlation_id, stage)")
    op.execute("create index message_letter on message (letter_id)")
    op.execute(
        """
        create table letter_attempt (
            id bigint generated always as identity primary key,
            letter_id uuid not null references letter,
            at timestamptz not null,
            took_ms integer not null,
            code integer,
            problem text
        )
        """
    )
    op.execute("create index letter_attempt_of on letter_attempt (letter_id, id)")


def downgrade() -> None:
    op.execute("drop table letter_attempt, message, letter, stage_opened, headship")
    op.execute("drop index gate_open")
    op.execute("alter table gate drop column stage, drop column stage_since")
    op.execute("drop index held_once, held_line")
    op.execute("alter table held add column departments text[]")
    op.execute("delete from held where audience in ('people', 'feed')")
    op.execute("update held set departments = array[audience]")
    op.execute("alter table held alter column departments set not null")
    op.execute("alter table held drop column audience, drop column needs_told, drop column opens_at")
