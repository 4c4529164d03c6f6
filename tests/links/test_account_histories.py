"""Whatever a bank and a person do to accounts, and wherever a process dies: each stays itself."""

from __future__ import annotations

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from tests.links.account_histories import Step, new_history
from tests.links.plain_accounts import Fact

FACTS = st.builds(
    Fact,
    day=st.integers(min_value=1, max_value=9),
    amount=st.sampled_from([-500, -500, 700]),
    text=st.sampled_from(["Coffee", "Cafe"]),
    pending=st.sampled_from([False, False, True]),
)
AT_THE_BANK = ["report", "report", "report", "change", "withdraw", "post"]
BY_A_PERSON = [
    "add", "add", "pull", "pull", "book", "book", "exclude", "name", "hide", "delete", "delete",
    "repair", "add_accounts",
]  # fmt: skip
STEPS = st.builds(
    Step,
    what=st.sampled_from(AT_THE_BANK + BY_A_PERSON),
    one=st.integers(min_value=0, max_value=7),
    other=st.integers(min_value=0, max_value=7),
    fact=FACTS,
    dies=st.none() | st.integers(min_value=0, max_value=12),
)


@settings(
    max_examples=settings().max_examples // 5,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(STEPS, min_size=4, max_size=25))
async def test_no_line_is_lost_doubled_or_resurrected(database: str, steps: list[Step]) -> None:
    history = await new_history()
    for step in [Step("add", 0, 1, Fact(1, 1, ""), None), *steps]:
        event(step.what)
        await history.take(step)
