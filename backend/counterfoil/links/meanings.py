"""The one table of statuses: what each is called, what it says, who must act, and its button.

No sentence names a moment: clients draw the moments beside it, each in its own time zone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from string import Formatter

from counterfoil.links.status import LinkStatusCode, Severity, StatusAction, StatusActor, Upkeep

ACTION_LABELS: Mapping[StatusAction, str | None] = {
    StatusAction.FIX: "Fix",
    StatusAction.ENTER_CODE: "Enter Code",
    StatusAction.RENEW: "Renew",
    StatusAction.RETRY: "Retry",
    StatusAction.NONE: None,
}


@dataclass(frozen=True, slots=True)
class DetailValues:
    """What a status's sentences name, formatted by the caller; None where it is not known.

    `date` is the day on which a permission ends, as text. `missing` says what did not
    come, `aggregator` is its name, `code` and `request_id` are the provider's own.
    """

    date: str | None = None
    missing: str | None = None
    aggregator: str | None = None
    code: str | None = None
    request_id: str | None = None


Sentence = tuple[str, ...]
"""Wordings of one sentence, the fullest first; the first whose values are all known is used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """One row of the table."""

    label: str
    severity: Severity
    sentences: tuple[Sentence, ...]
    action: StatusAction = StatusAction.NONE
    actor: StatusActor = StatusActor.NOBODY
    upkeep: Upkeep = Upkeep.PULL

    @property
    def action_label(self) -> str | None:
        """The button's text; None without a button."""
        return ACTION_LABELS[self.action]

    @property
    def keeps_schedule(self) -> bool:
        """Whether Next Update is a time; it is null while somebody must act."""
        return self.upkeep is Upkeep.PULL

    def detail(self, values: DetailValues) -> str:
        """The status in plain words, and what to do; sentences without their values are left out.

        >>> MEANINGS[LinkStatusCode.PARTIAL].detail(DetailValues(missing="Payroll"))
        'Missing for now: Payroll. It is tried again by itself.'
        """
        known = {name: text for name, text in asdict(values).items() if text is not None}
        chosen = (_worded(sentence, known) for sentence in self.sentences)
        return " ".join(text for text in chosen if text is not None)


def placeholders(wording: str) -> set[str]:
    """The names of values in a wording."""
    return {name for _, name, _, _ in Formatter().parse(wording) if name is not None}


def _worded(sentence: Sentence, known: Mapping[str, str]) -> str | None:
    fitting = (wording for wording in sentence if placeholders(wording) <= known.keys())
    first = next(fitting, None)
    return first.format_map(known) if first is not None else None


_NEXT_TRY: Sentence = ("It is tried again by itself.",)

