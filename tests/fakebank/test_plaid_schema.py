"""The check of answers itself: it takes Plaid's own examples and finds what is wrong."""

from __future__ import annotations

import json
from pathlib import Path

from tests.fakebank.plaid_schema import answer_faults


class TestAnswerFaults:
    def test_wrong_answer_is_found_out(self, specs: Path) -> None:
        answer = {"item_id": 5, "request_id": "r"}
        assert set(answer_faults("/item/public_token/exchange", answer)) == {
            "$: 'access_token' is a required property",
            "$.item_id: 5 is not of type 'string'",
        }

    def test_null_only_where_it_may_be(self, specs: Path) -> None:
        answer = {"new_access_token": None, "request_id": "r"}
        assert answer_faults("/item/access_token/invalidate", answer) != []

    def test_official_examples_are_right(self, specs: Path) -> None:
        examples = json.loads((specs / "plaid-response-examples.json").read_text())
        checked = 0
        for name, example in examples.items():
            path, status = name.split()[:2]
            if path in ("/item/get", "/accounts/balance/get", "/accounts/get"):
                assert answer_faults(path, example, status=int(status)) == []
                checked += 1
        assert checked >= 3
