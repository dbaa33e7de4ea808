"""No officer writes into another authority: each writing route, asked by an officer of 801 about things of 937.

A new writing route needs a row in NAMED, or a reason in BELONG_TO_NOBODY: without one the last test fails. What belongs
to which authority is said in docs/decisions/0020.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.membership.domain.body import Body, Membership
from services.membership.domain.known import ENTRY_LIFTS
from services.membership.domain.office import Term
from services.membership.domain.proposal import Proposal
from services.membership.store import asks, bodies, due, failed_due, people, proposals
from services.membership.store.asks import Ask as Question
from services.membership.store.people import Person
from services.membership.use_cases import inspection_calls, la_category, overrides
from services.membership.use_cases.keep_register import keep_schools
from services.membership.use_cases.take_on import TakenOn, take_on
from services.membership.web.api import routes
from shared.messaging.cause import new_id
from shared.store import Store
from shared.web.application import application
from tests.conftest import Databases
from tests.store.membership.asking import Ask, asking
from tests.store.membership.conftest import START, Authority, abbey_in, line

THEIRS, OURS, OUR_ACADEMY, NOWHERE = "900003", "910001", "910002", "919999"
THEIR_TRUST, OUR_TRUST, SHARED_TRUST = "7001", "8001", "9001"
OFFICER = {"roles": ["la.officer"], "authorities": ["801"]}
OF_BOTH = {"roles": ["la.officer"], "authorities": ["801", "937"]}
ON = START.isoformat()
LATER = "2024-03-01"


@dataclass
class Two:
    """Abbey in 937, and in 801 a body, two schools, a head and a trust; and one trust that has schools in both."""

    abbey: Authority
    ask: Ask
    ids: dict[str, UUID] = field(default_factory=dict)

    def __getattr__(self, name: str) -> str:
        return str(self.ids[name])


@pytest.fixture(scope="module")
async def two(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Two]:
    """One for all: what is refused changes nothing."""
    database = databases("membership")
    store = Store(database.app_url, service="membership")
    abbey = await abbey_in(store)
    client, ask = asking(store, tmp_path_factory.mktemp("keys"))
    two = Two(abbey, ask)
    async with client:
        await _furnish(two)
        yield two
    await store.close()
    databases.drop(database)


async def _furnish(two: Two) -> None:
    abbey, who = two.abbey, two.abbey.people
    ids = two.ids = {name: uuid4() for name in ("our_body", "our_head", "our_term", "proposal", "question")}
    lines = [
        line(OURS, authority="801"),
        line(OUR_ACADEMY, authority="801", type_code="34", trust_id=OUR_TRUST, trust_name="Quay Trust"),
        line("910003", authority="801", type_code="34", trust_id=SHARED_TRUST, trust_name="Two Counties"),
        line("900013", type_code="34", trust_id=SHARED_TRUST, trust_name="Two Counties"),
    ]
    await abbey.do(lambda uow: keep_schools(uow, lines))
    ours = Body(
        ids["our_body"], "801", "excellence-group", "Quay", [], START, None, None, "04-01", new_id(), new_id(), new_id()
    )
    given = TakenOn(
        authority="801",
        people=[Person(ids["our_head"], "801", "Invented head", "head@example.org", None)],
        bodies=[ours],
        terms=[Term(ids["our_term"], new_id(), ours.body_id, "chair", ids["our_head"], START, None, "taken-on")],
        memberships=[Membership(ours.body_id, OURS, START, None, True)],
    )
    await abbey.do(lambda uow: take_on(uow, given))
    ids |= {"body": abbey.body_id, "head": who["chair"], "leader": who["leader"]}
    entry = await abbey.do(lambda uow: la_category.set_la_category(
        uow, THEIRS, category=3, from_date=START, reason="Why", review_on=None, set_by="officer"
    ))  # fmt: skip
    override = await abbey.do(lambda uow: overrides.set_override(
        uow, THEIRS, matter="both", person_id=None, from_date=START, until=date(2024, 5, 1), reason="Why", set_by="officer"
    ))  # fmt: skip
    await abbey.publish(THEIRS, START, headline=2, number="N937")
    await abbey.publish(OURS, START, headline=2, number="N801")
    call = await abbey.do(lambda uow: inspection_calls.start(uow, "900004", started_by="head"))
    proposal = Proposal(ids["proposal"], THEIRS, 2, "N937", START, (await abbey.do(_now)), START)
    await abbey.do(lambda uow: proposals.add_proposals(uow, [(proposal, new_id())]))
    question = Question(ids["question"], "head-of-continuing-school", THEIRS, START, "Who heads it?")
    await abbey.do(lambda uow: asks.ask(uow, [question]))
    (allocation,) = await abbey.do(lambda uow: people.allocations(uow, ["900002"]))
    term = (await abbey.do(lambda uow: bodies.terms(uow, [abbey.body_id])))[0]
    ids |= {"entry": entry.entry_id, "override": override.override_id, "call": call.call.call_id}
    ids |= {"allocation": allocation.allocation_id, "term": term.term_id}
    undone = due.Due(ENTRY_LIFTS, str(entry.entry_id), START)
    await abbey.do(lambda uow: due.put_off(uow, [undone]))
    why = "It can't be done"
    ids["failure"] = await abbey.do(
        lambda uow: failed_due.keep(uow, kind=undone.kind, subject=undone.subject, on=START, because=why)
    )
    assert [each["on"] for each in (await two.ask("/due", {"roles": ["la.officer"]})).json()] == [ON]


async def _now(uow: Any) -> Any:
    return uow.now


@dataclass(frozen=True)
class Named:
    """An act of the officer of 801 that names something of 937, by that entry. ``hidden``: to her there is no such thing."""

    route: str
    entry: str
    body: Callable[[Two], Any]
    path: Callable[[Two], str] | None = None
    hidden: bool = False

    def __str__(self) -> str:
        return f"{self.route} {self.entry}"

    def address(self, two: Two) -> str:
        if self.path is not None:
            return self.path(two)
        known = {
            "urn": THEIRS, "inspection_number": "N937", "authority": "937", "code": "937", "body_id": two.body,
            "term_id": two.term, "allocation_id": two.allocation, "entry_id": two.entry, "call_id": two.call,
            "override_id": two.override, "ask_id": two.question, "proposal_id": two.proposal, "person_id": two.head,
            "failure_id": two.failure, "trust_id": THEIR_TRUST, "post": "chief-executive", "kind": "category", "version": 1,
            "desk": "duty-desk",
        }  # fmt: skip
        return self.route.format(**known)


def _outcome(number: str = "N1", **named: str) -> dict[str, Any]:
    known = {"urn": OURS, "inspection_number": number, "kind": "graded", "headline": 2}
    return {"outcomes": [{**known, "inspection_started_on": ON, "published_on": ON, **named}]}


def _part(**lists: list[dict[str, Any]]) -> dict[str, Any]:
    return {"authority": "801", **lists}


REASON = {"reason": "A slip"}
NAMED = [
    Named("/schools/{urn}/la-category", "urn", lambda w: {"category": 3, "from": ON, "reason": "Why"}),
    Named("/schools/{urn}/la-category/lift", "urn", lambda w: REASON),
    Named("/schools/{urn}/told", "urn", lambda w: {}),
    Named("/outcomes", "outcomes[0].urn", lambda w: _outcome(urn=THEIRS)),
    Named("/outcomes", "outcomes[0].urn_at_time", lambda w: _outcome(urn_at_time=THEIRS)),
    Named("/outcomes", "outcomes[0].inspection_number", lambda w: _outcome("N937")),
    Named("/outcomes/{inspection_number}/withdraw", "inspection_number", lambda w: REASON),
    Named("/outcomes/{inspection_number}/believe", "inspection_number", lambda w: REASON),
    Named("/outcomes/{inspection_number}/withdrawal-stands", "inspection_number", lambda w: {}),
    Named("/outcomes/{inspection_number}/correct-number", "inspection_number", lambda w: {"number": "N938", "reason": "A slip"}),
    Named("/authorities/{authority}/policies/routing", "", lambda w: {"name": "bristol", "reason": "Why"}),
    Named("/authorities/{authority}/policies/category", "", lambda w: {"name": "propose", "reason": "Why"}),
    Named("/authorities/{authority}/policies/routing/{version}/correct", "", lambda w: {"name": "bristol", "reason": "Why"}),
    Named("/authorities/{authority}/policies/category/{version}/correct", "", lambda w: {"name": "la", "reason": "Why"}),
    Named("/authorities/{authority}/policies/{kind}/{version}/withdraw", "", lambda w: REASON),
    Named("/authorities/{code}/settings", "", lambda w: REASON),
    Named("/bodies/{body_id}/offices", "body_id",
          lambda w: {"post": "acting-chair", "person_id": w.our_head, "from": ON}),
    Named("/bodies/{body_id}/change-of-office", "body_id", lambda w: {"post": "chair", "person_id": w.our_head, "from": ON}),
    Named("/offices/{term_id}/end", "term_id", lambda w: {"ended_on": LATER, "reason": "Why"}),
    Named("/offices/{term_id}/correct", "term_id", lambda w: {"from": "2022-10-01", "reason": "A slip"}),
    Named("/offices/{term_id}/withdraw", "term_id", lambda w: REASON),
    Named("/people/{person_id}/moves", "to_urn", lambda w: {"to_urn": THEIRS, "on": ON},
          lambda w: f"/people/{w.our_head}/moves"),
    Named("/people/{person_id}/moves", "person_id", lambda w: {"to_urn": OURS, "on": ON}),
    Named("/people/{person_id}/moves", "from_urn", lambda w: {"to_urn": OURS, "on": ON}),
    Named("/people/{person_id}/contact-details", "person_id", lambda w: {"email": "a@example.org"}),
    Named("/schools/{urn}/allocations", "urn", lambda w: {"person_id": w.leader, "from": ON}),
    Named("/allocations/{allocation_id}/end", "allocation_id", lambda w: {"ended_on": LATER}),
    Named("/allocations/{allocation_id}/correct", "allocation_id", lambda w: {"until": LATER, "reason": "A slip"}),
    Named("/allocations/{allocation_id}/withdraw", "allocation_id", lambda w: REASON),
    Named("/la-category/{entry_id}/withdraw", "entry_id", lambda w: REASON),
    Named("/la-category/{entry_id}/correct-lifting", "entry_id", lambda w: {"on": ON, "reason": "A slip"}),
    Named("/la-category/{entry_id}/take-lifting-back", "entry_id", lambda w: REASON),
    Named("/la-category/{entry_id}/keep", "entry_id", lambda w: {"review_on": LATER, "reason": "Why"}),
    Named("/authorities/{code}/desks/{desk}/contact-details", "", lambda w: {"telephone": "01632 960002"}),
    Named("/la-category/{entry_id}/correct-review", "entry_id", lambda w: {"review_on": LATER, "reason": "A slip"}),
    Named("/authorities/{code}/desks/{desk}/officer-of-the-day", "", lambda w: {"person_id": w.our_head}),
    Named("/authorities/{code}/desks/{desk}/officer-of-the-day", "person_id", lambda w: {"person_id": w.head},
          lambda w: "/authorities/801/desks/duty-desk/officer-of-the-day"),
    Named("/schools/{urn}/headships", "urn", lambda w: {"person_id": w.our_head, "from": ON}),
    Named("/schools/{urn}/headships", "person_id", lambda w: {"person_id": w.head, "from": ON},
          lambda w: f"/schools/{OURS}/headships"),
    Named("/schools/{urn}/headships/{person_id}/end", "urn", lambda w: {"ended_on": LATER}),
    Named("/schools/{urn}/headships/{person_id}/end", "person_id", lambda w: {"ended_on": LATER},
          lambda w: f"/schools/{OURS}/headships/{w.head}/end"),
    Named("/schools/{urn}/headships/{person_id}/correct", "urn", lambda w: {"on": ON, "until": LATER, "reason": "A slip"}),
    Named("/schools/{urn}/headships/{person_id}/correct", "person_id",
          lambda w: {"on": ON, "person_id": w.head, "reason": "A slip"},
          lambda w: f"/schools/{OURS}/headships/{w.our_head}/correct"),
    Named("/schools/{urn}/headships/{person_id}/withdraw", "urn", lambda w: {"on": ON, "reason": "A slip"}),
    Named("/trusts/{trust_id}/contacts/{post}/end", "trust_id", lambda w: {"ended_on": LATER}),
    Named("/trusts/{trust_id}/contacts/{post}/correct", "trust_id", lambda w: {"on": ON, "until": LATER, "reason": "A slip"}),
    Named("/trusts/{trust_id}/contacts/{post}/withdraw", "trust_id", lambda w: {"on": ON, "reason": "A slip"}),
    Named("/schools/{urn}/chair-of-governors", "urn", lambda w: {"person_id": w.our_head, "from": ON}),
    Named("/schools/{urn}/chair-of-governors", "person_id", lambda w: {"person_id": w.head, "from": ON},
          lambda w: f"/schools/{OURS}/chair-of-governors"),
    Named("/schools/{urn}/chair-of-governors/end", "urn", lambda w: {"ended_on": LATER}),
    Named("/take-on", "", lambda w: {"authority": "937", "authority_name": "Ours now"}),
    Named("/take-on", "bodies[0].body_id", lambda w: _part(
        bodies=[{"body_id": w.body, "kind": "primary-consortium", "name": "Ours", "opened_on": ON}])),
    Named("/take-on", "offices[1].body_id", lambda w: _part(
        offices=[{"term_id": str(uuid4()), "body_id": body, "post": "acting-chair", "person_id": w.our_head, "from": LATER}
                 for body in (w.our_body, w.body)])),
    Named("/take-on", "headships[0].urn", lambda w: _part(
        headships=[{"person_id": w.our_head, "urn": THEIRS, "from": ON}])),
    Named("/take-on", "headships[0].person_id", lambda w: _part(
        headships=[{"person_id": w.head, "urn": OURS, "from": "2001-09-01"}])),
    Named("/take-on", "memberships[0].body_id", lambda w: _part(
        memberships=[{"body_id": w.body, "urn": OUR_ACADEMY, "from": ON}])),
    Named("/take-on", "memberships[0].urn", lambda w: _part(
        memberships=[{"body_id": w.our_body, "urn": "900013", "from": ON}])),
    Named("/take-on", "allocations[0].urn", lambda w: _part(
        allocations=[{"allocation_id": str(uuid4()), "urn": THEIRS, "person_id": w.our_head, "from": ON}])),
    Named("/take-on", "trust_contacts[0].trust_id", lambda w: _part(
        trust_contacts=[{"trust_id": THEIR_TRUST, "post": "school-improvement-partner", "person_id": w.our_head, "from": ON}])),
    Named("/take-on", "chairs_of_governors[0].urn", lambda w: _part(
        chairs_of_governors=[{"person_id": w.our_head, "urn": THEIRS, "from": ON}])),
    Named("/take-on", "chairs_of_governors[0].person_id", lambda w: _part(
        chairs_of_governors=[{"person_id": w.head, "urn": OURS, "from": ON}])),
    Named("/schools/{urn}/inspection-calls", "", lambda w: {}),  # a head's act as well
    Named("/inspection-calls/{call_id}/accept", "", lambda w: {}, hidden=True),
    Named("/inspection-calls/{call_id}/cannot", "", lambda w: {}, hidden=True),
    Named("/inspection-calls/{call_id}/close", "", lambda w: REASON),
    Named("/schools/{urn}/overrides", "urn", lambda w: {"from": "2024-06-01", "until": "2024-07-01", "reason": "Why"}),
    Named("/overrides/{override_id}/end", "override_id", lambda w: REASON),
    Named("/bodies/{body_id}/schools", "body_id", lambda w: {"urn": OUR_ACADEMY, "from": ON}),
    Named("/bodies/{body_id}/schools", "urn", lambda w: {"urn": "900013", "from": ON},
          lambda w: f"/bodies/{w.our_body}/schools"),
    Named("/bodies/{body_id}/close", "body_id", lambda w: {"closed_on": LATER, "reason": "A merger"}),
    Named("/bodies/{body_id}/closing/correct", "body_id", lambda w: {"closed_on": LATER, "reason": "A slip"}),
    Named("/bodies/{body_id}/closing/withdraw", "body_id", lambda w: REASON),
    Named("/bodies/{body_id}/schools/{urn}/leave", "body_id", lambda w: {"left_on": LATER}),
    Named("/bodies/{body_id}/schools/{urn}/correct", "body_id", lambda w: {"on": ON, "until": LATER, "reason": "A slip"}),
    Named("/bodies/{body_id}/schools/{urn}/correct", "body_id",
          lambda w: {"on": ON, "body_id": w.body, "reason": "A slip"}, lambda w: f"/bodies/{w.our_body}/schools/{OURS}/correct"),
    Named("/bodies/{body_id}/schools/{urn}/correct", "urn", lambda w: {"on": ON, "until": LATER, "reason": "A slip"},
          lambda w: f"/bodies/{w.our_body}/schools/{THEIRS}/correct"),
    Named("/bodies/{body_id}/schools/{urn}/withdraw", "body_id", lambda w: {"on": ON, "reason": "A slip"}),
    Named("/schools/{urn}/lead-body", "urn", lambda w: {"body_id": w.our_body, "from": ON}),
    Named("/schools/{urn}/lead-body", "body_id", lambda w: {"body_id": w.body, "from": ON},
          lambda w: f"/schools/{OURS}/lead-body"),
    Named("/asks/{ask_id}/answer", "ask_id", lambda w: {"answer": "She stays"}),
    Named("/proposals/{proposal_id}/confirm", "proposal_id", lambda w: {}),
    Named("/proposals/{proposal_id}/decline", "proposal_id", lambda w: REASON),
    Named("/proposals/{proposal_id}/take-back", "proposal_id", lambda w: REASON),
    Named("/due/{failure_id}/retry", "", lambda w: {}, hidden=True),
    Named("/due/{failure_id}/discard", "", lambda w: REASON, hidden=True),
]  # fmt: skip

# What is nobody's in particular, and why: everything else names something that belongs to an authority.
BELONG_TO_NOBODY = {
    "/tick": "does at once, for every authority, what the service does by itself",
    "/imports/{kind}": "a register's file speaks of the whole country (decision 20)",
    "/imports/{import_id}/retry": "the same file again",
    "/imports/{import_id}/discard": "the rest of such a file",
    "/clock": "the test clock, for the demo alone",
    "/parked/{parked_id}/retry": "also of the ops team, by the record's key: tests/store/shared/test_platform_api.py",
    "/parked/{parked_id}/discard": "the same",
}


TABLES = [
    "outbox",
    "audit",
    "person",
    "membership",
    "membership_past",
    "term",
    "headship",
    "trust_contact",
    "body",
    "failed_due",
]
COUNTED = f"select {', '.join(f'(select count(*) from {table})' for table in TABLES)}"


async def written(two: Two) -> tuple[int, ...]:
    """How much was ever recorded, told or audited, and how many people and places are known."""
    async with two.abbey.store.unit() as uow:
        return tuple(await uow.row(COUNTED) or ())


@pytest.mark.parametrize("named", NAMED, ids=str)
async def test_an_officer_changes_nothing_of_another_authority(two: Two, named: Named) -> None:
    """The refusal names the entry, whose it is, and what to do."""
    before = await written(two)
    answer = await two.ask(named.address(two), OFFICER, named.body(two))
    assert answer.status_code == (404 if named.hidden else 403), answer.text
    if not named.hidden:
        said = answer.json()["detail"]
        assert "937" in said
        assert named.entry in said
        assert not named.entry or "have an officer of that authority" in said
    assert await written(two) == before


async def test_a_part_with_one_foreign_entry_is_refused_whole_and_every_such_entry_is_named(two: Two) -> None:
    before = await written(two)
    newcomer = str(uuid4())
    part = _part(
        people=[{"person_id": newcomer, "name": "New", "email": "new@example.org"}],
        headships=[{"person_id": newcomer, "urn": urn, "from": ON} for urn in (OURS, THEIRS, "900004")],
    )
    answer = await two.ask("/take-on", OFFICER, part)
    assert answer.status_code == 403
    said = answer.json()["detail"]
    assert f"headships[1].urn (school {THEIRS}, authority 937)" in said
    assert "headships[2].urn (school 900004, authority 937)" in said
    assert "headships[0]" not in said
    assert await written(two) == before


@pytest.mark.parametrize(
    ("path", "body", "sentence"),
    [
        ("/take-on", lambda w: _part(headships=[{"person_id": w.our_head, "urn": NOWHERE, "from": ON}]), NOWHERE),
        ("/take-on", lambda w: _part(trust_contacts=[
            {"trust_id": "6006", "post": "chief-executive", "person_id": w.our_head, "from": ON}]), "6006"),
        ("/bodies/{0.our_body}/schools", lambda w: {"urn": NOWHERE, "from": ON}, NOWHERE),
    ],
)  # fmt: skip
async def test_what_the_register_lacks_is_nobodys_yet_and_the_refusal_says_to_import_it_first(
    two: Two, path: str, body: Callable[[Two], Any], sentence: str
) -> None:
    """Else it would be written today into whichever authority the register gives it to tomorrow."""
    before = await written(two)
    answer = await two.ask(path.format(two), OFFICER, body(two))
    assert answer.status_code == 404, answer.text
    assert sentence in answer.json()["detail"]
    assert "register's latest file" in answer.json()["detail"]
    assert await written(two) == before


@pytest.mark.parametrize(
    ("who", "path", "body"),
    [
        (OFFICER, "/take-on", lambda w: _part(trust_contacts=[
            {"trust_id": trust, "post": "chief-executive", "person_id": w.our_head, "from": ON}
            for trust in (OUR_TRUST, SHARED_TRUST)])),
        (OFFICER, "/outcomes", lambda w: _outcome("N2", urn=NOWHERE)),  # it waits for the school
        (OF_BOTH, "/people/{0.head}/moves", lambda w: {"to_urn": OUR_ACADEMY, "on": LATER}),
    ],
)  # fmt: skip
async def test_what_is_her_own_she_writes(two: Two, who: Any, path: str, body: Callable[[Two], Any]) -> None:
    """A trust is that of each authority in which it has a school; a head moves over a border with a sign-in for both sides."""
    answer = await two.ask(path.format(two), who, body(two))
    assert answer.status_code in (200, 201), answer.text


async def test_a_term_of_office_is_not_taken_on_under_the_id_of_another(two: Two) -> None:
    """Of another authority's body, and twice in one part: a sentence that names the entry and the cure."""

    def office(term_id: Any, post: str) -> dict[str, Any]:
        return {"term_id": str(term_id), "body_id": two.our_body, "post": post, "person_id": newcomer, "from": LATER}

    before, newcomer = await written(two), str(uuid4())
    people = [{"person_id": newcomer, "name": "New", "email": "new@example.org"}]
    own = uuid4()
    for offices in (
        [office(uuid4(), "acting-chair"), office(two.term, "deputy")],
        [office(own, "acting-chair"), office(own, "deputy")],
    ):
        answer = await two.ask("/take-on", OFFICER, _part(people=people, offices=offices))
        assert answer.status_code == 422, answer.text
        said = answer.json()["detail"]
        assert said.startswith(f"offices[1].term_id: {offices[1]['term_id']}")
        assert "an id of its own" in said
        assert await written(two) == before


def test_every_writing_route_has_its_row() -> None:
    app = application("membership", [routes], store=None, verifier=None, test_clock=True)
    there = {route.path.removeprefix("/api/v1") for route in app.state.guarded if "POST" in route.methods}
    said = {each.route for each in NAMED} | set(BELONG_TO_NOBODY)
    assert sorted(there - said) == [], "say here what of another authority it could name, and see it refused"
    assert sorted(said - there) == [], "no longer there"
    writing = {method for route in app.state.guarded for method in route.methods} - {"GET", "HEAD"}
    assert writing == {"POST"}
