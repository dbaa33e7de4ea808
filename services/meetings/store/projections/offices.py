"""Keeping what membership says of offices: who holds which, as it was told and as it was corrected."""

from services.meetings.store.projections.columns import columns
from shared.contracts.membership import (
    OfficeCorrected,
    OfficeEnded,
    OfficeHolderMovedSchool,
    OfficeTakenUp,
)
from shared.messaging.inbound import Received
from shared.store import UnitOfWork


async def keep_offices_taken_up(events: list[Received[OfficeTakenUp]], uow: UnitOfWork) -> None:
    terms = [event.data for event in events]
    await uow.execute(
        """
        insert into office_term (term_id, body_id, post, person_id, school_urn, from_date, planned_until)
        select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[], $5::text[], $6::date[], $7::date[])
        on conflict (term_id) do nothing
        """,
        *columns(
            [
                (each.term_id, each.body_id, each.post, each.person_id, each.school_urn, each.from_date, each.until)
                for each in terms
            ]
        ),
    )


async def keep_offices_ended(events: list[Received[OfficeEnded]], uow: UnitOfWork) -> None:
    await uow.execute(
        """
        update office_term set ended_on = gone.ended_on
        from unnest($1::uuid[], $2::date[]) as gone (term_id, ended_on) where office_term.term_id = gone.term_id
        """,
        *columns([(event.data.term_id, event.data.ended_on) for event in events]),
    )


async def keep_offices_corrected(events: list[Received[OfficeCorrected]], uow: UnitOfWork) -> None:
    """What is said now stands in the place of all that was told of the term; one that never was is gone."""
    terms = [event.data for event in events]
    await uow.execute(
        "delete from office_term where term_id = any($1::uuid[])",
        sorted(term.term_id for term in terms if term.after is None),
    )
    held = [(term.term_id, term.after) for term in terms if term.after is not None]
    if not held:
        return
    await uow.execute(
        """
        update office_term set person_id = now.person_id, school_urn = now.urn, from_date = now.from_date,
            planned_until = case when now.ended then office_term.planned_until else now.until end,
            ended_on = case when now.ended then now.until end
        from unnest($1::uuid[], $2::uuid[], $3::text[], $4::date[], $5::date[], $6::bool[])
            as now (term_id, person_id, urn, from_date, until, ended)
        where office_term.term_id = now.term_id
        """,
        *columns(
            [
                (
                    term_id,
                    after.person_id,
                    after.schools[-1].urn if after.schools else None,
                    after.from_date,
                    after.until,
                    after.ended,
                )
                for term_id, after in held
            ]
        ),
    )


async def keep_schools_of_office_holders(events: list[Received[OfficeHolderMovedSchool]], uow: UnitOfWork) -> None:
    await uow.execute(
        """
        update office_term set school_urn = moved.urn
        from unnest($1::uuid[], $2::text[]) as moved (term_id, urn) where office_term.term_id = moved.term_id
        """,
        *columns([(event.data.term_id, event.data.to_urn) for event in events]),
    )
