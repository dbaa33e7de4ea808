"""Recording published outcomes: each begins its own story, many are written in one transaction."""

from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from services.membership.domain.category import (
    Continuity,
    InspectedAfterPublication,
    NotYetPublished,
    Outcome,
    must_have_judgement,
)
from services.membership.domain.standing import Facts
from services.membership.store import asks, representation, two_kinds, two_numbers
from services.membership.store import outcomes as kept
from services.membership.store.schools import schools
from services.membership.store.two_kinds import OtherKind
from services.membership.store.two_numbers import TwoNumbers
from services.membership.use_cases.correct_past import Late, tell_corrections
from services.membership.use_cases.hold import hold
from services.membership.use_cases.keep_register import settle_closings
from services.membership.use_cases.publish_outcomes import News, publish, waves, without
from services.membership.use_cases.publish_outcomes import Published as Published
from services.membership.use_cases.reroute import Change, reroute
from services.membership.use_cases.reviews import ask_by_outcome
from shared.messaging.cause import Cause, new_id
from shared.store import UnitOfWork
from shared.telemetry import story

GO_LIVE = date(2023, 9, 1)  # what was published before is state and history: nobody hears of it as news (D3.10)


@dataclass(frozen=True)
class OutcomeRecorded:
    """``new`` is False where nothing changed; ``corrects`` where the inspection had been recorded otherwise.

    ``stands_beside``: what was entered by hand of the same school and day under another number, or is listed so.
    ``listed_as``: files list it as of the one kind only, and it was entered by hand as of the other.
    """

    urn: str
    inspection_number: str
    kind: str
    correlation_id: UUID
    new: bool
    corrects: bool = False
    stands_beside: tuple[TwoNumbers, ...] = ()
    listed_as: OtherKind | None = None


async def record_outcomes(
    uow: UnitOfWork,
    listed: Sequence[Published],
    *,
    take_on: bool,
    source: str,
    as_at: date | None = None,
    batch_id: UUID | None = None,
    by_file: bool = False,
    once_held: Callable[[], Awaitable[None]] | None = None,
) -> list[OutcomeRecorded]:
    """Record these outcomes and look again at every school that one may count for.

    ``as_at`` is the day of the source, today for what somebody enters: where sources differ on an inspection, the
    later-dated one is believed, in whatever order they come (D3.11). What an officer has withdrawn no file brings back.
    ``once_held``: what has to be looked at once more when every school is locked, before anything is written.

    Raises NotYetPublished for an outcome of a later day: there is nothing to tell before publication.
    """
    for each in listed:
        if each.outcome.published_on > uow.today:
            raise NotYetPublished(each.outcome.inspection_number, each.outcome.published_on)
        if each.outcome.published_on < each.outcome.inspection_started_on:
            raise InspectedAfterPublication(each.outcome.inspection_number)
        if source == kept.ENTERED:
            must_have_judgement(each.outcome)
    listed = [replace(each, outcome=replace(each.outcome, source_as_at=as_at or uow.today)) for each in listed]
    links = {Continuity(each.urn, each.outcome.urn) for each in listed if each.urn != each.outcome.urn}
    known = await hold_all(uow, listed)
    if once_held is not None:
        await once_held()
    linked = await kept.add_continuities(uow, links, source)
    await settle_closings(uow, {each.predecessor_urn for each in linked})
    stories: list[Cause] = []
    fresh: dict[int, News] = {}
    affirmed: dict[tuple[str, str], Published] = {}
    elsewhere: dict[kept.Said, Published] = {}
    passed_over: dict[tuple[str, str], Published] = {}
    for place, each in enumerate(listed):
        with story("outcome.record", import_row=by_file, batch_id=batch_id, part_of=uow.cause) as cause:
            stories.append(cause)
        before = known.get(each.outcome.identity)
        if before is not None and each.outcome.source_as_at < before.source_as_at:
            if by_file and before.urn not in (each.urn, each.outcome.urn):
                elsewhere[(*each.outcome.identity, each.outcome.urn)] = each
            else:
                passed_over[each.outcome.identity] = each
            continue
        if before is not None and before.withdrawn and by_file:
            # What an officer withdrew stays so whatever files say; what they say is kept, and asked about (D3.11).
            affirmed[each.outcome.identity] = each
            known[each.outcome.identity] = replace(each.outcome, withdrawn=True)
        elif before is None or not _says_the_same(before, each.outcome):
            fresh[place] = News(each, before, cause)
            known[each.outcome.identity] = each.outcome
        elif each.outcome.source_as_at > before.source_as_at:
            affirmed[each.outcome.identity] = each
        else:
            passed_over[each.outcome.identity] = each
    await _write(uow, list(affirmed.values()), source)
    if by_file:
        await _note_listed(uow, passed_over, source)
    await _ask_whose(uow, elsewhere, known, source)
    entered_again = {each.outcome.identity for each in fresh.values() if each.previous and each.previous.withdrawn}
    await kept.add_decisions(uow, entered_again, withdrawn=False, reason="Entered again", by=source)
    # An outcome from before the product was there is state and history; a correction of one that was told is news.
    backlog: list[News] = []
    news: list[News] = []
    for each_new in fresh.values():
        is_history = take_on or _is_history(each_new.outcome, uow.today)
        (backlog if is_history and each_new.previous is None else news).append(each_new)
    await _write(uow, [old.listed for old in backlog], source)
    await _take_over(uow, backlog, linked)
    heirs = await representation.heirs_of(uow, {urn for each in news for urn in each.inspected})
    for wave in waves(news, heirs):
        await _write(uow, [each.listed for each in wave], source)
        await publish(uow, wave, heirs)
    beside = await _ask_of_two_numbers(uow, [each.listed for each in fresh.values()])
    listed_as = await _ask_of_two_kinds(uow, listed, known)
    if source == kept.ENTERED:
        await _ask_of_the_unknown(uow, [each.listed for each in fresh.values()])
    return [
        OutcomeRecorded(
            each.urn,
            each.outcome.inspection_number,
            each.outcome.kind,
            stories[place].correlation_id,
            place in fresh,
            place in fresh and fresh[place].previous is not None,
            tuple(beside.get(each.outcome.identity, ())) if place in fresh else (),
            listed_as.get(each.outcome.inspection_number),
        )
        for place, each in enumerate(listed)
    ]


