"""What funding does with the events of membership.

An event about a school's category or about who speaks for it is not in this table, and so moves no money.
"""

from services.funding.domain.chair import ChairHistory, Post
from services.funding.use_cases.follow_chair import ChangeOfChair, follow_chair
from shared.contracts.membership import (
    SUCCEEDED,
    BodyRecorded,
    OfficeCorrected,
    OfficeEnded,
    OfficeHolderMovedSchool,
    OfficeTakenUp,
    SchoolRecorded,
)
from shared.messaging.inbound import Inbound, Projection, Received, by_the_later_word, last_of_each
from shared.store import UnitOfWork

TAKEN_ON = "taken-on"
POSTS = {post.value for post in Post}


async def keep_bodies(events: list[Received[BodyRecorded]], uow: UnitOfWork) -> None:
    bodies = [event.data for event in events]
    await uow.execute(
        """
        insert into body
            (body_id, authority, kind, name, opened_on, closed_on, award_pence, award_year_starts)
        select * from unnest(
            $1::uuid[], $2::text[], $3::text[], $4::text[], $5::date[], $6::date[], $7::bigint[], $8::text[]
        ) as new (body_id)
        order by new.body_id
        on conflict (body_id) do update set
            authority = excluded.authority, kind = excluded.kind, name = excluded.name,
            opened_on = excluded.opened_on, closed_on = excluded.closed_on,
            award_pence = excluded.award_pence, award_year_starts = excluded.award_year_starts
        """,
        [body.body_id for body in bodies],
        [body.authority for body in bodies],
        [body.kind for body in bodies],
        [body.name for body in bodies],
        [body.opened_on for body in bodies],
        [body.closed_on for body in bodies],
        [body.award_pence for body in bodies],
        [body.award_year_starts for body in bodies],
    )


async def keep_schools(events: list[Received[SchoolRecorded]], uow: UnitOfWork) -> None:
    """As the authority told that has the school now, whichever of two is read last."""
    last = last_of_each(events, lambda school: school.urn)
    schools = [event.data for event in last]
    await uow.execute(
        f"""
        insert into school (urn, authority, name, sector, trust_id, trust_name, told_under, told_as)
        select * from unnest(
            $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::uuid[]
        ) as new (urn)
        order by new.urn
        on conflict (urn) do update set
            authority = excluded.authority, name = excluded.name, sector = excluded.sector,
            trust_id = excluded.trust_id, trust_name = excluded.trust_name,
            {by_the_later_word("school")}
        """,
        [school.urn for school in schools],
        [school.authority for school in schools],
        [school.name for school in schools],
        [school.sector for school in schools],
        [school.trust_id for school in schools],
        [school.trust_name for school in schools],
        [event.authority for event in last],
        [event.id for event in last],
    )


async def keep_terms_of_office(events: list[Received[OfficeTakenUp]], uow: UnitOfWork) -> None:
    """An ending that is already known stays known."""
    terms = [event.data for event in events]
    await uow.execute(
        """
        insert into office_term (term_id, body_id, post, from_date, planned_until, urn, route)
        select * from unnest(
            $1::uuid[], $2::uuid[], $3::text[], $4::date[], $5::date[], $6::text[], $7::text[]
        ) as new (term_id)
        order by new.term_id
        on conflict (term_id) do update set
            body_id = excluded.body_id, post = excluded.post, from_date = excluded.from_date,
            planned_until = excluded.planned_until, urn = excluded.urn, route = excluded.route
        """,
        [term.term_id for term in terms],
        [term.body_id for term in terms],
        [term.post for term in terms],
        [term.from_date for term in terms],
        [term.until for term in terms],
        [term.school_urn for term in terms],
        [term.route for term in terms],
    )


async def keep_ends_of_office(events: list[Received[OfficeEnded]], uow: UnitOfWork) -> None:
    ends = sorted((event.data for event in events), key=lambda end: end.term_id)
    await uow.execute(
        """
        update office_term set ended_on = new.ended_on, end_reason = new.reason
        from unnest($1::uuid[], $2::date[], $3::text[]) as new (term_id, ended_on, reason)
        where office_term.term_id = new.term_id
        """,
        [end.term_id for end in ends],
        [end.ended_on for end in ends],
        [end.reason for end in ends],
    )


async def keep_moves(events: list[Received[OfficeHolderMovedSchool]], uow: UnitOfWork) -> None:
    moves = [event.data for event in events]
    await uow.execute(
        """
        insert into office_move (term_id, moved_on, to_urn)
        select * from unnest($1::uuid[], $2::date[], $3::text[]) as new (term_id, moved_on)
        order by new.term_id, new.moved_on
        on conflict (term_id, moved_on) do update set to_urn = excluded.to_urn
        """,
        [move.term_id for move in moves],
        [move.moved_on for move in moves],
        [move.to_urn for move in moves],
    )


