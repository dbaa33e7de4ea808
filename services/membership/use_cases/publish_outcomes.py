"""Publishing outcomes of locked schools: one at a time for each school, so that each tells its own before and after."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from services.membership import outbound
from services.membership.domain.category import PROPOSE, Because, Category, Outcome
from services.membership.domain.school import School
from services.membership.domain.standing import Facts, by_publication
from services.membership.store.schools import schools
from services.membership.use_cases.correct_past import Late, tell_corrections
from services.membership.use_cases.reroute import Change, Looked, reroute
from services.membership.use_cases.reviews import ask_by_outcome
from shared.contracts.envelope import school_key
from shared.messaging.cause import Cause
from shared.store import UnitOfWork

Heirs = Mapping[str, Collection[str]]  # of each school those that continue it


@dataclass(frozen=True)
class Published:
    """An outcome as it is listed: for the school of today, with the URN that the inspected school had."""

    urn: str
    outcome: Outcome
    report_link: str | None = None


@dataclass(frozen=True)
class News:
    """One outcome that differs from what was known, with what was known of it."""

    listed: Published
    previous: Outcome | None
    story: Cause

    @property
    def outcome(self) -> Outcome:
        return self.listed.outcome

    @property
    def left(self) -> str | None:
        """The school under which the inspection was recorded wrongly."""
        if self.previous is None or self.previous.withdrawn or self.previous.urn == self.outcome.urn:
            return None
        return self.previous.urn

    @property
    def takes_back(self) -> bool:
        """Whether the outcome counts no more for a school of which it was told. Where it counts on, it is told as it is now."""
        return self.outcome.withdrawn or self.left is not None

    @property
    def corrects(self) -> bool:
        return self.previous is not None and not self.previous.withdrawn and self.left is None

    @property
    def inspected(self) -> set[str]:
        return {self.outcome.urn, *([self.left] if self.left else [])}

    @property
    def since(self) -> date:
        """The first day on which it may change what was so."""
        return min(self.outcome.published_on, self.previous.published_on if self.previous else date.max)

    def schools(self, heirs: Heirs) -> set[str]:
        """The schools for which it may count."""
        return {*self.inspected, *(urn for each in self.inspected for urn in heirs.get(each, ()))}


def waves(news: Iterable[News], heirs: Heirs) -> list[list[News]]:
    """In order of publication, the n-th outcome of each school in the n-th wave.

    A school that continues others has their outcomes for its own: of two that count for it each has its turn.
    """
    found: list[list[News]] = []
    seen: dict[str, int] = {}
    for each in sorted(news, key=lambda each: each.outcome.in_order):
        here = each.schools(heirs)
        turn = max(seen.get(urn, 0) for urn in here)
        if turn == len(found):
            found.append([])
        found[turn].append(each)
        seen |= dict.fromkeys(here, turn + 1)
    return found


def without(facts: Facts, news: Iterable[News]) -> Facts:
    """What was known of the school before these were learned."""
    learned = {each.outcome.identity: each.previous for each in news}
    known = [each for each in facts.outcomes if each.identity not in learned]
    return replace(facts, outcomes=[*known, *(previous for previous in learned.values() if previous is not None)])


async def publish(uow: UnitOfWork, wave: Sequence[News], heirs: Heirs) -> None:
    """Tell of outcomes that are written, at most one a school, and of what follows from each today and in the past."""
    inspected = await schools(uow, {urn for each in wave for urn in each.inspected})
    about = {urn: each for each in wave for urn in each.schools(heirs)}

    def outcome_first(looked: Looked) -> Cause:
        news = about[looked.school.urn]
        effect = _effect(looked)
        key = school_key(looked.school.authority, looked.school.urn)
        heard_before = (news.takes_back or news.corrects) and _had_heard(looked, news, inspected)
        is_told = _is_told_of(looked, news.outcome, inspected.get(news.outcome.urn))
        if is_told or (heard_before and not news.takes_back):  # corrected, it may decide no more where it is inherited
            published = outbound.outcome_published(
                news.outcome,
                looked.school,
                report_link=news.listed.report_link,
                corrects=heard_before or news.corrects,
                effect=effect,
            )
            return replace(news.story, causation_id=uow.record(published, key=key, because=news.story))
        if heard_before:
            moved = not news.outcome.withdrawn
            fact = outbound.outcome_withdrawn(news.previous or news.outcome, looked.school, moved=moved, effect=effect)
            return replace(news.story, causation_id=uow.record(fact, key=key, because=news.story))
        return news.story

    causes = {urn: each.story for urn, each in about.items()}
    looked = await reroute(uow, about, Change("category-in-force", causes, first=outcome_first))
    late = []
    for each in looked:
        news = about[each.school.urn]
        await ask_by_outcome(uow, each, news.outcome, news.story)
        late.append(Late(without(each.facts, [news]), each.facts, news.since, news.story))
    await tell_corrections(uow, late)


def _effect(looked: Looked) -> outbound.PublicEffect:
    """What the public may infer. Where an officer confirms, a report moves nobody: of who speaks it says nothing (N-05)."""
    before, after = looked.before, looked.after
    categories = (before.public_category, after.public_category.value)
    proposing = looked.facts.category_policy_on(looked.day).name == PROPOSE
    return outbound.PublicEffect(*categories, *((None, None) if proposing else (before.public_role, after.public_role)))


def _is_told_of(looked: Looked, outcome: Outcome, inspected: School | None) -> bool:
    """An outcome is told of the school that was inspected; where that is gone, of the open school that inherits it."""
    return not outcome.withdrawn and _hears(looked, outcome, inspected, looked.after.public_category)


def _had_heard(looked: Looked, news: News, inspected: Mapping[str, School]) -> bool:
    """Whether the outcome was told of this school as it was known before: as its own, or as one that it inherited.

    By what published outcomes gave before: what an entry of the authority covers must not show in what is told (R0.8).
    """
    gone = news.previous or news.outcome
    before = by_publication(without(looked.facts, [news]), looked.day)
    return _hears(looked, gone, inspected.get(gone.urn), before)


def _hears(looked: Looked, outcome: Outcome, inspected: School | None, public: Category) -> bool:
    if not looked.school.open_on(looked.day):
        return False
    if outcome.urn == looked.school.urn:
        return True
    if inspected is not None and inspected.open_on(looked.day):
        return False
    return public.because is Because.INHERITED and public.ref == outcome.inspection_number