MEANINGS: Mapping[LinkStatusCode, Meaning] = {
    LinkStatusCode.LINKING: Meaning(
        label="Connecting",
        severity=Severity.INFO,
        sentences=(("Waiting for you to finish signing in at the bank.",),),
        actor=StatusActor.PERSON,
        upkeep=Upkeep.NOTHING,
    ),
    LinkStatusCode.OK: Meaning(
        label="All Data Received",
        severity=Severity.OK,
        sentences=(("Everything that the bank offered is here.",),),
    ),
    LinkStatusCode.PARTIAL: Meaning(
        label="Partial Data",
        severity=Severity.INFO,
        sentences=(
            ("Missing for now: {missing}.", "The bank has not handed over everything yet."),
            _NEXT_TRY,
        ),
        actor=StatusActor.BANK,
    ),
    LinkStatusCode.NEEDS_SIGN_IN: Meaning(
        label="Sign-in Needed",
        severity=Severity.ACTION,
        sentences=(
            ("The bank refused the saved sign-in, often after a password change.",),
            ("Refresh, and sign in again.",),
        ),
        action=StatusAction.FIX,
        actor=StatusActor.PERSON,
        upkeep=Upkeep.HEALTH,
    ),
    LinkStatusCode.NEEDS_CODE: Meaning(
        label="Code Needed",
        severity=Severity.ACTION,
        sentences=(("The bank asks for a security code.",), ("Refresh, and enter it.",)),
        action=StatusAction.ENTER_CODE,
        actor=StatusActor.PERSON,
        upkeep=Upkeep.HEALTH,
    ),
    LinkStatusCode.CONSENT_EXPIRING: Meaning(
        label="Permission Ends Soon",
        severity=Severity.WARNING,
        sentences=(
            ("Permission ends on {date}.", "Your permission at the bank ends soon."),
            ("Renew now to avoid a gap.",),
        ),
        action=StatusAction.RENEW,
        actor=StatusActor.PERSON,
    ),
    LinkStatusCode.NEEDS_CONSENT: Meaning(
        label="Permission Expired",
        severity=Severity.ACTION,
        sentences=(
            ("Your permission at the bank ended or was withdrawn.",),
            ("Refresh, and allow access again.",),
        ),
        action=StatusAction.RENEW,
        actor=StatusActor.PERSON,
        upkeep=Upkeep.HEALTH,
    ),
    LinkStatusCode.LOCKED: Meaning(
        label="Locked at the Bank",
        severity=Severity.ACTION,
        sentences=(("The bank locked this sign-in.",), ("Unlock it there, then Refresh.",)),
        action=StatusAction.FIX,
        actor=StatusActor.PERSON,
        upkeep=Upkeep.HEALTH,
    ),
    LinkStatusCode.ACTION_AT_BANK: Meaning(
        label="Action at the Bank",
        severity=Severity.ACTION,
        sentences=(
            ("The bank wants something done on its own site.",),
            ("Do it, then Refresh.",),
        ),
        action=StatusAction.FIX,
        actor=StatusActor.PERSON,
        upkeep=Upkeep.HEALTH,
    ),
    LinkStatusCode.BANK_DOWN: Meaning(
        label="Bank Not Reachable",
        severity=Severity.WARNING,
        sentences=(
            ("The bank does not answer.",),
            ("Nothing to do; it is tried again by itself.",),
        ),
        action=StatusAction.RETRY,
        actor=StatusActor.BANK,
    ),
    LinkStatusCode.RATE_LIMITED: Meaning(
        label="Waiting",
        severity=Severity.INFO,
        sentences=(("The bank's limit is used up.",), _NEXT_TRY),
        actor=StatusActor.BANK,
    ),
    LinkStatusCode.UNSUPPORTED: Meaning(
        label="Not Supported",
        severity=Severity.WARNING,
        sentences=(
            (
                "This bank or account is no longer supported by {aggregator}.",
                "This bank or account is no longer supported.",
            ),
        ),
        upkeep=Upkeep.HEALTH,
    ),
    LinkStatusCode.GONE: Meaning(
        label="Disconnected",
        severity=Severity.ACTION,
        sentences=(
            ("The login no longer exists at {aggregator}.", "The login no longer exists."),
            ("Add the bank again; your reconciliations stay.",),
        ),
        actor=StatusActor.PERSON,
        upkeep=Upkeep.HEALTH,
    ),
    LinkStatusCode.NO_ACCOUNTS: Meaning(
        label="No Accounts",
        severity=Severity.ACTION,
        sentences=(
            ("The login works but hands over no account.",),
            ("Refresh, and choose accounts.",),
        ),
        action=StatusAction.FIX,
        actor=StatusActor.PERSON,
        upkeep=Upkeep.HEALTH,
    ),
    LinkStatusCode.NOT_SET_UP: Meaning(
        label="Not Set Up",
        severity=Severity.ACTION,
        sentences=(
            (
                "The keys for {aggregator} are missing or refused.",
                "The keys are missing or refused.",
            ),
            ("An administrator must set them.",),
        ),
        action=StatusAction.RETRY,
        actor=StatusActor.ADMINISTRATOR,
        upkeep=Upkeep.HEALTH,
    ),
    LinkStatusCode.MANUAL: Meaning(
        label="No Feed",
        severity=Severity.OK,
        sentences=(("This account has no feed.",),),
        upkeep=Upkeep.NOTHING,
    ),
    LinkStatusCode.PAYMENT_REQUIRED: Meaning(
        label="Subscription Ended",
        severity=Severity.ACTION,
        sentences=(("Renew your subscription at {aggregator}.", "Renew your subscription."),),
        action=StatusAction.RETRY,
        actor=StatusActor.ADMINISTRATOR,
        upkeep=Upkeep.HEALTH,
    ),
    LinkStatusCode.ERROR: Meaning(
        label="Unexpected Answer",
        severity=Severity.WARNING,
        sentences=(
            ("Code {code}, request {request_id}.", "Code {code}.", "The answer made no sense."),
            ("It is tried again by itself; if it stays, send this line to your administrator.",),
        ),
        action=StatusAction.RETRY,
    ),
}
