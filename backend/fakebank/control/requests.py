"""What each control call may hold; checked as strictly as Plaid's own calls."""

from __future__ import annotations

from fakebank.faults import FAULT_KINDS
from fakebank.plaid.shapes import (
    Shape,
    anything,
    boolean,
    day,
    integer,
    many,
    nullable,
    number,
    one_of,
    record,
    text,
)
from fakebank.plaid.webhooks import FORGERIES

WORD = text(shortest=1)
COUNT = integer(least=1)
SCENARIO = record(
    {},
    {
        "seed": WORD,
        "initial_seconds": number,
        "historical_seconds": number,
        "sign_in_lasts_days": nullable(integer(least=1)),
        "second_link_breaks_first": many(WORD),
        "persistent_ids": many(WORD),
        "rate_limits": boolean,
        "webhook_retries": boolean,
        "lose_webhooks": boolean,
    },
)
LOGIN = record(
    {"institution_id": WORD, "username": WORD, "password": WORD, "custom_user": anything}
)
FAULT = record(
    {"kind": one_of(*FAULT_KINDS)},
    {
        "path": WORD,
        "institution_id": WORD,
        "item_id": WORD,
        "code": WORD,
        "seconds": number,
        "skip": integer(least=0),
        "count": COUNT,
        "for_seconds": number,
    },
)
LINE_FACTS: dict[str, Shape] = {
    "amount": number,
    "description": text(),
    "merchant": nullable(text()),
    "channel": one_of("online", "in store", "other"),
    "category": WORD,
    "check_number": nullable(text()),
    "currency": WORD,
    "occurred_on": day,
    "posted_on": nullable(day),
}
ACCOUNT_FACTS: dict[str, Shape] = {
    "name": text(),
    "official_name": nullable(text()),
    "mask": nullable(text(longest=4)),
    "persistent_id": nullable(WORD),
    "limit": nullable(number),
    "available": nullable(number),
    "available_unknown": boolean,
    "balance_error": number,
}
CLOCK = record({}, {"seconds": number, "hours": number, "days": number})
PASSWORD = record({"password": text(shortest=1)})
NOTHING = record({})
ADD_LINE = record({"amount": number}, {k: v for k, v in LINE_FACTS.items() if k != "amount"})
GENERATE = record({"count": integer(least=1, most=200_000)}, {"days": integer(least=1, most=730)})
MODIFY_LINE = record({}, {k: v for k, v in LINE_FACTS.items() if k != "occurred_on"})
POST_LINE = record({}, {"posted_on": day, "amount": number, "linked": boolean})
ACCOUNT = record({}, ACCOUNT_FACTS | {"closed": boolean})
ADD_ACCOUNT = record(
    {"name": WORD, "kind": one_of("depository", "credit", "loan", "investment", "other"),
     "subtype": WORD},
    {"currency": WORD, "balance": number,
     **{k: v for k, v in ACCOUNT_FACTS.items() if k != "name"}},
)  # fmt: skip
ITEM = record(
    {},
    {
        "error": nullable(WORD),
        "reason": nullable(WORD),
        "login_required": boolean,
        "consent_expires_in_seconds": nullable(number),
    },
)
MOVE = record({}, {"institution_id": WORD, "name": WORD, "notice_days": integer(least=0, most=365)})
NEXT_LINK = record({}, {"other_words": boolean, "days_later": integer(least=-5, most=5)})
REVOKE_ACCOUNT = record({"account_id": WORD})
ITEM_WEBHOOK = record(
    {"webhook_type": WORD, "webhook_code": WORD},
    {"fields": anything, "forgery": one_of(*FORGERIES), "times": integer(least=1, most=100)},
)
WEBHOOK = record(
    {"url": WORD, "payload": anything},
    {"forgery": one_of(*FORGERIES), "times": integer(least=1, most=100)},
)
LOAD = record(
    {},
    {"reset": boolean, "scenario": SCENARIO, "logins": many(LOGIN), "faults": many(FAULT)},
)