async def keep_corrected_terms(events: list[Received[OfficeCorrected]], uow: UnitOfWork) -> None:
    """What is said now stands in the place of all that was told of the term; one that never was is gone."""
    terms = sorted((event.data for event in events), key=lambda term: term.term_id)
    await uow.execute("delete from office_move where term_id = any($1::uuid[])", [term.term_id for term in terms])
    await uow.execute(
        "delete from office_term where term_id = any($1::uuid[])",
        [term.term_id for term in terms if term.after is None],
    )
    held = [(term.term_id, term.after) for term in terms if term.after is not None]
    await uow.execute(
        """
        update office_term set from_date = new.from_date, urn = new.urn,
            planned_until = case when new.ended then office_term.planned_until else new.until end,
            ended_on = case when new.ended then new.until end,
            end_reason = case when new.ended then office_term.end_reason end
        from unnest($1::uuid[], $2::date[], $3::text[], $4::date[], $5::boolean[])
            as new (term_id, from_date, urn, until, ended)
        where office_term.term_id = new.term_id
        """,
        [term_id for term_id, _ in held],
        [after.from_date for _, after in held],
        [after.schools[0].urn if after.schools else None for _, after in held],
        [after.until for _, after in held],
        [after.ended for _, after in held],
    )
    moves = [(term_id, school) for term_id, after in held for school in after.schools[1:]]
    await uow.execute(
        """
        insert into office_move (term_id, moved_on, to_urn)
        select * from unnest($1::uuid[], $2::date[], $3::text[]) as new (term_id, moved_on)
        order by new.term_id, new.moved_on
        """,
        [term_id for term_id, _ in moves],
        [school.from_date for _, school in moves],
        [school.urn for _, school in moves],
    )


async def when_chair_took_office_open_or_adjust_award(events: list[Received[OfficeTakenUp]], uow: UnitOfWork) -> None:
    def change(event: Received[OfficeTakenUp]) -> ChangeOfChair:
        term, today = event.data, max(event.date, uow.today)
        taken_on = term.route == TAKEN_ON

        def as_it_stood(chair: ChairHistory) -> ChairHistory:
            return chair.without_term(term.term_id)

        # A chair taken on at go-live has no award of years that were over by then.
        opens_from = today if taken_on else term.from_date
        before = None if taken_on else as_it_stood
        return ChangeOfChair(term.body_id, term.from_date, today, event.cause, opens_from, before)

    await follow_chair(uow, [change(event) for event in events if event.data.post in POSTS])


async def when_chair_left_office_adjust_award(events: list[Received[OfficeEnded]], uow: UnitOfWork) -> None:
    """Where a successor follows in the same change, her taking up adjusts the award, once for both."""

    def change(event: Received[OfficeEnded]) -> ChangeOfChair:
        end, today = event.data, max(event.date, uow.today)

        def as_it_stood(chair: ChairHistory) -> ChairHistory:
            return chair.without_ending(end.term_id)

        settled = end.reason != SUCCEEDED
        return ChangeOfChair(end.body_id, end.ended_on, today, event.cause, today, as_it_stood, settled)

    await follow_chair(uow, [change(event) for event in events if event.data.post in POSTS])


async def when_chair_moved_school_adjust_award(
    events: list[Received[OfficeHolderMovedSchool]], uow: UnitOfWork
) -> None:
    """A deputy's move comes here too and finds nothing to adjust."""

    def change(event: Received[OfficeHolderMovedSchool]) -> ChangeOfChair:
        move, today = event.data, max(event.date, uow.today)

        def as_it_stood(chair: ChairHistory) -> ChairHistory:
            return chair.without_move(move.term_id, move.moved_on)

        return ChangeOfChair(move.body_id, move.moved_on, today, event.cause, today, as_it_stood)

    await follow_chair(uow, [change(event) for event in events])


async def when_office_was_corrected_open_or_adjust_award(
    events: list[Received[OfficeCorrected]], uow: UnitOfWork
) -> None:
    """The awards of every year that the term reaches now, or reached before, follow what is known now.

    An award that only an earlier beginning gives is opened as it should have been: nobody was told of it otherwise.
    """

    def change(event: Received[OfficeCorrected]) -> ChangeOfChair:
        term, today = event.data, max(event.date, uow.today)
        begins = term.after.from_date if term.after is not None else today
        # A chair taken on at go-live has no award of years that were over by then, whenever she really began.
        opens_from = today if term.route == TAKEN_ON else begins
        return ChangeOfChair(term.body_id, begins, today, event.cause, opens_from, None)

    await follow_chair(uow, [change(event) for event in events if event.data.post in POSTS])


INBOUND = Inbound(
    projections={
        BodyRecorded: Projection(keep_bodies, tables=("body",)),
        SchoolRecorded: Projection(keep_schools, tables=("school",)),
        OfficeTakenUp: Projection(keep_terms_of_office, tables=("office_term",)),
        OfficeEnded: Projection(keep_ends_of_office, tables=("office_term",)),
        OfficeCorrected: Projection(keep_corrected_terms, tables=("office_term", "office_move")),
        OfficeHolderMovedSchool: Projection(keep_moves, tables=("office_move",)),
    },
    reactions={
        OfficeTakenUp: when_chair_took_office_open_or_adjust_award,
        OfficeEnded: when_chair_left_office_adjust_award,
        OfficeCorrected: when_office_was_corrected_open_or_adjust_award,
        OfficeHolderMovedSchool: when_chair_moved_school_adjust_award,
    },
)
