"""An authority adopts a policy from a day on, and every one of its schools is looked at again (R0.1, R0.3)."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from services.membership.domain.adopted import PolicyFromThePast
from services.membership.domain.category import CATEGORY_POLICIES, Inherit
from services.membership.domain.routing_policy import POLICIES, UnknownRoutingPolicy, routing_policy
from services.membership.store import authorities
from services.membership.store.authorities import PolicyRow
from services.membership.use_cases.hold import hold_but_for_still
from services.membership.use_cases.reroute import Change, reroute
from shared.messaging.cause import Cause
from shared.refusal import Invalid, NotFound
from shared.store import UnitOfWork


class UnknownCategoryPolicy(Invalid):
    def __init__(self, name: str):
        super().__init__(f"{name} is not a category policy: enter {', '.join(CATEGORY_POLICIES)}")


class UnknownAuthority(NotFound):
    def __init__(self, code: str):
        super().__init__(f"No authority with the code {code} has been taken on")


class WhyIsMissing(Invalid):
    def __init__(self) -> None:
        super().__init__("Enter why the authority adopts this policy, for instance the decision that it rests on")


@dataclass(frozen=True)
class PolicyAdopted:
    """``version`` None: the policy is what applies already, and nothing changed."""

    authority: str
    kind: str
    name: str
    version: int | None
    from_date: date
    schools: int


async def adopt_routing_policy(
    uow: UnitOfWork, code: str, *, name: str, from_date: date, settings: dict[str, Any], reason: str, adopted_by: str
) -> PolicyAdopted:
    """Who speaks for a school, from a day on. ``settings`` are the values that the authority gives the policy."""
    if name not in POLICIES:
        raise UnknownRoutingPolicy(name)
    routing_policy(name, 1, settings)  # a value that the policy doesn't have is refused here
    new = PolicyRow("routing", name, settings=settings)
    return await _adopt(uow, code, new, from_date, reason, adopted_by)


async def adopt_category_policy(
    uow: UnitOfWork, code: str, *, name: str, from_date: date, inherit: Inherit, reason: str, adopted_by: str
) -> PolicyAdopted:
    """What decides the category in force, from a day on."""
    if name not in CATEGORY_POLICIES:
        raise UnknownCategoryPolicy(name)
    return await _adopt(uow, code, PolicyRow("category", name, inherit=inherit.value), from_date, reason, adopted_by)


async def _adopt(
    uow: UnitOfWork, code: str, new: PolicyRow, from_date: date, reason: str, adopted_by: str
) -> PolicyAdopted:
    if from_date < uow.today:
        raise PolicyFromThePast(from_date, uow.today)
    if not reason.strip():
        raise WhyIsMissing
    if not await authorities.lock_policies(uow, code):
        raise UnknownAuthority(code)
    urns, still = await hold_but_for_still(uow, await authorities.schools_of(uow, code))
    version = await authorities.adopt(uow, code, new, from_date, reason=reason, adopted_by=adopted_by)
    if version is not None:
        stories = {urn: Cause.story(batch_id=uow.cause.batch_id) for urn in urns}
        await reroute(uow, urns, Change("policy", stories))
    return PolicyAdopted(
        code, new.kind, new.name, version, from_date, len(urns) + len(still) if version is not None else 0
    )
