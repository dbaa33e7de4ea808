"""topics.yaml and the services say the same about who reads what, and departments get what D3.5 promises."""

import pytest

from shared.contracts.registry import compacted_topics
from shared.contracts.services import inbound_of, service_names
from shared.contracts.topics import UndeclaredTopic, all_topics, department_topic, topic


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
