"""The steps to an answer: every fact that was recorded about a school, when it was known, and whether it counts (R0.4).

Of what says a category only that counts on which the category in force rests; of what says who speaks, what holds on the
day and has to do with the school then.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from services.membership.domain.adopted import Adopted
from services.membership.domain.body import lead_body
from services.membership.domain.category import Because, Category
from services.membership.domain.establishment import Sector, establishment_type
from services.membership.domain.links import Kind
from services.membership.domain.representation import Circumstances
from services.membership.domain.review import NOT_NEEDED
from services.membership.domain.school import School
from services.membership.domain.standing import Facts, Standing
from services.membership.store import knowledge, proposals, reviews
from services.membership.store.policies import policies_of
from services.membership.use_cases.outcome_steps import of_decisions, of_outcomes
from services.membership.use_cases.step import Step, known_on
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


async def steps_to(uow: UnitOfWork, facts: Facts, now: Standing, day: date, known: date) -> list[Step]:
    """All that was recorded by the end of the day ``known``; ``now`` is what follows from it for ``day``."""
    around, category = facts.circumstances, now.category
    urn = around.school.urn
    inspected = [urn, *(each.predecessor_urn for each in facts.continuities)]
    return [
        _of_the_register(around.school, day),
        *await _of_policies(uow, facts, day),
        *of_outcomes(await knowledge.outcomes_recorded(uow, inspected), urn, category, known),
        *_of_continuities(await knowledge.continuities_recorded(uow, inspected), urn, known),
        *of_decisions(await knowledge.outcomes_decided(uow, inspected), facts, day, known),
        *_of_entries(await knowledge.entries_recorded(uow, urn, known), category),
        *await _of_reviews(uow, urn, known),
        *_of_proposals(await proposals.proposals_recorded(uow, inspected), urn, category, known),
        *await _of_people_and_places(uow, around, day, known),
    ]


def _of_the_register(school: School, day: date) -> Step:
    open_or_not = "open" if school.open_on(day) else "not open"
    says = f"{school.name} is {open_or_not} that day; {_of_its_type(school)}"
    return Step("the register", says, school.opened_on, school.closed_on, fact_id=school.urn)


def _of_its_type(school: School) -> str:
    if school.sector is Sector.UNKNOWN:
        return f"its type ({school.type_code}) isn't known here" if school.type_code else "the register gives no type"
    return f"its type, {establishment_type(school.type_code).name}, makes it {_A[school.sector]}"


async def _of_policies(uow: UnitOfWork, facts: Facts, day: date) -> list[Step]:
    """Which policies apply that day, from when until when, who adopted each and why."""
    rows = await policies_of(uow, facts.circumstances.school.authority)
    adoptions = {(row["kind"], row["version"]): row for row in rows}
    category, routing = facts.category_policy_on(day), facts.circumstances.policy_on(day)
    inherit = f", inherit {category.inherit.value}"
    return [
        _of_policy("category", category, inherit, facts.category_policies, day, adoptions),
        _of_policy("routing", routing, "", facts.circumstances.policies, day, adoptions),
    ]


def _of_policy(
    kind: str,
    policy: Any,
    more: str,
    adopted: Sequence[Adopted[Any]],
    day: date,
    adoptions: Mapping[tuple[str, int], Mapping[str, Any]],
) -> Step:
    applies = next((each for each in adopted if each.holds_on(day)), None)
    if applies is None:
        return Step(f"{kind} policy", f"{policy.name}{more}: the authority has adopted none for that day")
    adoption = adoptions[kind, policy.version]
    by = f"; adopted by {adoption['adopted_by']}" if adoption["adopted_by"] else ""
    why = f": {adoption['reason']}" if adoption["reason"] else ""
    says = f"{policy.name}, version {policy.version}{more}{by}{why}"
    since = known_on(adoption["recorded_at"]) if adoption["recorded_at"] else None
    return Step(f"{kind} policy", says, applies.from_date, applies.until, since, fact_id=str(policy.version))


def _of_continuities(recorded: Sequence[dict[str, Any]], urn: str, known: date) -> list[Step]:
    steps = []
    for each in recorded:
        if known_on(each["recorded_at"]) > known:
            continue
        replaced = _replaced(each, known)
        says = "It" if each["urn"] == urn else each["urn"]
        says += f" continues {each['predecessor'] or each['predecessor_urn']} ({each['predecessor_urn']}){_HOW[Kind(each['kind'])]}"
        says += f" ({each['source']}){replaced}"
        since = known_on(each["recorded_at"])
        steps.append(
            Step("continues", says, each["from_date"], None, since, not replaced, fact_id=each["predecessor_urn"])
        )
    return steps


def _of_entries(recorded: Iterable[Mapping[str, Any]], category: Category) -> list[Step]:
    """Of several that stand only that counts which was chosen."""
    steps = []
    for entry in recorded:
        withdrawn, entry_id = entry["withdrawn_because"], str(entry["entry_id"])
        says = f"Category {entry['category']}: {entry['reason']} (review {entry['review_on']:%-d %B %Y})"
        says += f"; withdrawn: {withdrawn}" if withdrawn is not None else ""
        steps.append(
            Step(
                "the authority's own",
                says,
                entry["from_date"],
                entry["lifted_on"],
                known_on(entry["recorded_at"]),
                (category.because, category.ref) == (Because.LA_CATEGORY, entry_id),
                entry_id,
            )
        )
    return steps


async def _of_reviews(uow: UnitOfWork, urn: str, known: date) -> list[Step]:
    """What officers were asked of entries of the authority, and until when they keep them."""
    steps, said = [], set()
    for each in await reviews.reviews_recorded(uow, urn, known):
        answered = each["answered_at"] is not None and known_on(each["answered_at"]) <= known
        if known_on(each["recorded_at"]) > known or (not answered and each["review_id"] in said):
            continue
        said.add(each["review_id"])
        why = f"inspection {each['cause_ref']} was published" if each["cause_ref"] else "its review date has come"
        if each["again"]:
            why = f"inspection {each['cause_ref']} gives another category than before"
        what = _answer(each) if answered else "nobody has answered"
        what += ", which was taken back" if answered and each["taken_back"] else ""
        says = f"Asked to keep or lift it, since {why}: {what}"
        steps.append(_of_keeping(says, each, each["cause_on"]))
    for each in await reviews.keeps_recorded(uow, urn):
        if known_on(each["recorded_at"]) <= known:
            what = "Review date corrected" if each["corrects"] else "Kept"
            says = f"{what}: {each['reason']} (review {each['review_on']:%-d %B %Y}; {each['kept_by']})"
            steps.append(_of_keeping(says, each, None))
    return steps


def _answer(of: Mapping[str, Any]) -> str:
    if of["answer"] == NOT_NEEDED:
        return f"not needed any more from {of['answered_on']:%-d %B %Y}, since it gives the same again"
    return f"{of['answer']} on {of['answered_on']:%-d %B %Y} by {of['answered_by']}"


def _of_keeping(says: str, of: Mapping[str, Any], on: date | None) -> Step:
    return Step("keep or lift", says, on, None, known_on(of["recorded_at"]), False, str(of["entry_id"]))


def _of_proposals(recorded: Iterable[Mapping[str, Any]], urn: str, category: Category, known: date) -> list[Step]:
    """The school's own; and that of a school which it continues, if it carries on what was confirmed there."""
    steps = []
    for each in recorded:
        counts = (category.because, category.ref) == (Because.PROPOSAL, str(each["proposal_id"]))
        if known_on(each["recorded_at"]) > known or not (counts or each["urn"] == urn):
            continue
        what = f"Category {each['category']}" if each["category"] is not None else "No category"
        by = f", proposed by inspection {each['inspection_number']}" if each["inspection_number"] else ", proposed"
        by += f" for {each['urn']}, which this school continues" if each["urn"] != urn else ""
        came, from_date = "nobody has answered", each["proposed_on"]
        if each["ended_at"] is not None and known_on(each["ended_at"]) <= known:
            came = f"{each['ended']} on {each['ended_on']:%-d %B %Y} by {each['ended_by']}"
            came += f", {each['reason']}" if each["reason"] else ""
            from_date = each["from_date"] or from_date
        if each["taken_back_at"] is not None and known_on(each["taken_back_at"]) <= known:
            came += f"; taken back on {each['taken_back_on']:%-d %B %Y} by {each['taken_back_by']}, {each['taken_back_because']}"
            from_date = each["proposed_on"]
        since, proposal_id = known_on(each["recorded_at"]), str(each["proposal_id"])
        steps.append(Step("proposal", f"{what}{by}: {came}", from_date, None, since, counts, proposal_id))
    return steps


