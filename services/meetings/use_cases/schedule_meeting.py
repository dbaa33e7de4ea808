"""Calling a meeting of a body."""

from datetime import date

from services.meetings import outbound
from services.meetings.domain.meeting import AlreadyMeetsThatDay, Body, Meeting, schedule
from services.meetings.store import queries
from services.meetings.use_cases.settle_agendas import settle_areas
from shared.contracts.envelope import body_key
from shared.messaging.cause import new_id
from shared.store import UnitOfWork


async def schedule_meeting(uow: UnitOfWork, body: Body, kind: str, on: date) -> Meeting:
    """Put the meeting in the calendar; what waits for a meeting of an Area Analysis Group goes on its agenda."""
    taken = any(each.on == on for each in await queries.meetings_of(uow, body.body_id))
    meeting = schedule(new_id(), body, kind, on, taken=taken, today=uow.today)
    added = await uow.execute(
        """
        insert into meeting (meeting_id, authority, body_id, kind, on_date) values ($1, $2, $3, $4, $5)
        on conflict (body_id, on_date) do nothing
        """,
        meeting.meeting_id,
        body.authority,
        meeting.body_id,
        meeting.kind,
        meeting.on,
    )
    if not added:  # somebody else called the same meeting a moment ago
        raise AlreadyMeetsThatDay(body.name, on)
    uow.record(outbound.meeting_scheduled(meeting), key=body_key(body.authority, body.body_id))
    if body.is_area_analysis_group and body.areas:
        await settle_areas(uow, [(body.authority, area) for area in body.areas])
    return meeting
