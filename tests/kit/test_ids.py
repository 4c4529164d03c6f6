"""Identifiers for rows."""

from __future__ import annotations

import time
from threading import Thread
from uuid import UUID

from counterfoil.kit.ids import new_id


def test_an_id_is_of_version_7_and_tells_its_millisecond() -> None:
    before = time.time_ns() // 1_000_000
    made = new_id()
    assert made.version == 7
    assert made.variant == "specified in RFC 4122"
    assert before <= made.int >> 80 <= time.time_ns() // 1_000_000


def test_ids_of_one_process_ascend_within_a_millisecond() -> None:
    made = [new_id() for _ in range(20_000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)
    assert len({each.int >> 80 for each in made}) < len(made)


def test_threads_never_make_the_same() -> None:
    made: list[UUID] = []
    threads = [Thread(target=lambda: made.extend(new_id() for _ in range(2000))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 8000
