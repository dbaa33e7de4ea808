"""Following what happens: the events as they pass, and the journey of one change."""

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from confluent_kafka import OFFSET_BEGINNING, OFFSET_END, Consumer, KafkaException, TopicPartition
from rich.tree import Tree

from infra.local.client import Api
from infra.local.commands.options import AsJson, Data, console, print_json
from infra.local.kafka import Kafka
from infra.local.secret import Secrets
from infra.local.trouble import Trouble

events = typer.Typer(help="The events between the services.", no_args_is_help=True)

# Its rules let it read every internal topic: whoever may read the secrets of this stack may look through its eyes.
READER = "notifications"


@events.command("tail")
def tail(
    from_beginning: Annotated[bool, typer.Option("--from-beginning", help="All that is kept, not only what comes.")] = (
        False
    ),
    follow: Annotated[bool, typer.Option("--follow/--no-follow", help="Go on until Ctrl-C.")] = True,
    key: Annotated[str | None, typer.Option(help="Only keys that contain this, for instance a URN.")] = None,
    type_: Annotated[str | None, typer.Option("--type", help="Only types that contain this.")] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Print each event as it passes: time, service, type, key and number; content only with --json, never people's."""
    api = Api(data)
    try:
        for record in _records(api, from_beginning, follow):
            found = _read(record)
            if (key and key not in (found["key"] or "")) or (type_ and type_ not in found["type"]):
                continue
            if as_json:
                typer.echo(json.dumps(found, ensure_ascii=False))
            else:
                console.print(_line(found), highlight=False, soft_wrap=True)
    except KeyboardInterrupt:
        return


def _records(api: Api, from_beginning: bool, follow: bool) -> Iterator[Any]:
    """Every record of the internal topics; without a group, so that no service's place moves."""
    from shared.contracts.topics import all_topics

    kafka = Kafka(api.state, api.ports.kafka, api.ports.kafka_controller, Secrets(api.state / "secrets.json"))
    settings = kafka.client_settings(READER) | {
        "group.id": f"{READER}.tail",
        "enable.auto.commit": False,
        "enable.partition.eof": True,
    }
    start = OFFSET_BEGINNING if from_beginning or not follow else OFFSET_END
    topics = [topic for topic in all_topics() if topic.authority is None]
    places = [TopicPartition(topic.name, number, start) for topic in topics for number in range(topic.partitions)]
    with closing(Consumer(settings)) as consumer:
        consumer.assign(places)
        at_end: set[tuple[str, int]] = set()
        idle = 0
        while follow or len(at_end) < len(places):
            record = consumer.poll(0.5)
            if record is None:
                idle += 1
                if idle > 20 and not follow:
                    raise Trouble("Kafka does not answer", "See `status`.")
            elif record.error() is None:
                idle = 0
                yield record
            elif record.error().name() == "_PARTITION_EOF":
                at_end.add((record.topic(), record.partition()))
            elif not record.error().retriable():
                raise KafkaException(record.error())


def _read(record: Any) -> dict[str, Any]:
    headers = {name: value.decode("utf-8", "replace") for name, value in record.headers() or []}
    personal = record.topic().endswith(".people.v1")
    value = record.value()
    return {
        "topic": record.topic(),
        "partition": record.partition(),
        "offset": record.offset(),
        "key": record.key().decode("utf-8", "replace") if record.key() else None,
        "type": headers.get("ce_type", "?"),
        "time": headers.get("ce_time") or datetime.fromtimestamp(record.timestamp()[1] / 1000, UTC).isoformat(),
        "sequence": headers.get("ce_sequence"),
        "correlation_id": headers.get("ce_correlationid"),
        "class": headers.get("ce_dataclassification"),
        "data": "(personal)" if personal else _json(value),
    }


def _json(value: bytes | None) -> Any:
    try:
        return None if value is None else json.loads(value)
    except ValueError:
        return value.decode("utf-8", "replace") if value else None


def _line(found: dict[str, Any]) -> str:
    kind = found["type"].removeprefix("consortia.").removesuffix(".v1")
    return f"{found['time'][:19]}  {kind:48} {found['key'] or '-'} #{found['sequence']}  {found['correlation_id']}"


def journey(
    correlation_id: Annotated[str, typer.Argument(help="As the answer to a command or `events tail` shows it.")],
    role: Annotated[str, typer.Option(help="Through whose eyes, for instance la.ops or 937.finance.")] = "la.officer",
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Every event of one change, each under its cause, with the link to its trace."""
    found = Api(data).get("notifications", f"/journeys/{correlation_id}", role=role)
    if as_json:
        print_json(found)
        return
    tree = Tree(f"[bold]{correlation_id}[/bold] through {', '.join(found['services'])}")
    branches: list[Tree] = []
    for step in found["steps"]:
        parent = tree if step["parent"] is None else branches[step["parent"]]
        kind = step["type"].removeprefix("consortia.").removesuffix(".v1")
        held = "" if step["told"] else " [yellow](held until the school is told)[/yellow]"
        branches.append(parent.add(f"{kind}  [dim]{step['key'] or ''} {step['time'][:19]} {step['class']}[/dim]{held}"))
    console.print(tree)
    for opened in found.get("telling", ()):
        console.print(f"{opened['opened_at'][11:19]} {opened['in_words']}", highlight=False)
    if found["trace_url"]:
        console.print(f"Trace: {found['trace_url']}", highlight=False, soft_wrap=True)
