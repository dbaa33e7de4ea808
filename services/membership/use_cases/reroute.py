"""The one pipeline behind every change: look at the schools again, and tell what really changed.

Whoever changes something calls `hold` (hold.py) first, then writes the change, then calls `reroute`. Everything is
read afresh under the locks, and every statement serves all schools at once.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID

from services.membership import outbound
from services.membership.domain.category import Because
from services.membership.domain.known import CONFIRMATION_BEGINS
from services.membership.domain.representation import Speaker
from services.membership.domain.school import School
from services.membership.domain.standing import Facts, Standing, next_change, standing
from services.membership.domain.trust import trust_on
from services.membership.store import representation, schools
from services.membership.store.answers import AS_IS, AS_TOLD, Decided, Record, Recorded
from services.membership.store.facts import facts_of
from services.membership.store.schools import OnTheDay
from services.membership.store.withheld import withhold, withhold_from_heirs
from services.membership.use_cases.as_told import as_told_of
from services.membership.use_cases.ask_reviews import Asking, ask_what_has_come
from services.membership.use_cases.propose import Proposing, propose
from shared.contracts.envelope import school_key
from shared.contracts.membership import CategoryInForceChanged, RepresentationReassigned
from shared.contracts.registry import Sensitivity
from shared.messaging.cause import Cause
from shared.store import UnitOfWork
from shared.telemetry import step


@dataclass(frozen=True)
class Looked:
    """One school, looked at: what was decided before, what is decided now. ``passed``: another authority had it until now."""

    school: School
    before: Recorded
    after: Standing
    day: date
    cause: Cause
    facts: Facts
    passed: bool = False

    @property
    def spoke(self) -> Recorded:
        """What was decided before. Where the desk of the authority that had the school spoke and this one's does now, nobody
        did: they bear one name and are two desks (W-17, W-18)."""
        if not self.passed:
            return self.before
        general = _unless_the_others_desk(self.before.general, self.after.general)
        inspection = _unless_the_others_desk(self.before.inspection, self.after.inspection)
        return replace(self.before, general=general, inspection=inspection)


def _unless_the_others_desk(before: Speaker | None, after: Speaker | None) -> Speaker | None:
    return None if before is not None and before.role.is_desk and _who(before) == _who(after) else before


@dataclass(frozen=True)
class Change:
    """Why the schools are looked at again.

    ``kind`` is what a reassignment names as its cause when the category didn't cause it. ``restricted``: the change
    is an act inside the council, so the school must be told before it leaves school improvement (R0.8).
    ``take_on``: state, not news; nobody reacts. ``passed``: the schools that another authority had until now. ``first``
    records the fact that began the story, school by school, and gives the cause of what follows from it.
    """

    kind: str
    causes: Mapping[str, Cause]
    restricted: bool = False
    take_on: bool = False
    passed: Collection[str] = ()
    first: Callable[[Looked], Cause] | None = None
    days: Mapping[str, date] = field(default_factory=dict)


async def reroute(uow: UnitOfWork, urns: Iterable[str], change: Change) -> list[Looked]:
    """Decide again for locked schools and record what changed. Schools that the register lacks are passed over."""
    before = await representation.recorded(uow, sorted(set(urns)))
    days = {urn: max(change.days.get(urn, uow.today), known.settled_on or date.min) for urn, known in before.items()}
    facts = await facts_of(uow, days)
    await _announce_what_the_day_changed(uow, facts, days, change)
    waiting = await as_told_of(uow, facts, days)
    looked: list[Looked] = []
    shown: list[Looked] = []
    withheld: list[tuple[str, UUID, date]] = []
    begun: list[tuple[str, UUID, UUID]] = []
    for urn in sorted(facts):
        each = _look(facts[urn], before[urn], days[urn], change.causes.get(urn) or uow.cause, urn in change.passed)
        if change.first is not None:
            each = replace(each, cause=change.first(each))
        looked.append(each)
        as_told = waiting.get(urn)
        known = each if as_told is None else _look(as_told.facts, as_told.before, days[urn], each.cause, each.passed)
        may_know = _may_know(known, change)
        if may_know and as_told is not None:
            shown.append(known)
        if not _tell(uow, each, known if may_know else None, change):
            withheld.append((urn, each.cause.correlation_id, days[urn]))
            begun += [(urn, each.cause.correlation_id, fact_id) for fact_id in _begins_for_an_heir(each)]
    await withhold(uow, withheld)
    await withhold_from_heirs(uow, CONFIRMATION_BEGINS, begun)
    await _save(uow, looked)
    await _save(uow, shown, AS_TOLD)
    if not change.restricted:
        # Those of which a confirmation waits from now on are looked at again, for what else is so from this day on.
        later = waiting.keys() - {urn for urn, _, _ in begun}
        await representation.put_off_as_told(uow, {urn: next_change(waiting[urn].facts, days[urn]) for urn in later})
    await propose(uow, [Proposing(each.facts, each.day, each.cause) for each in looked], state_only=change.take_on)
    await ask_what_has_come(
        uow,
        [
            Asking(each.facts, each.day, each.before.settled_on, each.before.general is None, each.cause)
            for each in looked
        ],
    )
    return looked


async def know_again(uow: UnitOfWork, urn: str) -> None:
    """The locked school was told of a part of what was held back: from today on that counts in what it knows of itself.

    Nobody is told of it: what was held back of that part goes out, and says it.
    """
    days = {urn: uow.today}
    facts = await facts_of(uow, days)
    for each in (await as_told_of(uow, facts, days)).values():
        known = _look(each.facts, each.before, uow.today, uow.cause)
        await _save(uow, [known], AS_TOLD)


def _look(facts: Facts, before: Recorded, day: date, cause: Cause, passed: bool = False) -> Looked:
    return Looked(facts.circumstances.school, before, standing(facts, day), day, cause, facts, passed)


async def _save(uow: UnitOfWork, looked: Sequence[Looked], of: Record = AS_IS) -> None:
    before = {each.school.urn: each.spoke for each in looked}
    await representation.save(uow, [_decided(each) for each in looked], before, of)


def _decided(looked: Looked) -> Decided:
    school, day = looked.school, looked.day
    policy = looked.facts.circumstances.policy_on(day)
    follows = next_change(looked.facts, day)
    return Decided(school.urn, day, looked.after, school.open_on(day), follows, policy, looked.cause.correlation_id)


def _may_know(looked: Looked, change: Change) -> bool:
    """Whether the school may know at once of what this look brings.

    An act inside the council is nothing to it yet, and neither is a category that published outcomes don't give,
    whatever brought it, nor the first answer that rests on one (R0.8).
    """
    news = looked.before.category != looked.after.category.value or looked.before.general is None
    apart = news and not looked.after.category_is_public
    return not change.restricted and (change.take_on or not apart)


def _begins_for_an_heir(looked: Looked) -> list[UUID]:
    """What an officer confirmed from this very day for a school that it carries on, where nothing published gives it (R0.8)."""
    after = looked.after
    begins = after.category.because is Because.PROPOSAL and after.category.facts.get("from") == str(looked.day)
    if not begins or after.category_is_public or "confirmed_for" not in after.category.facts:
        return []
    return [UUID(after.category.ref)] if _moved(looked) and looked.school.open_on(looked.day) else []


async def _announce_what_the_day_changed(
    uow: UnitOfWork, facts: Mapping[str, Facts], days: Mapping[str, date], change: Change
) -> None:
    """Publish the schools that have opened, closed or gone to another trust since they were looked at last.

    Here, since every look passes here: on the first of September the same schools change their chair, their head or
    their leader, and whatever is done first has looked at them for the day.
    """
    now = {
        urn: OnTheDay(around.school.open_on(days[urn]), trust_on(around.trusts, days[urn]))
        for urn, around in ((urn, each.circumstances) for urn, each in facts.items())
    }
    for urn, each in sorted((await schools.note_the_day(uow, now)).items()):
        story_of = Cause.story() if change.restricted else change.causes.get(urn) or uow.cause
        key = school_key(each.school.authority, urn)
        uow.record(outbound.school_recorded(each.school, days[urn]), key=key, because=story_of)


def _tell(uow: UnitOfWork, looked: Looked, known: Looked | None, change: Change) -> bool:
    """Record what changed for one school. False where something recorded has to wait for the school to be told.

    ``known``: the school as it knows itself, which is ``looked`` where nothing is held back; None where it may know
    nothing of this. What is the same in both is told; else each is recorded by itself (docs/decisions/0013).
    """
    cause, category_is_told = _tell_category(uow, looked, known, change)
    real = _reassigned(looked, change)
    shown = _reassigned(known, change) if known is not None else None
    alike = known is not None and _speakers(looked) == _speakers(known)
    if shown is not None and known is not None:
        fact = shown if alike else outbound.representation_as_told_changed(shown)
        _tell_speakers(uow, known, fact, cause, told=True)
    if real is not None and not alike:
        _tell_speakers(uow, looked, real, cause, told=False)
    return category_is_told and (real is None or alike)


def _tell_category(uow: UnitOfWork, looked: Looked, known: Looked | None, change: Change) -> tuple[Cause, bool]:
    """The cause of what follows, and whether the school may know of the category."""
    before, after = looked.before, looked.after
    alike = known is not None and _categories(looked) == _categories(known)
    key = school_key(looked.school.authority, looked.school.urn)
    if known is not None and not alike and _changed(known):
        shown = outbound.category_as_told_changed(_category_changed(known, change))
        uow.record(shown, key=key, because=known.cause, sensitivity=Sensitivity.RESTRICTED, told=True)
    if not _changed(looked):
        return looked.cause, True
    told = change.take_on or alike
    public = told and after.category_is_public and not _was_apart(before)
    event_id = uow.record(
        _category_changed(looked, change),
        key=key,
        because=looked.cause,
        sensitivity=Sensitivity.PUBLIC if public else Sensitivity.RESTRICTED,
        told=told,
    )
    return replace(looked.cause, causation_id=event_id), told


def _changed(looked: Looked) -> bool:
    """Of a school that is closed, or not open yet, no category is told."""
    return _moved(looked) and looked.school.open_on(looked.day)


def _category_changed(looked: Looked, change: Change) -> CategoryInForceChanged:
    because, ref = _because(looked, change)
    return outbound.category_in_force_changed(
        looked.school.urn, looked.before.category, looked.after.category, _true_from(looked), because, ref
    )


def _reassigned(looked: Looked, change: Change) -> RepresentationReassigned | None:
    """That another speaks; None where nobody does, or the same, or it is no news.

    Another category and the same speaker: nobody needs to be told who speaks (W-20).
    """
    before, general, inspection = looked.spoke, looked.after.general, looked.after.inspection
    if general is None or inspection is None or change.take_on or before.settled_on is None:
        return None
    if _who(before.general) == general.who and _who(before.inspection) == inspection.who:
        return None
    policy = looked.facts.circumstances.policy_on(looked.day)
    return outbound.representation_reassigned(
        looked.facts.circumstances,
        general=(before.general, general),
        inspection=(before.inspection, inspection),
        valid_from=looked.day,
        policy=policy.name,
        policy_version=policy.version,
        category=looked.after.category.value,
        cause="category-in-force" if _moved(looked) and looked.before.general is not None else _kind(looked, change),
    )


def _tell_speakers(
    uow: UnitOfWork, looked: Looked, fact: RepresentationReassigned, cause: Cause, *, told: bool
) -> None:
    restricted = looked.before.restricted or looked.after.restricted or not told
    with step("representation.reassign", cause=cause) as reassigning:
        uow.record(
            fact,
            key=school_key(looked.school.authority, looked.school.urn),
            because=reassigning,
            sensitivity=Sensitivity.RESTRICTED if restricted else Sensitivity.INTERNAL,
            told=told,
        )


def _moved(looked: Looked) -> bool:
    return looked.before.category != looked.after.category.value


def _categories(looked: Looked) -> object:
    return looked.before.category, looked.after.category.value


def _speakers(looked: Looked) -> object:
    before, after = looked.spoke, looked.after
    return _who(before.general), _who(before.inspection), _who(after.general), _who(after.inspection)


def _who(speaker: Speaker | None) -> object:
    return speaker.who if speaker is not None else None


def _was_restricted(before: Recorded) -> bool:
    return before.because == Because.LA_CATEGORY


def _was_apart(before: Recorded) -> bool:
    """Whether the category before was not what published outcomes gave: a change would show that (R0.8)."""
    return _was_restricted(before) or (before.settled_on is not None and before.category != before.public_category)


def _kind(looked: Looked, change: Change) -> str:
    """What the register or a new day brings, by a better name where there is one."""
    if change.kind != "register":
        return change.kind
    if looked.facts.policy_begins_on(looked.day):
        return "policy"
    return "trust" if _another_for_the_trust(looked) else "register"


def _another_for_the_trust(looked: Looked) -> bool:
    """Whether somebody else, or another trust, answers for the school's trust, and nothing else has changed."""
    before, after = looked.before, looked.after
    pairs = [(before.general, after.general), (before.inspection, after.inspection)]
    changed = [(old, new) for old, new in pairs if _who(old) != _who(new)]
    return bool(changed) and all(old and new and old.of_the_trust and new.of_the_trust for old, new in changed)


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
