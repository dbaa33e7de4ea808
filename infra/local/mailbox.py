"""The mailbox of a local stack: a real mail server that delivers nowhere, and a page that shows what it was sent.

Everything that the product writes to people ends here, e-mails and texts. The newest mails are kept in the stack's
folder, readable by its user alone; the page's address holds a key, since mails say what is restricted.
"""

import json
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from infra.local.ports import HOST
from infra.local.secret import Secrets
from infra.local.trouble import Trouble
from infra.local.waiting import wait_until


class Mailbox:
    """Where the mail server and its page of one stack are."""

    def __init__(self, state: Path, smtp_port: int, page_port: int, secrets: Secrets) -> None:
        self.state = state
        self.kept: int | None = None  # mails; else as many as it keeps by itself
        self.smtp_port = smtp_port
        self.page_port = page_port
        self.key = secrets["mailbox"]

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.page_port}/{self.key}/"

    @property
    def command(self) -> list[str]:
        return [sys.executable, "-m", "infra.local.mailbox_server"]

    @property
    def environment(self) -> dict[str, str]:
        """The key comes by the environment: a command line can be read by every user of the machine."""
        return {
            "CONSORTIA_MAILBOX_SMTP_PORT": str(self.smtp_port),
            "CONSORTIA_MAILBOX_PAGE_PORT": str(self.page_port),
            "CONSORTIA_MAILBOX_KEY": self.key,
            "CONSORTIA_MAILBOX_FILE": str(self.file),
            **({"CONSORTIA_MAILBOX_KEPT": str(self.kept)} if self.kept else {}),
        }

    @property
    def file(self) -> Path:
        return self.state / "mailbox.jsonl"

    @property
    def for_notifications(self) -> dict[str, str]:
        """What the service that writes to people is told."""
        return {
            "CONSORTIA_SMTP_HOST": HOST,
            "CONSORTIA_SMTP_PORT": str(self.smtp_port),
            "CONSORTIA_TEXT_MAIL_DOMAIN": "texts.localhost",
        }

    def mails(self) -> list[dict[str, Any]]:
        """What was received, the newest first."""
        try:
            with urllib.request.urlopen(f"{self.url}mails.json", timeout=5) as answer:
                found: list[dict[str, Any]] = json.load(answer)
        except (urllib.error.URLError, OSError) as problem:
            raise Trouble("The mailbox does not answer", "Start the stack with `up`, or see `status`.") from problem
        return found

    def is_ready(self) -> bool:
        try:
            self.mails()
        except Trouble:
            return False
        return True

    def wait_until_ready(self, seconds: float = 30) -> None:
        log = self.state / "logs" / "mailbox.log"
        wait_until(self.is_ready, seconds, f"The mailbox did not answer on port {self.page_port}", log, 0.1)