async def _of_people_and_places(uow: UnitOfWork, around: Circumstances, day: date, known: date) -> list[Step]:
    """An officer of a body counts while that body leads the school, a trust's contact while the school is in that trust."""
    urn = around.school.urn
    led_by = {"office": str(lead_body(around.memberships, urn, day)), "trust contact": str(around.trust_on(day))}
    bodies = [each.body_id for each in around.memberships]
    trusts = sorted({each.trust_id for each in around.trusts})
    steps = []
    for fact in await knowledge.recorded_about(uow, urn, bodies, trusts):
        if known_on(fact["recorded_at"]) > known:
            continue
        replaced = _replaced(fact, known)
        begun = fact["from_date"] is None or fact["from_date"] <= day
        holds = not replaced and begun and (fact["until"] is None or day < fact["until"])
        of_the_school = fact["place"] == led_by.get(fact["kind"], fact["place"])
        steps.append(
            Step(
                fact["kind"],
                fact["what"] + replaced,
                fact["from_date"],
                fact["until"],
                known_on(fact["recorded_at"]),
                holds and of_the_school,
                fact["fact_id"],
            )
        )
    return steps


def _replaced(fact: Mapping[str, Any], known: date) -> str:
    """In words, where something else was recorded in its place by then."""
    on = known_on(fact["replaced_at"]) if fact["replaced_at"] is not None else None
    return f" (replaced on {on:%-d %B %Y})" if on is not None and on <= known else ""