async def hold_all(uow: UnitOfWork, listed: Sequence[Published]) -> dict[tuple[str, str], Outcome]:
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


async def _ask_whose(
    uow: UnitOfWork, elsewhere: Mapping[kept.Said, Published], known: Mapping[tuple[str, str], Outcome], source: str
) -> None:
    """An earlier file says that an inspection is another school's than somebody entered. What was entered is believed on,
    but the file's word is kept, and asked about at the desk of the school that it names (docs/decisions/0020).
    """
    first = await kept.said_first_by_a_file(uow, elsewhere)
    unheard = [each for said, each in elsewhere.items() if said in first]
    await _write(uow, list({each.outcome.identity: each for each in unheard}.values()), source)
    await asks.ask(uow, [_whose_is_it(each, known[each.outcome.identity]) for each in unheard])


async def _note_listed(uow: UnitOfWork, passed_over: Mapping[tuple[str, str], Published], source: str) -> None:
    """A file of no later day changes nothing of what was entered by hand, but from the first on it is known to be listed."""
    if passed_over:
        first = await two_kinds.in_no_file(uow, {number for number, _ in passed_over})
        await _write(uow, [each for identity, each in passed_over.items() if identity in first], source)


async def _ask_of_the_unknown(uow: UnitOfWork, new: Sequence[Published]) -> None:
    """Nobody knows yet whose a school is that the register lacks: the desk where it turns out to be will be asked."""
    known = await schools(uow, {each.urn for each in new})
    await asks.ask(uow, [_is_it_yours(each) for each in new if each.urn not in known])


async def _ask_of_two_numbers(
    uow: UnitOfWork, new: Sequence[Published]
) -> Mapping[tuple[str, str], Sequence[TwoNumbers]]:
    """What a file lists of a school beside what was entered by hand of the same day may be one inspection (R0.1)."""
    at_desk = {each.outcome.urn: each.urn for each in new}
    found = await two_numbers.stand_twice(uow, at_desk)
    await asks.ask(
        uow,
        [
            asks.Ask(
                new_id(),
                asks.two_numbers(each.entered, each.listed, each.kind),
                at_desk[each.urn],
                each.began,
                each.words,
            )
            for each in found
        ],
    )
    beside: dict[tuple[str, str], list[TwoNumbers]] = {}
    for each in found:
        for number in (each.entered, each.listed):
            beside.setdefault((number, each.kind), []).append(each)
    return beside


