"""The departments' receivers of the demo: what they believe, and what they count once."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest
from standardwebhooks import Webhook

from infra.demo.receivers import Receiver, free_ports

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = (
    '{"id": "e-1", "type": "consortia.membership.representation.reassigned.v1", "subject": "125580",'
    ' "correlationid": "c-1", "data": {"urn": "125580"}}'
)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver("finance", free_ports(1)[0], SECRET)
    await receiver.start()
    yield receiver
    await receiver.stop()


async def post(receiver: Receiver, secret: str, body: str = BODY) -> int:
    now = datetime.now(UTC)
    headers: dict[str, Any] = {
        "webhook-id": "e-1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign("e-1", now, body),
    }
    async with httpx2.AsyncClient() as client:
        return (await client.post(receiver.url, content=body.encode(), headers=headers)).status_code


async def test_a_signed_webhook_is_kept_by_its_story_and_counted_once(receiver: Receiver) -> None:
    assert await post(receiver, SECRET) == await post(receiver, SECRET) == 204
    [message] = receiver.of_story("c-1")
    assert message.thing == "representation.reassigned"
    assert receiver.repeated == 1


async def test_a_webhook_with_another_signature_is_refused_and_not_kept(receiver: Receiver) -> None:
    assert await post(receiver, "whsec_" + "A" * 32) == 401
    assert receiver.messages == {}
    assert len(receiver.refused) == 1
