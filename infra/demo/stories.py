"""Tells the two stories in the terminal, from what the consumers saw."""

from collections import Counter
from datetime import date
from typing import Any

from rich.console import Console
from rich.panel import Panel
from rich.table import Table

from infra.demo import people
from infra.demo.bodies import bristol, everybody, warwickshire
from infra.demo.evidence import CategoryStory, ChairStory, Department
from infra.demo.receivers import DEPARTMENTS, Message
from infra.demo.registers import BRISTOL, WARWICKSHIRE, schools
from infra.demo.verify import Check

ROLES = {
    "chair": "the chair",
    "deputy": "the deputy chair",
    "system-leader": "the system leader",
    "trust-chief-executive": "the trust's chief executive",
    "school-improvement-partner": "the trust's School Improvement Partner",
    "trust": "the trust",
    "improvement-desk": "the council's school-improvement desk",
    "duty-desk": "the council's duty desk",
}


def in_words(on: date) -> str:
    return f"{on:%-d %B %Y}"


def speaker(answer: dict[str, Any]) -> str:
    who = ROLES.get(answer["role"], answer["role"])
    name = (answer.get("person") or {}).get("name")
    return f"{who}, {name}" if name else who


def as_received(message: Message) -> str:
    """One event as the department sees it: what happened and the ids that came with it."""
    data = message.data
    match message.thing:
        case "representation.reassigned":
            before, after = data.get("general_before") or {}, data["general_after"]
            return f"who speaks: {before.get('role', 'nobody')} to {after['role']} ({str(after.get('person_id') or 'a desk')[:8]})"
        case "category-in-force.changed":
            return f"category in force: {data['before']} to {data['after']}, because of {data['because']}"
        case "outcome.published":
            return f"outcome {data['inspection_number']} published on {data['published_on']}"
        case "award.adjusted" | "award.opened":
            shares = data.get("after") or data.get("shares") or []
            split = ", ".join(
                f"{_school(share['urn'])} {_pounds(share['pence'])} for {share['days']} days" for share in shares
            )
            return f"award {data['year_from']} to {data['year_to']}: {split}; not awarded {_pounds(data['unawarded_pence'])}"
        case "office.taken-up":
            return f"{data['post']} taken up on {data['from_date']} by {data['person_id']}"
        case "office.ended":
            return f"{data['post']} ended on {data['ended_on']} ({data['reason']})"
        case "agenda-item.placed":
            return f"an item on the {data['part']} part of the agenda of {data['meeting_on']}"
        case "members.changed":
            return (
                f"members of a meeting from {data['from_date']}: {len(data['joined'])} joined, {len(data['left'])} left"
            )
    return ", ".join(f"{name} {value}" for name, value in data.items() if value is not None)[:100]


def _school(urn: str) -> str:
    return schools()[urn].name if urn in schools() else urn


def _pounds(pence: int) -> str:
    return f"£{pence // 100:,}.{pence % 100:02d}"


def tell_category(console: Console, story: CategoryStory) -> None:
    on = story.published_on
    outcome = story.outcome
    lines = Table.grid(padding=(0, 2))
    lines.add_column(style="bold", no_wrap=True)
    lines.add_column()
    lines.add_row(
        "Outcome", f"Ofsted published inspection {outcome['inspection_number']} on {in_words(on)}: {_grades(outcome)}"
    )
    lines.add_row(
        "Category in force",
        f"{story.before.get('category')} before, {story.after.get('category')} since; {_why(story.after)}",
    )
    for matter, question in (("general", "Who speaks"), ("inspection", "Who talks to HMI")):
        before, after = story.spoke[matter]
        lines.add_row(question, f"until {in_words(on)} {speaker(before)}; since then {speaker(after)}")
        if reason := after.get("reason"):
            lines.add_row("", f"{reason}")
    if story.meeting and story.items:
        lines.add_row(
            "Agenda",
            f"{story.area_group.name}, {story.meeting['on']}: one item on the confidential part; none at the heads' meeting",
        )
    if story.entry:
        told = (story.entry.get("change_of_speaker") or {}).get("sentence", "no change of speaker")
        lines.add_row("Liaison feed", f"entry {story.entry['number']} of West Midlands: {told}")
    console.print(
        Panel(
            lines, title=f"Story 1: the category of {story.school.name} ({story.school.urn}) fell", title_align="left"
        )
    )
    _tell_departments(console, story.departments)
    _tell_journey(console, story.journey, story.correlation_id)


def tell_chair(console: Console, story: ChairStory) -> None:
    lines = Table.grid(padding=(0, 2))
    lines.add_column(style="bold", no_wrap=True)
    lines.add_column()
    lines.add_row(
        "Contact of the body", f"until {in_words(story.on)} {speaker(story.before)}; since then {speaker(story.after)}"
    )
    before, after = story.spoke
    lines.add_row(f"Speaks for {story.school.name}", f"{speaker(before)}; now {speaker(after)}")
    console.print(Panel(lines, title=f"Story 2: {story.body.name} has a new chair", title_align="left"))
    _tell_departments(console, story.departments)
    _tell_journey(console, story.journey, story.correlation_id)


