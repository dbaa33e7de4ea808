"""What meetings does with the events it reads: one table at the foot. Translates, decides nothing."""

from services.meetings.domain.agenda import Post, SpeakerChange, Speakers
from services.meetings.domain.meeting import AREA_ANALYSIS_GROUP
from services.meetings.domain.place import Place
from services.meetings.store.agendas import StoredChange, lock_areas
from services.meetings.store.projections import offices, register, standing
from services.meetings.use_cases.follow_offices import Told, follow_offices, reseat, seat_sitting_chairs
from services.meetings.use_cases.settle_agendas import (
    hear_of_changes,
    release_what_schools_were_told,
    settle_areas,
    settle_schools_with_changes,
)
from shared.contracts.membership import (
    BodyRecorded,
    CategoryAsToldChanged,
    CategoryInForceChanged,
    HistoryCorrected,
    LaCategoryLifted,
    LaCategorySet,
    OfficeCorrected,
    OfficeEnded,
    OfficeHolderMovedSchool,
    OfficeTakenUp,
    OutcomePublished,
    OutcomeWithdrawn,
    PersonRecorded,
    RepresentationAsToldChanged,
    RepresentationReassigned,
    SchoolJoinedBody,
    SchoolLeftBody,
    SchoolRecorded,
    SchoolTold,
    Speaker,
)
from shared.messaging.inbound import Inbound, Projection, Received
from shared.store import UnitOfWork

CAUSED_BY_CATEGORY = "category-in-force"


def post_of(speaker: Speaker | None) -> Post | None:
    if speaker is None:
        return None
    if speaker.role == "system-leader":
        return Post(speaker.role)
    return Post(speaker.role, speaker.office_id, speaker.body_id, speaker.trust_id)


def change_in(event: Received[RepresentationReassigned], uow: UnitOfWork) -> StoredChange:
    """The change that an event tells of. It is known from the day it came in, never from a day already gone."""
    data = event.data
    return StoredChange(
        data.urn,
        SpeakerChange(
            Place(event.authority, event.epoch, event.sequence, event.id),
            Speakers(post_of(data.general_before), post_of(data.inspection_before)),
            Speakers(post_of(data.general_after), post_of(data.inspection_after)),
            max(event.date, uow.today) if event.told else None,
        ),
        event.cause,
    )


async def when_representation_was_reassigned_settle_agenda(
    events: list[Received[RepresentationReassigned]], uow: UnitOfWork
) -> None:
    """Only what a category caused; the first answer ever given for a school reassigns nobody.

    While something is held back from a school, what it knows of comes as a type of its own (R0.8).
    """
    changes = [change_in(event, uow) for event in events if event.data.cause == CAUSED_BY_CATEGORY]
    await hear_of_changes(uow, [each for each in changes if not each.change.before.nobody])


async def when_school_was_told_settle_agenda(events: list[Received[SchoolTold]], uow: UnitOfWork) -> None:
    await release_what_schools_were_told(
        uow,
        [(event.data.urn, change, max(event.date, uow.today)) for event in events for change in event.data.releases],
    )


async def when_school_was_recorded_settle_agenda(events: list[Received[SchoolRecorded]], uow: UnitOfWork) -> None:
    """A school may come after its change, or fall to another area."""
    await settle_schools_with_changes(uow, [event.data.urn for event in events])


async def when_body_was_recorded_catch_up(events: list[Received[BodyRecorded]], uow: UnitOfWork) -> None:
    """An Area Analysis Group may come after the changes and the chairs of its area; a body may come to lie in another."""
    placed = [event for event in events if event.data.lies_in]
    if placed:
        await lock_areas(uow, _areas_of(placed))
        await settle_areas(uow, _areas_of([event for event in placed if event.data.kind == AREA_ANALYSIS_GROUP]))
        await seat_sitting_chairs(uow, {event.data.body_id: event.cause for event in placed})


def _areas_of(events: list[Received[BodyRecorded]]) -> list[tuple[str, str]]:
    return [(event.data.authority, area) for event in events for area in event.data.lies_in]


async def when_office_changed_hands_follow_members(
    events: list[Received[OfficeTakenUp]] | list[Received[OfficeEnded]], uow: UnitOfWork
) -> None:
    await follow_offices(uow, {event.data.term_id: event.cause for event in events})


async def when_office_was_corrected_reseat_members(events: list[Received[OfficeCorrected]], uow: UnitOfWork) -> None:
    await reseat(
        uow,
        [
            Told(
                event.data.term_id,
                event.data.before.person_id,
                event.data.before.from_date,
                event.data.before.until,
                event.authority,
                event.cause,
            )
            for event in events
        ],
    )


INBOUND = Inbound(
    projections={
        SchoolRecorded: Projection(register.keep_schools, tables=("school",)),
        BodyRecorded: Projection(register.keep_bodies, tables=("body",)),
        SchoolJoinedBody: Projection(register.keep_schools_that_joined, tables=("body_school",)),
        SchoolLeftBody: Projection(register.keep_schools_that_left, tables=("body_school",)),
        OfficeTakenUp: Projection(offices.keep_offices_taken_up, tables=("office_term",)),
        OfficeEnded: Projection(offices.keep_offices_ended, tables=("office_term",)),
        OfficeCorrected: Projection(offices.keep_offices_corrected, tables=("office_term",)),
        OfficeHolderMovedSchool: Projection(offices.keep_schools_of_office_holders, tables=("office_term",)),
        PersonRecorded: Projection(register.keep_people, tables=("person",)),
        CategoryInForceChanged: Projection(standing.keep_categories, tables=("category_change",)),
        CategoryAsToldChanged: Projection(standing.keep_categories_as_told, tables=("public_category",)),
        OutcomePublished: Projection(standing.keep_public_categories, tables=("public_category",)),
        OutcomeWithdrawn: Projection(standing.keep_public_categories, tables=("public_category",)),
        LaCategorySet: Projection(standing.keep_entries_of_the_authority, tables=("la_entry_news",)),
        LaCategoryLifted: Projection(standing.keep_entries_of_the_authority, tables=("la_entry_news",)),
        HistoryCorrected: Projection(
            standing.keep_corrections, tables=("history_correction",)
        ),  # and no reaction (D3.10)
        SchoolTold: Projection(
            standing.keep_what_schools_were_told, tables=("category_change", "la_entry_news", "told_story")
        ),
    },
    reactions={
        RepresentationReassigned: when_representation_was_reassigned_settle_agenda,
        RepresentationAsToldChanged: when_representation_was_reassigned_settle_agenda,
        SchoolTold: when_school_was_told_settle_agenda,
        SchoolRecorded: when_school_was_recorded_settle_agenda,
        BodyRecorded: when_body_was_recorded_catch_up,
        OfficeTakenUp: when_office_changed_hands_follow_members,
        OfficeEnded: when_office_changed_hands_follow_members,
        OfficeCorrected: when_office_was_corrected_reseat_members,
    },
)
