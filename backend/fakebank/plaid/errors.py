"""Plaid's errors: type, HTTP status and words by code.

Types and codes as in the public documentation of the API's errors (version 2020-09-14); the
messages are our own.
"""

from __future__ import annotations

from typing import Any, NamedTuple

DOCUMENTATION = "https://plaid.com/docs/errors/"


class Kind(NamedTuple):
    """What a code stands for. `display` is for the person at the bank, None when not theirs."""

    type: str
    status: int
    message: str
    display: str | None = None


def _kinds(type_: str, status: int, codes: dict[str, str | tuple[str, str]]) -> dict[str, Kind]:
    return {
        code: Kind(type_, status, *((words,) if isinstance(words, str) else words))
        for code, words in codes.items()
    }


SIGN_IN_AGAIN = "Your sign-in at the bank has changed. Please sign in again."
KINDS: dict[str, Kind] = {
    **_kinds(
        "INVALID_REQUEST", 400, {
        "MISSING_FIELDS": "required fields are missing",
        "UNKNOWN_FIELDS": "fields are not recognized by this endpoint",
        "INVALID_FIELD": "a field has an unusable value",
        "INVALID_BODY": "the body must be a JSON object with content type application/json",
        "INVALID_HEADERS": "a header has an unusable value",
        "SANDBOX_ONLY": "this endpoint exists in the sandbox only",
    }),
    **_kinds("INVALID_REQUEST", 404, {"NOT_FOUND": "no such endpoint"}),
    **_kinds("INVALID_REQUEST", 405, {"METHOD_NOT_ALLOWED": "every call of this API is a POST"}),
    **_kinds(
        "INVALID_INPUT", 400, {
        "INVALID_API_KEYS": "invalid client_id or secret provided",
        "INVALID_ACCESS_TOKEN": "the access token is not of this environment or never existed",
        "INVALID_PUBLIC_TOKEN": "the public token is unknown, used up or expired",
        "INVALID_LINK_TOKEN": "the link token is unknown or expired",
        "INVALID_INSTITUTION": "no institution has this institution_id",
        "INVALID_ACCOUNT_ID": "an account id does not belong to this Item",
        "INVALID_PRODUCT": "your client does not have access to this product",
        "UNAUTHORIZED_ENVIRONMENT": "your client has no access to this environment",
        "INVALID_WEBHOOK_VERIFICATION_KEY_ID": "no webhook key has this key_id",
    }),
    **_kinds(
        "ITEM_ERROR", 400, {
        "ITEM_LOGIN_REQUIRED": ("the login changed; the user must sign in again in update mode",
                             SIGN_IN_AGAIN),
        "INVALID_CREDENTIALS": ("the provided credentials were not correct",
                             "The username or password was not correct."),
        "INSUFFICIENT_CREDENTIALS": ("the user did not provide sufficient authorization",
                                  SIGN_IN_AGAIN),
        "INVALID_UPDATED_USERNAME": ("the username is not the one that this Item was linked with",
                                  "Please use the username that was linked before."),
        "INVALID_MFA": ("the provided MFA response was not correct",
                     "The security code or answer was not correct."),
        "INVALID_OTP": ("the one-time passcode was not correct", "The code was not correct."),
        "INVALID_SEND_METHOD": ("the MFA send method was not valid", "Choose another way."),
        "INVALID_PHONE_NUMBER": ("the phone number was not valid", "Enter another phone number."),
        "USER_INPUT_TIMEOUT": ("the user did not answer in time",
                            "The bank waited too long for an answer. Please start again."),
        "MFA_NOT_SUPPORTED": ("this account asks for a kind of MFA that is not supported",
                           "This bank's security check is not supported."),
        "ITEM_LOCKED": ("the bank has locked this login after too many attempts",
                     "The bank has locked this login. Unlock it at the bank, then try again."),
        "USER_SETUP_REQUIRED": ("the user must finish setting up the account at the bank",
                             "Finish the set-up on the bank's own site, then try again."),
        "PASSWORD_RESET_REQUIRED": ("the user must set a new password at the bank",
                                 "Set a new password on the bank's own site, then try again."),
        "ACCESS_NOT_GRANTED": ("the user did not grant access to the data",
                            "Access was not granted."),
        "ITEM_NOT_FOUND": "this Item was removed or never existed",
        "ITEM_NOT_SUPPORTED": ("this account is not supported", "This account is not supported."),
        "ITEM_CONCURRENTLY_DELETED": "this Item was removed while the request ran",
        "ITEM_PRODUCT_NOT_READY": "this product is not ready yet",
        "PRODUCT_NOT_READY": "the requested product is not yet ready; wait for its webhook",
        "PRODUCTS_NOT_SUPPORTED": "a product is not supported by this institution or account",
        "PRODUCT_NOT_ENABLED": "a product was not enabled for this Item",
        "NO_ACCOUNTS": ("no valid accounts were found for this Item",
                     "The bank shows no open account for this login."),
        "NO_AUTH_ACCOUNTS": "no account supports this product",
        "NO_INVESTMENT_ACCOUNTS": "no investment account was found",
        "NO_LIABILITY_ACCOUNTS": "no liability account was found",
        "INSTANT_MATCH_FAILED": "the account could not be matched",
        "DATA_UNAVAILABLE": "the data of this Item is not available for now",
    }),
    **_kinds(
        "INSTITUTION_ERROR", 400, {
        "INSTITUTION_DOWN": ("this institution is not currently responding to this request",
                          "The bank does not answer right now. Please try again later."),
        "INSTITUTION_NOT_RESPONDING": ("the institution did not answer in time",
                                    "The bank does not answer right now. Please try later."),
        "INSTITUTION_NOT_AVAILABLE": ("the institution is not available",
                                   "The bank is not available right now. Please try later."),
        "INSTITUTION_NOT_ENABLED_IN_ENVIRONMENT": "the institution is not enabled here",
        "INSTITUTION_NO_LONGER_SUPPORTED": ("the institution is no longer supported",
                                         "This bank is no longer supported."),
        "INSTITUTION_NOT_FOUND": "the institution was not found",
        "INSTITUTION_REGISTRATION_REQUIRED": "the institution asks for a registration first",
        "UNAUTHORIZED_INSTITUTION": "your client may not use this institution",
    }),
    **_kinds(
        "RATE_LIMIT_EXCEEDED", 429, {
        "RATE_LIMIT": "too many requests; try again later",
        "TRANSACTIONS_LIMIT": "rate limit exceeded for transactions of this Item",
        "TRANSACTIONS_SYNC_LIMIT": "rate limit exceeded for /transactions/sync",
        "TRANSACTIONS_REFRESH_LIMIT": "rate limit exceeded for /transactions/refresh",
        "ACCOUNTS_LIMIT": "rate limit exceeded for /accounts/get of this Item",
        "ACCOUNTS_BALANCE_GET_LIMIT": "rate limit exceeded for /accounts/balance/get",
        "BALANCE_LIMIT": "rate limit exceeded for balances of this Item",
        "ITEM_GET_LIMIT": "rate limit exceeded for /item/get of this Item",
        "INSTITUTIONS_GET_LIMIT": "rate limit exceeded for institutions",
    }),
    **_kinds("API_ERROR", 500, {"INTERNAL_SERVER_ERROR": "an unexpected error occurred"}),
    **_kinds("API_ERROR", 503, {"PLANNED_MAINTENANCE": "systems are in maintenance"}),
    **_kinds(
        "TRANSACTIONS_ERROR", 400, {
        "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION":
        "transactions changed during pagination; restart from the cursor of the first page",
    }),
    **_kinds(
        "SANDBOX_ERROR", 400, {
        "SANDBOX_PRODUCT_NOT_ENABLED": "the product is not enabled for this Item",
        "SANDBOX_WEBHOOK_INVALID": "the Item has no webhook, or it cannot be reached",
    }),
    **_kinds("OAUTH_ERROR", 400, {"INCORRECT_OAUTH_NONCE": "the OAuth nonce does not match"}),
}  # fmt: skip


class PlaidError(Exception):
    """A refusal in Plaid's words. `message` overrides the usual one; `fields` are merged in."""

    def __init__(self, code: str, message: str | None = None, **fields: Any) -> None:
        super().__init__(code)
        self.code = code
        self.kind = kind_of(code)
        self.message = message or self.kind.message
        self.fields = fields

    def body(self, request_id: str | None = None) -> dict[str, Any]:
        """The error object; without `request_id` in webhooks and inside other objects."""
        body: dict[str, Any] = {
            "error_type": self.kind.type,
            "error_code": self.code,
            "error_code_reason": None,
            "error_message": self.message,
            "display_message": self.kind.display,
            "documentation_url": f"{DOCUMENTATION}{self.kind.type.lower().replace('_', '-')}/"
            f"#{self.code.lower()}",
            "suggested_action": None,
            **self.fields,
        }
        return body if request_id is None else body | {"request_id": request_id}


def kind_of(code: str) -> Kind:
    """The kind of a code; a code that is not known here is an ITEM_ERROR, as at sign-in."""
    return KINDS.get(code, Kind("ITEM_ERROR", 400, f"the bank refused with {code}"))
