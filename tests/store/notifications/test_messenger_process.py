"""The worker as a process that is killed between a mail server's word and our record of it (D3.9)."""

import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from shared.auth.tokens import new_key
from tests.eventually import eventually
from tests.store.notifications.post import ADDRESSES, HEAD, Post
from tests.store.notifications.test_process import free_port


@pytest.mark.timeout(120)
async def test_a_kill_between_acceptance_and_record_sends_the_mail_again_under_its_id_and_then_never(
    post: Post, tmp_path: Path
):
    """D3.9, I2: at least once outside, and what was recorded as sent stays so."""
    private, public = tmp_path / "private.jwk", tmp_path / "public.jwk"
    new_key(private, public)
    environment = {
        **os.environ,
        "CONSORTIA_DATABASE_URL": post.notifications.store.url,
        "CONSORTIA_HTTP_PORT": str(free_port()),
        "CONSORTIA_TOKEN_KEY": str(public),
        "CONSORTIA_TEST_CLOCK": "1",
        "CONSORTIA_LEASE_SECONDS": "1",
    }
    await post.notifications.reads(post.reassigned(before=None, after=None))

    dying = await _start({**environment, "CRASH_AT": "message.after_send:1"}, tmp_path)
    assert await dying.wait() == -signal.SIGKILL
    assert post.server.receivers == [ADDRESSES[HEAD]]
    assert await post.messages("state") == [("in-letter",)]

    living = await _start(environment, tmp_path)
    try:
        await eventually(lambda: _sent(post))
        await post.notifications.reads(post.reassigned("200001", before=None, after=None))  # nobody: it looks again
    finally:
        living.send_signal(signal.SIGTERM)
        await living.wait()
    assert post.server.receivers == [ADDRESSES[HEAD]] * 2
    assert len({mail["Message-ID"] for mail in post.server.mails}) == 1


async def _start(environment: dict[str, str], folder: Path) -> Any:
    import asyncio

    with (folder / "notifications.log").open("ab") as log:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "services.notifications",
            "--roles",
            "web",
            cwd=Path(__file__).parents[3],
            env=environment,
            stdout=log,
            stderr=log,
        )


async def _sent(post: Post) -> bool:
    return await post.messages("state") == [("sent",)]
