from services.notifications.app import build
from shared.service import main

main(build)
