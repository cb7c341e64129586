"""Records that are written in one transaction, and ids under which they can be written again."""

import secrets
import time
from collections.abc import Iterator, Sequence

from experiments.tracking.record import RunRecord


def groups(records: Sequence[RunRecord], most: int) -> Iterator[list[RunRecord]]:
    """Lists of records with at most so many rows, of runs and of metrics; a long record alone."""
    group, rows = [], 0
    for one in records:
        own = 1 + len(one.metrics)
        if group and rows + own > most:
            yield group
            group, rows = [], 0
        group.append(one)
        rows += own
    if group:
        yield group


def new_id() -> str:
    """32 hexadecimal digits that ascend in time, so that rows of one time lie together on disk."""
    return f"{time.time_ns():016x}{secrets.token_hex(8)}"
