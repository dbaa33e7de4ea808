"""Inspection calls, how they are answered, and what waits at the duty desk (W-16)."""

from typing import Annotated, Any
from uuid import UUID

import typer
from rich.markup import escape

from infra.local.client import Api
from infra.local.commands.acts import Entry, enters
from infra.local.commands.options import AsJson, Data, console, print_json, print_table
from infra.local.commands.schools import Urn

inspection_call = typer.Typer(
    help="Answers to a call, and its end. `call` starts one, `calls` lists those that are open.", no_args_is_help=True
)

CallId = Annotated[UUID, typer.Argument(help="Id of the call; `calls` shows it.")]
ForWhom = Annotated[
    UUID | None,
    typer.Option("--person", help="Id of the person who was asked, as `calls` shows it; else whoever is asked now."),
]
Reason = Annotated[str, typer.Option(help="Why there is no conversation; kept with the call.")]
Authority = Annotated[str, typer.Argument(help="The authority's code, for instance 937.")]


def call(urn: Urn, data: Data = None, as_json: AsJson = False) -> None:
    """Say that a school has had the call: whoever speaks for it is asked at once."""
    found = Api(data).post("membership", f"/schools/{urn}/inspection-calls", {}).json()
    if as_json:
        print_json(found)
        return
    console.print(f"[bold]{escape(found['school_name'])}[/bold] ({urn}): call {found['call_id']}, {found['state']}")
    print_table(["", "whom to ring"], [["now", _whom(found["speaker"])], ["stand-in", _whom(found["stand_in"])]])
    if found["answer_by"]:
        console.print(f"The next in line is asked after {found['answer_by']}.", highlight=False)
    if found["waits"]:
        console.print(found["waits"], highlight=False)
    if found.get("note"):
        console.print(found["note"])


@enters(inspection_call, "accept")
def accept(call_id: CallId, person_id: ForWhom = None) -> Entry:
    """Whoever was asked speaks for the school; an officer records it for her or him."""
    return Entry(f"/inspection-calls/{call_id}/accept", {"person_id": person_id})


@enters(inspection_call, "cannot")
def cannot(call_id: CallId, person_id: ForWhom = None) -> Entry:
    """Whoever was asked cannot, and the next in line is asked at once."""
    return Entry(f"/inspection-calls/{call_id}/cannot", {"person_id": person_id})


@enters(inspection_call, "close")
def close(call_id: CallId, reason: Reason) -> Entry:
    """Close a call before the report is out: the inspection was put off, or the call was a mistake."""
    return Entry(f"/inspection-calls/{call_id}/close", {"reason": reason})


def calls(
    authority: Annotated[str | None, typer.Option(help="One authority only.")] = None,
    also_closed: Annotated[bool, typer.Option("--also-closed", help="Those that are over, too.")] = False,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """The inspection calls that are open: who is asked, and who has accepted."""
    found = Api(data).get("membership", "/inspection-calls", authority=authority, also_closed=also_closed)
    if as_json:
        print_json(found)
        return
    print_table(
        ["call", "school", "called on", "state", "whom to ring", "asked so far", "the next is asked after"],
        [
            [
                each["call_id"],
                f"{each['school_name']} ({each['urn']})",
                each["called_on"],
                each["state"],
                _whom(each["speaker"]),
                "\n".join(_asked(asked) for asked in each["asked"]),
                "the clock is confirmed" if each["waits"] else each["answer_by"],
            ]
            for each in found
        ],
    )
    for said in {each["waits"] for each in found if each["waits"]}:
        console.print(said, highlight=False)


def desk_queue(authority: Authority, data: Data = None, as_json: AsJson = False) -> None:
    """What waits at the duty desk, since when, and what would cure it."""
    api = Api(data)
    items: list[dict[str, Any]] = []
    after: str | None = None
    while True:
        page = api.get("membership", f"/authorities/{authority}/desk-queue", after=after, limit=500)
        items += page["items"]
        after = page["next"]
        if after is None:
            break
    if as_json:
        print_json(items)
        return
    print_table(
        ["what", "of", "since", "days", "working days", "why", "cure"],
        [
            [
                each["kind"],
                _of(each),
                each["since"],
                each["days"],
                each["working_days"],
                _why(each),
                each["cure"],
            ]
            for each in items
        ],
    )


def system_leaders(authority: Authority, data: Data = None, as_json: AsJson = False) -> None:
    """Each system leader's schools, the one with fewest first, and what stands against them."""
    found = Api(data).get("membership", f"/authorities/{authority}/system-leaders")
    if as_json:
        print_json(found)
        return
    print_table(
        ["system leader", "person", "schools", "planned", "allocations", "what stands against it"],
        [
            [
                each["name"],
                each["person_id"],
                each["schools"],
                each["planned_schools"],
                "\n".join(_allocation(one) for one in [*each["present"], *each["planned"]]),
                "\n".join(_against(each)),
            ]
            for each in found["leaders"]
        ],
    )
    console.print(f"Schools a leader at most: {found['schools_a_leader']}", highlight=False)


def _allocation(each: dict[str, Any]) -> str:
    """The school, since when, and the id by which the allocation is ended or put right."""
    return f"{each['urn']} from {each['from']}: {each['allocation_id']}"


def _asked(each: dict[str, Any]) -> str:
    person = f" ({each['person_id']})" if each["person_id"] else ""
    return f"{each['role']}{person}: {each['answer']}"


def _whom(speaker: dict[str, Any] | None) -> str:
    """The role, then the person or the desk, and the telephone."""
    if speaker is None:
        return "nobody is next"
    person, desk = speaker.get("person") or {}, speaker.get("desk") or {}
    reached = [person.get("name") or desk.get("officer_of_the_day"), person.get("telephone") or desk.get("telephone")]
    reached.append(person.get("email") or desk.get("mailbox"))
    return "\n".join(filter(None, [speaker["role"], *reached]))


def _of(item: dict[str, Any]) -> str:
    """The school; or the body, where that is what waits. The clock is of no one's."""
    return f"{item['school_name']} ({item['urn']})" if item["urn"] else item.get("body_name") or ""


def _why(item: dict[str, Any]) -> str:
    said = [f"{each['matter']}: {each['reason']}" for each in item.get("answers", [])]
    if "item" in item:
        said.append(f"{item['item']}, due on {item['on']}:")
    return "\n".join([*said, *filter(None, [item.get("why")])])


def _against(leader: dict[str, Any]) -> list[str]:
    said = ["above the authority's limit"] if leader["over_the_limit"] else []
    for each in [*leader["present"], *leader["planned"]]:
        if each["heads_the_school"]:
            said.append(f"{each['urn']}: heads the school")
        if each["conflict"]:
            said.append(f"{each['urn']}: {each['conflict']}")
    return said
