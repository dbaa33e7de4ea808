"""What waits at the duty desk, one query a kind. Each gives at most one page, from a place in the queue on."""

from collections.abc import Sequence
from typing import Any

from services.membership.domain.desk_queue import OVERRIDES_LISTED, Kind, Place, Urgency
from services.membership.domain.doubtful_clock import LONGEST_JUMP
from services.membership.store.asks import STILL_OPEN
from services.membership.store.due import in_doubt
from services.membership.store.reviews import SHOWN
from services.membership.store.schools import IS_CLOSED
from services.membership.store.withheld import ACTED_ON
from shared.store import UnitOfWork

# Of a school that is no more nothing is asked; what becomes of it is asked of the school that continues it.
# Kinds share these columns: urgency, since, subject, urn, name, and what is particular to each.
_PAGE = """
    select q.*, $3::text as kind from ({kind}) q
    where (q.urgency, q.since, $3::text, q.subject) > ($4::integer, $5::date, $6::text, $7::text)
    order by q.urgency, q.since, q.subject limit $8::integer
"""

# Since when: the first day of the desk's answers after which nobody else has answered on that matter.
_DESK_ANSWERS = f"""
    with now as (
        select k.urn, s.name, s.type_code, k.matter, k.rule, k.reason, k.category
        from school s join speaker k on k.urn = s.urn
        where s.authority = $1 and k.during @> $2::date and k.role = 'duty-desk'),
    begun as (
        select n.urn, n.matter, min(lower(k.during)) as since
        from now n join speaker k on k.urn = n.urn and k.matter = n.matter
        where k.role = 'duty-desk' and lower(k.during) <= $2::date
          and not exists (select from speaker other where other.urn = k.urn and other.matter = k.matter
                          and other.role <> 'duty-desk' and lower(other.during) > lower(k.during)
                          and lower(other.during) <= $2::date)
        group by n.urn, n.matter)
    select case when max(n.category) >= 3 then {Urgency.WEAK:d} else {Urgency.UNANSWERED:d} end as urgency,
           min(b.since) as since, n.urn as subject, n.urn, min(n.name) as name, max(n.category) as category,
           array_agg(n.matter order by n.matter) as matters, array_agg(n.rule order by n.matter) as rules,
           array_agg(n.reason order by n.matter) as reasons, array_agg(b.since order by n.matter) as sinces
    from now n join begun b using (urn, matter)
    group by n.urn
"""

# Of every authority alike.
_CLOCK_WAITS = f"""
    select {Urgency.INSPECTED:d} as urgency, turned_to as since, 'clock' as subject, null::text as urn, null::text as name
    from turned where {in_doubt("$2::date", LONGEST_JUMP)} and $1::text is not null
"""

_CALLS = f"""
    select {Urgency.INSPECTED:d} as urgency, (a.asked_at at time zone 'Europe/London')::date as since,
           c.call_id::text as subject, c.urn, s.name, c.called_on, a.role, d.mailbox
    from inspection_call c
    join inspection_ask a on a.call_id = c.call_id and a.answer = 'waiting'
        and a.role in ('duty-desk', 'improvement-desk')
    left join school s on s.urn = c.urn
    left join desk d on d.authority = c.authority and d.desk = a.role
    where c.authority = $1 and c.closed_on is null and $2::date is not null
"""

_DAY_FAILED = f"""
    select {Urgency.UNANSWERED:d} as urgency, (f.failed_at at time zone 'Europe/London')::date as since,
           f.failure_id::text as subject, s.urn, s.name, b.body_id, b.name as body_name, f.kind as item, f.on_date, f.because,
           (select count(*) from line_set_aside l where l.waits_for && f.concerns and l.line > 0) as lines_waiting
    from failed_due f
    left join lateral (select urn, name from school where urn = any(f.concerns) and authority = $1 order by urn limit 1) s
        on true
    left join body b on b.body_id::text = any(f.concerns) and b.authority = $1
    where (s.urn is not null or b.body_id is not null) and $2::date is not null
"""

_NOT_TOLD = f"""
    select {Urgency.UNTOLD:d} as urgency, min({ACTED_ON}) as since,
           w.urn as subject, w.urn, min(s.name) as name, count(*)::integer as changes
    from withheld w join school s using (urn)
    where s.authority = $1 and w.released_on is null and $2::date is not null
    group by w.urn
"""

_PROPOSALS = f"""
    select {Urgency.UNDECIDED:d} as urgency, p.proposed_on as since, p.proposal_id::text as subject, p.urn, s.name,
           p.category as proposed_category, p.inspection_number
    from proposal p join school s using (urn)
    where s.authority = $1 and $2::date is not null
      and not exists (select from proposal_end e where e.proposal_id = p.proposal_id)
"""

_KEEP_OR_LIFT = f"""
    select {Urgency.UNDECIDED:d} as urgency, r.asked_on as since, r.review_id::text as subject, r.urn, s.name, r.entry_id,
           e.category, r.cause, r.cause_on
    from la_review r join la_entry e using (entry_id) join school s on s.urn = r.urn
    where s.authority = $1 and not ({IS_CLOSED})
      and {SHOWN}
"""

