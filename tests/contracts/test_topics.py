"""topics.yaml and the services say the same about who reads what, and departments get what D3.5 promises."""

import re
from pathlib import Path

import pytest
import yaml

from infra.local.keys import make_tokens, read_tokens
from services.notifications.domain.departments import usual_lists
from shared.auth.tokens import Verifier
from shared.contracts import topics
from shared.contracts.registry import compacted_topics
from shared.contracts.services import inbound_of, service_names
from shared.contracts.topics import UndeclaredTopic, all_topics, department_topic, topic

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("service", service_names())
def test_a_service_reads_only_topics_that_name_it_as_consumer(service: str):
    unnamed = [name for name in inbound_of(service).topics() if service not in topic(name).consumers]
    assert unnamed == []


def test_internal_topics_have_twelve_partitions_and_those_of_departments_three():
    assert {each.partitions for each in all_topics() if each.department is None} == {12}
    assert {each.partitions for each in all_topics() if each.department} == {3}


def test_each_department_of_each_authority_has_a_topic_of_its_own_that_it_alone_reads():
    departments = [each for each in all_topics() if each.department]
    assert {each.authority for each in departments} >= {"937", "801"}
    assert len(departments) == 3 * len({each.authority for each in departments})
    assert all(each.consumers == (f"{each.authority}.{each.department}",) for each in departments)
    assert department_topic("937", "finance").name == "consortia.937.finance.events.v1"


def test_names_of_people_can_be_erased_within_a_day():
    people = topic("consortia.membership.people.v1")
    assert people.name in compacted_topics()
    assert people.kafka_config == {
        "cleanup.policy": "compact",
        "retention.ms": "-1",
        "segment.ms": str(60 * 60 * 1000),
        "max.compaction.lag.ms": str(24 * 60 * 60 * 1000),
        "delete.retention.ms": str(90 * 24 * 60 * 60 * 1000),
    }


def test_the_topics_of_people_are_the_compacted_ones():
    assert {each.name for each in all_topics() if each.compacted} == compacted_topics()


def test_a_topic_that_nobody_declared_does_not_exist():
    with pytest.raises(UndeclaredTopic, match="elsewhere"):
        topic("consortia.elsewhere.events.v1")


def test_one_line_adds_an_authority_its_topics_follow_and_so_do_what_its_departments_are_told_and_its_tokens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """N-01 to N-03: said a second time, one of the two would be forgotten, and a department would hear nothing."""
    added = topics.FILE.read_text().replace(
        "authorities:\n", 'authorities:\n  "999": {name: Elsewhere, region: Yorkshire and the Humber}\n'
    )
    monkeypatch.setattr(topics, "FILE", tmp_path / "topics.yaml")
    topics.FILE.write_text(added)
    monkeypatch.setattr(topics, "authorities", topics.authorities.__wrapped__)
    codes = [each.code for each in topics.authorities()]
    assert codes == ["999", "937", "801"]
    with_topics = {(each.authority, each.department) for each in topics.read_topics(yaml.safe_load(added))}
    with_lists = {(each.authority, each.department.value) for each in usual_lists(codes)}
    assert with_lists == with_topics - {(None, None)}
    make_tokens(tmp_path, codes, ["finance"])
    regional = Verifier(tmp_path / "token.public").verify(read_tokens(tmp_path)["rd.liaison"])
    assert "Yorkshire and the Humber" in regional.regions


def test_which_authorities_there_are_is_said_in_one_place() -> None:
    """A second list would have to be kept in step with topics.yaml. The first migration is of the first two, for good."""
    codes = "|".join(each.code for each in topics.authorities())
    here = re.compile(rf"""["']({codes})["']""")
    named = [
        str(path.relative_to(ROOT))
        for folder in ("services", "shared", "infra/local")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if "migrations" not in path.parts and here.search(path.read_text())
    ]
    assert named == []
