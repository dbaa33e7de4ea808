"""Meetings over HTTP: calling them, their agendas, an area's two lists, who belongs to a body's meetings."""

from datetime import date
from typing import Any
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field

from services.meetings.domain.agenda import CONFIDENTIAL, NEUTRAL_TITLE, OPEN, STANDING_ITEMS
from services.meetings.domain.meeting import AREA_ANALYSIS_GROUP, Body, Meeting, UnknownBody
from services.meetings.store import queries
from services.meetings.use_cases.read_area_lists import AreaLists, read_area_lists
from services.meetings.use_cases.record_vulnerable_aspect import record_vulnerable_aspect
from services.meetings.use_cases.schedule_meeting import schedule_meeting
from services.meetings.use_cases.withdraw_vulnerable_aspect import aspect_of, withdraw_vulnerable_aspect
from shared.auth.tokens import Principal
from shared.store import UnitOfWork
from shared.web.routes import Act, Forbidden, Routes, needs

routes = Routes(prefix="/api/v1", tags=["meetings"])

PEOPLE_OF_MEETINGS = ("la.officer", "la.school-improvement", "clerk", "chair", "deputy", "headteacher", "department")


class CallMeeting(BaseModel):
    model_config = ConfigDict(extra="forbid")

    body_id: UUID
    kind: str = Field(description="heads or area-analysis-group")
    on: date


