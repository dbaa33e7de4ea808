"""The routes of membership, and whose rows a caller may see or change."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.membership.domain.appointment import whom_to_ring
from services.membership.domain.body import UnknownBody
from services.membership.domain.representation import Role
from services.membership.domain.routing_policy import Matter
from services.membership.domain.school import UnknownSchool
from services.membership.domain.trust import UnknownTrust
from services.membership.store import bodies, queries
from services.membership.store.answers import AS_IS, AS_TOLD
from services.membership.store.facts import facts_of
from services.membership.store.schools import school
from services.membership.store.whose import Kind, whose
from services.membership.store.withheld import withheld_of
from shared.auth.tokens import Principal
from shared.store import UnitOfWork
from shared.web.routes import Act, Forbidden, Routes

IMPROVEMENT = {"la.officer", "la.school-improvement"}

routes = Routes(prefix="/api/v1", tags=["membership"])


# -- what is read ---------------------------------------------------------------------------------


def only_of_the_school(act: Act) -> bool:
    """A caller who knows of a school because it is hers, and not because she works in school improvement."""
    return not act.principal.roles & IMPROVEMENT


def signed_in_person(who: Principal) -> UUID | None:
    """A person's own sign-in carries her person id as its subject; an officer's or a program's carries none."""
    try:
        return UUID(who.subject)
    except ValueError:
        return None


async def allow_school(act: Act, uow: UnitOfWork, urn: str) -> None:
    """An officer of the school's authority; a head for the school that is hers."""
    here = await school(uow, urn)
    if not only_of_the_school(act):
        act.allow_authority(here.authority)
    elif urn not in act.principal.urns:
        raise Forbidden("Your sign-in is not for this school.")


async def allow_to_know(act: Act, uow: UnitOfWork, urn: str) -> None:
    """As allow_school, and whoever speaks for the school, as far as the school itself was told (R0.8).

    She is known by her person, in whatever roles she signs in: whom an override names may have none.
    """
    outside = only_of_the_school(act) and urn not in act.principal.urns
    if outside and signed_in_person(act.principal) in await _who_speak(uow, urn):
        return
    await allow_school(act, uow, urn)


async def _who_speak(uow: UnitOfWork, urn: str) -> set[UUID]:
    """Whoever is named on either matter; where the trust itself is, the people whom the answer names there (R0.3)."""
    here = await school(uow, urn)
    answers = AS_TOLD if await withheld_of(uow, [urn]) else AS_IS
    given = [await queries.speaker(uow, here.urn, matter, uow.today, answers) for matter in Matter]
    found: set[UUID] = {each["person_id"] for each in given if each and each["person_id"]}
    for trust_id in {each["trust_id"] for each in given if each and each["role"] == Role.TRUST}:
        around = (await facts_of(uow, [urn]))[urn].circumstances
        speak = whom_to_ring(around.trust_contacts, around.headships, trust_id, urn, uow.today)
        found |= {each.person_id for each in speak}
    return found


async def allow_body(act: Act, uow: UnitOfWork, body_id: UUID) -> None:
    act.allow_authority((await bodies.body(uow, body_id)).authority)


# -- what is written ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Named:
    """Something that a write touches, and the entry that names it. ``new``: it may not be known here yet."""

    kind: Kind
    id: str
    entry: str
    new: bool = False

    def unknown(self) -> Exception:
        if self.kind is Kind.BODY:
            return UnknownBody(UUID(self.id))
        return UnknownSchool(self.id) if self.kind is Kind.SCHOOL else UnknownTrust(self.id)


def the_school(urn: str, entry: str = "urn", *, new: bool = False) -> Named:
    return Named(Kind.SCHOOL, urn, entry, new)


def the_body(body_id: UUID, entry: str = "body_id", *, new: bool = False) -> Named:
    return Named(Kind.BODY, str(body_id), entry, new)


def the_trust(trust_id: str, entry: str = "trust_id") -> Named:
    return Named(Kind.TRUST, trust_id, entry)


def the_person(person_id: UUID, entry: str = "person_id") -> Named:
    """Whoever is not known is refused where she is needed; she may also come in the same document."""
    return Named(Kind.PERSON, str(person_id), entry, new=True)


class OfAnotherAuthority(Forbidden):
    SHOWN = 10

    def __init__(self, foreign: Sequence[tuple[Named, frozenset[str]]]):
        listed = [
            f"{each.entry} ({each.kind} {each.id}, authority {' and '.join(sorted(authorities))})"
            for each, authorities in foreign[: self.SHOWN]
        ]
        if (more := len(foreign) - self.SHOWN) > 0:
            listed.append(f"and {more} more")
        super().__init__(
            f"Your sign-in is not for the authority of: {', '.join(listed)}. Leave it out, or have an officer of that "
            "authority do it. Nothing was changed."
        )


async def allow(act: Act, uow: UnitOfWork, *named: Named) -> None:
    """Whoever writes touches only what belongs to an authority of her sign-in (docs/decisions/0020).

    Every writing route passes here with all that it touches, before anything is written; what the register lacks is
    nobody's yet, and refused as unknown unless it may be new.
    """
    owners = await whose(uow, {(each.kind, each.id) for each in named})
    foreign = []
    for each in named:
        authorities = owners.get((each.kind, each.id))
        if authorities is None and not each.new:
            raise each.unknown()
        if authorities is not None and not authorities & act.principal.authorities:
            foreign.append((each, authorities))
    if foreign:
        raise OfAnotherAuthority(foreign)