def _grades(outcome: dict[str, Any]) -> str:
    if outcome["headline"]:
        return f"overall effectiveness {outcome['headline']}"
    return (
        f"no headline grade; quality of education {outcome['quality_of_education']}, leadership {outcome['leadership']}"
    )


def _why(answer: dict[str, Any]) -> str:
    policy = f"policy {answer.get('policy')} version {answer.get('policy_version')}"
    return f"{answer['sentence']} ({policy})"


def _tell_departments(console: Console, departments: dict[str, Department]) -> None:
    table = Table(title="What each department received, as its receiver saw it", title_justify="left")
    table.add_column("department")
    table.add_column("events of this story")
    table.add_column("in its topic", justify="right")
    for name in DEPARTMENTS:
        known = departments[name]
        seen = Counter(as_received(message) for message in sorted(known.by_webhook, key=lambda message: message.id))
        shown = [f"{line} ({count} schools)" if count > 1 else line for line, count in seen.items()]
        table.add_row(name, "\n".join(shown) or "[bold]nothing[/bold]", f"{len(known.in_topic)} of {known.anything}")
    console.print(table)


def _tell_journey(console: Console, journey: dict[str, Any], correlation_id: str) -> None:
    """The chain, alike branches counted; then where to look at it."""
    steps = journey["steps"]
    console.print(f"The journey: {len(steps)} events in {', '.join(journey['services'])}")
    chains: Counter[tuple[str, ...]] = Counter()
    path: list[str] = []
    for step in steps:
        path[step["depth"] :] = [f"{step['service']} {step['type'].split('.', 2)[-1].removesuffix('.v1')}"]
        chains[tuple(path)] += 1
    for chain, count in sorted(chains.items()):
        times = f" ({count} times)" if count > 1 else ""
        console.print(f"{'  ' * len(chain)}{chain[-1]}{times}", highlight=False)
    console.print(f"  correlation id {correlation_id}", highlight=False)
    console.print(f"  trace {journey.get('trace_url') or 'not sampled'}\n", highlight=False, soft_wrap=True)


def tell_beginning(console: Console) -> None:
    bodies = warwickshire()
    kinds = {kind: sum(body.kind == kind for body in bodies) for kind in ("primary-consortium", "area-network")}
    console.print(
        f"Warwickshire: {kinds['primary-consortium']} primary consortia, {kinds['area-network']} area networks, one special-school "
        f"group, five Area Analysis Groups. Bristol: {bristol()[0].name}, {len(people.bristol_seats())} seats.\n"
        "Schools and outcomes are real (Department for Education and Ofsted, Open Government Licence v3.0). "
        "Bodies' borders, people, offices, money and dates of meetings are invented."
    )


def tell_now(console: Console, on: date, answers: dict[str, list[dict[str, Any]]]) -> None:
    """Who speaks for which school now: counted by role, and each weak maintained school by name."""
    cast = {str(person.id): person.name for authority in answers for person in everybody(authority)}
    for authority, name in ((WARWICKSHIRE, "Warwickshire"), (BRISTOL, "Bristol")):
        for matter in ("general", "inspection"):
            roles = Counter(each["role"] for each in answers[authority] if each["matter"] == matter)
            told = ", ".join(f"{ROLES.get(role, role)} for {count}" for role, count in roles.most_common())
            console.print(f"{name}, {matter} matters on {in_words(on)}: {told}", highlight=False)
    table = Table(title="Maintained schools of Warwickshire in Category 3 or 4 now", title_justify="left")
    for column in ("school", "category", "who speaks", "since"):
        table.add_column(column)
    for each in answers[WARWICKSHIRE]:
        weak = each["category"] in (3, 4) and schools()[each["urn"]].maintained
        if weak and each["matter"] == "general":
            named = cast.get(str(each["person_id"]))
            who = ROLES.get(each["role"], each["role"])
            table.add_row(
                each["school_name"], str(each["category"]), f"{who}, {named}" if named else who, each["reason"]
            )
    console.print(table)
    console.print()


def tell_checks(console: Console, checks: list[Check]) -> None:
    failed = [check for check in checks if not check.holds]
    for check in failed:
        console.print(f"[red]does not hold:[/red] {check.claim}" + (f" (seen: {check.seen})" if check.seen else ""))
    if failed:
        console.print(f"[bold red]{len(failed)} of {len(checks)} steps could not be verified.[/bold red]")
    else:
        console.print(f"[bold green]All {len(checks)} steps verified from the consumers' side.[/bold green]")