class RecordAspect(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    evaluation_area: str = Field(max_length=100)
    from_date: date = Field(alias="from")


class WithdrawAspect(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: str = Field(max_length=1000)


def is_school_improvement(principal: Principal) -> bool:
    """The council's school improvement: its officers, and the department's own machine."""
    return bool({"la.officer", "la.school-improvement"} & principal.roles) or (
        "department" in principal.roles and "school-improvement" in principal.departments
    )


def _described(meeting: Meeting) -> dict[str, Any]:
    return {"meeting_id": meeting.meeting_id, "body_id": meeting.body_id, "kind": meeting.kind, "on": meeting.on}


async def _body(uow: UnitOfWork, act: Act, body_id: UUID) -> Body:
    body = await queries.body(uow, body_id)
    act.allow_authority(body.authority)
    return body


@routes.post("/meetings", policy=needs("la.officer", "clerk"), status_code=201)
async def call_meeting(asked: CallMeeting, act: Act) -> Response:
    """Put a meeting in the calendar. What waits for it goes on its agenda in the same moment."""

    async def work(uow: UnitOfWork) -> dict[str, Any]:
        body = await _body(uow, act, asked.body_id)
        return _described(await schedule_meeting(uow, body, asked.kind, asked.on))

    return await act.once(work, subject=str(asked.body_id))


@routes.get("/meetings/{meeting_id}/agenda", policy=needs(*PEOPLE_OF_MEETINGS))
async def agenda(meeting_id: UUID, act: Act) -> dict[str, Any]:
    """The agenda. Its confidential part goes to school improvement only; for others nothing shows whether it holds anything."""

    async def work(uow: UnitOfWork) -> dict[str, Any]:
        meeting, authority = await queries.meeting(uow, meeting_id)
        act.allow_authority(authority)
        answer: dict[str, Any] = {
            **_described(meeting),
            OPEN: [{"title": title} for title in STANDING_ITEMS[meeting.kind]],
        }
        if is_school_improvement(act.principal):
            items = await queries.items_of(uow, meeting_id)
            answer[CONFIDENTIAL] = [
                {"title": NEUTRAL_TITLE, **{name: item[name] for name in ("item_id", "urn", "school", "why")}}
                for item in items
                if item["part"] == CONFIDENTIAL
            ]
            if meeting.kind == AREA_ANALYSIS_GROUP:
                answer["corrected_since"] = await queries.corrected_since(uow, meeting)
            await queries.note_reading(
                uow, who=act.principal.subject, what="read the confidential agenda", subject=str(meeting_id)
            )
        return answer

    return await act.read(work)


@routes.get("/bodies/{body_id}/meetings", policy=needs(*PEOPLE_OF_MEETINGS))
async def meetings_of_body(body_id: UUID, act: Act) -> list[dict[str, Any]]:
    """The meetings of a body, by day."""

    async def work(uow: UnitOfWork) -> list[dict[str, Any]]:
        await _body(uow, act, body_id)
        return [_described(meeting) for meeting in await queries.meetings_of(uow, body_id)]

    return await act.read(work)


@routes.get(
    "/bodies/{body_id}/lists", policy=needs("la.officer", "la.school-improvement", "department", "chair", "deputy")
)
async def lists_of_area(body_id: UUID, act: Act) -> AreaLists:
    """An Area Analysis Group's two lists, for school improvement and the members of the group."""

    async def work(uow: UnitOfWork) -> AreaLists:
        group = await _body(uow, act, body_id)
        if not group.is_area_analysis_group:
            raise UnknownBody(body_id)
        improvement = is_school_improvement(act.principal)
        headed = set(act.principal.urns)
        if not improvement:
            seats = [
                seat
                for seat in await queries.chairs_in(uow, group, uow.today)
                if str(seat["person_id"]) == act.principal.subject
            ]
            if not seats:
                raise Forbidden("The lists of an area are for school improvement and the members of its group.")
            headed |= {seat["school_urn"] for seat in seats if seat["school_urn"]}
        return await read_area_lists(
            uow, group, who=act.principal.subject, school_improvement=improvement, headed=headed
        )

    return await act.read(work)


@routes.get("/bodies/{body_id}/members", policy=needs(*PEOPLE_OF_MEETINGS))
async def members_of_body(body_id: UUID, act: Act, on: date | None = None) -> dict[str, Any]:
    """Who belongs to the meetings of a body on a day: the chairs of an area's bodies, or the schools of one body."""

    async def work(uow: UnitOfWork) -> dict[str, Any]:
        body = await _body(uow, act, body_id)
        day = on or uow.today
        answer: dict[str, Any] = {"body_id": body_id, "on": day}
        if body.is_area_analysis_group:
            return {**answer, "people": await queries.chairs_in(uow, body, day)}
        return {**answer, "schools": await queries.schools_of(uow, body_id, day)}

    return await act.read(work)


@routes.post("/schools/{urn}/vulnerable-aspects", policy=needs("la.officer"), status_code=201)
async def record_aspect(urn: str, asked: RecordAspect, act: Act) -> Response:
    """Record an aspect of a school that is vulnerable to an adverse judgement."""

    async def work(uow: UnitOfWork) -> dict[str, Any]:
        school = await queries.school(uow, urn)
        act.allow_authority(school.authority)
        aspect = await record_vulnerable_aspect(uow, school, asked.evaluation_area, asked.from_date)
        return {
            "aspect_id": aspect.aspect_id,
            "urn": urn,
            "body_id": aspect.body_id,
            "evaluation_area": aspect.evaluation_area,
            "from": aspect.from_date,
        }

    return await act.once(work, subject=urn)


@routes.post("/vulnerable-aspects/{aspect_id}/withdraw", policy=needs("la.officer"))
async def withdraw_aspect(aspect_id: UUID, asked: WithdrawAspect, act: Act) -> Response:
    """A vulnerable aspect was recorded by mistake, or is one no longer: it stands on no list any more."""

    async def work(uow: UnitOfWork) -> dict[str, Any]:
        school = await queries.school(uow, (await aspect_of(uow, aspect_id)).urn)
        act.allow_authority(school.authority)
        aspect = await withdraw_vulnerable_aspect(
            uow, school, aspect_id, reason=asked.reason, withdrawn_by=act.principal.subject
        )
        return {"aspect_id": aspect_id, "urn": aspect.urn, "evaluation_area": aspect.evaluation_area, "withdrawn": True}

    return await act.once(work)
