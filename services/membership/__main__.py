from services.membership.app import build
from shared.service import main

main(build)
