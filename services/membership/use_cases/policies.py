"""An authority adopts a policy from a day on, and every one of its schools is looked at again (R0.1, R0.3).

One that was adopted by mistake is withdrawn, or corrected: what it decided meanwhile is decided again from its day on, as
with every late fact (R0.4).
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from services.membership.domain.adopted import AppliesFromTheBeginning, PolicyFromThePast, standing_version
from services.membership.domain.category import CATEGORY_POLICIES, Inherit
from services.membership.domain.office import NothingToCorrect, must_have_reason
from services.membership.domain.routing_policy import POLICIES, UnknownRoutingPolicy, routing_policy
from services.membership.store import authorities
from services.membership.store import policies as kept
from services.membership.store.policies import Adoptions, PolicyRow
from services.membership.use_cases.correct_past import correct_past, remember
from services.membership.use_cases.hold import hold, hold_but_for_still
from services.membership.use_cases.reroute import Change, reroute
from shared.messaging.cause import Cause
from shared.refusal import Invalid, NotFound
from shared.store import UnitOfWork


class UnknownCategoryPolicy(Invalid):
    def __init__(self, name: str):
        super().__init__(f"{name} is not a category policy: enter {', '.join(CATEGORY_POLICIES)}")


class UnknownAuthority(NotFound):
    def __init__(self, code: str):
        super().__init__(
            f"No authority with the code {code} has been taken on: check the code, or take it on (`consortia take-on`)"
        )


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
    from_date: date | None  # None: from the beginning
    schools: int


async def adopt_routing_policy(
    uow: UnitOfWork, code: str, *, name: str, from_date: date, settings: dict[str, Any], reason: str, adopted_by: str
) -> PolicyAdopted:
    """Who speaks for a school, from a day on. ``settings`` are the values that the authority gives the policy."""
    new = _must_be_known(PolicyRow("routing", name, settings=settings))
    return await _adopt(uow, code, new, from_date, reason, adopted_by)


async def adopt_category_policy(
    uow: UnitOfWork, code: str, *, name: str, from_date: date, inherit: Inherit, reason: str, adopted_by: str
) -> PolicyAdopted:
    """What decides the category in force, from a day on."""
    new = _must_be_known(PolicyRow("category", name, inherit=inherit.value))
    return await _adopt(uow, code, new, from_date, reason, adopted_by)


async def withdraw_policy(
    uow: UnitOfWork, code: str, kind: str, version: int, *, reason: str, withdrawn_by: str
) -> PolicyAdopted:
    """This version should never have been adopted: what applied before goes on, and what had been planned is planned again."""
    must_have_reason(reason)
    known = await _lock(uow, code, kind)
    wrong = standing_version(known.every, known.withdrawn, kind, version)
    if wrong.from_date is None:
        raise AppliesFromTheBeginning(kind, version)

    async def write() -> int:
        await kept.withdraw_adoption(uow, code, kind, version, reason=reason, withdrawn_by=withdrawn_by)
        return version

    return await _decide_again(uow, code, known.says[version], wrong.from_date, wrong.from_date, write)


async def correct_policy(
    uow: UnitOfWork,
    code: str,
    kind: str,
    version: int,
    *,
    name: str | None = None,
    from_date: date | None = None,
    inherit: Inherit | None = None,
    settings: dict[str, Any] | None = None,
    reason: str,
    corrected_by: str,
) -> PolicyAdopted:
    """Another policy, or from another day, is what the authority had adopted then. What is left out stays as it was entered.

    It counts under a version of its own, in the place of the wrong one: what was adopted since stays.
    """
    must_have_reason(reason)
    known = await _lock(uow, code, kind)
    wrong, said = standing_version(known.every, known.withdrawn, kind, version), known.says[version]
    if wrong.from_date is None and from_date is not None:
        raise AppliesFromTheBeginning(kind, version)
    own = said.settings if name in (None, said.name) else {}  # another policy has other values
    right = replace(
        said,
        name=name or said.name,
        inherit=inherit.value if inherit is not None else said.inherit,
        settings=settings if settings is not None else own,
    )
    right = _must_be_known(right)
    begins = from_date or wrong.from_date
    if right.says == said.says and begins == wrong.from_date:
        raise NothingToCorrect
    since = min(day or date.min for day in (begins, wrong.from_date))

    async def write() -> int:
        return await kept.add_adoption(
            uow, code, known, right, begins, reason=reason, adopted_by=corrected_by, in_place_of=version
        )

    return await _decide_again(uow, code, right, begins, since, write)


async def _decide_again(
    uow: UnitOfWork,
    code: str,
    policy: PolicyRow,
    from_date: date | None,
    since: date,
    write: Callable[[], Awaitable[int]],
) -> PolicyAdopted:
    """Of days that have gone it waits for schools that stand still: what it corrects would never be told (0022)."""
    urns: Sequence[str] = await authorities.schools_of(uow, code)
    still = frozenset[str]()
    if since < uow.today:
        urns = await hold(uow, urns)
    else:
        urns, still = await hold_but_for_still(uow, urns)
    before = await remember(uow, urns, since)
    version = await write()
    stories = {urn: Cause.story(batch_id=uow.cause.batch_id) for urn in urns}
    await reroute(uow, urns, Change("policy", stories))
    await correct_past(uow, before, since, stories)
    return PolicyAdopted(code, policy.kind, policy.name, version, from_date, len(urns) + len(still))


async def _lock(uow: UnitOfWork, code: str, kind: str) -> Adoptions:
    if not await authorities.lock_policies(uow, code):
        raise UnknownAuthority(code)
    return await kept.adoptions(uow, code, kind)


def _must_be_known(policy: PolicyRow) -> PolicyRow:
    if policy.kind == "category" and policy.name not in CATEGORY_POLICIES:
        raise UnknownCategoryPolicy(policy.name)
    if policy.kind == "routing":
        if policy.name not in POLICIES:
            raise UnknownRoutingPolicy(policy.name)
        routing_policy(policy.name, 1, policy.settings)  # a value that the policy doesn't have is refused here
    return policy


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
    version = await kept.adopt(uow, code, new, from_date, reason=reason, adopted_by=adopted_by)
    if version is not None:
        stories = {urn: Cause.story(batch_id=uow.cause.batch_id) for urn in urns}
        await reroute(uow, urns, Change("policy", stories))
    return PolicyAdopted(
        code, new.kind, new.name, version, from_date, len(urns) + len(still) if version is not None else 0
    )
