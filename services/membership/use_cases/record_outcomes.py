"""Recording published outcomes: each begins its own story, many are written in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from services.membership import outbound
from services.membership.domain.category import (
    Because,
    Continuity,
    InspectedAfterPublication,
    NotYetPublished,
    Outcome,
)
from services.membership.domain.school import School
from services.membership.domain.standing import Facts, standing
from services.membership.store import outcomes as kept
from services.membership.store import representation
from services.membership.store.schools import schools
from services.membership.use_cases.correct_past import tell_correction
from services.membership.use_cases.hold import hold
from services.membership.use_cases.reroute import Change, Looked, reroute
from services.membership.use_cases.reviews import ask_by_outcome
from shared.contracts.envelope import school_key
from shared.messaging.cause import Cause
from shared.refusal import Invalid, NotFound, Refusal
from shared.store import UnitOfWork
from shared.telemetry import story

GO_LIVE = date(2023, 9, 1)  # what was published before is state and history: nobody reacts to it (D3.10)


class UnknownInspection(NotFound):
    def __init__(self, inspection_number: str, kind: str):
        super().__init__(f"No {kind} outcome of an inspection {inspection_number} is recorded")


class AlreadyWithdrawn(Refusal):
    def __init__(self, inspection_number: str):
        super().__init__(f"The outcome of inspection {inspection_number} has been withdrawn already")


class WhyIsMissing(Invalid):
    def __init__(self) -> None:
        super().__init__("Enter why the outcome is withdrawn: schools were answered by it")


@dataclass(frozen=True)
class Published:
    """An outcome as it is listed: for the school of today, with the URN that the inspected school had."""

    urn: str
    outcome: Outcome
    report_link: str | None = None


@dataclass(frozen=True)
class OutcomeRecorded:
    """``new`` is False where nothing changed; ``corrects`` where the inspection had been recorded otherwise."""

    urn: str
    inspection_number: str
    kind: str
    correlation_id: UUID
    new: bool
    corrects: bool = False


@dataclass(frozen=True)
class _News:
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
    def inspected(self) -> set[str]:
        return {self.outcome.urn, *([self.left] if self.left else [])}

    @property
    def schools(self) -> set[str]:
        return {self.listed.urn, *self.inspected}

    @property
    def since(self) -> date:
        """The first day on which it may change what was so."""
        return min(self.outcome.published_on, self.previous.published_on if self.previous else date.max)


async def record_outcomes(
    uow: UnitOfWork,
    listed: Sequence[Published],
    *,
    take_on: bool,
    source: str,
    as_at: date | None = None,
    batch_id: UUID | None = None,
    by_file: bool = False,
) -> list[OutcomeRecorded]:
    """Record these outcomes and look again at every school that one may count for.

    ``as_at`` is the day of the source, today for what somebody enters: where sources differ on an inspection, the
    later-dated one is believed, in whatever order they come (D3.11).

    Raises NotYetPublished for an outcome of a later day: there is nothing to tell before publication.
    """
    for each in listed:
        if each.outcome.published_on > uow.today:
            raise NotYetPublished(each.outcome.inspection_number, each.outcome.published_on)
        if each.outcome.published_on < each.outcome.inspection_started_on:
            raise InspectedAfterPublication(each.outcome.inspection_number)
    listed = [replace(each, outcome=replace(each.outcome, source_as_at=as_at or uow.today)) for each in listed]
    links = {Continuity(each.urn, each.outcome.urn) for each in listed if each.urn != each.outcome.urn}
    known = await _hold_all(uow, listed)
    linked = await kept.add_continuities(uow, links, source)
    stories: list[Cause] = []
    fresh: dict[int, _News] = {}
    affirmed: dict[tuple[str, str], Published] = {}
    for place, each in enumerate(listed):
        with story("outcome.record", import_row=by_file, batch_id=batch_id, part_of=uow.cause, urn=each.urn) as cause:
            stories.append(cause)
        before = known.get(each.outcome.identity)
        if before is not None and each.outcome.source_as_at < before.source_as_at:
            continue
        if before is None or not _says_the_same(before, each.outcome):
            fresh[place] = _News(each, before, cause)
            known[each.outcome.identity] = each.outcome
        elif each.outcome.source_as_at > before.source_as_at:
            affirmed[each.outcome.identity] = each
    await _write(uow, list(affirmed.values()), source)
    # An outcome from before the product was there is state and history; a correction of one that was told is news.
    backlog: list[_News] = []
    news: list[_News] = []
    for each_new in fresh.values():
        is_history = take_on or _is_history(each_new.outcome, uow.today)
        (backlog if is_history and each_new.previous is None else news).append(each_new)
    await _write(uow, [old.listed for old in backlog], source)
    await _look_again(uow, backlog, linked)
    for wave in _waves(news):
        await _write(uow, [each.listed for each in wave], source)
        await _publish(uow, wave)
    return [
        OutcomeRecorded(
            each.urn,
            each.outcome.inspection_number,
            each.outcome.kind,
            stories[place].correlation_id,
            place in fresh,
            place in fresh and fresh[place].previous is not None,
        )
        for place, each in enumerate(listed)
    ]


async def inspected_school(uow: UnitOfWork, inspection_number: str, kind: str) -> str:
    """The URN of the school of that inspection. Raises UnknownInspection."""
    return (await _inspection(uow, inspection_number, kind)).urn


async def _inspection(uow: UnitOfWork, inspection_number: str, kind: str) -> Outcome:
    known = (await kept.inspections(uow, [inspection_number])).get((inspection_number, kind))
    if known is None:
        raise UnknownInspection(inspection_number, kind)
    return known


async def withdraw_outcome(
    uow: UnitOfWork, inspection_number: str, kind: str, *, reason: str, withdrawn_by: str
) -> OutcomeRecorded:
    """An outcome that should never have been recorded counts no more; what was told of it stays told (R0.4).

    A source of a later day that lists it again is believed again.
    """
    if not reason.strip():
        raise WhyIsMissing
    listed = await _inspection(uow, inspection_number, kind)
    known = (await _hold_all(uow, [Published(listed.urn, listed)]))[listed.identity]
    if known.withdrawn:
        raise AlreadyWithdrawn(inspection_number)
    taken_back = replace(known, withdrawn=True, source_as_at=max(uow.today, known.source_as_at))
    news = _News(Published(known.urn, taken_back), known, uow.cause)
    await kept.add_outcomes(uow, [(taken_back, None)], withdrawn_by, reason=reason)
    await _publish(uow, [news])
    return OutcomeRecorded(known.urn, inspection_number, kind, uow.cause.correlation_id, True, True)


async def _hold_all(uow: UnitOfWork, listed: Sequence[Published]) -> dict[tuple[str, str], Outcome]:
    """Lock every school for which one of these may count, and read afresh what is known of the inspections."""
    numbers = {each.outcome.inspection_number for each in listed}
    held: set[str] = set()
    wanted = {urn for each in listed for urn in (each.urn, each.outcome.urn)}
    known: dict[tuple[str, str], Outcome] = {}
    while newcomers := wanted - held:  # a link or another listing may have been recorded while we waited for the locks
        await hold(uow, newcomers)
        held |= newcomers
        known = await kept.inspections(uow, numbers)
        wanted |= {each.urn for each in known.values()}
        wanted |= set(await representation.heirs(uow, wanted))
    return known


async def _write(uow: UnitOfWork, listed: Sequence[Published], source: str) -> None:
    await kept.add_outcomes(uow, [(each.outcome, each.report_link) for each in listed], source)


async def _look_again(uow: UnitOfWork, backlog: Sequence[_News], linked: set[str]) -> None:
    """Take-on: the state that history leaves, told once a school and with no reaction."""
    urns = {each.outcome.urn for each in backlog}
    urns |= set(await representation.heirs(uow, urns)) | linked
    if urns:
        causes = {urn: Cause.story(batch_id=uow.cause.batch_id) for urn in urns}
        await reroute(uow, urns, Change("take-on", causes, take_on=True))


async def _publish(uow: UnitOfWork, wave: Sequence[_News]) -> None:
    """One wave: at most one outcome a school, so that each gets its own before and after."""
    told = {urn: each for each in wave for urn in each.inspected}
    inspected = await schools(uow, told)
    heirs = await uow.rows(
        "select urn, predecessor_urn from continuity where predecessor_urn = any($1::text[])", sorted(told)
    )
    about = dict(told) | {row.urn: told[row.predecessor_urn] for row in heirs if row.urn not in told}

    def outcome_first(looked: Looked) -> Cause:
        news: _News = about[looked.school.urn]
        before, after = looked.before, looked.after
        effect = outbound.PublicEffect(
            before.public_category, after.public_category.value, before.public_role, after.public_role
        )
        key = school_key(looked.school.authority, looked.school.urn)
        if _is_told_of_the_end(looked, news, inspected):
            moved = looked.school.urn == news.left
            fact = outbound.outcome_withdrawn(news.previous or news.outcome, looked.school, moved=moved, effect=effect)
            return replace(news.story, causation_id=uow.record(fact, key=key, because=news.story))
        if news.outcome.withdrawn or not _is_told_of(looked, news.outcome, inspected.get(news.outcome.urn)):
            return news.story
        published = outbound.outcome_published(
            news.outcome,
            looked.school,
            report_link=news.listed.report_link,
            corrects=news.previous is not None and not news.previous.withdrawn and news.left is None,
            effect=effect,
        )
        return replace(news.story, causation_id=uow.record(published, key=key, because=news.story))

    causes = {urn: each.story for urn, each in about.items()}
    looked = await reroute(uow, about, Change("category-in-force", causes, first=outcome_first))
    for each in looked:
        await ask_by_outcome(uow, each, about[each.school.urn].outcome, about[each.school.urn].story)
        _correct_history(uow, each, about[each.school.urn])


def _correct_history(uow: UnitOfWork, looked: Looked, news: _News) -> None:
    """An outcome that comes late and changes nothing today may still change what was so: stored, never acted on."""
    if news.since >= looked.day:
        return
    others = [each for each in looked.facts.outcomes if each.identity != news.outcome.identity]
    without = replace(looked.facts, outcomes=[*others, *([news.previous] if news.previous else [])])
    if _present(looked, without) != looked.after.category.value:
        return  # the change of today says itself since when it is true
    tell_correction(uow, without, looked, news.since, news.story)


def _present(looked: Looked, without: Facts) -> int | None:
    """The category until now: what was told last, or what was so while nothing was told."""
    if looked.school.open_on(looked.day):
        return looked.before.category
    return standing(without, looked.day).category.value


def _is_told_of(looked: Looked, outcome: Outcome, inspected: School | None) -> bool:
    """An outcome is told of the school that was inspected; where that is gone, of the open school that inherits it."""
    if outcome.urn == looked.school.urn:
        return looked.school.open_on(looked.day)
    if inspected is not None and inspected.open_on(looked.day):
        return False
    category = looked.after.public_category
    return (
        looked.school.open_on(looked.day)
        and category.because is Because.INHERITED
        and category.ref == outcome.inspection_number
    )


def _is_told_of_the_end(looked: Looked, news: _News, inspected: Mapping[str, School]) -> bool:
    """Of an outcome that counts no more, the school hears for which it was told."""
    if not news.outcome.withdrawn and looked.school.urn != news.left:
        return False
    gone = news.previous or news.outcome
    if gone.urn == looked.school.urn:
        return looked.school.open_on(looked.day)
    school = inspected.get(gone.urn)
    return (school is None or not school.open_on(looked.day)) and looked.before.because_ref == gone.inspection_number


def _is_history(outcome: Outcome, today: date) -> bool:
    return outcome.published_on < GO_LIVE <= today


def _says_the_same(known: Outcome, new: Outcome) -> bool:
    return replace(known, recorded_at=new.recorded_at, source_as_at=new.source_as_at) == new


def _waves(news: Sequence[_News]) -> list[list[_News]]:
    """In order of publication, the n-th outcome of each school in the n-th wave.

    Schools that continue one another share a wave only where they were inspected under one URN: there it is one fact.
    """
    waves: list[list[_News]] = []
    seen: dict[str, int] = {}
    for each in sorted(news, key=lambda each: each.outcome.in_order):
        turn = max(seen.get(urn, 0) for urn in each.schools)
        if turn == len(waves):
            waves.append([])
        waves[turn].append(each)
        seen |= dict.fromkeys(each.schools, turn + 1)
    return waves
