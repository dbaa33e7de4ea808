"""The topics that topics.yaml declares, with authorities and departments filled in."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).with_name("topics.yaml")


class UndeclaredTopic(Exception):
    def __init__(self, name: str):
        super().__init__(f"{name} is not in topics.yaml")


@dataclass(frozen=True)
class Topic:
    """One topic as Kafka has it. `pattern` is its name in topics.yaml, with the gaps for authority and department."""

    name: str
    pattern: str
    owner: str
    purpose: str
    partitions: int
    retention_ms: int
    cleanup: str
    config: dict[str, str]
    producers: tuple[str, ...]
    consumers: tuple[str, ...]
    key: str
    personal_data: str
    authority: str | None = None
    department: str | None = None

    @property
    def kafka_config(self) -> dict[str, str]:
        """What the broker is told when the topic is made."""
        return {"cleanup.policy": self.cleanup, "retention.ms": str(self.retention_ms), **self.config}

    @property
    def compacted(self) -> bool:
        return self.cleanup == "compact"


@dataclass(frozen=True)
class Authority:
    """An authority whose departments have topics, and the region whose regional office hears of its schools."""

    code: str
    name: str
    region: str


@cache
def all_topics() -> tuple[Topic, ...]:
    return read_topics(yaml.safe_load(FILE.read_text()))


@cache
def authorities() -> tuple[Authority, ...]:
    """Those whose departments are informed: said in topics.yaml, and nowhere else."""
    declared = yaml.safe_load(FILE.read_text())["authorities"]
    return tuple(Authority(code, each["name"], each["region"]) for code, each in declared.items())


def topic(name: str) -> Topic:
    for each in all_topics():
        if each.name == name:
            return each
    raise UndeclaredTopic(name)


def department_topic(authority: str, department: str) -> Topic:
    """The topic of one department of one authority."""
    return topic(f"consortia.{authority}.{department}.events.v1")


def read_topics(document: dict[str, Any]) -> tuple[Topic, ...]:
    places = [
        (str(authority), department) for authority in document["authorities"] for department in document["departments"]
    ]
    return tuple(each for declared in document["topics"] for each in _expanded(declared, places))


def _expanded(declared: dict[str, Any], places: list[tuple[str, str]]) -> Iterator[Topic]:
    pattern = declared["name"]
    if "{" not in pattern:
        yield _topic(declared, pattern, None, None)
        return
    for authority, department in places:
        yield _topic(declared, pattern, authority, department)


def _topic(declared: dict[str, Any], pattern: str, authority: str | None, department: str | None) -> Topic:
    def filled(text: str) -> str:
        return text.format(authority=authority, department=department) if authority else text

    return Topic(
        name=filled(pattern),
        pattern=pattern,
        owner=declared["owner"],
        purpose=declared["purpose"],
        partitions=int(declared["partitions"]),
        retention_ms=int(declared["retention_ms"]),
        cleanup=declared["cleanup"],
        config={key: str(value) for key, value in declared.get("config", {}).items()},
        producers=tuple(filled(each) for each in declared["producers"]),
        consumers=tuple(filled(each) for each in declared["consumers"]),
        key=declared["key"],
        personal_data=declared["personal_data"],
        authority=authority,
        department=department,
    )
