"""The library's partitioner with our memory for hashes, for baselines that send record by record."""

from collections.abc import Sequence

from aiokafka.partitioner import DefaultPartitioner

from shared.messaging.kafka import partition_of


class RememberingPartitioner(DefaultPartitioner):  # type: ignore[misc]
    """Without it a baseline would pay for a hash in pure Python with every record, and lose half its pace."""

    @classmethod
    def __call__(cls, key: bytes | None, all_partitions: Sequence[int], available: Sequence[int]) -> int:
        assert key is not None
        return all_partitions[partition_of(key, len(all_partitions))]
