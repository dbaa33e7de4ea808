"""What each record should have caused, worked out again from the topics alone, beside what departments, feed and people got.

The lists of departments are written here a second time, from REQUIREMENTS N-01 to N-05, R0.8 and W-16.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from shared.contracts.membership import DESKS, desk_id
from shared.contracts.registry import UnknownEventType, event_type
from tests.faults.final import Final
from tests.faults.told import CallSaid, ChangeSaid, OutcomeSaid, Part, ReleaseSaid, Told, Who

Finding = tuple[str, str]  # an invariant and what is wrong with it
IMPROVEMENT = "school-improvement"
AUTHORITIES = ("937", "801")
OFFICES = {f"membership.office.{what}" for what in ("taken-up", "ended", "corrected")}
BODIES = {"membership.body.recorded"}
GETS: dict[str, set[str]] = {
    IMPROVEMENT: OFFICES
    | BODIES
    | {
        f"membership.{what}"
        for what in (
            *("school.recorded", "school.joined-body", "school.left-body", "school.told", "office-holder.moved-school"),
            *("allocation.made", "allocation.ended", "allocation.corrected", "outcome.published", "outcome.withdrawn"),
            *("la-category.set", "la-category.lifted", "la-category.review-due", "category.proposed"),
            *("category-in-force.changed", "representation.reassigned", "history.corrected"),
            *("inspection-call.asked", "inspection-call.closed"),
        )
    }
    | {
        f"meetings.{what}"
        for what in (
            *("meeting.scheduled", "agenda-item.placed", "agenda-item.withdrawn", "members.changed"),
            *("vulnerable-aspect.recorded", "vulnerable-aspect.withdrawn"),
        )
    },
    "finance": BODIES | {"funding.award.opened", "funding.award.adjusted"},
    "governance": BODIES | OFFICES | {"meetings.meeting.scheduled"},
}
CALLS = {f"membership.inspection-call.{what}" for what in ("asked", "accepted", "closed")}
OPEN = {"public", "internal"}
REASSIGNED = "membership.representation.reassigned"
FEED_BEGINS = date(2023, 9, 1)
OUTCOMES = ("membership.outcome.published", "membership.outcome.withdrawn")
Releases = dict[Part, list[str]]  # the events that say that the school was told of its part of the story


def findings(final: Final) -> Iterator[Finding]:
    releases = _releases(final)
    yield from _journeys(final)
    for authority in AUTHORITIES:
        for department in GETS:
            yield from _copies(final, authority, department, releases)
    yield from _webhooks(final)
    yield from _feed(final)
    yield from _gates(final, releases)
    yield from _messages(final, releases)
    yield from _alerts(final)
    yield from _mails(final)
    yield from _agendas(final, releases)


def _internal(final: Final) -> Iterator[tuple[str, Told]]:
    """Each record of the services' own topics, without what was put there by hand."""
    for topic, records in final.topics.items():
        if not topic.split(".")[1].isdigit():
            for record in records:
                if not record.compacted and (topic, record.key) not in final.by_hand:
                    yield topic, record


def _is_read(topic: str, final: Final) -> bool:
    return "notifications" in final.readers.get(topic, ())


def _releases(final: Final) -> Releases:
    found: Releases = defaultdict(list)
    for _, record in _internal(final):
        if isinstance(record.said, ReleaseSaid):
            for story in record.said.releases:
                found[story, record.subject].append(record.id)
    return found


def _journeys(final: Final) -> Iterator[Finding]:
    """Every event of the four services stands in notifications' journey, read in its order, and nothing else does."""
    known: set[str] = set()
    last: dict[tuple[str, str], int] = {}
    for topic, record in _internal(final):
        if not _is_read(topic, final) or record.id in known:
            continue
        known.add(record.id)
        batch = final.journey.get(record.id)
        if batch is None:
            yield (
                "I9",
                f"{topic} {record.key}: {record.sequence} ({record.type}) was passed by notifications without effect",
            )
            continue
        if batch < last.get((topic, record.key), 0):
            yield "I3", f"{topic} {record.key}: {record.sequence} was applied before one that came earlier"
        last[topic, record.key] = batch
    for id_, batch in final.journey.items():
        if batch >= 0 and id_ not in known:
            yield "I4", f"notifications knows event {id_}, which stands on no topic"


