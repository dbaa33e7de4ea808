"""`python -m shared.contracts check | write | openapi`: the gate of the published language, and its documents.

check    schemas, examples, topics and documents are right and up to date; status 1 and a list if not
write    publish new and compatibly changed schemas, write docs/asyncapi.yaml, docs/events.md and docs/openapi/*.json
openapi  write docs/openapi/*.json only

A schema that would break readers is not written: declare a new major version. One that nobody has read yet, on a
branch, may be taken back by deleting its file in schemas/ and writing again.
"""

import argparse
import json
import sys
from pathlib import Path

from shared.contracts import asyncapi, event_page
from shared.contracts.gate import contracts, faults, write_schemas
from shared.contracts.services import routers_of, service_names

DOCS = Path(__file__).resolve().parents[2] / "docs"


def documents() -> dict[Path, str]:
    """Every document that is written from the code, by its file."""
    return {DOCS / "asyncapi.yaml": asyncapi.text(), DOCS / "events.md": event_page.text(), **openapi_documents()}


def openapi_documents() -> dict[Path, str]:
    from shared.web.application import openapi

    return {
        DOCS / "openapi" / f"{service}.json": json.dumps(openapi(service, routers), indent=2, ensure_ascii=False) + "\n"
        for service in service_names()
        if (routers := routers_of(service))
    }


def stale(expected: dict[Path, str]) -> list[str]:
    return [
        f"docs/{file.relative_to(DOCS)} is not what the code says. Run `python -m shared.contracts write`."
        for file, text in expected.items()
        if not file.exists() or file.read_text() != text
    ]


def write(expected: dict[Path, str]) -> None:
    for file, text in expected.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m shared.contracts", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("act", choices=("check", "write", "openapi"))
    act = parser.parse_args().act
    if act == "openapi":
        write(openapi_documents())
        return 0
    found = write_schemas(contracts()) if act == "write" else []
    found += [fault for fault in faults(contracts()) if fault not in found]
    if act == "write" and not found:
        write(documents())
    elif not found:
        found = stale(documents())
    sys.stdout.writelines(f"{fault}\n" for fault in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
