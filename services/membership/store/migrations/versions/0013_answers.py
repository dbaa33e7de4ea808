"""An answer holds from its day until the next one of the same matter: none ends by itself, so none has to be ended.

Before, each was a period whose end was written when the next began, under a guard against overlaps: two entries in a
GiST index a change, three quarters of what a change cost the database. Now two answers at one instant cannot be said at
all (I12): the key is the day from which an answer holds. That nobody is named any more is an answer without a role.
`speaker` and `speaker_as_told` stay as they were to those who read.
"""

from alembic import op

from shared.migrations.guards import only_added_to

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

WHO = """
    role, rule, reason, office_id, body_id, trust_id, person_id, category, shows_restricted, policy, policy_version,
    correlation_id, recorded_at
"""

ANSWER = """
    create table answer (
        urn text not null,
        matter text not null check (matter in ('general', 'inspection')),
        from_date date not null,
        role text,
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
        primary key (urn, matter, from_date)
    ) with (fillfactor = 80)
"""

PERIODS = """
    create view {view} as
    select urn, matter,
           daterange(from_date, (select min(later.from_date) from {table} later
                                 where later.urn = a.urn and later.matter = a.matter and later.from_date > a.from_date))
               as during,
           {who}
    from {table} a where role is not null
"""

# Written over on its own day, an answer stays beside the history: the moment at which it was replaced comes first.
KEEP = """
    create function keep_replaced_answer() returns trigger language plpgsql as $$
    declare at timestamptz := moment();
    begin
        new.recorded_at := old.recorded_at;
        if new is not distinct from old then
            return new;
        end if;
        new.recorded_at := at;
        insert into answer_past select at, old.*;
        return new;
    end $$
"""

FROM_PERIODS = f"""
    insert into {{table}} (urn, matter, from_date, {WHO})
    select urn, matter, lower(during), {WHO} from {{old}}
    union all
    select urn, matter, upper(during), null, '', '', null, null, null, null, category, shows_restricted, policy,
           policy_version, correlation_id, recorded_at
    from {{old}} s
    where not upper_inf(during)
      and not exists (select from {{old}} n where n.urn = s.urn and n.matter = s.matter and lower(n.during) = upper(s.during))
"""


def upgrade() -> None:
    op.execute(ANSWER)
    op.execute("create table answer_as_told (like answer including all)")
    op.execute("create table answer_past (replaced_at timestamptz not null, like answer)")
    op.execute(
        f"insert into answer_past select replaced_at, urn, matter, lower(during), {WHO} from speaker_past order by replaced_at"
    )
    for table, old in (("answer", "speaker"), ("answer_as_told", "speaker_as_told")):
        op.execute(FROM_PERIODS.format(table=table, old=old))
        op.execute(f"drop table {old}")
        op.execute(PERIODS.format(view=old, table=table, who=WHO))
    op.execute("drop table speaker_past")
    op.execute("drop function keep_replaced_speaker()")
    op.execute("create index answer_past_urn on answer_past (urn)")
    op.execute(KEEP)
    op.execute(
        "create trigger answer_keeps_written_over before update on answer for each row "
        "execute function keep_replaced_answer()"
    )
    only_added_to("answer_past")
