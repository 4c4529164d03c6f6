"""schema.graphql is what the code says, to the letter."""

from __future__ import annotations

import subprocess

from tests.services.processes import COUNTERFOIL, ROOT, environment


def test_the_committed_schema_is_the_printed_one() -> None:
    done = subprocess.run(
        [*COUNTERFOIL, "schema"], check=False, capture_output=True, text=True, env=environment()
    )
    assert done.returncode == 0, done.stderr
    committed = (ROOT / "schema.graphql").read_text(encoding="utf-8")
    assert done.stdout == committed, "the schema changed: look at it, then run make schema"
