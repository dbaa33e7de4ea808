"""A policy that was adopted by mistake is corrected or withdrawn, also later: as if it had never been adopted (R0.1, R0.4)."""

from datetime import date
from functools import partial
from typing import Any

import pytest

from services.membership.domain.adopted import AppliesFromTheBeginning, StandsNoLonger, UnknownPolicyVersion
from services.membership.domain.office import CorrectionNeedsReason, NothingToCorrect
from services.membership.domain.routing_policy import Matter
from services.membership.domain.standing import standing
from services.membership.store.facts import facts_of
from services.membership.store.policies import policies_of
from services.membership.use_cases import policies
from services.membership.use_cases.policies import PolicyAdopted, UnknownAuthority, UnknownCategoryPolicy
from tests.store.membership.asking import OFFICER, Ask
from tests.store.membership.conftest import START, Authority
from tests.store.membership.test_proposals import adopt, confirm, decline, in_force, listed, the_proposal

ELM = "900003"  # a maintained school
MISTAKE, BETWEEN, LEARNED, LATER = date(2024, 3, 1), date(2024, 3, 8), date(2024, 3, 20), date(2024, 4, 15)
CATEGORY, REASSIGNED, HISTORY = "category-in-force.changed", "representation.reassigned", "history.corrected"


@pytest.fixture
async def abbey_in_march(abbey: Authority) -> Authority:
    """Bristol's routing was adopted for Warwickshire on 1 March, and it is 20 March."""
    await abbey.on(MISTAKE)
    await route(abbey, "bristol", MISTAKE)
    await abbey.on(LEARNED)
    await abbey.forget_said()
    return abbey


async def route(abbey: Authority, name: str, on: date, **settings: Any) -> None:
    await abbey.do(
        lambda uow: policies.adopt_routing_policy(
            uow, "937", name=name, from_date=on, settings=settings, reason="Cabinet, item 4", adopted_by="officer"
        )
    )


async def withdraw(abbey: Authority, kind: str, version: int, reason: str = "A slip") -> PolicyAdopted:
    return await abbey.do(
        lambda uow: policies.withdraw_policy(uow, "937", kind, version, reason=reason, withdrawn_by="officer")
    )


async def correct(
    abbey: Authority, kind: str, version: int, *, reason: str = "The minute says so", **says: Any
) -> PolicyAdopted:
    return await abbey.do(
        lambda uow: policies.correct_policy(uow, "937", kind, version, reason=reason, corrected_by="officer", **says)
    )


async def applies(abbey: Authority, kind: str) -> list[tuple[str, int, date | None, date | None]]:
    found = await abbey.do(lambda uow: policies_of(uow, "937"))
    return [
        (each["name"], each["version"], each["from_date"], each["until"])
        for each in found
        if each["kind"] == kind and each["counts"]
    ]


async def role(abbey: Authority, on: date, *, known: date) -> str:
    facts = (await abbey.do(partial(facts_of, schools=[ELM], known=known)))[ELM]
    speaker = standing(facts, on).speaker(Matter.GENERAL)
    assert speaker is not None
    return speaker.role.value


async def test_withdrawn_what_applied_before_goes_on_and_the_days_between_are_corrected(
    abbey_in_march: Authority,
) -> None:
    """R0.3, R0.4: who spoke meanwhile stays as it was answered."""
    abbey = abbey_in_march
    done = await withdraw(abbey, "routing", 2)
    assert (done.name, done.version, done.schools) == ("bristol", 2, 6)
    assert await applies(abbey, "routing") == [("warwickshire", 1, None, None)]
    assert [(since, role) for since, _, role, _ in await abbey.answers(ELM)] == [
        (START, "chair"),
        (MISTAKE, "improvement-desk"),
        (LEARNED, "chair"),
    ]
    (told,) = await abbey.said(REASSIGNED, urn=ELM)
    assert (told.data["cause"], told.data["policy"], told.data["policy_version"]) == ("policy", "warwickshire", 1)
    (history,) = await abbey.said(HISTORY, urn=ELM)
    assert [history.data[name] for name in ("what", "from_date", "until")] == [
        "representation", "2024-03-01", "2024-03-20",
    ]  # fmt: skip