_QUESTIONS = f"""
    select {Urgency.UNDECIDED:d} as urgency, (a.asked_at at time zone 'Europe/London')::date as since,
           a.ask_id::text as subject, a.urn, s.name, a.kind as about, a.on_date, a.why
    from ask a join school s using (urn)
    where s.authority = $1 and $2::date is not null and {STILL_OPEN}
"""

# Of an inspection that is withdrawn: what the latest file has of it, where that is of a later day than the withdrawal and
# not what an officer has looked at since. Worked out from what is listed, so the order in which files came doesn't count.
_SAYS = (
    "urn, inspection_started_on, published_on, headline, category_of_concern, quality_of_education, leadership, "
    "safeguarding_effective, report_card"
)
_LISTED_AGAIN = f"""
    with withdrawn as (
        select * from (
            select distinct on (inspection_number, kind) * from outcome_decision
            order by inspection_number, kind, decision_id desc) latest
        where withdrawn),
    listed as (
        select w.inspection_number, w.kind, w.decided_on, o.urn, o.source_as_at,
               row({", ".join("o." + column for column in _SAYS.split(", "))}) as says,
               (select row({_SAYS}) from outcome seen where (seen.inspection_number, seen.kind) = (w.inspection_number, w.kind)
                and seen.version = w.seen_version) as seen,
               (select min((a.recorded_at at time zone 'Europe/London')::date) from outcome a
                where (a.inspection_number, a.kind) = (w.inspection_number, w.kind) and a.source_as_at > w.decided_on) as since
        from withdrawn w
        cross join lateral (
            select * from outcome o where (o.inspection_number, o.kind) = (w.inspection_number, w.kind)
            order by o.source_as_at desc, o.version desc limit 1) o
        where o.source_as_at > w.decided_on)
    select {Urgency.UNDECIDED:d} as urgency, l.since, l.inspection_number || '-' || l.kind as subject, s.urn, s.name,
           l.inspection_number, l.kind as outcome_kind, l.decided_on as withdrawn_on, l.source_as_at as listed_on
    from listed l join school s on s.urn = coalesce(
        (select urn from school where urn = l.urn),
        (select min(c.urn) from continuity c where c.predecessor_urn = l.urn))
    where s.authority = $1 and $2::date is not null and l.says is distinct from l.seen
"""

_OVERRIDE_ENDS = f"""
    select {Urgency.LISTED:d} as urgency, upper(o.during) - {OVERRIDES_LISTED} as since, o.override_id::text as subject,
           o.urn, s.name, o.matter, o.person_id, upper(o.during) as until, o.reason
    from routing_override o join school s using (urn)
    where s.authority = $1 and o.during @> $2::date and upper(o.during) <= $2::date + {OVERRIDES_LISTED}
      and not ({IS_CLOSED})
"""

# Only where the policy knows chairs does a school miss anything by belonging to no body. A school for which the desk
# answers by that very rule stands in the queue already.
_NO_BODY = f"""
    select {Urgency.LISTED:d} as urgency,
           coalesce((select max(upper(m.during)) from membership m where m.urn = s.urn and upper(m.during) <= $2::date),
                    min(lower(first.during))) as since,
           s.urn as subject, s.urn, s.name
    from school s join speaker first on first.urn = s.urn
    where s.authority = $1
      and exists (select from speaker k where k.urn = s.urn and k.during @> $2::date)
      and not exists (select from speaker k where k.urn = s.urn and k.during @> $2::date and k.rule = 'no-body')
      and not exists (select from membership m where m.urn = s.urn and m.lead and m.during @> $2::date)
      and exists (select from speaker k where k.urn = s.urn and k.during @> $2::date and k.policy = any($9::text[]))
    group by s.urn, s.name
"""


async def page(
    uow: UnitOfWork, authority: str, after: Place, *, at_most: int, with_chairs: Sequence[str]
) -> dict[Kind, Sequence[Any]]:
    """The next items of each kind, ``at_most`` of each. ``with_chairs``: policies by which a chair speaks."""
    kinds = {
        Kind.CLOCK_WAITS: _CLOCK_WAITS,
        Kind.INSPECTION_CALL: _CALLS,
        Kind.DESK_ANSWERS: _DESK_ANSWERS,
        Kind.DAY_FAILED: _DAY_FAILED,
        Kind.NOT_TOLD: _NOT_TOLD,
        Kind.PROPOSAL: _PROPOSALS,
        Kind.KEEP_OR_LIFT: _KEEP_OR_LIFT,
        Kind.QUESTION: _QUESTIONS,
        Kind.LISTED_AGAIN: _LISTED_AGAIN,
        Kind.OVERRIDE_ENDS: _OVERRIDE_ENDS,
    }
    asked = (authority, uow.today)
    place = (after.urgency, after.since, after.kind, after.subject, at_most)
    found = {kind: await uow.rows(_PAGE.format(kind=sql), *asked, kind.value, *place) for kind, sql in kinds.items()}
    listed = await uow.rows(_PAGE.format(kind=_NO_BODY), *asked, Kind.NO_BODY.value, *place, list(with_chairs))
    return {**found, Kind.NO_BODY: listed}
