"""What a day brings and can't be done is kept, with whom it concerns and why, and may be tried again or given up.

`concerns_of` names the schools, or the body, for which a due item is: all else of theirs waits (docs/decisions/0021).
`failed_due` holds what still waits for an officer: what was done meanwhile, by whomever, failed no longer.
"""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

FAILURE = """
    create table due_failure (
        failure_id uuid primary key,
        kind text not null,
        subject text not null,
        on_date date not null,
        concerns text[] not null,
        because text not null,
        failed_at timestamptz not null,
        ended text check (ended in ('tried-again', 'given-up')),
        ended_at timestamptz,
        ended_by text,
        reason text,
        check ((ended is null) = (ended_at is null))
    )
"""

# A subject that is no id concerns nobody: whoever is to say what failed must not fail at it himself.
CONCERNS = """
    create function concerns_of(kind text, subject text) returns text[] language sql stable as $$
        with named as (select case when subject ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then subject::uuid end as id)
        select coalesce(case
            when kind like 'office-%' then (select array[t.body_id::text] from named n join term t on t.term_id = n.id)
            when kind like 'la-category-%' then (select array[e.urn] from named n join la_entry e on e.entry_id = n.id)
            when kind like 'allocation-%' then (select array[a.urn] from named n join allocation a on a.allocation_id = n.id)
            when kind like 'override-%'
                then (select array[o.urn] from named n join routing_override o on o.override_id = n.id)
            when kind like 'proposal-%' then (select array[p.urn] from named n join proposal p on p.proposal_id = n.id)
            when kind like 'school-joins' or kind like 'school-leaves' or kind like 'headship-%'
                then array[split_part(subject, '/', 2)]
            when kind = 'head-moves' then array_remove((string_to_array(subject, '/'))[2:3], '')
            else array[subject]
        end, '{}')
    $$
"""

FAILED = """
    create view failed_due as
    select * from due_failure f
    where ended is null and case f.kind
        when 'school-day' then
            exists (select from representation r where r.urn = f.subject and r.next_due <= f.on_date)
            or exists (select from representation_as_told r where r.urn = f.subject and r.next_due <= f.on_date)
        when 'continuation' then exists (select from to_follow t where t.urn = f.subject)
        else exists (select from due d where (d.kind, d.subject, d.on_date) = (f.kind, f.subject, f.on_date)
                     and d.done_at is null)
    end
"""


def upgrade() -> None:
    op.execute(FAILURE)
    op.execute("create unique index due_failure_open on due_failure (kind, subject, on_date) where ended is null")
    op.execute(CONCERNS)
    op.execute(FAILED)


def downgrade() -> None:
    op.execute("drop view failed_due")
    op.execute("drop function concerns_of(text, text)")
    op.execute("drop table due_failure")