async def test_which_policy_was_known_to_apply_stays_known(abbey_in_march: Authority) -> None:
    """R0.4"""
    await withdraw(abbey_in_march, "routing", 2)
    assert await role(abbey_in_march, BETWEEN, known=BETWEEN) == "improvement-desk"
    assert await role(abbey_in_march, BETWEEN, known=LEARNED) == "chair"


async def test_withdrawn_before_its_day_nobody_hears_of_it(abbey: Authority) -> None:
    """R0.4: what lay ahead was told to nobody; it doesn't begin."""
    await route(abbey, "bristol", MISTAKE)
    await withdraw(abbey, "routing", 2)
    await abbey.on(MISTAKE)
    assert await abbey.said(REASSIGNED, HISTORY) == []
    assert [role for _, _, role, _ in await abbey.answers(ELM)] == ["chair"]


async def test_what_was_planned_before_the_mistake_is_planned_again(abbey: Authority) -> None:
    """R0.3: adopted for a day before it, the mistake had taken it back."""
    await route(abbey, "bristol", LATER)
    await abbey.on(MISTAKE)
    await route(abbey, "duty-desk-only", MISTAKE)
    assert [name for name, *_ in await applies(abbey, "routing")] == ["warwickshire", "duty-desk-only"]
    await abbey.on(LEARNED)
    await withdraw(abbey, "routing", 3)
    assert await applies(abbey, "routing") == [("warwickshire", 1, None, LATER), ("bristol", 2, LATER, None)]
    await abbey.on(LATER)
    assert [role for _, _, role, _ in await abbey.answers(ELM)][-2:] == ["chair", "improvement-desk"]


async def test_what_was_adopted_since_the_mistake_stays(abbey_in_march: Authority) -> None:
    """R0.3, R0.4: from its own day on; before that day what applied before the mistake."""
    abbey = abbey_in_march
    await route(abbey, "duty-desk-only", LEARNED)
    await abbey.on(LATER)
    await abbey.forget_said()
    await withdraw(abbey, "routing", 2)
    assert await applies(abbey, "routing") == [
        ("warwickshire", 1, None, LEARNED),
        ("duty-desk-only", 3, LEARNED, None),
    ]
    assert await abbey.said(REASSIGNED) == []
    (history,) = await abbey.said(HISTORY, urn=ELM)
    assert (history.data["from_date"], history.data["until"]) == (str(MISTAKE), str(LEARNED))


async def test_another_policy_from_the_same_day_stands_in_its_place(abbey: Authority) -> None:
    """R0.1, R0.4: the council had decided for its own categories, and `propose` was entered."""
    await abbey.on(START)
    await abbey.publish(ELM, START, headline=4)
    await abbey.on(MISTAKE)
    await adopt(abbey, "propose", MISTAKE)
    await abbey.on(LEARNED)
    await abbey.forget_said()
    done = await correct(abbey, "category", 2, name="la")
    assert (done.name, done.version, done.from_date) == ("la", 3, MISTAKE)
    assert await applies(abbey, "category") == [("ofsted", 1, None, MISTAKE), ("la", 3, MISTAKE, None)]
    (changed,) = await abbey.said(CATEGORY, urn=ELM)
    assert [changed.data[name] for name in ("before", "after", "because", "because_ref")] == [4, None, "policy", "la 3"]
    (history,) = await abbey.said(HISTORY, urn=ELM)
    assert (history.data["what"], history.data["from_date"]) == ("category-in-force", str(MISTAKE))
    with pytest.raises(StandsNoLonger, match="version 3 stands in its place"):
        await withdraw(abbey, "category", 2)
    await withdraw(abbey, "category", 3)
    assert await applies(abbey, "category") == [("ofsted", 1, None, None)]


@pytest.mark.parametrize("really", [date(2024, 2, 1), BETWEEN, LATER])
async def test_from_another_day_it_applies_from_then(abbey_in_march: Authority, really: date) -> None:
    """R0.3, R0.4: earlier, later, and on a day to come."""
    abbey = abbey_in_march
    await correct(abbey, "routing", 2, from_date=really)
    assert await applies(abbey, "routing") == [("warwickshire", 1, None, really), ("bristol", 3, really, None)]
    (history,) = await abbey.said(HISTORY, urn=ELM)
    wrong = sorted({MISTAKE, min(really, LEARNED)})
    assert (history.data["from_date"], history.data["until"]) == (str(wrong[0]), str(wrong[-1]))
    assert len(await abbey.said(REASSIGNED, urn=ELM)) == (really > LEARNED)
    await abbey.on(LATER)
    assert (await abbey.answers(ELM))[-1][2] == "improvement-desk"


