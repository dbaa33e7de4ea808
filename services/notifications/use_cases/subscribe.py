"""A department asks to be called, or to be called again."""

import base64
import secrets
from typing import Any
from uuid import UUID

from services.notifications.domain.departments import Department
from services.notifications.domain.target import target
from services.notifications.store import webhooks
from services.notifications.use_cases.pass_on import LISTS
from shared.messaging.cause import new_id
from shared.refusal import Invalid, NotFound, Refusal
from shared.store import UnitOfWork

SECRET_BYTES = 32
LONGEST_URL = 2000


class NoSuchDepartment(Invalid):
    def __init__(self, authority: str, department: str):
        super().__init__(
            f"Authority {authority} has no department {department} that is informed: whoever runs this installation adds the "
            "authority (services/notifications/README.md)"
        )


class SubscribedAlready(Refusal):
    def __init__(self, department: str, url: str):
        super().__init__(f"{department} has a subscription for {url} already; resume that one if it has stopped")


class NoSuchSubscription(NotFound):
    def __init__(self, subscription_id: UUID):
        super().__init__(f"There is no subscription {subscription_id}")


class NotStopped(Refusal):
    def __init__(self, url: str):
        super().__init__(f"The subscription for {url} is active: there is nothing to resume")


class AddressTooLong(Invalid):
    def __init__(self) -> None:
        super().__init__(f"The address has more than {LONGEST_URL} characters")


def department_of(authority: str, name: str) -> Department:
    if name not in set(LISTS.departments_of(authority)):
        raise NoSuchDepartment(authority, name)
    return Department(name)


async def subscribe(
    uow: UnitOfWork, *, authority: str, department: str, url: str, who: str, allowed: frozenset[str]
) -> dict[str, Any]:
    """The subscription with its secret, which is told this once. It gets what is recorded from now on."""
    place = department_of(authority, department)
    if len(url) > LONGEST_URL:
        raise AddressTooLong()
    target(url, allowed)
    row = {
        "id": new_id(),
        "authority": authority,
        "department": place.value,
        "url": url,
        "secret": "whsec_" + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode(),
        "created_by": who,
    }
    if not await webhooks.add_subscription(row, uow):
        raise SubscribedAlready(place.value, url)
    return {**{name: row[name] for name in ("id", "authority", "department", "url", "secret")}, "state": "active"}


async def resume(uow: UnitOfWork, subscription: Any) -> dict[str, Any]:
    """Call a stopped receiver again: what waited goes out in order, from the first step of the schedule."""
    if subscription.state == "active":
        raise NotStopped(subscription.url)
    waiting = await webhooks.resume(subscription.id, uow)
    return {"id": subscription.id, "state": "active", "waiting": waiting}
