"""Who may do what on the broker: users, access rules and topics, made by its administrator.

Deny by default: what is not allowed here is refused. A service writes its own topics and reads those that name it as
a consumer, in groups that begin with its name; a department reads its own topic, in groups that begin with its name.
"""

from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    NewTopic,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from infra.local.kafka import Kafka
from infra.local.trouble import Trouble
from infra.local.waiting import wait_until


@dataclass(frozen=True)
class Topic:
    """One topic as the broker must have it, and which users may write and read it."""

    name: str
    partitions: int
    producers: tuple[str, ...]
    consumers: tuple[str, ...]
    config: Mapping[str, str] = field(default_factory=dict)


def make_users(kafka: Kafka, users: Iterable[str]) -> None:
    """Make each user, or give it its password again; each may use the consumer groups that begin with its name."""
    names = sorted(set(users))
    info = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096)
    admin = kafka.admin()
    _settle(
        admin.alter_user_scram_credentials(
            [UserScramCredentialUpsertion(name, info, kafka.secrets[f"kafka {name}"].encode()) for name in names]
        ),
        "make the users",
    )
    group = ResourceType.GROUP, ResourcePatternType.PREFIXED
    rules = [_allow(name, *group, name, AclOperation.READ) for name in names]
    _write_rules(admin, rules)


def make_topics(kafka: Kafka, topics: Iterable[Topic]) -> None:
    """Make each topic that is not there, and its access rules. The number of partitions is never changed."""
    wanted = list(topics)
    admin = kafka.admin()
    new = [NewTopic(topic.name, topic.partitions, 1, config=dict(topic.config)) for topic in wanted]
    _settle(admin.create_topics(new, operation_timeout=20), "make the topics", fine=KafkaError.TOPIC_ALREADY_EXISTS)
    here = ResourceType.TOPIC, ResourcePatternType.LITERAL
    rules = []
    for topic in wanted:
        for user in topic.producers:
            rules += [_allow(user, *here, topic.name, AclOperation.WRITE)]
        for user in topic.consumers:
            rules += [_allow(user, *here, topic.name, AclOperation.READ)]
        for user in {*topic.producers, *topic.consumers}:
            rules += [_allow(user, *here, topic.name, AclOperation.DESCRIBE)]
    _write_rules(admin, rules)
    names = {topic.name for topic in wanted}
    wait_until(lambda: names <= set(admin.list_topics(timeout=10).topics), 20, "Kafka did not show the topics")


def _write_rules(admin: AdminClient, rules: list[AclBinding]) -> None:
    """The controller answers before the broker enforces: wait until it does, or the first client is refused."""
    _settle(admin.create_acls(rules), "write the access rules")
    every = AclBindingFilter(
        ResourceType.ANY, None, ResourcePatternType.ANY, None, None, AclOperation.ANY, AclPermissionType.ANY
    )
    wanted = set(rules)
    wait_until(
        lambda: wanted <= set(admin.describe_acls(every).result(timeout=20)), 20, "Kafka did not take the access rules"
    )


def _allow(user: str, kind: ResourceType, pattern: ResourcePatternType, name: str, does: AclOperation) -> AclBinding:
    return AclBinding(kind, name, pattern, f"User:{user}", "*", does, AclPermissionType.ALLOW)


def _settle(asked: Mapping[Any, "Future[Any]"], what: str, fine: int | None = None) -> None:
    for name, answer in asked.items():
        try:
            answer.result(timeout=30)
        except KafkaException as error:
            if error.args[0].code() != fine:
                raise Trouble(f"Kafka refused to {what} ({name}): {error.args[0].str()}") from error
