"""Recording that a school was told, and looking beforehand at who would hear what: it cannot be undone."""

from typing import Annotated, Any

import typer

from infra.local.client import Api
from infra.local.commands.acts import told_of
from infra.local.commands.options import AsJson, Data, a_day, console, print_json, print_table
from infra.local.commands.schools import Urn
from infra.local.trouble import Trouble


def told(
    urn: Urn,
    on: Annotated[str, a_day("--on", "The day on which the school was told.")],
    chair_of_governors: Annotated[
        bool, typer.Option("--chair-of-governors", help="Whoever chairs the governors is to hear with the head.")
    ] = False,
    preview: Annotated[bool, typer.Option("--preview", help="Show who would hear what, and record nothing.")] = False,
    seen: Annotated[
        str | None,
        typer.Option(
            help="What `--preview` printed: of that alone the school was told. Else of all that is held back by now."
        ),
    ] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Record that the school was told: what was held for it goes out now. This cannot be undone: see --preview first.

    With the `--seen` of the preview only what it has shown goes out, and what was entered since waits.
    """
    api = Api(data)
    asked = {"told_on": on} | ({"chair_of_governors": "true"} if chair_of_governors else {})
    found = api.get("membership", f"/schools/{urn}/told/preview", **asked)
    if preview:
        _show(api, urn, on, found, as_json)
        return
    said: dict[str, Any] = {"told_on": on} | ({"chair_of_governors": True} if chair_of_governors else {})
    said["stories"] = _seen(found, seen) if seen is not None else _stories(found)
    told_of(api.post("membership", f"/schools/{urn}/told", said), as_json)


def _stories(found: dict[str, Any]) -> list[str]:
    return [each["correlation_id"] for each in found["lets_out"]]


def _short(story: str) -> str:
    """Its last digits: the first are a time, which others have too."""
    return story[-6:]


def _mark(found: dict[str, Any]) -> str:
    """What an officer types to say what her preview has shown."""
    return "-".join(map(_short, _stories(found)))


def _seen(found: dict[str, Any], mark: str) -> list[str]:
    """The stories that her preview has shown: none that has come since. If one of them went out meanwhile she looks again."""
    shown = mark.split("-") if mark else []
    stories = [story for story in _stories(found) if _short(story) in shown]
    if sorted(map(_short, stories)) != sorted(shown):
        raise Trouble(
            f"What was seen as {mark} is not held back for {found['urn']} up to {found['told_on']}, or not all of it any more",
            "Nothing went out. Look at the preview again, and tell the school of what that names.",
        )
    return stories


def _show(api: Api, urn: str, on: str, found: dict[str, Any], as_json: bool) -> None:
    hears = _who_hears(api, urn, found)
    if as_json:
        print_json({**found, **hears, "seen": _mark(found)})
        return
    console.print(f"Nothing is recorded. If {urn} were told on {on}:", highlight=False)
    print_table(
        ["would go out", "of", "story"],
        [
            [", ".join(each["acts"]) or "what follows", each["acted_on"], each["correlation_id"]]
            for each in found["lets_out"]
        ],
    )
    print_table(
        ["the school reads", "now", "once told"],
        [[each["what"], _answer(each["now"]), _answer(each["once_told"])] for each in found["reads"]],
    )
    print_table(
        ["who is written to", "how", "when", "what"],
        [
            [each["name"] or each["person_id"], each["channel"], each["reason"] or each["due_at"], each["sentence"]]
            for each in hears["people"]
        ],
    )
    print_table(
        ["department", "is given", "when"],
        [
            [each["department"], each["type"], "at once" if each["at_once"] else "in its turn"]
            for each in hears["departments"]
        ],
    )
    if hears["not_read_yet"]:
        stories = ", ".join(hears["not_read_yet"])
        console.print(f"Who would hear of {stories} is not known yet: look again in a moment.", highlight=False)
    if found["waits"]:
        console.print(f"Of this the school would still not know, of: {', '.join(found['waits'])}", highlight=False)
    console.print(f"{found['note']}.", highlight=False)
    if found["lets_out"]:
        governors = " --chair-of-governors" if found["chair_of_governors_id"] else ""
        command = f"consortia school told {urn} --on {on}{governors} --seen {_mark(found)}"
        console.print(f"To record that it was told of this and no more: {command}", highlight=False, soft_wrap=True)


def _who_hears(api: Api, urn: str, found: dict[str, Any]) -> dict[str, Any]:
    stories = _stories(found)
    if not stories:
        return {"people": [], "departments": [], "not_read_yet": []}
    said: dict[str, Any] = api.get(
        "notifications",
        f"/schools/{urn}/who-would-hear",
        story=stories,
        chair_of_governors=found["chair_of_governors_id"],
        trust=[f"{trust_id}:{hears or ''}" for trust_id, hears in sorted(found["trusts"].items())],
    )
    return {name: said[name] for name in ("people", "departments", "not_read_yet")}


def _answer(found: Any) -> Any:
    """A category, or who speaks: the person where one is known, else the role."""
    if not isinstance(found, dict):
        return "none" if found is None else found
    person = found["person"]
    return f"{person['name']} ({found['role']})" if person else found["role"]
