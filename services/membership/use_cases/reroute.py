"""The one pipeline behind every change: look at the schools again, and tell what really changed.

Whoever changes something calls `hold` (hold.py) first, then writes the change, then calls `reroute`. Everything is
read afresh under the locks, and every statement serves all schools at once.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID

from services.membership import outbound
from services.membership.domain.category import Because
from services.membership.domain.representation import Speaker
from services.membership.domain.school import School
from services.membership.domain.standing import Facts, Standing, next_change, standing
from services.membership.store import representation, schools
from services.membership.store.facts import facts_of
from services.membership.store.representation import Decided, Recorded
from services.membership.store.withheld import withheld_of, withhold
from services.membership.use_cases.propose import Proposing, propose
from shared.contracts.envelope import school_key
from shared.contracts.registry import Sensitivity
from shared.messaging.cause import Cause
from shared.store import UnitOfWork
from shared.telemetry import step


@dataclass(frozen=True)
class Looked:
    """One school, looked at: what was decided before, what is decided now."""

    school: School
    before: Recorded
    after: Standing
    day: date
    cause: Cause
    facts: Facts


@dataclass(frozen=True)
class Change:
    """Why the schools are looked at again.

    ``kind`` is what a reassignment names as its cause when the category didn't cause it. ``restricted``: the change
    is an act inside the council, so the school must be told before it leaves school improvement (R0.8).
    ``take_on``: state, not news; nobody reacts. ``first`` records the fact that began the story, school by school, and
    gives the cause of what follows from it.
    """

    kind: str
    causes: Mapping[str, Cause]
    restricted: bool = False
    take_on: bool = False
    first: Callable[[Looked], Cause] | None = None
    days: Mapping[str, date] = field(default_factory=dict)


async def reroute(uow: UnitOfWork, urns: Iterable[str], change: Change) -> list[Looked]:
    """Decide again for locked schools and record what changed. Schools that the register lacks are passed over."""
    before = await representation.recorded(uow, sorted(set(urns)))
    days = {urn: max(change.days.get(urn, uow.today), known.settled_on or date.min) for urn, known in before.items()}
    facts = await facts_of(uow, days)
    await _announce_opened_and_closed(uow, facts, days, change)
    held_back = await withheld_of(uow, list(facts))
    decided, looked = [], []
    withheld: list[tuple[str, UUID]] = []
    for urn in sorted(facts):
        now = standing(facts[urn], days[urn])
        cause = change.causes.get(urn) or uow.cause
        each = Looked(facts[urn].circumstances.school, before[urn], now, days[urn], cause, facts[urn])
        if change.first is not None:
            each = replace(each, cause=change.first(each))
        # What the published outcome doesn't give is an act inside the council, whatever brought it (R0.8).
        apart = not now.category_is_public and before[urn].category != now.category.value and not change.take_on
        # While a school has something to be told, whatever restricted follows waits too, or it would give that away.
        may_tell = not (change.restricted or apart or urn in held_back)
        told = _tell(uow, each, change, told=may_tell)
        if not told:
            withheld.append((urn, each.cause.correlation_id))
        looked.append(each)
        decided.append(
            Decided(
                urn,
                days[urn],
                now,
                each.school.open_on(days[urn]),
                next_change(facts[urn], days[urn]),
                facts[urn].circumstances.policy_on(days[urn]),
                each.cause.correlation_id,
            )
        )
    await representation.save(uow, decided, before)
    await withhold(uow, withheld)
    await propose(uow, [Proposing(each.facts, each.day, each.cause) for each in looked], state_only=change.take_on)
    return looked


async def _announce_opened_and_closed(
    uow: UnitOfWork, facts: Mapping[str, Facts], days: Mapping[str, date], change: Change
) -> None:
    """Publish the schools that have opened or closed since they were looked at last.

    Here, since every look passes here: on the first of September the same schools change their chair, their head or
    their leader, and whatever is done first has looked at them for the day.
    """
    open_now = {urn: each.circumstances.school.open_on(days[urn]) for urn, each in facts.items()}
    for urn, each in sorted((await schools.open_or_close(uow, open_now)).items()):
        story_of = Cause.story() if change.restricted else change.causes.get(urn) or uow.cause
        key = school_key(each.school.authority, urn)
        uow.record(outbound.school_recorded(each.school, days[urn]), key=key, because=story_of)


def _tell(uow: UnitOfWork, looked: Looked, change: Change, *, told: bool) -> bool:
    """Record what changed for one school. False where something recorded has to wait for the school to be told."""
    withheld = False
    cause = looked.cause
    before, after = looked.before, looked.after
    key = school_key(looked.school.authority, looked.school.urn)
    moved = before.category != after.category.value
    if moved and looked.school.open_on(looked.day):
        public = after.category_is_public and not _was_apart(before)
        because, ref = _because(looked, change)
        event_id = uow.record(
            outbound.category_in_force_changed(
                looked.school.urn, before.category, after.category, _true_from(looked), because, ref
            ),
            key=key,
            because=cause,
            sensitivity=Sensitivity.PUBLIC if public else Sensitivity.RESTRICTED,
            told=public or told or change.take_on,
        )
        withheld = withheld or not (public or told or change.take_on)
        cause = replace(cause, causation_id=event_id)
    general, inspection = after.general, after.inspection
    if general is None or inspection is None or change.take_on or before.settled_on is None:
        return not withheld
    if _who(before.general) == general.who and _who(before.inspection) == inspection.who:
        return not withheld  # another category and the same speaker: nobody needs to be told who speaks (W-20)
    restricted = before.restricted or after.restricted
    policy = looked.facts.circumstances.policy_on(looked.day)
    with step("representation.reassign", cause=cause, urn=looked.school.urn) as reassigning:
        uow.record(
            outbound.representation_reassigned(
                looked.school.urn,
                general=(before.general, general),
                inspection=(before.inspection, inspection),
                valid_from=looked.day,
                policy=policy.name,
                policy_version=policy.version,
                category=after.category.value,
                cause="category-in-force" if moved and before.general is not None else _kind(looked, change),
            ),
            key=key,
            because=reassigning,
            sensitivity=Sensitivity.RESTRICTED if restricted else Sensitivity.INTERNAL,
            told=told or not restricted,
        )
    return not (withheld or (restricted and not told))


def _who(speaker: Speaker | None) -> object:
    return speaker.who if speaker is not None else None


def _was_restricted(before: Recorded) -> bool:
    return before.because == Because.LA_CATEGORY


def _was_apart(before: Recorded) -> bool:
    """Whether the category before was not what published outcomes gave: a change would show that (R0.8)."""
    return _was_restricted(before) or (before.settled_on is not None and before.category != before.public_category)


def _kind(looked: Looked, change: Change) -> str:
    """What a new day brings is a policy's doing where the authority has another from this day."""
    return "policy" if change.kind == "register" and looked.facts.policy_begins_on(looked.day) else change.kind


def _because(looked: Looked, change: Change) -> tuple[str, str]:
    """What changed the category: the fact that decides now, or the one that no longer does, or another policy."""
    before, after = looked.before, looked.after
    if change.take_on:
        return "take-on", after.category.ref
    if _kind(looked, change) == "policy":
        return "policy", f"{after.category.policy.name} {after.category.policy.version}"
    if _was_restricted(before) and not after.category.restricted:
        return Because.LA_CATEGORY.value, before.because_ref  # an entry was lifted
    if after.category.because is Because.NOTHING:
        return before.because, before.because_ref
    return after.category.because.value, after.category.ref


def _true_from(looked: Looked) -> date:
    """The day from which the category is true: for a late fact that is before the day on which it became known."""
    begins = looked.after.category.true_from
    if begins is None or _was_restricted(looked.before):
        return looked.day
    return begins
