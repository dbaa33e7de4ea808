"""The `consortia` command: `infra/bin/consortia` runs it, or `python -m infra.local` in the checkout."""

import sys
from typing import Annotated

import typer
from rich.console import Console

from infra.local.commands import (
    allocations,
    aspects,
    authorities,
    bodies,
    calls,
    corrections,
    doctor,
    due,
    following,
    governors,
    imports,
    in_post,
    offices,
    outcomes,
    overrides,
    parked,
    people,
    places,
    policies,
    post,
    proposals,
    registers,
    running,
    schools,
    take_on,
    told,
    upkeep,
)
from infra.local.officer import OFFICER, SaidAnywhere, enter_as
from infra.local.trouble import Trouble

app = typer.Typer(
    name="consortia",
    cls=SaidAnywhere,
    help="Who speaks for each school: run the product on this machine and work with it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


@app.callback()
def program(
    name: Annotated[
        str | None,
        typer.Option(
            "--as",
            envvar=OFFICER,
            metavar="NAME",
            help="Your name: it is kept with what you enter. Else your account on this machine.",
        ),
    ] = None,
) -> None:
    enter_as(name)


app.command()(running.up)
app.command()(running.down)
app.command()(running.status)
app.command()(running.clean)
app.command()(doctor.doctor)
app.command("import")(registers.import_register)
app.command()(take_on.take_on)
app.add_typer(imports.imports, name="imports")
app.add_typer(due.due, name="due")
app.add_typer(schools.la_category, name="la-category")
app.add_typer(schools.school, name="school")
schools.school.command()(told.told)
app.add_typer(places.ask, name="ask")
app.add_typer(bodies.body, name="body")
app.add_typer(offices.office, name="office")
app.add_typer(overrides.override, name="override")
app.add_typer(corrections.correction, name="correction")
app.add_typer(governors.governors, name="governors")
app.add_typer(in_post.headship, name="headship")
app.add_typer(in_post.trust_contact, name="trust-contact")
app.add_typer(people.person, name="person")
app.add_typer(policies.policy, name="policy")
app.add_typer(outcomes.outcome, name="outcome")
app.add_typer(allocations.allocation, name="allocation")
app.add_typer(aspects.aspect, name="aspect")
app.add_typer(authorities.settings, name="settings")
app.add_typer(authorities.desk, name="desk")
app.command()(proposals.proposals)
app.add_typer(proposals.proposal, name="proposal")
app.command()(proposals.reviews)
app.command()(schools.who_speaks)
app.command()(schools.explain)
app.command()(calls.call)
app.command()(calls.calls)
app.add_typer(calls.inspection_call, name="inspection-call")
app.command()(calls.desk_queue)
app.command()(calls.system_leaders)
app.add_typer(following.events, name="events")
app.command()(following.journey)
app.add_typer(parked.parked, name="parked")
app.command()(upkeep.rebuild)
app.command()(upkeep.tick)
app.command()(post.mailbox)
app.command()(post.held)


def main() -> None:
    """Troubles end with their sentence and cure and status 1, never with a traceback."""
    try:
        app(prog_name="consortia")
    except Trouble as trouble:
        errors = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
        errors.print(trouble.sentence, style="bold red")
        if trouble.cure:
            errors.print(trouble.cure)
        sys.exit(1)


if __name__ == "__main__":
    main()
