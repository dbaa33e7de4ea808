"""Checks each step of the two stories from the consumers' side. What does not hold is said, and ends the demo with status 1."""

from dataclasses import dataclass
from typing import Any

from infra.demo import people
from infra.demo.evidence import CategoryStory, ChairStory, Department
from infra.demo.receivers import DEPARTMENTS, Receiver
from infra.demo.traces import Span, nests, service_of

TOLD_TO_IMPROVEMENT = {"outcome.published", "category-in-force.changed", "representation.reassigned"}
RESTRICTED = ("category-in-force.changed", "representation.reassigned", "allocation.made", "agenda-item.placed")

# The fields of an entry of the feed and of the change it may tell of: these and no other (N-05).
ENTRY_FIELDS = frozenset(
    [
        "number",
        "authority",
        "region",
        "urn",
        "school_name",
        "inspection_number",
        "inspection_kind",
        "inspection_started_on",
        "published_on",
        "headline",
        "category_of_concern",
        "quality_of_education",
        "leadership",
        "safeguarding_effective",
        "inherited_from_urn",
        "report_link",
        "whom_to_ring",
        "change_of_speaker",
        "report_card",
        "corrects",
    ]
)
CHANGE_FIELDS = frozenset({"from_role", "to_role", "sentence"})


@dataclass(frozen=True)
class Check:
    claim: str
    holds: bool
    seen: str = ""


def things(department: Department) -> set[str]:
    return {message.thing for message in department.by_webhook}


def category_checks(story: CategoryStory) -> list[Check]:
    before, after = story.before.get("category"), story.after.get("category")
    improvement = story.departments["school-improvement"]
    services = story.journey["services"]
    general_before, general_after = story.spoke["general"]
    slips = _slips(story.entry) if story.entry is not None else []
    checks = [
        Check("the category in force fell to 3 or 4", after in (3, 4) and before != after, f"{before} to {after}"),
        Check("a chair spoke for the school before", general_before["role"] == "chair", general_before["role"]),
        Check(
            "its system leader speaks for it now, on both matters",
            all(now["role"] == "system-leader" for _, now in story.spoke.values()),
            ", ".join(now["role"] for _, now in story.spoke.values()),
        ),
        Check("another person speaks than before", _person(general_before) != _person(general_after)),
        Check(
            "one item is on the confidential part of the area's next agenda", len(story.items) == 1, str(story.items)
        ),
        Check(
            "nothing of it is on the agenda of the heads' meeting",
            story.heads_agenda is not None and story.school.urn not in str(story.heads_agenda),
        ),
        Check(
            "school improvement received the outcome, the new category and the new speaker, each once",
            things(improvement) >= TOLD_TO_IMPROVEMENT
            and len({message.thing for message in improvement.by_webhook}) == len(improvement.by_webhook),
            ", ".join(message.thing for message in improvement.by_webhook),
        ),
        Check("the regional office has an entry about the outcome", story.entry is not None),
        Check(
            "the entry names roles, no person and no category",
            story.entry is not None and not slips,
            ", ".join(slips),
        ),
        Check(
            "the journey shows membership, meetings and notifications in causal order",
            {"membership", "meetings", "notifications"} <= set(services) and _in_causal_order(story.journey),
            ", ".join(services),
        ),
        Check("funding has no part in the journey", "funding" not in services, ", ".join(services)),
        _trace_check(story.spans, story.journey),
    ]
    for department in ("finance", "governance"):
        known = story.departments[department]
        checks += [
            Check(
                f"{department} received nothing from this story, by webhook or in its topic, and nothing is on its way",
                not known.by_webhook and not known.in_topic and not known.deliveries,
                f"{len(known.by_webhook)} by webhook, {len(known.in_topic)} in the topic, "
                f"{len(known.deliveries)} in the delivery log",
            ),
            Check(f"{department}'s topic works: it holds other events", known.anything > 0, str(known.anything)),
        ]
    return checks + _same_by_both_ways(story.departments)


def chair_checks(story: ChairStory) -> list[Check]:
    improvement, finance, governance = (story.departments[name] for name in DEPARTMENTS)
    services = set(story.journey["services"])
    before, after = story.spoke
    return [
        Check("the body has another contact", _person(story.before) != _person(story.after)),
        Check("another person speaks for a member school", _person(before) != _person(after)),
        Check(
            "school improvement received who speaks now",
            "representation.reassigned" in things(improvement),
            ", ".join(sorted(things(improvement))),
        ),
        Check(
            "finance received its award adjustment, once, and nothing else",
            [message.thing for message in finance.by_webhook] == ["award.adjusted"],
            ", ".join(sorted(things(finance))),
        ),
        Check("the award of each year is exactly 500,000 pence", _whole(story.awards)),
        Check(
            "governance received the term that ended and the one that began, and nothing about schools",
            {"office.ended", "office.taken-up"} <= things(governance) and not things(governance) & set(RESTRICTED),
            ", ".join(sorted(things(governance))),
        ),
        Check(
            "the journey shows all four services in causal order",
            services == {"membership", "meetings", "funding", "notifications"} and _in_causal_order(story.journey),
            ", ".join(sorted(services)),
        ),
        _trace_check(story.spans, story.journey),
        *_same_by_both_ways(story.departments),
    ]


def receiver_checks(receivers: dict[str, Receiver]) -> list[Check]:
    return [
        Check(
            f"every webhook to {department} had a good signature",
            not receiver.refused,
            "; ".join(receiver.refused[:3]),
        )
        for department, receiver in receivers.items()
    ]


def _same_by_both_ways(departments: dict[str, Department]) -> list[Check]:
    return [
        Check(
            f"{name} got the same events by webhook and in its topic",
            {message.id for message in known.by_webhook} == {message.id for message in known.in_topic},
            f"{len(known.by_webhook)} and {len(known.in_topic)}",
        )
        for name, known in departments.items()
    ]


def _person(answer: dict[str, Any]) -> str | None:
    found = answer.get("person_id")
    return str(found) if found else None


def _slips(entry: dict[str, Any]) -> list[str]:
    """What an entry holds that it must not: a field that is not of an entry, or anybody of the cast, by id or name."""
    change = entry.get("change_of_speaker") or {}
    found = sorted({*entry} ^ ENTRY_FIELDS)
    if change:
        found += sorted({*change} ^ CHANGE_FIELDS)
    text = str(entry).casefold()
    for person in people.cast():
        found += [said for said in (str(person.id), person.name, person.email) if said.casefold() in text]
    return found


def _trace_check(spans: list[Span], journey: dict[str, Any]) -> Check:
    """The dashboard holds the trace, and there too each service stands below the one that caused it."""
    services = sorted({service_of(span) for span in spans})
    return Check(
        "the journey has its trace, in which the same chain nests",
        bool(journey.get("trace_url")) and nests(spans) and set(services) <= set(journey["services"]),
        f"{journey.get('trace_url')}: {len(spans)} spans of {', '.join(services) or 'nobody'}",
    )


def _in_causal_order(journey: dict[str, Any]) -> bool:
    """Every step whose cause is in the story stands after it."""
    seen: set[str] = set()
    events = {step["event_id"] for step in journey["steps"]}
    for step in journey["steps"]:
        if step["causation_id"] in events and step["causation_id"] not in seen:
            return False
        seen.add(step["event_id"])
    return True


def _whole(awards: list[dict[str, Any]]) -> bool:
    return bool(awards) and all(
        sum(share["pence"] for share in award["shares"]) + award["unawarded_pence"] == award["amount_pence"] == 500_000
        for award in awards
    )
