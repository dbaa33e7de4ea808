"""Refusals: a rule said no, in a sentence that a clerk could read.

Each rule has its own small exception beside it, a subclass of one of these three; the web layer turns them into
problem details (409, 404, 422) and the command line prints the sentence.
"""


class Refusal(Exception):
    """A rule of the sector forbids it in the present state."""


class NotFound(Refusal):
    """There is no such thing, or none that this person may know of."""


class Invalid(Refusal):
    """What was entered can't be taken as it stands; the sentence names the place and the cure."""
