"""When each fact was known: replaced rows are kept beside the present ones.

Every table with a history of what is so keeps the rows that were replaced or taken back in `<table>_past`, each with the
moment from which it was known and the moment at which it was replaced. A trigger does it, so that no writer can forget.
"""

from alembic import op

from shared.migrations.guards import only_added_to

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# A column added to one of these later is added to its `_past` too: the trigger copies whole rows.
VERSIONED = ("policy", "school", "continuity", "term", "membership", "headship", "allocation", "trust_contact")

# What the units of work call now: noon of the test clock's day where one is set.
MOMENT = """
    create function moment() returns timestamptz language sql stable as $$
        select coalesce((select (today + time '12:00') at time zone 'Europe/London' from clock), transaction_timestamp())
    $$
"""

KEEP = """
    create function keep_replaced_row() returns trigger language plpgsql as $$
    declare at timestamptz := moment();
    begin
        if tg_op = 'UPDATE' then
            new.recorded_at := old.recorded_at;
            if new is not distinct from old then
                return new;
            end if;
            new.recorded_at := at;
        end if;
        execute format('insert into %I select $2, ($1).*', tg_table_name || '_past') using old, at;
        if tg_op = 'DELETE' then
            return old;
        end if;
        return new;
    end $$
"""


def upgrade() -> None:
    op.execute(MOMENT)
    op.execute(KEEP)
    op.execute("alter table policy add recorded_at timestamptz not null default '-infinity'")
    op.execute("alter table policy add settings jsonb not null default '{}'")
    op.execute("alter table policy add reason text not null default ''")
    op.execute("alter table policy add adopted_by text not null default ''")
    for table in VERSIONED:
        op.execute(f"create table {table}_past (replaced_at timestamptz not null, like {table})")
        op.execute(
            f"create trigger {table}_keeps_replaced before update or delete on {table} "
            "for each row execute function keep_replaced_row()"
        )
        only_added_to(f"{table}_past")
    for table in ("school", "continuity", "membership", "headship", "allocation"):
        op.execute(f"create index {table}_past_urn on {table}_past (urn)")
    op.execute("create index term_past_body on term_past (body_id)")
    op.execute("create index trust_contact_past_trust on trust_contact_past (trust_id)")

    # An answer that was written over on the day on which it was given. One that merely ends isn't replaced by it.
    op.execute("create table speaker_past (replaced_at timestamptz not null, like speaker)")
    op.execute(
        "create trigger speaker_keeps_written_over before update on speaker for each row "
        "when (upper_inf(new.during)) execute function keep_replaced_row()"
    )
    op.execute(
        "create trigger speaker_keeps_withdrawn before delete on speaker for each row execute function keep_replaced_row()"
    )
    op.execute("create index speaker_past_urn on speaker_past (urn)")
    only_added_to("speaker_past")

    # An inspection has one number, whichever school it was listed under first; what a later-dated source says counts.
    op.execute("alter table outcome drop constraint outcome_pkey")
    op.execute("alter table outcome add primary key (inspection_number, kind, version)")
    op.execute("alter table outcome add source_as_at date not null default '-infinity'")
    op.execute("alter table outcome add withdrawn boolean not null default false")
    op.execute("alter table outcome add reason text")
    op.execute("create index outcome_urn on outcome (urn)")


def downgrade() -> None:
    op.execute("alter table outcome drop constraint outcome_pkey")
    op.execute("alter table outcome drop source_as_at, drop withdrawn, drop reason")
    op.execute("alter table outcome add primary key (urn, inspection_number, kind, version)")
    op.execute("drop index outcome_urn")
    for table in (*VERSIONED, "speaker"):
        op.execute(f"drop table {table}_past")
    op.execute("drop function keep_replaced_row cascade")
    op.execute("drop function moment")
    op.execute("alter table policy drop recorded_at, drop settings, drop reason, drop adopted_by")
