"""Projections of schools, bodies, offices, people and categories; meetings, agendas, lists."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _projections()
    _meetings()


def _projections() -> None:
    """Kept from events and nothing else, so that each can be rebuilt: no foreign keys, since nothing orders the keys."""
    op.execute(
        """
        create table school (
            urn text primary key,
            authority text not null,
            name text not null,
            sector text not null,
            area text,
            open boolean not null
        )
        """
    )
    op.execute("create index school_area on school (authority, area) where area is not null")
    op.execute(
        """
        create table body (
            body_id uuid primary key,
            authority text not null,
            kind text not null,
            name text not null,
            area text,
            opened_on date not null,
            closed_on date
        )
        """
    )
    op.execute("create index body_area on body (authority, area) where area is not null")
    op.execute(
        """
        create table body_school (
            body_id uuid not null,
            urn text not null,
            during daterange not null,
            lead boolean not null,
            primary key (body_id, urn, during without overlaps)
        )
        """
    )
    op.execute(
        """
        create table office_term (
            term_id uuid primary key,
            body_id uuid not null,
            post text not null,
            person_id uuid not null,
            school_urn text,
            from_date date not null,
            planned_until date,
            ended_on date
        )
        """
    )
    op.execute("create index office_term_body on office_term (body_id)")
    # An erased person keeps the row and the id, without name, so that minutes and lists still say that somebody was there.
    op.execute(
        """
        create table person (
            person_id uuid primary key,
            name text,
            erased boolean not null default false,
            check (erased = (name is null))
        )
        """
    )
    op.execute(
        """
        create table category_change (
            urn text not null,
            epoch integer not null,
            sequence bigint not null,
            category integer,
            since date not null,
            correlation_id uuid not null,
            told boolean not null,
            primary key (urn, epoch, sequence)
        )
        """
    )


def _meetings() -> None:
    # One row for each area is what everything that decides about the area's agendas and members locks first.
    op.execute("create table area (authority text, area text, primary key (authority, area))")
    op.execute(
        """
        create table meeting (
            meeting_id uuid primary key,
            authority text not null,
            body_id uuid not null,
            kind text not null check (kind in ('heads', 'area-analysis-group')),
            on_date date not null,
            unique (body_id, on_date)
        )
        """
    )
    op.execute(
        """
        create table agenda_item (
            item_id uuid primary key,
            meeting_id uuid not null references meeting,
            part text not null check (part in ('open', 'confidential')),
            urn text not null,
            why text not null,
            placed_at timestamptz not null,
            withdrawn_at timestamptz
        )
        """
    )
    op.execute(
        """
        create unique index one_live_item_for_a_school_and_meeting on agenda_item (meeting_id, urn, why)
        where withdrawn_at is null
        """
    )
    op.execute("create index agenda_item_live on agenda_item (urn) where withdrawn_at is null")
    # The changes of who speaks that a category caused, with the story of each. `known_from` is absent while held back
    # until the school is told (R0.8).
    op.execute(
        """
        create table speaker_change (
            urn text not null,
            epoch integer not null,
            sequence bigint not null,
            before jsonb not null,
            after jsonb not null,
            known_from date,
            event_id uuid not null,
            correlation_id uuid not null,
            traceparent text,
            batch_id uuid,
            primary key (urn, epoch, sequence)
        )
        """
    )
    op.execute(
        """
        create table member_change (
            body_id uuid not null,
            term_id uuid not null,
            what text not null check (what in ('joined', 'left')),
            primary key (body_id, term_id, what)
        )
        """
    )
    op.execute(
        """
        create table vulnerable_aspect (
            aspect_id uuid primary key,
            urn text not null,
            body_id uuid not null,
            evaluation_area text not null,
            from_date date not null,
            recorded_at timestamptz not null,
            unique (urn, evaluation_area)
        )
        """
    )


def downgrade() -> None:
    for table in (
        "vulnerable_aspect",
        "member_change",
        "speaker_change",
        "agenda_item",
        "meeting",
        "area",
        "category_change",
        "person",
        "office_term",
        "body_school",
        "body",
        "school",
    ):
        op.execute(f"drop table {table}")
