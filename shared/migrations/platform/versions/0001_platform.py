"""The tables that every service has: outbox, inbox, parking, lease, idempotency, audit, due, clock."""

from alembic import op

from shared.migrations.guards import only_added_to

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        create table service_state (
            only_row boolean primary key default true check (only_row),
            epoch integer not null default 1 check (epoch >= 1),
            reactions_since timestamptz not null default '-infinity'
        )
        """
    )
    op.execute("insert into service_state default values")
    op.execute(
        """
        create table clock (
            only_row boolean primary key default true check (only_row),
            today date not null
        )
        """
    )
    # A committed row waits here until the broker has acknowledged it. `id` orders the rows of one key because the
    # key's stream head is locked from the numbering to the commit.
    op.execute(
        """
        create table outbox (
            id bigint generated always as identity primary key,
            topic text not null,
            key text not null,
            headers text not null,
            value bytea,
            recorded_at timestamptz not null default clock_timestamp()
        ) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000)
        """
    )
    op.execute(
        """
        create table stream_head (
            topic text not null,
            key text not null,
            sequence bigint not null check (sequence >= 1),
            primary key (topic, key)
        ) with (fillfactor = 70)
        """
    )
    op.execute(
        """
        create table inbox_key (
            topic text not null,
            key text not null,
            epoch integer not null,
            sequence bigint not null,
            event_id uuid,
            held boolean not null default false,
            primary key (topic, key)
        ) with (fillfactor = 70)
        """
    )
    op.execute(
        """
        create table parked (
            id uuid primary key,
            topic text not null,
            partition integer not null,
            "offset" bigint not null,
            key text,
            epoch integer,
            sequence bigint,
            event_id text,
            type text,
            status text not null check (status in ('parked', 'waiting', 'gap', 'aside')),
            reason text not null,
            detail text not null default '',
            headers text not null,
            value bytea,
            traceparent text,
            tries integer not null default 0,
            parked_at timestamptz not null default clock_timestamp(),
            unique (topic, partition, "offset")
        )
        """
    )
    op.execute("create index parked_key on parked (topic, key, epoch, sequence)")
    op.execute(
        """
        create table lease (
            name text primary key,
            holder text not null,
            until timestamptz not null
        )
        """
    )
    op.execute(
        """
        create table idempotency (
            principal text not null,
            route text not null,
            key text not null,
            request_hash bytea not null,
            status integer,
            body jsonb,
            created_at timestamptz not null default now(),
            primary key (principal, route, key)
        )
        """
    )
    op.execute(
        """
        create table audit (
            id uuid primary key,
            at timestamptz not null default now(),
            who text not null,
            what text not null,
            subject text not null default '',
            why text not null default '',
            detail jsonb not null default '{}'
        )
        """
    )
    op.execute(
        """
        create table due (
            kind text not null,
            subject text not null,
            on_date date not null,
            done_at timestamptz,
            primary key (kind, subject, on_date)
        )
        """
    )
    # Audit rows are written once: the application's role may neither change nor remove them.
    only_added_to("audit")


def downgrade() -> None:
    for table in (
        "due",
        "audit",
        "idempotency",
        "lease",
        "parked",
        "inbox_key",
        "stream_head",
        "outbox",
        "clock",
        "service_state",
    ):
        op.execute(f"drop table {table}")
