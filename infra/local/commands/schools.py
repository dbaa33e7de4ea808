"""What an officer says and asks about one school: its own category, that it was told, who speaks for it."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.markup import escape

from infra.local.client import Api
from infra.local.commands.acts import Entry, enters
from infra.local.commands.options import AsJson, Data, a_day, console, print_json, print_table

la_category = typer.Typer(help="The authority's own category for a school.", no_args_is_help=True)
school = typer.Typer(help="What was said to a school, and to which bodies it belongs.", no_args_is_help=True)

Urn = Annotated[str, typer.Argument(help="The school's unique reference number.")]


class Matter(StrEnum):
    """What the school is spoken for in."""

    general = "general"
    inspection = "inspection"


@enters(la_category, "set")
def set_category(
    urn: Urn,
    category: Annotated[int, typer.Argument(min=1, max=4, help="1 to 4.")],
    reason: Annotated[str, typer.Option(help="Why; it stays with membership.")],
    since: Annotated[str, a_day("--from", "The day from which it holds, as 2025-09-01.")],
    review_on: Annotated[str | None, a_day("--review-on", "When it is looked at again.")] = None,
) -> Entry:
    """Set the authority's own category."""
    carries = {"category": category, "from": since, "reason": reason, "review_on": review_on}
    return Entry(f"/schools/{urn}/la-category", carries)


@enters(la_category, "lift")
def lift_category(
    urn: Urn,
    reason: Annotated[str, typer.Option(help="Why; it stays with membership.")],
    on: Annotated[str | None, a_day("--on", "The day from which it no longer holds; else today.")] = None,
) -> Entry:
    """Lift it: the school's category is again what its inspections say."""
    return Entry(f"/schools/{urn}/la-category/lift", {"reason": reason, "on": on})


@enters(la_category, "take-lifting-back")
def take_lifting_back(
    entry_id: Annotated[UUID, typer.Argument(help="Id of the authority's entry; `explain` shows it.")],
    reason: Annotated[str, typer.Option(help="Why; it stays with membership.")],
) -> Entry:
    """Take back a lifting whose day has not come: the entry stands on, and an officer is asked about it as before."""
    return Entry(f"/la-category/{entry_id}/take-lifting-back", {"reason": reason})


def who_speaks(
    urn: Urn,
    matter: Annotated[Matter | None, typer.Option(help="One matter only.")] = None,
    on: Annotated[str | None, a_day("--on", "On this day; today if left out.")] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Who speaks for a school, by which rule, and until when."""
    api = Api(data)
    matters = [matter] if matter else list(Matter)
    found = {each.value: api.get("membership", f"/schools/{urn}/speaker", matter=each.value, on=on) for each in matters}
    if as_json:
        print_json(found if len(found) > 1 else next(iter(found.values())))
        return
    first = next(iter(found.values()))
    console.print(
        f"[bold]{escape(first['school_name'])}[/bold] ({urn}, authority {first['authority']}) on {first['on']}"
    )
    print_table(
        ["matter", "who speaks", "why", "policy", "from", "until"],
        [row for name, each in found.items() for row in _rows(name, each)],
    )
    category = first["category_in_force"]
    version = f"policy {category['policy']}, version {category['policy_version']}"
    console.print(f"{category['sentence']} ({version})", markup=False)


def explain(
    urn: Urn,
    on: Annotated[str | None, a_day("--on", "On this day, or as planned for a day to come; today if left out.")] = None,
    known: Annotated[str | None, a_day("--known", "As it was known at the end of this day.")] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Who spoke for a school on a day, who does by what was known later, and why: every fact, when it was known, its id."""
    found = Api(data).get("membership", f"/schools/{urn}/explanation", on=on, known=known)
    if as_json:
        print_json(found)
        return
    console.print(
        f"[bold]{escape(found['school_name'])}[/bold] ({urn}, authority {found['authority']}) on {found['on']}",
        highlight=False,
    )
    if found["note"]:
        console.print(f"{found['note']}.", highlight=False, soft_wrap=True)
    for matter in Matter:
        for when, named in _answers(found, matter.value):
            console.print(f"{matter.value}, {when}: {named}", highlight=False, markup=False)
    console.print(found["category"]["sentence"], highlight=False, markup=False)
    shown = ("about", "says", "from_date", "until", "known_on", "fact_id")
    print_table(
        ["", "fact", "says", "from", "until", "known on", "id"],
        [[_counts(each, found), *(each[name] for name in shown)] for each in found["steps"]],
    )


def _answers(found: dict[str, Any], matter: str) -> Iterator[tuple[str, str]]:
    """What was answered on the day, and what follows from what was known; of a day to come nothing was answered yet."""
    now = _because(found[matter], "nobody outside the school is to be named")
    if found["to_come"]:
        yield f"planned for {found['on']}", now
        return
    yield f"answered on {found['on']}", _because(found["answered_then"][matter], "nobody was named")
    yield f"as known at the end of {found['known']}", now


def _counts(step: dict[str, Any], found: dict[str, Any]) -> str:
    if not step["counts"]:
        return ""
    is_planned = found["to_come"] and (step["from_date"] or "") > found["known"]
    return "counts, planned" if is_planned else "counts"


def _because(answer: dict[str, Any] | None, nobody: str) -> str:
    if answer is None:
        return nobody
    named = [answer["role"], answer["body_name"] or answer["trust_name"], (answer["person"] or {}).get("name")]
    return f"{', '.join(filter(None, named))} ({answer['rule']}). {answer['reason']}."


def _rows(matter: str, answer: dict[str, Any]) -> Iterator[list[str | None]]:
    """The answer; of a day that has gone also what is known today of it, if only that nobody is to be named (R0.4)."""
    yield [matter, _who(answer), answer["reason"], _policy(answer), answer["valid_from"], answer["valid_until"]]
    if "as_known_today" in answer:
        now = answer["as_known_today"] or {}
        yield [f"{matter}, by what is known today", _who(now), now.get("reason"), now.get("rule"), None, None]


def _who(answer: dict[str, Any]) -> str:
    """The role, then whom to ring: a person where one is named, else a desk."""
    if not answer.get("role"):
        return "nobody"
    person, desk = answer.get("person") or {}, answer.get("desk") or {}
    place = answer.get("body_name") or answer.get("trust_name")
    reached = [person.get("name") or desk.get("officer_of_the_day"), person.get("email") or desk.get("mailbox")]
    reached.append(person.get("telephone") or desk.get("telephone"))
    for each in answer.get("contacts", ()):  # where a trust speaks
        reached += [
            f"{each['post'].replace('-', ' ')}: {each['person']['name']}",
            each["person"]["email"],
            each["person"]["telephone"],
        ]
    return "\n".join(filter(None, [answer["role"] + (f", {place}" if place else ""), *reached]))


def _policy(answer: dict[str, Any]) -> str:
    return f"{answer['policy']} {answer['policy_version']}, {answer['rule']}" if answer["rule"] else ""