def _may_have(record: Told, department: str) -> bool:
    """By the list and by both classes, that of the record and that of its type; of an inspection call once a desk was asked."""
    if record.thing not in GETS[department]:  # in whatever version it is told (D3.11)
        return False
    if record.thing in CALLS and not (isinstance(record.said, CallSaid) and record.said.at_a_desk):
        return False  # W-16: the head, whoever was asked and officers only
    return department == IMPROVEMENT or {record.sensitivity, *_class_of(record.type)} <= OPEN


def _class_of(kind: str) -> set[str]:
    """None of a version that is known to nobody here: that it is new keeps it from nobody."""
    try:
        return {event_type(kind).sensitivity.value}
    except UnknownEventType:
        return set()


def _copies(final: Final, authority: str, department: str, releases: Releases) -> Iterator[Finding]:
    """A department's topic has what it may know, all of it, in order, and none of what it may not."""
    name = f"consortia.{authority}.{department}.events.v1"
    if name not in final.topics:
        return
    due: dict[str, tuple[str, int]] = {}
    for topic, record in _internal(final):
        knows = record.told or department == IMPROVEMENT or record.part in releases
        if record.authority == authority and knows and _may_have(record, department):
            due[record.id] = (topic, record.sequence)
    by_hand = {key for _, key in final.by_hand}
    seen: set[str] = set()
    last: dict[tuple[str, str], int] = {}
    for copy in final.topics[name]:
        if copy.id in seen or copy.key in by_hand:
            continue
        seen.add(copy.id)
        if copy.id not in due:
            yield "I13", f"{name}: {copy.type} of {copy.key} is nothing that {department} may know, or of nobody"
            continue
        topic, sequence = due[copy.id]
        if sequence < last.get((topic, copy.key), 0):
            yield "I3", f"{name} {copy.key}: {copy.type} came after a later one of {topic}"
        last[topic, copy.key] = sequence
    for id_ in due.keys() - seen:
        topic, sequence = due[id_]
        yield "I1", f"{name}: event {id_} ({topic}, {sequence}) was never told to {department}"


def _webhooks(final: Final) -> Iterator[Finding]:
    """Since a department subscribed, what came on its topic came by webhook too: each under one id, in its order."""
    for department, received in final.received.items():
        name = f"consortia.{AUTHORITIES[0]}.{department}.events.v1"
        rows = {each.event: each for each in final.deliveries if each.department == department}
        places = {each.id: each for each in final.topics.get(name, ())}
        for id_, copy in places.items():
            if copy.sequence > final.since.get((name, copy.key), 0) and id_ not in rows:
                yield "I1", f"{department} has no webhook of {id_} ({copy.type}), which is on its topic"
        last: dict[str, int] = {}
        for each in rows.values():
            if each.state != "delivered" or each.event not in received:
                yield "I1", f"{each.event} was due to {department} by webhook: {each.state}, and not received"
            ids = final.received_as.get(department, {}).get(each.event, set())
            if ids - {each.webhook}:
                yield "I2", f"{department} got {each.event} under {len(ids)} webhook-ids, one of them not its own"
            if each.event in places:
                sequence = places[each.event].sequence
                if sequence < last.get(each.key, 0):
                    yield "I3", f"{department}: the webhook of {each.event} stands behind a later one of its key"
                last[each.key] = sequence
            elif name in final.topics:
                yield "I13", f"{department} has a webhook of {each.event}, which is not on its topic"
        arrived: dict[str, int] = {}
        for id_ in received:  # as each came for the first time
            if id_ not in rows:
                yield "I4", f"{department} got {id_} by webhook, and nothing was to be sent"
            if copy := places.get(id_):
                if copy.sequence < arrived.get(copy.key, 0):
                    yield "I3", f"{department} got {id_} by webhook after a later one of its key"
                arrived[copy.key] = copy.sequence


