"""The whole reasoning behind an answer: who speaks for a school on a day, as it was known on another (R0.4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from services.membership.domain.category import LA, Outcome, category_of_outcome, passed_on
from services.membership.domain.establishment import Sector, establishment_type
from services.membership.domain.links import Kind
from services.membership.domain.representation import Speaker
from services.membership.domain.routing_policy import Matter
from services.membership.domain.school import NotKnownThen, School, UnknownSchool
from services.membership.domain.standing import Facts, standing
from services.membership.store import knowledge, proposals, queries, reviews, schools
from services.membership.store.facts import facts_of
from services.membership.store.knowledge import Version
from services.membership.use_cases.who_speaks import category_answer, short
from shared.clock import london_date
from shared.store import UnitOfWork

_HOW = {
    Kind.CONTINUES: "",
    Kind.MERGED: ", which it took in",
    Kind.AMALGAMATED: ", of which and of others it was made",
    Kind.SPLIT: ", of which it is a part",
    Kind.LISTED: ", by an outcome of that one which Ofsted lists with it",
}

_A = {
    Sector.MAINTAINED: "a maintained school",
    Sector.ACADEMY: "an academy",
    Sector.OTHER: "neither a maintained school nor an academy",
}


@dataclass(frozen=True)
class Step:
    """One line of the reasoning, and when what it rests on was known."""

    about: str
    says: str
    from_date: date | None = None
    until: date | None = None
    known_on: date | None = None
    counts: bool = True


async def explain(uow: UnitOfWork, urn: str, on: date | None, known: date | None) -> dict[str, Any]:
    """Who speaks on both matters on a day, by what was known at the end of another, step by step.

    Beside it stands what was answered on that day itself. Raises NotKnownThen where the register did not have
    it by then, UnknownSchool where it has it not to this day.
    """
    day, as_known = on or uow.today, known or uow.today
    found = await facts_of(uow, [urn], known=as_known)
    if urn not in found:
        since = await schools.known_since(uow, urn)
        raise UnknownSchool(urn) if since is None else NotKnownThen(urn, as_known, london_date(since))
    facts = found[urn]
    now = standing(facts, day)
    answered = {matter.value: await _answered(uow, urn, matter, day) for matter in Matter}
    return {
        "urn": urn,
        "school_name": facts.circumstances.school.name,
        "authority": facts.circumstances.school.authority,
        "on": day,
        "known": as_known,
        "category": await category_answer(uow, facts, day),
        "general": await _named(uow, urn, now.general),
        "inspection": await _named(uow, urn, now.inspection),
        "answered_then": answered,
        "steps": [*_of_the_register(facts, day), *await _of_the_record(uow, facts, day, as_known)],
    }


async def _answered(uow: UnitOfWork, urn: str, matter: Matter, day: date) -> dict[str, Any] | None:
    """None where nobody was named that day, or it has not come."""
    found = await queries.speaker(uow, urn, matter.value, day) if day <= uow.today else None
    return {**found, "person": await queries.person(uow, found["person_id"])} if found is not None else None


async def _named(uow: UnitOfWork, urn: str, speaker: Speaker | None) -> dict[str, Any] | None:
    if speaker is None:
        return None
    place = await queries.place(uow, urn, speaker.body_id, speaker.trust_id)
    return {**short(speaker), **place, "person": await queries.person(uow, speaker.person_id)}


def _of_the_register(facts: Facts, day: date) -> list[Step]:
    school = facts.circumstances.school
    open_or_not = "open" if school.open_on(day) else "not open"
    policy, routing = facts.category_policy_on(day), facts.circumstances.policy_on(day)
    return [
        Step(
            "the register",
            f"{school.name} is {open_or_not} that day; {_of_its_type(school)}",
            school.opened_on,
            school.closed_on,
        ),
        Step("category policy", f"{policy.name}, version {policy.version}, inherit {policy.inherit.value}"),
        Step("routing policy", f"{routing.name}, version {routing.version}"),
    ]


def _of_its_type(school: School) -> str:
    if school.sector is Sector.UNKNOWN:
        return f"its type ({school.type_code}) isn't known here" if school.type_code else "the register gives no type"
    return f"its type, {establishment_type(school.type_code).name}, makes it {_A[school.sector]}"


async def _of_the_record(uow: UnitOfWork, facts: Facts, day: date, known: date) -> list[Step]:
    around = facts.circumstances
    urn = around.school.urn
    predecessors = [each.predecessor_urn for each in facts.continuities]
    inspected = [urn, *predecessors]
    steps = _of_outcomes(await knowledge.outcomes_recorded(uow, inspected), facts, day, known)
    steps += _of_continuities(await knowledge.continuities_recorded(uow, inspected), urn, known)
    steps += _of_decisions(await knowledge.outcomes_decided(uow, inspected), known)
    for entry in await knowledge.entries_recorded(uow, urn, known):
        lifted, withdrawn = entry["lifted_on"], entry["withdrawn_because"]
        holds = withdrawn is None and entry["from_date"] <= day and (lifted is None or day < lifted)
        says = f"Category {entry['category']}: {entry['reason']} (review {entry['review_on']:%-d %B %Y})"
        says += f"; withdrawn: {withdrawn}" if withdrawn is not None else ""
        steps.append(Step("the authority's own", says, entry["from_date"], lifted, _day(entry["recorded_at"]), holds))
    steps += [*await _of_reviews(uow, urn, known), *await _of_proposals(uow, urn, day, known)]
    bodies = [each.body_id for each in around.memberships]
    trusts = sorted({each.trust_id for each in around.trusts})
    for fact in await knowledge.recorded_about(uow, urn, bodies, trusts):
        if _day(fact["recorded_at"]) > known:
            continue
        replaced = fact["replaced_at"] is not None and _day(fact["replaced_at"]) <= known
        begun = fact["from_date"] is None or fact["from_date"] <= day
        holds = not replaced and begun and (fact["until"] is None or day < fact["until"])
        says = fact["what"] + (f" (replaced on {_day(fact['replaced_at']):%-d %B %Y})" if replaced else "")
        steps.append(Step(fact["kind"], says, fact["from_date"], fact["until"], _day(fact["recorded_at"]), holds))
    return steps


async def _of_reviews(uow: UnitOfWork, urn: str, known: date) -> list[Step]:
    """What officers were asked of entries of the authority, and until when they keep them."""
    steps = []
    for each in await reviews.reviews_recorded(uow, urn):
        if _day(each["recorded_at"]) > known:
            continue
        why = f"inspection {each['cause_ref']} was published" if each["cause_ref"] else "its review date has come"
        answered = each["answered_at"] is not None and _day(each["answered_at"]) <= known
        what = f"{each['answer']} on {each['answered_on']:%-d %B %Y} by {each['answered_by']}" if answered else ""
        says = f"Asked to keep or lift it, since {why}: {what or 'nobody has answered'}"
        steps.append(Step("keep or lift", says, each["cause_on"], None, _day(each["recorded_at"]), False))
    for each in await reviews.keeps_recorded(uow, urn):
        if _day(each["recorded_at"]) <= known:
            what = "Review date corrected" if each["corrects"] else "Kept"
            says = f"{what}: {each['reason']} (review {each['review_on']:%-d %B %Y}; {each['kept_by']})"
            steps.append(Step("keep or lift", says, None, None, _day(each["recorded_at"]), False))
    return steps


async def _of_proposals(uow: UnitOfWork, urn: str, day: date, known: date) -> list[Step]:
    steps = []
    for each in await proposals.proposals_recorded(uow, urn):
        if _day(each["recorded_at"]) > known:
            continue
        what = f"Category {each['category']}" if each["category"] is not None else "No category"
        by = f", proposed by inspection {each['inspection_number']}" if each["inspection_number"] else ", proposed"
        came, holds = "nobody has answered", False
        if each["ended_at"] is not None and _day(each["ended_at"]) <= known:
            came = f"{each['ended']} on {each['ended_on']:%-d %B %Y} by {each['ended_by']}"
            came += f", {each['reason']}" if each["reason"] else ""
            holds = each["from_date"] is not None and each["from_date"] <= day
        if each["taken_back_at"] is not None and _day(each["taken_back_at"]) <= known:
            came += f"; taken back on {each['taken_back_on']:%-d %B %Y} by {each['taken_back_by']}, {each['taken_back_because']}"
            holds = False
        from_date = each["from_date"] if holds else each["proposed_on"]
        steps.append(Step("proposal", f"{what}{by}: {came}", from_date, None, _day(each["recorded_at"]), holds))
    return steps


def _of_outcomes(versions: Sequence[Version], facts: Facts, day: date, known: date) -> list[Step]:
    """Every version with its own grades. What counts on the day: of each inspection the version that is believed, once
    it is published, of the school itself or of one whose outcomes it inherits."""
    heard = [each for each in versions if _day(each.outcome.recorded_at) <= known]
    by_belief = sorted(heard, key=lambda each: (each.outcome.source_as_at, each.number))
    believed = {each.outcome.identity: each.number for each in by_belief}
    standing = {each.identity for each in facts.outcomes if not each.withdrawn}
    urn, behind = facts.circumstances.school.urn, _inherited_from(facts, day)
    decide = facts.category_policy_on(day).name != LA  # there entries of the authority alone decide
    steps = []
    for each in heard:
        outcome, category = each.outcome, category_of_outcome(each.outcome)
        holds = (
            decide
            and believed[outcome.identity] == each.number
            and outcome.identity in standing
            and outcome.published_on <= day
            and category is not None
            and (outcome.urn == urn or outcome.urn in behind)
        )
        says = (
            f"Inspection {outcome.inspection_number}, {outcome.kind}, version {each.number}"
            + _grade(outcome, category)
            + (f", of {outcome.urn}, which this school continues" if outcome.urn != urn else "")
            + f" ({each.source})"
        )
        steps.append(Step("outcome", says, outcome.published_on, None, _day(outcome.recorded_at), holds))
    return steps


def _inherited_from(facts: Facts, day: date) -> set[str]:
    """The schools behind this one whose outcomes may count for it on that day."""
    school = facts.circumstances.school
    if school.opened_on is not None and day < school.opened_on:
        return set()
    policy = facts.category_policy_on(day)
    line = passed_on(school.urn, facts.continuities, policy, is_converter=school.is_converter)
    reached = [school.urn]
    for urn in reached:
        reached += {each.predecessor_urn for each in line if each.urn == urn} - set(reached)
    return set(reached) - {school.urn}


def _of_continuities(recorded: Sequence[dict[str, Any]], urn: str, known: date) -> list[Step]:
    steps = []
    for each in recorded:
        if _day(each["recorded_at"]) > known:
            continue
        replaced = each["replaced_at"] is not None and _day(each["replaced_at"]) <= known
        says = "It" if each["urn"] == urn else each["urn"]
        says += f" continues {each['predecessor'] or each['predecessor_urn']} ({each['predecessor_urn']}){_HOW[Kind(each['kind'])]}"
        says += f" ({each['source']})" + (f" (replaced on {_day(each['replaced_at']):%-d %B %Y})" if replaced else "")
        steps.append(Step("continues", says, each["from_date"], None, _day(each["recorded_at"]), not replaced))
    return steps


def _of_decisions(decided: Sequence[dict[str, Any]], known: date) -> list[Step]:
    return [
        Step(
            "outcome",
            f"Inspection {each['inspection_number']}, {each['kind']}, "
            f"{'withdrawn' if each['withdrawn'] else 'believed again'} by {each['decided_by']}: {each['reason']}",
            each["decided_on"],
            None,
            _day(each["recorded_at"]),
            True,
        )
        for each in decided
        if _day(each["recorded_at"]) <= known
    ]


def _grade(outcome: Outcome, category: int | None) -> str:
    """Every judgement that the table reads, and what it makes of them."""
    safeguarding = {None: None, True: "effective", False: "not effective"}[outcome.safeguarding_effective]
    judged: dict[str, object] = {
        "headline": outcome.headline,
        "category of concern": outcome.category_of_concern,
        "safeguarding": safeguarding,
        "quality of education": outcome.quality_of_education,
        "leadership": outcome.leadership,
    }
    card = outcome.report_card.as_names() if outcome.report_card else {}
    said = [f"{name} {grade}" for name, grade in judged.items() if grade is not None]
    said += [f"{area.replace('-', ' ')}: {grade}" for area, grade in card.items()]
    said += [f"Category {category} by the table" if category else "changes no category"]
    return ": " + ", ".join(said)


def _day(moment: datetime) -> date:
    return london_date(moment)
