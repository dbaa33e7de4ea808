"""Who has been told: the journey, what waits for the school, webhooks, the liaison feed, names to speak of."""

from alembic import op

from shared.migrations.guards import only_added_to

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = ("journey", "delivery_attempt", "feed_entry")


def upgrade() -> None:
    _projections()
    _journey()
    _gate()
    _webhooks()
    _feed()
    only_added_to(*APPEND_ONLY)  # what was told stays told


def _projections() -> None:
    """Written by the keep_ functions of inbound.py alone; no foreign keys, since they may be rebuilt and swapped."""
    op.execute(
        """
        create table school (
            urn text primary key,
            authority text not null,
            name text not null,
            region text not null,
            sector text not null,
            open boolean not null
        )
        """
    )
    op.execute(
        """
        create table body (
            body_id uuid primary key,
            authority text not null,
            kind text not null,
            name text not null
        )
        """
    )
    # An erased person keeps her id, so that what names it still finds that she was erased.
    op.execute(
        """
        create table person (
            person_id uuid primary key,
            authority text not null,
            name text,
            email text,
            telephone text,
            erased boolean not null default false,
            check (not erased or (name is null and email is null and telephone is null))
        )
        """
    )


def _journey() -> None:
    op.execute(
        """
        create table journey (
            event_id uuid primary key,
            correlation_id uuid not null,
            causation_id uuid,
            service text not null,
            type text not null,
            key text not null,
            subject text not null,
            authority text not null,
            sensitivity text not null,
            told boolean not null,
            time timestamptz not null,
            traceparent text,
            batch_id uuid,
            read_at timestamptz not null default clock_timestamp()
        )
        """
    )
    op.execute("create index journey_story on journey (correlation_id)")
    op.execute("create index journey_subject on journey (subject, time)")


def _gate() -> None:
    """The "school told" gate (R0.8): one row a story that had to wait, locked by whoever adds to it or opens it."""
    op.execute(
        """
        create table gate (
            correlation_id uuid primary key,
            told_on date
        )
        """
    )
    op.execute(
        """
        create table held (
            position bigint generated always as identity primary key,
            event_id uuid not null unique,
            correlation_id uuid not null references gate,
            key text not null,
            departments text[] not null,
            headers text not null,
            value bytea not null,
            held_at timestamptz not null default clock_timestamp()
        )
        """
    )
    op.execute("create index held_story on held (correlation_id)")


def _webhooks() -> None:
    op.execute(
        """
        create table subscription (
            id uuid primary key,
            authority text not null,
            department text not null,
            url text not null,
            secret text not null,
            state text not null default 'active' check (state in ('active', 'paused', 'disabled')),
            why text not null default '',
            created_by text not null,
            created_at timestamptz not null default clock_timestamp(),
            changed_at timestamptz not null default clock_timestamp(),
            unique (authority, department, url)
        )
        """
    )
    # One row a subscription and event; its id is the webhook-id under which it is sent, however often.
    op.execute(
        """
        create table delivery (
            id uuid primary key,
            position bigint generated always as identity unique,
            subscription_id uuid not null references subscription,
            event_id uuid not null,
            type text not null,
            key text not null,
            sensitivity text not null,
            correlation_id uuid not null,
            body text not null,
            state text not null default 'pending' check (state in ('pending', 'delivered')),
            attempts integer not null default 0,
            due_at timestamptz not null default clock_timestamp(),
            created_at timestamptz not null default clock_timestamp(),
            delivered_at timestamptz,
            last_status integer,
            last_problem text,
            unique (subscription_id, event_id),
            check ((state = 'delivered') = (delivered_at is not null))
        ) with (fillfactor = 80)
        """
    )
    op.execute("create index delivery_due on delivery (subscription_id, due_at, position) where state = 'pending'")
    op.execute("create index delivery_line on delivery (subscription_id, key, position) where state = 'pending'")
    op.execute(
        """
        create table delivery_attempt (
            id bigint generated always as identity primary key,
            delivery_id uuid not null references delivery,
            at timestamptz not null,
            took_ms integer not null,
            status integer,
            problem text
        )
        """
    )
    op.execute("create index delivery_attempt_of on delivery_attempt (delivery_id, id)")


def _feed() -> None:
    """Numbers without gaps, in commit order: from the one counter row of the region, never from a sequence (D3.13)."""
    op.execute(
        """
        create table feed_counter (
            region text primary key,
            highest bigint not null default 0 check (highest >= 0)
        ) with (fillfactor = 50)
        """
    )
    op.execute(
        """
        create table feed_entry (
            region text not null,
            number bigint not null check (number >= 1),
            id uuid not null unique,
            event_id uuid not null unique,
            kind text not null,
            authority text not null,
            urn text,
            data text not null,
            published_at timestamptz not null,
            primary key (region, number)
        )
        """
    )


def downgrade() -> None:
    op.execute(
        """
        drop table feed_entry, feed_counter, delivery_attempt, delivery, subscription, held, gate, journey,
            person, body, school
        """
    )