def _feed(final: Final) -> Iterator[Finding]:
    """Each public outcome since the feed began has one entry in its region, in the order of its school; nothing else has."""
    due: dict[str, Told] = {}
    for topic, record in _internal(final):
        public = record.thing in OUTCOMES and record.told and record.sensitivity == "public" and _is_read(topic, final)
        if public and isinstance(record.said, OutcomeSaid) and record.said.published_on >= FEED_BEGINS:
            due[record.id] = record
    told: set[str] = set()
    last: dict[str, int] = {}
    for entry in final.feed:
        source = due.get(entry.event)
        if source is None:
            yield "I13", f"the feed of {entry.region} tells of {entry.event}, which is no public outcome"
            continue
        told.add(entry.event)
        assert isinstance(source.said, OutcomeSaid)
        if "-".join(source.said.region.lower().split()) != entry.region:
            yield "I13", f"the feed of {entry.region} tells of {entry.event}, of {source.said.region}"
        if source.sequence < last.get(source.key, 0):
            yield "I3", f"the feed of {entry.region}: {entry.number} tells of an earlier outcome than one before it"
        last[source.key] = source.sequence
    for id_ in due.keys() - told:
        if due[id_].thing == OUTCOMES[0]:
            yield "I1", f"the feed tells nothing of outcome {due[id_].names} ({id_})"


def _gates(final: Final, releases: Releases) -> Iterator[Finding]:
    """What waited for a school that was told waits no longer."""
    for story, urn in releases.keys() - final.told_schools:
        yield "I1", f"{urn} was told of {story}, and its gate is shut"
    for story, urn in final.told_schools - releases.keys():
        yield "I13", f"the gate of {story} is open for {urn}, which nobody has told"
    for name, part in final.held.items():
        if part in releases:
            yield (
                "I1",
                f"{name.partition(' ')[2]} still waits for {name.partition(' ')[0]}, of which the school was told",
            )


def _messages(final: Final, releases: Releases) -> Iterator[Finding]:
    """Of a change who speaks, heads and speakers have one message each, and nobody else; not before the school was told."""
    told_of: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for each in final.messages:
        told_of[each.event].append((each.person, each.made_at))
    trusts = {
        (story, record.subject): dict(record.said.trusts)
        for _, record in _internal(final)
        if isinstance(record.said, ReleaseSaid)
        for story in record.said.releases
    }
    seen: set[str] = set()
    for topic, record in _internal(final):
        said = record.said
        if not isinstance(said, ChangeSaid) or record.id in seen or not _is_read(topic, final):
            continue
        seen.add(record.id)
        if record.sequence <= final.since.get((topic, record.key), 0) or record.sensitivity == "confidential":
            continue
        may_know = record.told or record.part in releases
        hears = {} if record.told else trusts.get(record.part, {})
        due = _people(said, final.heads_of.get(record.subject, frozenset()), hears) if may_know else set()
        people = {person for person, _ in told_of.get(record.id, ())}
        for _ in due - people:
            yield (
                "I1",
                f"somebody was to hear that another speaks for {record.subject} ({record.id}), and has no message",
            )
        for _ in people - due:
            yield "I13", f"somebody heard who speaks for {record.subject} ({record.id}) whom it does not concern"
        if not record.told and people:
            known_at = min((final.read_at.get(id_, 0.0) for id_ in releases.get(record.part, ())), default=0.0)
            if any(made_at < known_at for _, made_at in told_of[record.id]):
                yield "I13", f"somebody was written to of {record.id} before the school was told"