async def _ask_of_two_kinds(
    uow: UnitOfWork, listed: Sequence[Published], known: Mapping[tuple[str, str], Outcome]
) -> Mapping[str, OtherKind]:
    """What was entered by hand as of one kind, and is listed as of the other only, by the number of the inspection (R0.1)."""
    both = Counter(number for number, _ in known)
    numbers = {each.outcome.inspection_number for each in listed if both[each.outcome.inspection_number] > 1}
    if not numbers:
        return {}
    found = await two_kinds.stand_as_another_kind(uow, numbers)
    at_desk = {each.outcome.urn: each.urn for each in listed}
    await asks.ask(
        uow,
        [
            asks.Ask(new_id(), each.question, at_desk.get(each.urn, each.urn), each.published_on, each.words)
            for each in found
        ],
    )
    return {each.number: each for each in found}


def _is_it_yours(listed: Published) -> asks.Ask:
    said = listed.outcome
    why = (
        f"Inspection {said.inspection_number} ({said.kind}) was entered for {listed.urn} before the register had it, and "
        "counts. If it is not this school's, withdraw it"
    )
    return asks.Ask(new_id(), asks.entered_before(*said.identity), listed.urn, said.published_on, why)


def _whose_is_it(listed: Published, entered: Outcome) -> asks.Ask:
    said = listed.outcome
    why = (
        f"The file of {said.source_as_at:%-d %B %Y} lists inspection {said.inspection_number} ({said.kind}) for {said.urn}; "
        f"it was entered for {entered.urn}, which counts. If the file is right, enter the outcome for {said.urn}"
    )
    return asks.Ask(new_id(), asks.whose_inspection(*said.identity), listed.urn, said.published_on, why)


async def _write(uow: UnitOfWork, listed: Sequence[Published], source: str) -> None:
    await kept.add_outcomes(uow, [(each.outcome, each.report_link) for each in listed], source)


async def _take_over(uow: UnitOfWork, backlog: Sequence[News], linked: Collection[Continuity]) -> None:
    """History is no news, but what it changes of today is, for a school that was answered before today.

    Of one that is answered for the first time it is the state with which it begins: told once, and nobody reacts.
    """
    urns = {each.outcome.urn for each in backlog} | {each.urn for each in linked}
    urns |= set(await representation.heirs(uow, urns))
    if not urns:
        return
    since = await representation.answered_since(uow, urns)
    answered = {urn for urn, day in since.items() if day < uow.today}
    causes = {urn: Cause.story(batch_id=uow.cause.batch_id) for urn in urns}
    await reroute(uow, urns - answered, Change("take-on", causes, take_on=True))
    learned = defaultdict(list)
    for each in backlog:
        learned[each.outcome.urn].append(each)
    late = []
    for looked in await reroute(uow, answered, Change("category-in-force", causes)):
        of_it = [each for urn in _whose(looked.facts) for each in learned.get(urn, ())]
        for each in of_it:
            await ask_by_outcome(uow, looked, each.outcome, looked.cause)
        before = _unlinked(without(looked.facts, of_it), linked)
        late.append(Late(before, looked.facts, since[looked.school.urn], looked.cause))
    await tell_corrections(uow, late)


def _whose(facts: Facts) -> Iterable[str]:
    """The schools whose outcomes may count for this one: itself, and those that it continues."""
    return dict.fromkeys(each.urn for each in facts.outcomes)


def _unlinked(facts: Facts, linked: Collection[Continuity]) -> Facts:
    return replace(facts, continuities=[each for each in facts.continuities if each not in linked])


def _is_history(outcome: Outcome, today: date) -> bool:
    return outcome.published_on < GO_LIVE <= today


def _says_the_same(known: Outcome, new: Outcome) -> bool:
    return replace(known, recorded_at=new.recorded_at, source_as_at=new.source_as_at) == new
