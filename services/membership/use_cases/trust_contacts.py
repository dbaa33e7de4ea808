"""A trust's chief executive or School Improvement Partner leaves, or was entered wrongly (W-16, R0.4).

Who speaks for every academy of the trust is decided again, under the locks in the order that everybody keeps (D3.1):
the trust, then its schools. A day to come is one of the dates at which they are looked at.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.membership.domain import in_post
from services.membership.domain.appointment import TrustContact, hears_for
from services.membership.domain.office import Correction, must_have_reason
from services.membership.domain.standing import Facts
from services.membership.store import people
from services.membership.store.corrections import TRUST_CONTACT, add_correction
from services.membership.store.facts import facts_of
from services.membership.store.schools import lock_trusts, schools_of_trusts
from services.membership.use_cases.correct_past import correct_past, remember
from services.membership.use_cases.hold import hold
from services.membership.use_cases.reroute import Change, reroute
from services.membership.use_cases.tell_lines import tell_contacts
from shared.store import UnitOfWork


@dataclass(frozen=True)
class _Post:
    """A post of a locked trust with all who held it, and the trust's schools, locked."""

    trust_id: str
    what: str
    holders: list[TrustContact]
    urns: list[str]


async def end_trust_contact(uow: UnitOfWork, trust_id: str, post: str, *, ended_on: date) -> TrustContact:
    """The post is vacant from that day on, until somebody is entered who holds it."""
    held = await _hold(uow, trust_id, post)
    present, ended = in_post.end(held.holders, ended_on, held.what)
    before = await remember(uow, held.urns, ended_on)
    await people.rewrite_trust_contact(uow, present, ended)
    await _look_again(uow, held, before, ended_on)
    return ended


async def correct_trust_contact(
    uow: UnitOfWork, trust_id: str, post: str, correction: Correction, *, on: date, reason: str, corrected_by: str
) -> TrustContact:
    """Another person held the post in the time of that day, or on other days."""
    must_have_reason(reason)
    held = await _hold(uow, trust_id, post)
    wrong = in_post.on_day(held.holders, on, held.what)
    if correction.person_id is not None:
        await people.must_be_known(uow, [correction.person_id])
    right = in_post.correct([each for each in held.holders if each != wrong], wrong, correction)
    since = min(wrong.from_date, right.from_date)
    before = await remember(uow, held.urns, since)
    await people.rewrite_trust_contact(uow, wrong, right)
    await add_correction(
        uow, TRUST_CONTACT, in_post.name_of(wrong), withdrawn=False, reason=reason, corrected_by=corrected_by
    )
    await _look_again(uow, held, before, since)
    return right


async def withdraw_trust_contact(
    uow: UnitOfWork, trust_id: str, post: str, *, on: date, reason: str, withdrawn_by: str
) -> TrustContact:
    """Whoever is entered for that day never held the post."""
    must_have_reason(reason)
    held = await _hold(uow, trust_id, post)
    wrong = in_post.on_day(held.holders, on, held.what)
    before = await remember(uow, held.urns, wrong.from_date)
    await people.remove_trust_contact(uow, wrong)
    await add_correction(
        uow, TRUST_CONTACT, in_post.name_of(wrong), withdrawn=True, reason=reason, corrected_by=withdrawn_by
    )
    await _look_again(uow, held, before, wrong.from_date)
    return wrong


async def who_hear(uow: UnitOfWork, urn: str) -> dict[str, UUID | None]:
    """For each trust that the school belongs or belonged to, who is written to today; nobody where nobody is in post."""
    around = (await facts_of(uow, [urn]))[urn].circumstances
    contacts, headships = around.trust_contacts, around.headships
    return {each.trust_id: hears_for(contacts, headships, each.trust_id, urn, uow.today) for each in around.trusts}


async def _hold(uow: UnitOfWork, trust_id: str, post: str) -> _Post:
    await lock_trusts(uow, [trust_id])
    urns = await hold(uow, await schools_of_trusts(uow, [trust_id]))
    holders = [each for each in await people.trust_contacts(uow, [trust_id]) if each.post == post]
    return _Post(trust_id, f"The post of {post} of trust {trust_id}", holders, urns)


async def _look_again(uow: UnitOfWork, held: _Post, before: Mapping[str, Facts], since: date) -> None:
    await tell_contacts(uow, [held.trust_id])
    await reroute(uow, held.urns, Change("trust", dict.fromkeys(held.urns, uow.cause)))
    await correct_past(uow, before, since, {})
