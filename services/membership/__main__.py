import gc

gc.disable()  # nothing of what is imported is garbage, and to look for it is a seventh of a start; `main` does again

from services.membership.app import build  # noqa: E402
from shared.service import main  # noqa: E402

main(build)