async def test_values_of_a_routing_policy_are_corrected_and_not_those_of_another(abbey: Authority) -> None:
    """R0.3"""
    await abbey.on(START)
    await abbey.publish(ELM, START, headline=3)
    await abbey.on(MISTAKE)
    await route(abbey, "warwickshire", MISTAKE, system_leader_from=4)
    assert (await abbey.answers(ELM))[-1][2] == "chair"
    await abbey.on(LEARNED)
    await correct(abbey, "routing", 2, settings={"system_leader_from": 3})
    assert (await abbey.answers(ELM))[-1][2] == "duty-desk"  # no leader is allocated to it
    await correct(abbey, "routing", 3, name="bristol")
    found = await abbey.do(lambda uow: policies_of(uow, "937"))
    assert [each["settings"] for each in found if each["kind"] == "routing" and each["counts"]][-1] in ("{}", {})


async def test_what_an_authority_was_taken_on_with_is_corrected_for_all_days_and_not_withdrawn(
    abbey: Authority,
) -> None:
    """R0.3"""
    await abbey.on(LEARNED)
    with pytest.raises(AppliesFromTheBeginning):
        await withdraw(abbey, "routing", 1)
    with pytest.raises(AppliesFromTheBeginning):
        await correct(abbey, "routing", 1, from_date=MISTAKE)
    await correct(abbey, "routing", 1, name="bristol")
    assert await applies(abbey, "routing") == [("bristol", 2, None, None)]
    assert await role(abbey, BETWEEN, known=LEARNED) == "improvement-desk"
    (history,) = await abbey.said(HISTORY, urn=ELM)
    assert history.data["from_date"] == str(START)  # nobody was answered before


# -- proposals --


async def test_a_proposal_that_a_mistaken_policy_has_left_open_is_closed(abbey: Authority) -> None:
    """R0.1, R0.4: the outcome decides from its publication on, and the days between are corrected."""
    await abbey.publish(ELM, START, headline=2)
    await abbey.on(MISTAKE)
    await adopt(abbey, "propose", MISTAKE)
    await abbey.on(BETWEEN)
    await abbey.publish(ELM, BETWEEN, headline=3)
    assert await in_force(abbey, BETWEEN) == 2
    proposal_id = await the_proposal(abbey)
    await abbey.on(LEARNED)
    await abbey.forget_said()
    await withdraw(abbey, "category", 2)
    assert await listed(abbey) == []
    (closed,) = await listed(abbey, only_open=False)
    assert (closed["proposal_id"], closed["ended"], closed["ended_on"]) == (proposal_id, "policy", LEARNED)
    assert await in_force(abbey, LEARNED) == 3
    (history,) = await abbey.said(HISTORY, urn=ELM)
    assert [history.data[name] for name in ("what", "from_date", "until")] == [
        "category-in-force", str(BETWEEN), str(LEARNED),
    ]  # fmt: skip


async def test_what_was_confirmed_under_a_mistaken_policy_decides_nothing_any_more(abbey: Authority) -> None:
    """R0.1, R0.4"""
    await abbey.publish(ELM, START, headline=2)
    await abbey.on(MISTAKE)
    await adopt(abbey, "propose", MISTAKE)
    await abbey.publish(ELM, MISTAKE, headline=3)
    await confirm(abbey, await the_proposal(abbey), LATER)
    await withdraw(abbey, "category", 2)
    assert await in_force(abbey, MISTAKE) == 3
    await abbey.on(BETWEEN)
    await abbey.publish(ELM, BETWEEN, headline=2)
    await abbey.on(LATER)
    assert await in_force(abbey, LATER) == 2


