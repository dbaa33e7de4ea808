"""Rows to chairs and awards, and back, by hand."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.funding.domain.award import Award, AwardTerms, AwardYear
from services.funding.domain.chair import ChairHistory, ChairTerm, Move, Post, Stretch
from shared.messaging.cause import Cause
from shared.store import UnitOfWork


@dataclass(frozen=True)
class Body:
    """A body as funding needs it; `terms` is None where its terms of reference give no award."""

    body_id: UUID
    authority: str
    terms: AwardTerms | None


class Chairs:
    """Bodies and who chaired them, from membership's events."""

    def __init__(self, uow: UnitOfWork):
        self.uow = uow

    async def lock_bodies(self, body_ids: Iterable[UUID]) -> dict[UUID, Body]:
        """Those bodies that are known, each locked until the end of the transaction.

        Whoever decides about a body's award holds this lock before reading the history that it decides by.
        """
        rows = await self.uow.rows(
            """
            select body_id, authority, award_pence, award_year_starts from body
            where body_id = any($1::uuid[]) order by body_id for update
            """,
            sorted(body_ids),
        )
        return {
            row.body_id: Body(
                row.body_id,
                row.authority,
                AwardTerms(row.award_pence, row.award_year_starts) if row.award_pence is not None else None,
            )
            for row in rows
        }

    async def histories(self, body_ids: Iterable[UUID]) -> dict[UUID, ChairHistory]:
        rows = await self.uow.rows(
            """
            select t.body_id, t.term_id, t.post, t.from_date, t.urn, t.planned_until, t.ended_on, m.moved_on, m.to_urn
            from office_term t left join office_move m using (term_id)
            where t.body_id = any($1::uuid[]) and t.post = any($2::text[])
            order by t.body_id, t.from_date, t.term_id, m.moved_on
            """,
            list(body_ids),
            [post.value for post in Post],
        )
        moves: dict[UUID, list[Move]] = defaultdict(list)
        for row in rows:
            if row.moved_on is not None:
                moves[row.term_id].append(Move(row.moved_on, row.to_urn))
        terms: dict[UUID, dict[UUID, ChairTerm]] = defaultdict(dict)
        for row in rows:
            terms[row.body_id][row.term_id] = ChairTerm(
                row.term_id,
                Post(row.post),
                row.from_date,
                row.urn,
                row.planned_until,
                row.ended_on,
                tuple(moves[row.term_id]),
            )
        return {body_id: ChairHistory(tuple(of_body.values())) for body_id, of_body in terms.items()}


@dataclass(frozen=True)
class Saved:
    """A version of an award to be written: when it was recorded and in which story."""

    award: Award
    recorded_on: date
    because: Cause


