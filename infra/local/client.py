"""How the commands speak to the services: over HTTP, with this stack's machine tokens and an Idempotency-Key."""

import json
from collections.abc import Iterable
from http import HTTPStatus
from pathlib import Path
from ssl import PROTOCOL_TLS_CLIENT, SSLContext
from typing import Any
from uuid import uuid4

import httpx2

from infra.local.folder import default_folder
from infra.local.keys import OFFICE_ROLES, in_the_name_of, read_tokens
from infra.local.officer import officer
from infra.local.ports import HOST, Ports
from infra.local.trouble import Trouble

# Services are asked on this machine, without TLS; to load the certificates of the world takes longer than most answers.
TRUSTS_NOBODY = SSLContext(PROTOCOL_TLS_CLIENT)


class Api:
    """The services of the stack in one folder."""

    def __init__(self, data: Path | None = None) -> None:
        self.state = (data or default_folder()).absolute()
        try:
            self.description = json.loads((self.state / "run" / "stack.json").read_text())
            self.tokens = read_tokens(self.state)
        except FileNotFoundError:
            raise Trouble(
                f"There is no stack in {self.state}", "Start one with `up`, or name its folder with --data."
            ) from None
        except PermissionError:
            raise Trouble(
                f"The tokens in {self.state} belong to another user", "Run this as the user who runs `up`."
            ) from None
        self.ports = Ports(self.description["port_base"])
        self._signed: dict[str, str] = {}

    def url(self, service: str) -> str:
        return f"http://{HOST}:{self.ports.service(service)}"

    def get(self, service: str, path: str, role: str = "la.officer", **query: Any) -> Any:
        """The JSON answer; arguments that are nothing are left out of the query, and of a list each is asked for."""
        return self._send("GET", service, path, role, params=_asked(query) or None).json()

    def download(self, service: str, path: str, role: str = "la.officer") -> bytes:
        """An answer that is a file."""
        return self._send("GET", service, path, role).content

    def post(
        self,
        service: str,
        path: str,
        body: Any = None,
        role: str = "la.officer",
        *,
        content: "Iterable[bytes] | None" = None,
        timeout: float = 60,
        **query: Any,
    ) -> httpx2.Response:
        """A command; the whole answer, since its header names the correlation id under which to follow it."""
        sent: dict[str, Any] = {"content": content} if content is not None else {"json": body}
        return self._send("POST", service, path, role, params=_asked(query), timeout=timeout, **sent)

    def _send(
        self, method: str, service: str, path: str, role: str, timeout: float = 30, **how: Any
    ) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {self._token(role)}", "Accept": "application/json"}
        if method == "POST":
            headers["Idempotency-Key"] = str(uuid4())
            if "content" in how:
                headers["Content-Type"] = "text/csv"
        address = f"{self.url(service)}/api/v1{path}"
        try:
            answer = httpx2.request(method, address, headers=headers, timeout=timeout, verify=TRUSTS_NOBODY, **how)
        except httpx2.ReadTimeout as error:
            raise Trouble(
                f"{service} has not answered within {timeout:g} seconds",
                "`status` says whether it is ready."
                if method == "GET"
                else "It may do what it was asked all the same: look whether it has before you enter it again.",
            ) from error
        except httpx2.TransportError as error:
            raise Trouble(
                f"{service} does not answer at {self.url(service)} ({type(error).__name__})",
                "Start the stack with `up`, or see `status`.",
            ) from error
        if answer.is_error:
            raise Trouble(f"{service} refused: {_why(answer)}", refusal=_refusal(answer))
        return answer

    def _token(self, role: str) -> str:
        """Of an office in the name of the officer; of a department or of the regional office as it is."""
        if role not in self.tokens:
            raise Trouble(f"There is no role {role}", f"They are {', '.join(self.tokens)}.")
        if role not in OFFICE_ROLES:
            return self.tokens[role]
        if role not in self._signed:
            self._signed[role] = in_the_name_of(self.state, self.tokens[role], officer())
        return self._signed[role]


def _asked(query: dict[str, Any]) -> dict[str, str | list[str]]:
    return {
        name: [str(each) for each in value] if isinstance(value, list) else str(value)
        for name, value in query.items()
        if value is not None
    }


def _refusal(answer: httpx2.Response) -> str | None:
    """The name of the rule, as in `urn:consortia:problem:clock-waits`; nothing else that went wrong has one."""
    try:
        kind = str(answer.json()["type"])
    except (ValueError, KeyError, TypeError):
        return None
    return kind.rpartition(":")[2] if answer.status_code == HTTPStatus.CONFLICT else None


def _why(answer: httpx2.Response) -> str:
    """The sentence of a problem document, with the fields that are wrong."""
    try:
        problem = answer.json()
    except ValueError:
        return f"{answer.status_code} {answer.text[:300]}"
    detail = str(problem.get("detail") or problem.get("title") or answer.status_code)
    errors = problem.get("errors")
    return f"{detail} {json.dumps(errors)}" if errors else detail
