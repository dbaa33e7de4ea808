"""What went wrong on this machine, in one sentence, and what to do about it."""


class Trouble(Exception):
    """The command prints the sentence and the cure and ends with status 1; no traceback is shown.

    ``refusal``: which rule of a service said no, where one did.
    """

    def __init__(self, sentence: str, cure: str = "", *, refusal: str | None = None) -> None:
        super().__init__(f"{sentence}. {cure}".strip() if cure else sentence)
        self.sentence = sentence
        self.cure = cure
        self.refusal = refusal
