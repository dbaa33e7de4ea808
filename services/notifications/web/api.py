"""Subscriptions, the delivery log, and the journey of a change."""

from typing import Any
from uuid import UUID

from fastapi import Query, Response
from pydantic import BaseModel, ConfigDict

from services.notifications.domain.journey import Placed, in_causal_order, may_trace, trace_id, visible
from services.notifications.domain.telling import sentence
from services.notifications.settings import settings
from services.notifications.store import gate, journeys, webhooks
from services.notifications.use_cases import subscribe as subscribing
from services.notifications.web.reach import departments_of, eyes_of, places_of, sees_ids_only
from shared.refusal import NotFound
from shared.store import UnitOfWork
from shared.web.problems import Forbidden
from shared.web.routes import Act, Action, Routes, needs

routes = Routes(prefix="/api/v1", tags=["departments"])


class Subscribe(BaseModel):
    model_config = ConfigDict(extra="forbid")

    authority: str
    department: str
    url: str


class NoSuchJourney(NotFound):
    def __init__(self, correlation_id: UUID):
        super().__init__(f"Nothing that you may see is known of {correlation_id}; it may be on its way")


@routes.post("/subscriptions", policy=needs("la.officer", "department"), status_code=201)
async def subscribe(body: Subscribe, act: Act) -> Response:
    """Have a department's events sent to a web address. The secret is told this once."""
    act.allow_authority(body.authority)
    _allow_department(act, body.department)
    return await act.once(
        lambda uow: subscribing.subscribe(
            uow,
            authority=body.authority,
            department=body.department,
            url=body.url,
            who=act.principal.subject,
            allowed=settings().allowed,
        )
    )


@routes.get("/subscriptions", policy=needs("la.officer", "la.ops", "department"))
async def subscriptions(act: Act) -> list[dict[str, Any]]:
    """The subscriptions of the caller's departments, without their secrets."""
    places = places_of(act.principal)
    found = await act.read(lambda uow: webhooks.subscriptions(act.principal.authorities, uow))
    return [dict(row._mapping) for row in found if (row.authority, row.department) in places]


@routes.post("/subscriptions/{subscription_id}/resume", policy=needs("la.officer", "department"))
async def resume(subscription_id: UUID, act: Act) -> Response:
    """Call a receiver again whose subscription was paused or disabled."""

    async def work(uow: UnitOfWork) -> dict[str, Any]:
        found = await webhooks.subscription(subscription_id, uow)
        if found is None or (found.authority, found.department) not in places_of(act.principal):
            raise subscribing.NoSuchSubscription(subscription_id)
        return await subscribing.resume(uow, found)

    return await act.once(work)


@routes.get("/deliveries", policy=needs("la.officer", "la.ops", "la.school-improvement", "la.finance", "department"))
async def deliveries(
    act: Act,
    authority: str | None = None,
    department: str | None = None,
    correlation_id: UUID | None = None,
    limit: int = Query(100, ge=1, le=1000),
) -> list[dict[str, Any]]:
    """The delivery log of the caller's departments, the newest first; to the ops team by ids only."""
    places = {
        place
        for place in places_of(act.principal)
        if (authority is None or place[0] == authority) and (department is None or place[1] == department)
    }
    found = await act.read(lambda uow: webhooks.log(places, correlation_id, limit, uow))
    rows = [dict(row._mapping) for row in found]
    if sees_ids_only(act.principal):
        for row in rows:
            row["key"] = None
    return rows


_FOLLOW = needs("la.officer", "la.ops", "la.school-improvement", "la.finance", "department")


@routes.get("/journeys/{correlation_id}", policy=_FOLLOW)
async def journey(correlation_id: UUID, act: Act) -> dict[str, Any]:
    """Every event of one change across the services, each after its cause; to the ops team by ids only."""

    eyes = eyes_of(act.principal)

    async def read(uow: UnitOfWork) -> tuple[list[Placed], bool, list[dict[str, Any]]]:
        steps = await journeys.of_story(correlation_id, uow)
        told = await gate.told_among({correlation_id}, uow)
        opened = [
            {"stage": stage.name.lower(), "why": why, "opened_at": at, "in_words": sentence(stage, why)}
            for stage, why, at in await gate.openings(correlation_id, uow)
        ]
        return in_causal_order(visible(steps, eyes, told)), may_trace(steps, eyes), opened

    placed, traced, telling = await act.read(read)
    if not placed:
        raise NoSuchJourney(correlation_id)
    steps = [_step(each, traced) for each in placed]
    return {
        "correlation_id": correlation_id,
        "services": sorted({each.step.service for each in placed}),
        "trace_url": next((step["trace_url"] for step in steps if step["trace_url"]), None),
        "steps": steps,
        # That people had to be told says that another speaks: for those only who may know of all of it.
        "telling": telling if traced else [],
    }


@routes.get("/journeys", policy=_FOLLOW)
async def journeys_about(act: Act, subject: str, limit: int = Query(200, ge=1, le=1000)) -> dict[str, Any]:
    """The changes that touched one school, body or person, the newest first. The ops team is given ids, and asks by them."""
    if sees_ids_only(act.principal):
        raise Forbidden("The ops team follows a change by its correlation id; an officer finds those of a school.")

    async def read(uow: UnitOfWork) -> list[Any]:
        eyes = eyes_of(act.principal)
        steps = await journeys.about(subject, eyes, limit, uow)
        told = await gate.told_among({step.correlation_id for step in steps}, uow)
        return visible(steps, eyes, told)

    stories: dict[UUID, list[Any]] = {}
    for step in await act.read(read):
        stories.setdefault(step.correlation_id, []).append(step)
    return {
        "subject": subject,
        "journeys": [
            {
                "correlation_id": correlation_id,
                "began_at": min(step.time for step in steps),
                "events": [
                    {"event_id": step.event_id, "service": step.service, "type": step.type, "time": step.time}
                    for step in reversed(steps)
                ],
            }
            for correlation_id, steps in stories.items()
        ],
    }


def _step(placed: Placed, traced: bool) -> dict[str, Any]:
    step = placed.step
    trace = trace_id(step.traceparent) if traced else None
    return {
        "event_id": step.event_id,
        "causation_id": step.causation_id,
        "depth": placed.depth,
        "parent": placed.parent,
        "service": step.service,
        "type": step.type,
        "key": step.key,
        "subject": step.subject,
        "class": step.sensitivity,
        "told": step.told,
        "time": step.time,
        "batch_id": step.batch_id,
        "trace_id": trace,
        "trace_url": settings().trace_url(trace),
    }


def _allow_department(act: Action, department: str) -> None:
    if "la.officer" not in act.principal.roles and department not in departments_of(act.principal):
        raise Forbidden(f"Your sign-in is not for the department {department}.")
