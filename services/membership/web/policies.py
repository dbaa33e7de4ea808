"""The policies of an authority over HTTP: adopted from a day on, corrected, withdrawn (R0.1, R0.3, R0.4)."""

from typing import Any, Literal

from fastapi import Response
from pydantic import Field

from services.membership.domain.category import Inherit
from services.membership.use_cases import policies
from services.membership.web.allowed import routes
from services.membership.web.entered import Day
from services.membership.web.requests import AdoptCategoryPolicy, AdoptRoutingPolicy, Body, RoutingValues
from shared.store import UnitOfWork
from shared.web.routes import Act, needs


class CorrectRoutingPolicy(Body):
    """What the authority had really adopted then. What is left out stays as it was entered."""

    name: str | None = None
    from_date: Day | None = Field(default=None, alias="from")
    settings: RoutingValues | None = None
    reason: str = Field(min_length=1)


class CorrectCategoryPolicy(Body):
    """What the authority had really adopted then. What is left out stays as it was entered."""

    name: str | None = None
    from_date: Day | None = Field(default=None, alias="from")
    inherit: Inherit | None = None
    reason: str = Field(min_length=1)


class WithdrawPolicy(Body):
    reason: str = Field(min_length=1)


@routes.post("/authorities/{authority}/policies/routing", policy=needs("la.officer"), status_code=201)
async def adopt_routing(authority: str, body: AdoptRoutingPolicy, act: Act) -> Response:
    """Who speaks for a school, from a day on: every school of the authority is looked at again."""
    act.allow_authority(authority)

    async def work(uow: UnitOfWork) -> object:
        return await policies.adopt_routing_policy(
            uow,
            authority,
            name=body.name,
            from_date=body.from_date or uow.today,
            settings=body.settings.model_dump(exclude_none=True),
            reason=body.reason,
            adopted_by=act.principal.subject,
        )

    return await act.once(work)


@routes.post("/authorities/{authority}/policies/category", policy=needs("la.officer"), status_code=201)
async def adopt_category(authority: str, body: AdoptCategoryPolicy, act: Act) -> Response:
    """What decides the category in force, from a day on: every school of the authority is looked at again."""
    act.allow_authority(authority)

    async def work(uow: UnitOfWork) -> object:
        return await policies.adopt_category_policy(
            uow,
            authority,
            name=body.name,
            from_date=body.from_date or uow.today,
            inherit=body.inherit,
            reason=body.reason,
            adopted_by=act.principal.subject,
        )

    return await act.once(work)


@routes.post("/authorities/{authority}/policies/routing/{version}/correct", policy=needs("la.officer"))
async def correct_routing(authority: str, version: int, body: CorrectRoutingPolicy, act: Act) -> Response:
    """Another policy, or from another day, was adopted then. Who spoke until now stays as it was answered."""
    settings = body.settings.model_dump(exclude_none=True) if body.settings is not None else None
    return await _correct(act, authority, "routing", version, body, settings=settings)


@routes.post("/authorities/{authority}/policies/category/{version}/correct", policy=needs("la.officer"))
async def correct_category(authority: str, version: int, body: CorrectCategoryPolicy, act: Act) -> Response:
    """Another policy, or from another day, was adopted then. Who spoke until now stays as it was answered."""
    return await _correct(act, authority, "category", version, body, inherit=body.inherit)


async def _correct(
    act: Act,
    authority: str,
    kind: str,
    version: int,
    body: CorrectRoutingPolicy | CorrectCategoryPolicy,
    **says: Any,
) -> Response:
    act.allow_authority(authority)

    async def work(uow: UnitOfWork) -> object:
        return await policies.correct_policy(
            uow,
            authority,
            kind,
            version,
            name=body.name,
            from_date=body.from_date,
            reason=body.reason,
            corrected_by=act.principal.subject,
            **says,
        )

    return await act.once(work)


@routes.post("/authorities/{authority}/policies/{kind}/{version}/withdraw", policy=needs("la.officer"))
async def withdraw_policy(
    authority: str, kind: Literal["routing", "category"], version: int, body: WithdrawPolicy, act: Act
) -> Response:
    """This policy should never have been adopted: what applied before goes on."""
    act.allow_authority(authority)

    async def work(uow: UnitOfWork) -> object:
        return await policies.withdraw_policy(
            uow, authority, kind, version, reason=body.reason, withdrawn_by=act.principal.subject
        )

    return await act.once(work)
