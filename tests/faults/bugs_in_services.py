"""Bugs in what one service does: who speaks, agendas, money, and who is told of what."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from tests.faults.bug import Put


def an_answer_that_stays(put: Put) -> None:
    """A change is told, and who speaks stays as it was."""
    from services.membership.store import representation

    async def save_answers(*_: Any) -> None:
        return None

    put(representation, "save_answers", save_answers)


def an_agenda_that_forgets(put: Put) -> None:
    """The item is told, and stands on no agenda."""
    from services.meetings.store import agendas

    async def place_items(*_: Any) -> None:
        return None

    put(agendas, "place_items", place_items)


def a_projection_that_keeps_the_last(put: Put) -> None:
    """Of several changes of category that come at once meetings keeps the last."""
    from services.meetings.inbound import INBOUND
    from shared.contracts.membership import CategoryInForceChanged

    projection = INBOUND.projections[CategoryInForceChanged]

    async def keep(events: Any, uow: Any) -> None:
        await projection.keep(events[-1:], uow)

    projections = {**INBOUND.projections, CategoryInForceChanged: replace(projection, keep=keep)}
    vars(INBOUND)["projections"] = projections  # the table is frozen; whoever plants a bug in it thaws it


UNGUARDED = ("alter table entry disable trigger entry_balances", "alter table posting disable trigger posting_balances")


def a_penny_short(put: Put) -> None:
    """A school's share is posted a penny short, where neither the domain nor a trigger looks."""
    from services.funding.domain import ledger

    really = ledger.entitlement

    def entitlement(*arguments: Any) -> Any:
        entry = really(*arguments)
        debit, credit = entry.postings
        return replace(entry, postings=(debit, replace(credit, pence=credit.pence + 1)))

    put(ledger.Entry, "__post_init__", lambda self: None)
    put(ledger, "entitlement", entitlement)


TWICE = ("drop index entry_of_a_part",)


def an_award_that_is_posted_twice(put: Put) -> None:
    """What an award gives is posted once more, as if nobody had."""
    from services.funding.store.ledger import Ledger
    from shared.messaging.cause import new_id

    really = Ledger.post

    async def post(self: Ledger, posted: Any) -> None:
        again = [
            replace(each, entry=replace(each.entry, entry_id=new_id()))
            for each in posted
            if each.entry.reverses is None
        ]
        await really(self, [*posted, *again])

    put(Ledger, "post", post)


def a_reaction_that_does_nothing(put: Put) -> None:
    """Every second outcome is read, and never stands in the feed."""
    from services.notifications.store import feed

    really = feed.publish

    async def publish(facts: Any, uow: Any) -> Any:
        return await really({id_: fact for id_, fact in facts.items() if id_.int % 2}, uow)

    put(feed, "publish", publish)


def a_cursor_that_skips(put: Put) -> None:
    """A page of the feed begins one entry after that at which its reader stopped."""
    from services.notifications.store import feed

    really = feed.page

    async def page(region: str, after: int, limit: int, uow: Any) -> Any:
        return await really(region, after + 1 if after else 0, limit, uow)

    put(feed, "page", page)


def a_list_of_services(put: Put) -> None:
    """The list of finance names a service, not what it may know of that."""
    from services.notifications.domain.departments import AllowLists, Department

    class OfMembership(frozenset[str]):
        def __contains__(self, type_: object) -> bool:
            return str(type_).startswith("consortia.membership.")

    really = AllowLists.in_force

    def in_force(self: AllowLists, authority: str, department: Department, on: Any) -> Any:
        found = really(self, authority, department, on)
        is_finance = found is not None and department is Department.FINANCE
        return replace(found, types=OfMembership()) if is_finance else found

    put(AllowLists, "in_force", in_force)


def a_gate_that_is_open(put: Put) -> None:
    """Every story counts as told: people hear of it before the school."""
    from services.notifications.store import gate

    class Everybody(set[Any]):
        def __contains__(self, _: object) -> bool:
            return True

    async def open_or_wait(*_: Any) -> set[Any]:
        return Everybody()

    put(gate, "open_or_wait", open_or_wait)


def an_id_for_each_attempt(put: Put) -> None:
    """A webhook is sent under a new id each time, so that its receiver can't know it again."""
    from services.notifications.sender import Sender
    from shared.messaging.cause import new_id

    really = Sender.send

    async def send(self: Sender, url: str, *, secret: str, webhook_id: str, body: str, **how: Any) -> Any:
        return await really(self, url, secret=secret, webhook_id=str(new_id()), body=body, **how)

    put(Sender, "send", send)


def a_webhook_that_counts_before_it_is_sent(put: Put) -> None:
    """A webhook counts as delivered, and then it is sent."""
    from services.notifications.deliverer import Deliverer
    from services.notifications.domain.retry import Decision, Outcome
    from services.notifications.store.webhooks import Attempt

    really = Deliverer._round

    async def send(self: Deliverer, subscription_id: Any, deliveries: Any) -> None:
        good, at = Decision(Outcome.DELIVERED), datetime.now(UTC)
        counted = [Attempt(due, at, 0, 200, None, good) for due in deliveries]
        await self.store.run(lambda uow: self._keep(counted, uow))
        await really(self, subscription_id, deliveries)

    put(Deliverer, "_round", send)
