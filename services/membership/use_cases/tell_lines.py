"""Who chairs a school's governors and who is in post at a trust, told as a whole whenever something of it changes (R0.8).

Notifications writes to them, and what waits for a school day or the end of a week goes to whoever is in post by then. The
whole line each time: told twice, or in any order, the last word is all that counts. Whoever changes a line has locked its
school or trust, so that the last word is the last change.
"""

from collections import defaultdict
from collections.abc import Collection

from services.membership import outbound
from services.membership.domain.appointment import TrustContact
from services.membership.domain.governors import ChairOfGovernors
from services.membership.store import governors, lines_to_tell, people, representation
from services.membership.store.schools import lock_trusts
from shared.contracts.envelope import school_key, trust_key
from shared.store import Store, UnitOfWork

AT_MOST = 500  # lines a transaction


async def tell_chairs(uow: UnitOfWork, urns: Collection[str]) -> None:
    """Of schools that the register lacks nobody is told."""
    if not urns:
        return
    lines: dict[str, list[ChairOfGovernors]] = defaultdict(list)
    for each in await governors.chairs_of(uow, urns):
        lines[each.urn].append(each)
    for urn, authority in (await lines_to_tell.authorities_of_schools(uow, urns)).items():
        uow.record(outbound.chairs_of_governors_recorded(urn, lines[urn]), key=school_key(authority, urn))


async def tell_contacts(uow: UnitOfWork, trust_ids: Collection[str]) -> None:
    """Of trusts of which the register has no school nobody is told."""
    if not trust_ids:
        return
    lines: dict[str, list[TrustContact]] = defaultdict(list)
    for each in await people.trust_contacts(uow, trust_ids):
        lines[each.trust_id].append(each)
    for trust_id, authority in (await lines_to_tell.authorities_of_trusts(uow, trust_ids)).items():
        uow.record(outbound.trust_contacts_recorded(trust_id, lines[trust_id]), key=trust_key(authority, trust_id))


async def tell_what_stands(store: Store) -> None:
    """Once after an upgrade: the lines from before anybody was told of any."""
    for work in (_chairs_that_stand, _contacts_that_stand):
        while await store.run(work):
            pass


async def _chairs_that_stand(uow: UnitOfWork) -> bool:
    urns = await lines_to_tell.take(uow, lines_to_tell.CHAIRS, AT_MOST)
    await representation.lock(uow, urns)
    await tell_chairs(uow, urns)
    return bool(urns)


async def _contacts_that_stand(uow: UnitOfWork) -> bool:
    trust_ids = await lines_to_tell.take(uow, lines_to_tell.CONTACTS, AT_MOST)
    await lock_trusts(uow, trust_ids)
    await tell_contacts(uow, trust_ids)
    return bool(trust_ids)
