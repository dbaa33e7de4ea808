"""What each edition of a register said of a school or a trust, and the grades of report cards.

A school is a fold over its listings by their dates, so that files in any order end in the same state. Editions are only
ever added to; what was known of a school before this migration is kept as one edition of the day of its source.
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLES = [
    """
    create table listing (
        urn text not null,
        source text not null,
        part text not null default '',
        as_at date not null,
        version integer not null check (version >= 1),
        says jsonb not null,
        name text not null,
        recorded_at timestamptz not null,
        primary key (urn, source, part, as_at, version)
    )
    """,
    """
    create table trust_listing (
        trust_id text not null,
        as_at date not null,
        version integer not null check (version >= 1),
        says jsonb not null,
        name text not null,
        recorded_at timestamptz not null,
        primary key (trust_id, as_at, version)
    )
    """,
]


def upgrade() -> None:
    for table in TABLES:
        op.execute(table)
        name = table.split()[2]
        op.execute(
            f"""
            do $$
            declare app text := replace(current_user, '_owner', '_app');
            begin
                if exists (select from pg_roles where rolname = app) then
                    execute format('revoke update, delete, truncate on {name} from %I', app);
                end if;
            end $$
            """
        )
    op.execute(
        """
        insert into listing (urn, source, as_at, version, says, name, recorded_at)
        select urn, 'gias', source_as_at, 1,
               jsonb_strip_nulls(jsonb_build_object(
                   'authority', authority, 'name', name, 'phase', nullif(phase, ''), 'type_code', nullif(type_code, ''),
                   'status', status, 'opened_on', opened_on, 'closed_on', closed_on,
                   'postcode_district', postcode_district, 'region', nullif(region, ''))),
               source, recorded_at
        from school
        """
    )
    op.execute(
        """
        insert into listing (urn, source, part, as_at, version, says, name, recorded_at)
        select urn, 'group-links', trust_id, trust_as_at, 1,
               jsonb_build_object('trust_id', trust_id, 'trust_name', trust_name), source, recorded_at
        from school where trust_id is not null and trust_as_at is not null
        """
    )
    op.execute("alter table outcome add column report_card jsonb")
    op.execute("create index listing_trust on listing ((says ->> 'trust_id')) where says ? 'trust_id'")
    # From the register's groups; listed_on is the day of the edition that says so.
    op.execute(
        "alter table trust add column open boolean, add column opened_on date, add column closed_on date, "
        "add column listed_on date"
    )
    op.execute(
        """
        alter table import
            add column layout text not null default '',
            add column notes jsonb not null default '[]',
            add column problems_found integer not null default 0,
            add column dry_run boolean not null default false,
            add column report jsonb not null default '{}'
        """
    )


def downgrade() -> None:
    op.execute(
        "alter table import drop column layout, drop column notes, drop column problems_found, drop column dry_run, "
        "drop column report"
    )
    op.execute(
        "alter table trust drop column open, drop column opened_on, drop column closed_on, drop column listed_on"
    )
    op.execute("alter table outcome drop column report_card")
    op.execute("drop table trust_listing")
    op.execute("drop table listing")
