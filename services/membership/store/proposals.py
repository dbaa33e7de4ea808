"""Proposals of the policy `propose`, what came of them, and what stayed in force when it began. Only ever added to."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from services.membership.domain.proposal import Ended, Kept, Proposal, UnknownProposal
from services.membership.store.rows import as_each, insert_rows
from shared.store import UnitOfWork

_PROPOSAL = """
    select p.proposal_id, p.urn, p.category, p.inspection_number, p.proposed_on, p.recorded_at, p.published_on,
           p.inherited_from, case when t.proposal_id is null then e.ended else 'taken-back' end as ended, e.ended_on,
           e.recorded_at as ended_at, e.from_date
    from proposal p left join proposal_end e on e.proposal_id = p.proposal_id and e.recorded_at < $2::timestamptz
    left join proposal_taken_back t on t.proposal_id = p.proposal_id and t.recorded_at < $2::timestamptz
"""
_FAR = datetime.fromisoformat("9999-01-01T00:00:00+00:00")


async def proposals_of(uow: UnitOfWork, urns: Sequence[str], before: datetime) -> list[Proposal]:
    """Every proposal about these schools that was known before a moment, with what had come of it by then."""
    rows = await uow.rows(
        f"{_PROPOSAL} where p.urn = any($1::text[]) and p.recorded_at < $2::timestamptz", list(urns), before
    )
    return [_from(row) for row in rows]


async def open_proposals(uow: UnitOfWork, urns: Sequence[str]) -> dict[str, Proposal]:
    rows = await uow.rows(f"{_PROPOSAL} where p.urn = any($1::text[]) and e.proposal_id is null", list(urns), _FAR)
    return {row.urn: _from(row) for row in rows}


async def proposal(uow: UnitOfWork, proposal_id: UUID) -> Proposal:
    row = await uow.row(f"{_PROPOSAL} where p.proposal_id = $1::uuid", proposal_id, _FAR)
    if row is None:
        raise UnknownProposal(proposal_id)
    return _from(row)


def _from(row: Any) -> Proposal:
    found = dict(row._mapping)
    ended = found.pop("ended")
    return Proposal(**found, ended=Ended(ended) if ended else None)


async def add_proposals(uow: UnitOfWork, new: Sequence[tuple[Proposal, UUID]]) -> None:
    """Each with the correlation id of the story in which it was made."""
    await insert_rows(
        uow,
        "proposal",
        "proposal_id, urn, category, inspection_number, proposed_on, published_on, inherited_from, correlation_id, recorded_at",
        "uuid text integer text date date text uuid timestamptz",
        [
            (
                each.proposal_id,
                each.urn,
                each.category,
                each.inspection_number,
                each.proposed_on,
                each.published_on,
                each.inherited_from,
                correlation_id,
                each.recorded_at,
            )
            for each, correlation_id in new
        ],
    )


async def end_proposals(uow: UnitOfWork, ended: Sequence[Proposal], *, reason: str, by: str) -> None:
    await insert_rows(
        uow,
        "proposal_end",
        "proposal_id, ended, ended_on, from_date, reason, ended_by, recorded_at",
        "uuid text date date text text timestamptz",
        [
            (each.proposal_id, each.ended, each.ended_on, each.from_date, reason, by, each.ended_at)
            for each in sorted(ended, key=lambda each: str(each.proposal_id))
        ],
    )


async def take_back(uow: UnitOfWork, proposal_id: UUID, *, reason: str, by: str) -> None:
    """What an officer had answered never counted."""
    await uow.execute(
        "insert into proposal_taken_back (proposal_id, taken_back_on, reason, taken_back_by, recorded_at) "
        "values ($1, $2::date, $3, $4, $5::timestamptz)",
        proposal_id,
        uow.today,
        reason,
        by,
        uow.now,
    )


async def kept_of(uow: UnitOfWork, urns: Sequence[str], before: datetime) -> list[Kept]:
    """What stayed in force when `propose` began, as far as that was written down before a moment."""
    rows = await uow.rows(
        "select urn, since, category, because, because_ref, true_from, inherited_from, published_on from category_kept "
        "where urn = any($1::text[]) and recorded_at < $2::timestamptz",
        list(urns),
        before,
    )
    return as_each(Kept, rows)


async def add_kept(uow: UnitOfWork, new: Sequence[Kept]) -> None:
    await insert_rows(
        uow,
        "category_kept",
        "urn, since, category, because, because_ref, true_from, inherited_from, published_on, recorded_at",
        "text date integer text text date text date timestamptz",
        [
            (
                each.urn,
                each.since,
                each.category,
                each.because,
                each.ref,
                each.true_from,
                each.inherited_from,
                each.published_on,
                uow.now,
            )
            for each in new
        ],
    )


async def proposals_in(uow: UnitOfWork, authority: str, *, only_open: bool) -> list[dict[str, Any]]:
    """The proposals about the authority's schools with who answered them and why, the oldest first (restricted)."""
    rows = await uow.rows(
        """
        select p.proposal_id, p.urn, s.name as school_name, p.category as proposed_category, r.category as category_in_force,
               p.inspection_number, p.published_on, p.inherited_from, p.proposed_on,
               $2::date - p.proposed_on as days, e.ended_on, e.from_date, e.reason, e.ended_by,
               case when t.proposal_id is null then e.ended else 'taken-back' end as ended,
               t.taken_back_on, t.reason as taken_back_because, t.taken_back_by
        from proposal p join school s using (urn) left join representation r using (urn)
        left join proposal_end e using (proposal_id) left join proposal_taken_back t using (proposal_id)
        where s.authority = $1 and (e.proposal_id is null or not $3::boolean)
        order by p.proposed_on, p.urn, p.recorded_at
        """,
        authority,
        uow.today,
        only_open,
    )
    return [dict(row._mapping) for row in rows]


async def proposals_recorded(uow: UnitOfWork, urns: Sequence[str]) -> list[dict[str, Any]]:
    """Every proposal about these schools and what came of it, with the moments at which each was known (R0.4)."""
    rows = await uow.rows(
        "select p.proposal_id, p.urn, p.category, p.inspection_number, p.proposed_on, p.recorded_at, e.ended, e.ended_on, "
        "e.from_date, e.reason, e.ended_by, e.recorded_at as ended_at, t.taken_back_on, t.reason as taken_back_because, "
        "t.taken_back_by, t.recorded_at as taken_back_at "
        "from proposal p left join proposal_end e using (proposal_id) left join proposal_taken_back t using (proposal_id) "
        "where p.urn = any($1::text[]) order by p.recorded_at, p.proposal_id",
        list(urns),
    )
    return [dict(row._mapping) for row in rows]
