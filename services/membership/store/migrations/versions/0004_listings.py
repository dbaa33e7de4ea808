"""What each edition of a register said of a school or a trust, and the grades of report cards.

A school is a fold over its listings by their dates, so that files in any order end in the same state. Editions are only
ever added to; what was known of a school before this migration is kept as one edition of the day of its source.
"""

from alembic import op

from shared.migrations.guards import only_added_to

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

# The tables that a file writes by the thousand: one function each, whose statement is planned once a session and not, as
# in the one for all tables, once a row.
KEEP = """
    create function keep_replaced_{table}() returns trigger language plpgsql as $$
    declare at timestamptz := moment();
    begin
        if tg_op = 'UPDATE' then
            new.recorded_at := old.recorded_at;
            if new is not distinct from old then
                return new;
            end if;
            new.recorded_at := at;
        end if;
        insert into {table}_past select at, old.*;
        if tg_op = 'DELETE' then
            return old;
        end if;
        return new;
    end $$
"""
KEPT_BY = {
    "school": {"school_keeps_replaced": "before update or delete on school for each row"},
    "speaker": {
        "speaker_keeps_written_over": "before update on speaker for each row when (upper_inf(new.during))",
        "speaker_keeps_withdrawn": "before delete on speaker for each row",
    },
}


def upgrade() -> None:
    for table in TABLES:
        op.execute(table)
        only_added_to(table.split()[2])
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
    # An answer is often written over on the day on which it was given (a register, then its outcomes): with room in its
    # page that touches no index, and the one against overlaps is dear.
    op.execute("alter table speaker set (fillfactor = 60)")
    op.execute("create index listing_trust on listing ((says ->> 'trust_id')) where says ? 'trust_id'")
    # From the register's groups; listed_on is the day of the edition that says so.
    op.execute(
        "alter table trust add column open boolean, add column opened_on date, add column closed_on date, "
        "add column listed_on date"
    )
    for table, triggers in KEPT_BY.items():
        op.execute(KEEP.format(table=table))
        _kept_by(table, triggers, f"keep_replaced_{table}")
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


def _kept_by(table: str, triggers: dict[str, str], function: str) -> None:
    for trigger, when in triggers.items():
        op.execute(f"drop trigger {trigger} on {table}")
        op.execute(f"create trigger {trigger} {when} execute function {function}()")


def downgrade() -> None:
    for table, triggers in KEPT_BY.items():
        _kept_by(table, triggers, "keep_replaced_row")
        op.execute(f"drop function keep_replaced_{table}()")
    op.execute("alter table speaker reset (fillfactor)")
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
