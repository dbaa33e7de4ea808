"""The register, its bodies, people and offices, the facts behind the category in force, and who speaks for each school.

Histories are half-open date ranges that may not overlap. Facts that somebody published or decided (outcomes, entries
of the authority) are only ever added to, with the moment at which they became known.
"""

from alembic import op

from shared.migrations.guards import only_added_to

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = [
    """
    create table authority (
        code text primary key,
        name text not null default '',
        region text not null default ''
    )
    """,
    # Policies are data: dated, versioned, one of a kind at a time.
    """
    create table policy (
        authority text not null references authority,
        kind text not null check (kind in ('category', 'routing')),
        during daterange not null,
        name text not null,
        version integer not null,
        inherit text check (inherit in ('converters', 'always', 'never')),
        primary key (authority, kind, during without overlaps)
    )
    """,
    """
    create table area_district (
        authority text not null,
        district text not null,
        area text not null,
        primary key (authority, district)
    )
    """,
    """
    create table desk (
        authority text not null,
        desk text not null check (desk in ('duty-desk', 'improvement-desk')),
        mailbox text not null,
        telephone text not null,
        officer_of_the_day uuid,
        primary key (authority, desk)
    )
    """,
    """
    create table trust (
        trust_id text primary key,
        name text not null
    )
    """,
    """
    create table school (
        urn text primary key,
        authority text not null,
        name text not null,
        phase text not null,
        type_code text not null,
        status text not null check (status in ('open', 'closed', 'proposed')),
        opened_on date,
        closed_on date,
        postcode_district text,
        area text,
        region text not null default '',
        trust_id text,
        trust_name text,
        trust_as_at date,
        source text not null,
        source_as_at date not null,
        announced_open boolean not null,
        recorded_at timestamptz not null
    ) with (fillfactor = 85)
    """,
    "create index school_authority on school (authority, urn)",
    "create index school_trust on school (trust_id) where trust_id is not null",
    # One row a school: whoever changes an input of a route locks the rows of every school that it may touch. A row may
    # stand for a URN that the register doesn't have yet, so that a fact about it can be guarded too.
    """
    create table representation (
        urn text primary key,
        settled_on date,
        next_due date,
        category integer check (category between 1 and 4),
        because text not null default 'nothing',
        because_ref text not null default '',
        true_from date,
        restricted boolean not null default false,
        public_category integer,
        public_role text
    ) with (fillfactor = 70)
    """,
    "create index representation_due on representation (next_due) where next_due is not null",
    """
    create table speaker (
        urn text not null,
        matter text not null check (matter in ('general', 'inspection')),
        during daterange not null check (not isempty(during)),
        role text not null,
        rule text not null,
        reason text not null,
        office_id uuid,
        body_id uuid,
        trust_id text,
        person_id uuid,
        category integer,
        shows_restricted boolean not null,
        policy text not null,
        policy_version integer not null,
        correlation_id uuid not null,
        recorded_at timestamptz not null,
        primary key (urn, matter, during without overlaps)
    )
    """,
    "create index speaker_now on speaker (urn, matter) where upper_inf(during)",
    """
    create table outcome (
        urn text not null,
        inspection_number text not null,
        kind text not null check (kind in ('graded', 'ungraded')),
        version integer not null check (version >= 1),
        inspection_started_on date not null,
        published_on date not null,
        headline integer check (headline between 1 and 4),
        category_of_concern text,
        quality_of_education integer check (quality_of_education between 1 and 4),
        leadership integer check (leadership between 1 and 4),
        safeguarding_effective boolean,
        report_link text,
        source text not null,
        recorded_at timestamptz not null,
        primary key (urn, inspection_number, kind, version)
    )
    """,
    """
    create table continuity (
        urn text not null,
        predecessor_urn text not null,
        merged boolean not null default false,
        source text not null,
        recorded_at timestamptz not null,
        primary key (urn, predecessor_urn)
    )
    """,
    "create index continuity_predecessor on continuity (predecessor_urn)",
    """
    create table la_entry (
        entry_id uuid primary key,
        urn text not null,
        category integer not null check (category between 1 and 4),
        from_date date not null,
        reason text not null check (reason <> ''),
        review_on date not null,
        set_by text not null,
        recorded_at timestamptz not null
    )
    """,
    "create index la_entry_urn on la_entry (urn)",
    """
    create table la_lift (
        entry_id uuid primary key references la_entry,
        lifted_on date not null,
        reason text not null,
        lifted_by text not null,
        recorded_at timestamptz not null
    )
    """,
    """
    create table withheld (
        urn text not null,
        correlation_id uuid not null,
        withheld_at timestamptz not null,
        released_on date,
        primary key (urn, correlation_id)
    )
    """,
    """
    create table told (
        told_id uuid primary key,
        urn text not null,
        told_on date not null,
        told_by text not null,
        recorded_at timestamptz not null
    )
    """,
    """
    create table body (
        body_id uuid primary key,
        authority text not null,
        kind text not null,
        name text not null,
        area text,
        opened_on date not null,
        closed_on date,
        award_pence bigint check (award_pence > 0),
        award_year_starts text not null,
        chair_office uuid not null,
        deputy_office uuid not null,
        acting_chair_office uuid not null
    )
    """,
    """
    create table person (
        person_id uuid primary key,
        authority text not null,
        name text not null,
        email text not null,
        telephone text
    )
    """,
    """
    create table term (
        term_id uuid primary key,
        office_id uuid not null,
        body_id uuid not null references body,
        post text not null check (post in ('chair', 'deputy', 'acting-chair')),
        person_id uuid not null references person,
        during daterange not null check (not isempty(during)),
        route text not null,
        end_reason text,
        recorded_at timestamptz not null,
        unique (office_id, during without overlaps),
        -- Chair and deputy are never the same person on any day (W-04).
        exclude using gist (body_id with =, person_id with =, during with &&) where (post <> 'acting-chair')
    )
    """,
    "create index term_body on term (body_id)",
    "create index term_person on term (person_id)",
    """
    create table membership (
        body_id uuid not null references body,
        urn text not null,
        during daterange not null check (not isempty(during)),
        lead boolean not null,
        recorded_at timestamptz not null,
        primary key (body_id, urn, during without overlaps),
        -- One lead body at a time, whose chair counts for the school.
        exclude using gist (urn with =, during with &&) where (lead)
    )
    """,
    "create index membership_urn on membership (urn)",
    """
    create table headship (
        person_id uuid not null references person,
        urn text not null,
        during daterange not null check (not isempty(during)),
        recorded_at timestamptz not null,
        primary key (person_id, urn, during without overlaps)
    )
    """,
    "create index headship_urn on headship (urn)",
    """
    create table allocation (
        allocation_id uuid primary key,
        urn text not null,
        person_id uuid not null references person,
        during daterange not null check (not isempty(during)),
        recorded_at timestamptz not null,
        exclude using gist (urn with =, during with &&)
    )
    """,
    """
    create table trust_contact (
        trust_id text not null references trust,
        post text not null check (post in ('chief-executive', 'school-improvement-partner')),
        during daterange not null check (not isempty(during)),
        person_id uuid not null references person,
        recorded_at timestamptz not null,
        primary key (trust_id, post, during without overlaps)
    )
    """,
    # The last day up to which dates were turned into facts.
    """
    create table turned (
        only_row boolean primary key default true check (only_row),
        turned_to date not null
    )
    """,
    """
    create table import (
        import_id uuid primary key,
        kind text not null,
        name text not null,
        sha256 text not null default '',
        state text not null check (state in ('receiving', 'refused', 'applying', 'done', 'abandoned')),
        as_at date not null,
        lines integer not null default 0,
        position integer not null default 0,
        changed integer not null default 0,
        kept_back integer not null default 0,
        problems jsonb not null default '[]',
        traceparent text,
        requested_by text not null,
        began_at timestamptz not null default clock_timestamp(),
        ended_at timestamptz
    )
    """,
    """
    create table import_line (
        import_id uuid not null references import,
        line integer not null,
        row jsonb not null,
        primary key (import_id, line)
    )
    """,
]

APPEND_ONLY = ("outcome", "la_entry", "la_lift", "told")


def upgrade() -> None:
    for table in TABLES:
        op.execute(table)
    op.execute(
        """
        insert into authority (code, name, region)
        values ('801', 'Bristol', 'South West'), ('937', 'Warwickshire', 'West Midlands')
        """
    )
    op.execute(
        """
        insert into policy (authority, kind, during, name, version, inherit)
        values ('801', 'category', '(,)', 'ofsted', 1, 'converters'),
               ('937', 'category', '(,)', 'ofsted', 1, 'converters'),
               ('801', 'routing', '(,)', 'bristol', 1, null),
               ('937', 'routing', '(,)', 'warwickshire', 1, null)
        """
    )
    only_added_to(*APPEND_ONLY)


def downgrade() -> None:
    made = [line.split()[2] for statement in TABLES for line in [statement.strip()] if line.startswith("create table")]
    for table in reversed(made):
        op.execute(f"drop table {table}")