async def test_where_propose_was_left_by_mistake_officers_are_asked_again_and_what_was_confirmed_counts(
    abbey: Authority,
) -> None:
    """R0.1, R0.4: the proposal that was open is made anew; what was declined isn't asked again."""
    declined, confirmed = "900001", "900004"
    for urn in (ELM, declined, confirmed):
        await abbey.publish(urn, START, headline=2)
    await abbey.on(date(2024, 1, 10))
    await adopt(abbey, "propose", date(2024, 1, 10))
    await abbey.on(date(2024, 2, 1))
    for urn in (declined, confirmed):
        await abbey.publish(urn, date(2024, 2, 1), headline=3)
        act = confirm if urn == confirmed else decline
        await act(abbey, await the_proposal(abbey))
    await abbey.publish(ELM, date(2024, 2, 1), headline=4)
    was_open = await the_proposal(abbey)
    await abbey.on(MISTAKE)
    await adopt(abbey, "ofsted", MISTAKE)
    assert await listed(abbey) == []
    assert await in_force(abbey, MISTAKE) == 4
    await abbey.on(LEARNED)
    await withdraw(abbey, "category", 3)
    assert await in_force(abbey, LEARNED) == 2
    (asked,) = await listed(abbey)
    assert (asked["urn"], asked["proposed_category"], asked["proposal_id"] == was_open) == (ELM, 4, False)
    facts = await abbey.do(lambda uow: facts_of(uow, [declined, confirmed]))
    assert [standing(facts[urn], LEARNED).category.value for urn in (declined, confirmed)] == [2, 3]


# -- who may, and how --


@pytest.mark.parametrize(
    ("act", "refusal"),
    [
        (partial(withdraw, kind="routing", version=2, reason=" "), CorrectionNeedsReason),
        (partial(correct, kind="routing", version=2, name="warwickshire", reason=" "), CorrectionNeedsReason),
        (partial(correct, kind="routing", version=2), NothingToCorrect),
        (partial(correct, kind="routing", version=2, name="bristol", from_date=MISTAKE), NothingToCorrect),
        (partial(withdraw, kind="routing", version=7), UnknownPolicyVersion),
        (partial(correct, kind="category", version=1, name="none"), UnknownCategoryPolicy),
    ],
)
async def test_a_correction_says_why_and_gives_a_policy_that_there_is(
    abbey_in_march: Authority, act: Any, refusal: type[Exception]
) -> None:
    before = await applies(abbey_in_march, "routing")
    with pytest.raises(refusal):
        await act(abbey_in_march)
    assert (await applies(abbey_in_march, "routing"), await abbey_in_march.said()) == (before, [])


async def test_what_is_withdrawn_counts_no_more_and_stays_listed_with_the_reason(
    abbey_in_march: Authority, ask: Ask
) -> None:
    """R0.4"""
    path = "/authorities/937/policies"
    for _ in range(2):
        answer = await ask(f"{path}/routing/2/withdraw", OFFICER, {"reason": "The wrong council"}, key="slip")
        assert (answer.status_code, answer.json()["version"]) == (200, 2), answer.text
    again = await ask(f"{path}/routing/2/withdraw", OFFICER, {"reason": "The wrong council"})
    assert (again.status_code, "it was withdrawn" in again.json()["detail"]) == (409, True)
    found = [each for each in (await ask(path, OFFICER)).json() if each["kind"] == "routing"]
    assert [(each["name"], each["counts"], each["withdrawn_because"]) for each in found] == [
        ("warwickshire", True, None),
        ("bristol", False, "The wrong council"),
    ]


async def test_an_officer_corrects_a_policy_once_however_often_she_sends_it(
    abbey_in_march: Authority, ask: Ask
) -> None:
    """R0.1, R0.3"""
    path = "/authorities/937/policies"
    for _ in range(2):
        answer = await ask(
            f"{path}/routing/2/correct", OFFICER, {"from": "2024-03-08", "reason": "The minute"}, key="week"
        )
        assert (answer.status_code, answer.json()["version"]) == (200, 3), answer.text
    answer = await ask(f"{path}/category/1/correct", OFFICER, {"inherit": "never", "reason": "The minute"})
    assert (answer.status_code, answer.json()["version"]) == (200, 2), answer.text
    found = (await ask(path, OFFICER)).json()
    assert [(each["name"], each["inherit"], each["in_place_of"]) for each in found if each["kind"] == "category"] == [
        ("ofsted", "converters", None),
        ("ofsted", "never", 1),
    ]


async def test_an_authority_that_was_not_taken_on_has_no_policy_to_put_right(abbey: Authority) -> None:
    with pytest.raises(UnknownAuthority):
        await abbey.do(
            lambda uow: policies.withdraw_policy(uow, "999", "routing", 1, reason="A slip", withdrawn_by="officer")
        )