class Awards:
    """The awards with every version of their division. Versions are only ever added."""

    def __init__(self, uow: UnitOfWork):
        self.uow = uow

    async def of_bodies(self, body_ids: Iterable[UUID]) -> dict[UUID, list[Award]]:
        """Every award of those bodies in order of year, locked."""
        awards = await self.uow.rows(
            """
            select award_id, body_id, year_from, year_to, amount_pence, version from award
            where body_id = any($1::uuid[]) order by body_id, year_from for update
            """,
            sorted(body_ids),
        )
        if not awards:
            return {}
        stretches = await self.uow.rows(
            """
            select award_id, lower(during) as from_date, upper(during) as until, urn, vacant
            from award_stretch
            where (award_id, version) in (select * from unnest($1::uuid[], $2::integer[]))
            order by award_id, lower(during)
            """,
            [row.award_id for row in awards],
            [row.version for row in awards],
        )
        of_award: dict[UUID, list[Stretch]] = defaultdict(list)
        for row in stretches:
            of_award[row.award_id].append(Stretch(row.from_date, row.until, row.urn, row.vacant))
        found: dict[UUID, list[Award]] = defaultdict(list)
        for row in awards:
            year = AwardYear(row.year_from, row.year_to)
            award = Award(row.award_id, row.body_id, year, row.amount_pence, row.version, tuple(of_award[row.award_id]))
            found[row.body_id].append(award)
        return found

    async def add(self, openings: Sequence[Saved]) -> list[Saved]:
        """Add new awards, but for those whose body and year have one already; those really added."""
        ordered = sorted(openings, key=lambda saved: (saved.award.body_id, saved.award.year.from_date))
        rows = await self.uow.rows(
            """
            insert into award (award_id, body_id, year_from, year_to, amount_pence, version, opened_on)
            select * from unnest(
                $1::uuid[], $2::uuid[], $3::date[], $4::date[], $5::bigint[], $6::integer[], $7::date[]
            ) as new (award_id, body_id, year_from, year_to, amount_pence, version, opened_on)
            order by body_id, year_from
            on conflict (body_id, year_from) do nothing
            returning award_id
            """,
            [saved.award.award_id for saved in ordered],
            [saved.award.body_id for saved in ordered],
            [saved.award.year.from_date for saved in ordered],
            [saved.award.year.until for saved in ordered],
            [saved.award.amount_pence for saved in ordered],
            [saved.award.version for saved in ordered],
            [saved.recorded_on for saved in ordered],
        )
        new = {row.award_id for row in rows}
        added = [saved for saved in ordered if saved.award.award_id in new]
        await self._add_versions(added)
        return added

    async def move_on(self, versions: Sequence[Saved]) -> None:
        """Write the next version of awards that this transaction holds locked."""
        await self.uow.execute(
            """
            update award set version = new.version
            from unnest($1::uuid[], $2::integer[]) as new (award_id, version)
            where award.award_id = new.award_id
            """,
            [saved.award.award_id for saved in versions],
            [saved.award.version for saved in versions],
        )
        await self._add_versions(versions)

    async def _add_versions(self, versions: Sequence[Saved]) -> None:
        if not versions:
            return
        divisions = [(saved, saved.award.division) for saved in versions]
        await self.uow.execute(
            """
            insert into award_version
                (award_id, version, recorded_on, unawarded_days, unawarded_pence, correlation_id)
            select * from unnest($1::uuid[], $2::integer[], $3::date[], $4::integer[], $5::bigint[], $6::uuid[])
            """,
            [saved.award.award_id for saved, _ in divisions],
            [saved.award.version for saved, _ in divisions],
            [saved.recorded_on for saved, _ in divisions],
            [division.unawarded_days for _, division in divisions],
            [division.unawarded_pence for _, division in divisions],
            [saved.because.correlation_id for saved, _ in divisions],
        )
        shares = [(saved.award, share) for saved, division in divisions for share in division.shares]
        await self.uow.execute(
            """
            insert into award_share (award_id, version, urn, days, pence)
            select * from unnest($1::uuid[], $2::integer[], $3::text[], $4::integer[], $5::bigint[])
            """,
            [award.award_id for award, _ in shares],
            [award.version for award, _ in shares],
            [share.urn for _, share in shares],
            [share.days for _, share in shares],
            [share.pence for _, share in shares],
        )
        stretches = [(saved.award, stretch) for saved, _ in divisions for stretch in saved.award.stretches]
        await self.uow.execute(
            """
            insert into award_stretch (award_id, version, during, urn, vacant)
            select award_id, version, daterange(from_date, until), urn, vacant
            from unnest($1::uuid[], $2::integer[], $3::date[], $4::date[], $5::text[], $6::boolean[])
                as new (award_id, version, from_date, until, urn, vacant)
            """,
            [award.award_id for award, _ in stretches],
            [award.version for award, _ in stretches],
            [stretch.from_date for _, stretch in stretches],
            [stretch.until for _, stretch in stretches],
            [stretch.urn for _, stretch in stretches],
            [stretch.vacant for _, stretch in stretches],
        )
