"""Of each open call, and each that was closed today: what an officer sees of it, against the model."""

from functools import partial
from typing import Any

from services.membership.store import inspection_calls as kept
from services.membership.use_cases.call_cards import card
from shared.store import UnitOfWork
from tests.bitemporal.telling_calls import Asked, Call
from tests.bitemporal.world import World


def calls(world: World) -> list[str]:
    wrong = []
    for call in world.expected.calls:
        if call.closed is None or call.closed[0] == world.today:
            found, right = _seen(world, world.run(partial(_card, world=world, call=call))), _right(world, call)
            wrong += [
                f"{call.name} of {call.urn}: {what} is {found[what]}, right is {right[what]}"
                for what in right
                if found[what] != right[what]
            ]
    return wrong


async def _card(uow: UnitOfWork, world: World, call: Call) -> dict[str, Any]:
    return await card(uow, await kept.call(uow, world.id(call.name)), for_officer=True)


def _seen(world: World, shown: dict[str, Any]) -> dict[str, object]:
    def who(told: dict[str, Any] | None) -> tuple[str, str | None] | None:
        return (told["role"], world.named(told["person"]["person_id"]) if told["person"] else None) if told else None

    return {
        "asked": [Asked(each["role"], world.named(each["person_id"]), None, each["answer"]) for each in shown["asked"]],
        "whom to ring": who(shown["speaker"]),
        "stand-in": who(shown["stand_in"]),
        "closed": (shown["closed_on"], shown["closed_because"]) if shown["closed_on"] else None,
        "something held back": shown["note"] is not None,
    }


def _right(world: World, call: Call) -> dict[str, object]:
    expected, present = world.expected, call.present
    stand_in = expected.stand_in(call) if call.closed is None else None
    return {
        "asked": [Asked(each.role, each.person, None, each.answer) for each in call.asked],
        "whom to ring": (present.role, present.person),
        "stand-in": (stand_in.role, stand_in.person) if stand_in else None,
        "closed": call.closed,
        "something held back": call.closed is None and expected.goes_on_as(call.urn) in expected.shown,
    }
