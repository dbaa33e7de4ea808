"""Overrides, corrections, proposals, and what officers decided of the authority's own categories."""

from alembic import op

from shared.migrations.guards import only_added_to

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# Somebody else speaks for a school for a while (W-19). Rows that were replaced or taken back are kept beside it.
OVERRIDES = [
    """
    create table routing_override (
        override_id uuid primary key,
        urn text not null,
        matter text not null check (matter in ('general', 'inspection', 'both')),
        person_id uuid references person,
        during daterange not null check (not isempty(during) and not upper_inf(during) and not lower_inf(during)),
        reason text not null check (reason <> ''),
        set_by text not null,
        end_reason text,
        ended_by text,
        recorded_at timestamptz not null,
        -- On one matter one override at a time, whoever sets the second at the same moment.
        exclude using gist (urn with =, during with &&) where (matter <> 'inspection'),
        exclude using gist (urn with =, during with &&) where (matter <> 'general')
    )
    """,
    "create index routing_override_until on routing_override (upper(during))",
    "create table routing_override_past (replaced_at timestamptz not null, like routing_override)",
    "create index routing_override_past_urn on routing_override_past (urn)",
    "create trigger routing_override_keeps_replaced before update or delete on routing_override "
    "for each row execute function keep_replaced_row()",
]

# What was corrected or withdrawn of an office, an allocation or a place in a body, why, and by whom.
CORRECTIONS = [
    """
    create table correction (
        correction_id uuid primary key,
        kind text not null check (kind in ('office', 'allocation', 'membership')),
        fact_id text not null,
        withdrawn boolean not null,
        reason text not null check (reason <> ''),
        corrected_by text not null,
        recorded_at timestamptz not null
    )
    """,
    "create index correction_fact on correction (kind, fact_id)",
    # The lifting of an entry may be brought forward or put back: the latest decision counts.
    "alter table la_lift drop constraint la_lift_pkey",
    "alter table la_lift add lift_id bigint generated always as identity primary key",
    "create index la_lift_entry on la_lift (entry_id)",
    """
    create table la_withdrawal (
        entry_id uuid primary key references la_entry,
        reason text not null check (reason <> ''),
        withdrawn_by text not null,
        recorded_at timestamptz not null
    )
    """,
]

# The category policy `propose`: what stayed in force when it began, what outcomes proposed, what came of it.
# Keep or lift: what officers were asked of entries of the authority, and their answers. All only added to.
PROPOSALS = [
    """
    create table category_kept (
        urn text not null,
        since date not null,
        category integer check (category between 1 and 4),
        because text not null,
        because_ref text not null,
        true_from date,
        inherited_from text,
        published_on date,
        recorded_at timestamptz not null,
        primary key (urn, since)
    )
    """,
    """
    create table proposal (
        proposal_id uuid primary key,
        urn text not null,
        category integer check (category between 1 and 4),
        inspection_number text not null,
        proposed_on date not null,
        published_on date,
        inherited_from text,
        correlation_id uuid not null,
        recorded_at timestamptz not null,
        check ((category is null) = (inspection_number = ''))
    )
    """,
    "create index proposal_urn on proposal (urn)",
    # Once a proposal: whoever comes second finds it closed.
    """
    create table proposal_end (
        proposal_id uuid primary key references proposal,
        ended text not null check (ended in ('confirmed', 'declined', 'superseded', 'withdrawn', 'policy')),
        ended_on date not null,
        from_date date,
        reason text not null,
        ended_by text not null,
        recorded_at timestamptz not null,
        check ((ended = 'confirmed') = (from_date is not null)),
        check (from_date >= ended_on),
        check (ended <> 'declined' or reason <> '')
    )
    """,
    """
    create table la_review (
        review_id uuid primary key,
        entry_id uuid not null references la_entry,
        urn text not null,
        cause text not null check (cause in ('review-date', 'outcome')),
        cause_on date not null,
        cause_ref text not null,
        asked_on date not null,
        recorded_at timestamptz not null,
        unique (entry_id, cause, cause_on)
    )
    """,
    "create index la_review_urn on la_review (urn)",
    """
    create table la_review_answer (
        review_id uuid primary key references la_review,
        answer text not null check (answer in ('kept', 'lifted', 'withdrawn')),
        answered_on date not null,
        answered_by text not null,
        recorded_at timestamptz not null
    )
    """,
    """
    create table la_keep (
        keep_id bigint generated always as identity primary key,
        entry_id uuid not null references la_entry,
        review_on date not null,
        reason text not null check (reason <> ''),
        kept_by text not null,
        recorded_at timestamptz not null
    )
    """,
    "create index la_keep_entry on la_keep (entry_id)",
]
PROPOSAL_TABLES = ("category_kept", "proposal", "proposal_end", "la_review", "la_review_answer", "la_keep")

ONLY_ADDED_TO = ("routing_override_past", "correction", "la_withdrawal")


def upgrade() -> None:
    for statement in (*OVERRIDES, *CORRECTIONS, *PROPOSALS):
        op.execute(statement)
    only_added_to(*ONLY_ADDED_TO, *PROPOSAL_TABLES)


def downgrade() -> None:
    """Of several decisions on the lifting of an entry the latest remains."""
    for table in reversed(PROPOSAL_TABLES):
        op.execute(f"drop table {table}")
    for table in ("la_withdrawal", "correction", "routing_override", "routing_override_past"):
        op.execute(f"drop table {table}")
    op.execute(
        "delete from la_lift l where exists (select from la_lift later "
        "where later.entry_id = l.entry_id and later.lift_id > l.lift_id)"
    )
    op.execute("alter table la_lift drop lift_id")
    op.execute("alter table la_lift add primary key (entry_id)")
