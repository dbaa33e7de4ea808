"""A file that could not be applied though every line of it was checked: why, and what would cure it (W-02)."""

_AT_A_LINE = (
    "All lines before line {line} are applied and stay so; later files went on. Look at line {line}: if the register has "
    "it otherwise by now, send the file again and discard this import. Else tell whoever runs the service, who finds "
    "this import in its log, and retry when it is mended: the rest is applied then, once."
)
_AFTER_ALL = (
    "Every line is applied and stays so; what follows from them for schools that others continue is not. Tell whoever "
    "runs the service, who finds this import in its log, and retry when it is mended."
)
# A line of the file is a school, and a rule's sentence may name one: of which something can't be done is not everybody's to know.
NOT_FOR_ALL = (
    "Whoever sent the file reads at which line, and why; so do officers who may know of every school that it names."
)
CURE_FOR_OTHERS = (
    "What was applied stays so; later files went on. Have one of those look at the line. If the register has it otherwise by "
    "now, send the file again and discard this import; else tell whoever runs the service, who finds it in its log, and retry "
    "it when it is mended: the rest is applied then, once."
)
CURE_FOR_OPS = (
    "Find this import by its id in the log of membership: the error and its place are there. When it is mended, have an officer "
    "retry it; the rest is applied then, once."
)
LINES_WAIT = (
    "Something that was due of these schools can't be done (`consortia due list`). Their lines are applied once that was "
    "tried again or given up; nobody has to send or retry the file."
)


def cure_of(line: int | None) -> str:
    """``line`` None: it failed after the last one."""
    return _AFTER_ALL if line is None else _AT_A_LINE.format(line=line)
