"""In whose name the commands enter things: who told a school, who confirmed, who corrected is kept by name (R0.1, R0.8)."""

import os
import pwd
from contextvars import ContextVar
from typing import Any
from uuid import UUID

from typer.core import TyperGroup

from infra.local.trouble import Trouble

OFFICER = "CONSORTIA_OFFICER"

_said: ContextVar[str | None] = ContextVar("officer", default=None)


def enter_as(name: str | None) -> None:
    """What was said of this command; None: nothing was."""
    _said.set(name)


def officer() -> str:
    """Who was named, else whose account of the operating system this is."""
    said = _said.get()
    name = " ".join((_account() if said is None else said).split())
    if not name.isprintable() or not name:
        raise Trouble("No name is given", f"Write --as 'NAME', or set {OFFICER}: it is kept with what you enter.")
    if _is_an_id(name):
        # A person's own sign-in has her id as its subject, and whoever has it is taken for her.
        raise Trouble(f"{name} is an id, not a name", f"Write --as 'NAME', or set {OFFICER}, in words.")
    return name


def _account() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:  # a user of whom the system has no account, as in some containers
        return ""


def _is_an_id(name: str) -> bool:
    try:
        UUID(name)
    except ValueError:
        return False
    return True


class SaidAnywhere(TyperGroup):
    """`--as NAME` is an option of the program, and may stand where it is typed: before the command or behind it."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        return super().parse_args(ctx, _name_first(args))


def _name_first(args: list[str]) -> list[str]:
    for place, each in enumerate(args):
        if each == "--":
            break
        if each == "--as" and place + 1 < len(args):
            return [*args[place : place + 2], *args[:place], *args[place + 2 :]]
        if each.startswith("--as="):
            return [each, *args[:place], *args[place + 1 :]]
    return args
