"""For maintainers: write the lock files of the Java archives from their roots, with jgo; no Maven and no JDK.

The exclamation mark after each root keeps jgo from taking it as a bill of materials, which would move versions.
"""

import hashlib
import tempfile
from pathlib import Path

from infra.local.jars import KAFKA_LOCK, ZIPKIN_LOCK

KAFKA_ROOTS = (
    "org.apache.kafka:kafka_2.13:4.2.0!",
    "org.apache.logging.log4j:log4j-core:2.24.3!",
    "org.apache.logging.log4j:log4j-slf4j-impl:2.24.3!",
)
ZIPKIN = ("io.zipkin", "zipkin-server", "3.6.1", "slim")


def main() -> None:
    from jgo.maven import MavenContext

    with tempfile.TemporaryDirectory() as folder:
        context = MavenContext(repo_cache=Path(folder), timeout=60)
        roots = [context.create_dependency(root) for root in KAFKA_ROOTS]
        inputs, rest = context.resolver.resolve(roots)
        needed = inputs + [each for each in rest if each.scope in ("compile", "runtime")]
        archives = {each.artifact.key: each.artifact for each in needed}
        KAFKA_LOCK.write_text("".join(_line(archives[key]) for key in sorted(archives)))
        group, artifact, version, classifier = ZIPKIN
        ZIPKIN_LOCK.write_text(_line(context.project(group, artifact).at_version(version).artifact(classifier)))


def _line(archive: object) -> str:
    names = [getattr(archive, name) for name in ("groupId", "artifactId", "version", "classifier")]
    content: bytes = archive.resolve().read_bytes()  # type: ignore[attr-defined]
    return f"{':'.join(filter(None, names))} {hashlib.sha256(content).hexdigest()} {len(content)}\n"


if __name__ == "__main__":
    main()
