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
from services.membership.domain.standing import category_corrected
from services.membership.store import outcomes as kept
from services.membership.store import representation
from services.membership.store.facts import facts_of
from services.membership.store.schools import schools
from services.membership.use_cases.hold import hold
from services.membership.use_cases.reroute import Change, Looked, reroute
from shared.contracts.envelope import school_key
from shared.messaging.cause import Cause
from shared.store import UnitOfWork
from shared.telemetry import story

GO_LIVE = date(2023, 9, 1)  # what was published before is state and history: nobody reacts to it (D3.10)


@dataclass(frozen=True)
class Published:
    """An outcome as it is listed: for the school of today, with the URN that the inspected school had."""

    urn: str
    outcome: Outcome
    report_link: str | None = None


@dataclass(frozen=True)
class OutcomeRecorded:
    urn: str
    inspection_number: str
    kind: str
    correlation_id: UUID
    new: bool


async def record_outcomes(
    uow: UnitOfWork,
    listed: Sequence[Published],
    *,
    take_on: bool,
    source: str,
    batch_id: UUID | None = None,
    by_file: bool = False,
) -> list[OutcomeRecorded]:
    """Record these outcomes and look again at every school that one may count for.

    Raises NotYetPublished for an outcome of a later day: there is nothing to tell before publication.
    """
    for each in listed:
        if each.outcome.published_on > uow.today:
            raise NotYetPublished(each.outcome.inspection_number, each.outcome.published_on)
        if each.outcome.published_on < each.outcome.inspection_started_on:
            raise InspectedAfterPublication(each.outcome.inspection_number)
    links = {Continuity(each.urn, each.outcome.urn) for each in listed if each.urn != each.outcome.urn}
    inspected = {each.outcome.urn for each in listed}
    held: set[str] = set()
    wanted = {*inspected, *(each.urn for each in links), *await representation.heirs(uow, inspected)}
    while newcomers := wanted - held:  # a link may have been recorded while we waited for the locks
        await hold(uow, newcomers)
        held |= newcomers
        wanted |= set(await representation.heirs(uow, inspected))
    linked = await kept.add_continuities(uow, links, source)
    known = await kept.outcomes(uow, inspected)
    stories: dict[int, Cause] = {}
    fresh: list[int] = []
    for place, each in enumerate(listed):
        with story("outcome.record", import_row=by_file, batch_id=batch_id, part_of=uow.cause, urn=each.urn) as cause:
            stories[place] = cause
        identity = (each.outcome.urn, each.outcome.inspection_number, each.outcome.kind)
        if known.get(identity) is None or not _says_the_same(known[identity], each.outcome):
            known[identity] = each.outcome
            fresh.append(place)
    backlog = [place for place in fresh if take_on or _is_history(listed[place].outcome, uow.today)]
    await _write(uow, [listed[place] for place in backlog], source)
    news = [place for place in fresh if place not in set(backlog)]
    await _look_again(uow, [listed[place] for place in backlog], linked, stories=None)
    for wave in _waves(news, listed):
        told = {listed[place].outcome.urn: (listed[place], stories[place]) for place in wave}
        await _write(uow, [listed[place] for place in wave], source)
        await _publish(uow, told)
    return [
        OutcomeRecorded(
            each.urn,
            each.outcome.inspection_number,
            each.outcome.kind,
            stories[place].correlation_id,
            place in set(fresh),
        )
        for place, each in enumerate(listed)
    ]


async def _write(uow: UnitOfWork, listed: Sequence[Published], source: str) -> None:
    await kept.add_outcomes(uow, [(each.outcome, each.report_link) for each in listed], source)


async def _look_again(
    uow: UnitOfWork, backlog: Sequence[Published], linked: set[str], stories: Mapping[str, Cause] | None
) -> None:
    """Take-on: the state that history leaves, told once a school and with no reaction."""
    urns = {each.outcome.urn for each in backlog}
    urns |= set(await representation.heirs(uow, urns)) | linked
    if urns:
        causes = stories or {urn: Cause.story(batch_id=uow.cause.batch_id) for urn in urns}
        await reroute(uow, urns, Change("take-on", causes, take_on=True))


async def _publish(uow: UnitOfWork, told: Mapping[str, tuple[Published, Cause]]) -> None:
    """One wave: at most one outcome a school, so that each gets its own before and after."""
    inspected = await schools(uow, told)
    heirs = await uow.rows(
        "select urn, predecessor_urn from continuity where predecessor_urn = any($1::text[])", sorted(told)
    )
    origin = {urn: urn for urn in told} | {row.urn: row.predecessor_urn for row in heirs if row.urn not in told}

    def outcome_first(looked: Looked) -> Cause:
        listed, cause = told[origin[looked.school.urn]]
        if not _is_told_of(looked, listed.outcome, inspected.get(listed.outcome.urn)):
            return cause
        event_id = uow.record(
            outbound.outcome_published(
                listed.outcome,
                looked.school,
                report_link=listed.report_link,
                public_category=(looked.before.public_category, looked.after.public_category.value),
                public_role=(looked.before.public_role, looked.after.public_role),
            ),
            key=school_key(looked.school.authority, looked.school.urn),
            because=cause,
        )
        return replace(cause, causation_id=event_id)

    causes = {urn: told[inspected_urn][1] for urn, inspected_urn in origin.items()}
    looked = await reroute(uow, origin, Change("category-in-force", causes, first=outcome_first))
    unmoved = {
        each.school.urn: told[origin[each.school.urn]][0].outcome
        for each in looked
        if each.before.category == each.after.category.value
        and told[origin[each.school.urn]][0].outcome.published_on < uow.today
    }
    await _correct_history(uow, unmoved, causes)


async def _correct_history(uow: UnitOfWork, late: Mapping[str, Outcome], causes: Mapping[str, Cause]) -> None:
    """An outcome that arrived late and changes nothing today may still change what was so: stored, never acted on."""
    facts = await facts_of(uow, dict.fromkeys(late, uow.today)) if late else {}
    for urn, known in sorted(facts.items()):
        outcome = late[urn]
        without = replace(known, outcomes=[each for each in known.outcomes if not _is_the_same(each, outcome)])
        wrong = category_corrected(without, known, outcome.published_on, uow.today)
        if wrong is not None:
            uow.record(
                outbound.history_corrected(urn, "category-in-force", *wrong),
                key=school_key(known.circumstances.school.authority, urn),
                because=causes[urn],
            )


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


def _is_history(outcome: Outcome, today: date) -> bool:
    return outcome.published_on < GO_LIVE <= today


def _is_the_same(one: Outcome, other: Outcome) -> bool:
    return (one.urn, one.inspection_number, one.kind) == (other.urn, other.inspection_number, other.kind)


def _says_the_same(known: Outcome, new: Outcome) -> bool:
    return replace(known, recorded_at=new.recorded_at) == new


def _waves(places: Sequence[int], listed: Sequence[Published]) -> list[list[int]]:
    """In order of publication, the n-th outcome of each school in the n-th wave.

    Schools that continue one another share a wave only where they were inspected under one URN: there it is one fact.
    """
    waves: list[list[int]] = []
    seen: dict[str, int] = {}
    for place in sorted(places, key=lambda place: listed[place].outcome.in_order):
        each = listed[place]
        turn = max(seen.get(each.outcome.urn, 0), seen.get(each.urn, 0))
        if turn == len(waves):
            waves.append([])
        waves[turn].append(place)
        seen[each.outcome.urn] = seen[each.urn] = turn + 1
    return waves