def _alerts(final: Final) -> Iterator[Finding]:
    """A desk that comes to speak is alerted once of it, whether or not the school was told; no desk of anything else."""
    alerted: dict[str, set[str]] = defaultdict(set)
    for each in final.alerts:
        alerted[each.event].add(each.person)
    due: dict[str, set[str]] = {}
    for topic, record in _internal(final):
        said = record.said
        if not isinstance(said, ChangeSaid) or record.thing != REASSIGNED or not _is_read(topic, final):
            continue
        if record.sequence > final.since.get((topic, record.key), 0) and record.sensitivity != "confidential":
            due[record.id] = _desks(said, record.authority)
    for event, desks in due.items():
        for _ in desks - alerted[event]:
            yield "I1", f"a desk came to speak by {event}, and was not alerted"
    for event, desks in alerted.items():
        for _ in desks - due.get(event, set()):
            yield "I13", f"a desk was alerted of {event}, by which it does not come to speak"


def _desks(said: ChangeSaid, authority: str) -> set[str]:
    come = [after for before, after in zip(said.before, said.after, strict=True) if after != before]
    return {str(desk_id(authority, after[0])) for after in come if after is not None and after[0] in DESKS}


def _people(said: ChangeSaid, heads: frozenset[str], trusts: dict[str, str]) -> set[str]:
    """``trusts``: who hears for a trust on the day on which the school was told."""
    if said.before == said.after:
        return set()
    found = set(heads)
    for before, after in zip(said.before, said.after, strict=True):
        was, speaks = _hears(before, trusts), _hears(after, trusts)
        found |= {was, speaks} if was != speaks else set()
    return found - {""}


def _hears(who: Who | None, trusts: dict[str, str]) -> str:
    if who is None:
        return ""
    return trusts.get(who[3], who[4]) if who[0] == "trust" else who[4]


def _mails(final: Final) -> Iterator[Finding]:
    """Every message that is due has gone, in one letter; every letter came under its own id, and no other did."""
    for each in (*final.messages, *final.alerts):
        if each.state in ("failed", "in-letter") or (each.state == "waiting" and each.due):
            yield "I1", f"what somebody was to hear of {each.event} is {each.state}"
    for id_, letter in final.letters.items():
        if letter.state == "sent" and not final.mails.get(id_):
            yield "I1", f"letter {id_} counts as sent, and was never received"
        if letter.state == "sent" and not letter.messages:
            yield "I2", f"letter {id_} was sent, and what it told of went in another too"
    for id_ in final.mails.keys() - final.letters.keys():
        yield "I2", f"a letter came under the id {id_}, which is none of ours"


def _agendas(final: Final, releases: Releases) -> Iterator[Finding]:
    """A school whose speakers are others than its group knows is on the agenda of its next meeting once; no other is."""
    changes: dict[str, dict[int, Told]] = defaultdict(dict)
    for _, record in _internal(final):
        said = record.said
        if isinstance(said, ChangeSaid) and said.by_category and said.before != (None, None):
            changes[record.subject][record.sequence] = record
    for urn in final.with_a_group:
        of_school = [record for _, record in sorted(changes.get(urn, {}).items())]
        known = [record for record in of_school if record.told or record.part in releases]
        due = int(bool(known) and _posts(of_school[0], before=True) != _posts(known[-1], before=False))
        items = final.agenda.get(urn, 0)
        if items < due:
            yield "I1", f"{urn} has another speaker, and is on no agenda"
        if items > due:
            yield "I2" if due else "I4", f"{urn} is on the agenda {items} times, where it should be {due} times"


def _posts(record: Told, *, before: bool) -> tuple[Who | None, ...]:
    """Roles and offices, whoever holds them; one system leader is as good as another."""
    assert isinstance(record.said, ChangeSaid)
    speakers = record.said.before if before else record.said.after
    return tuple(who and ((who[0],) if who[0] == "system-leader" else who[:4]) for who in speakers)
