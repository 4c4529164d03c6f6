"""What each call may hold: the fields of Plaid's API, version 2020-09-14.

Fields that the sandbox makes no use of are known by name, so that only truly unknown ones are
refused.
"""

from __future__ import annotations

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
    url,
)  # fmt: skip

WORD = text(shortest=1)
FLAG = nullable(boolean)
COUNTRIES = ("US", "GB", "ES", "NL", "FR", "IE", "CA", "DE", "IT", "PL", "DK", "NO", "SE", "EE",
             "LT", "LV", "PT", "BE", "AT", "FI")  # fmt: skip
PRODUCTS = (
    "assets", "auth", "balance", "balance_plus", "beacon", "identity", "identity_match",
    "investments", "investments_auth", "liabilities", "payment_initiation",
    "identity_verification", "transactions", "credit_details", "income", "income_verification",
    "standing_orders", "transfer", "employment", "recurring_transactions",
    "transactions_refresh", "signal", "statements", "processor_payments", "processor_identity",
    "profile", "cra_base_report", "cra_income_insights", "cra_partner_insights",
    "cra_network_insights", "cra_cashflow_insights", "cra_monitoring", "cra_lend_score",
    "cra_plaid_credit_score", "layer", "pay_by_bank", "protect_linked_bank",
    "protect_transactions",
)  # fmt: skip
WEBHOOK_TYPES = ("AUTH", "HOLDINGS", "INVESTMENTS_TRANSACTIONS", "ITEM", "LIABILITIES",
                 "TRANSACTIONS", "ASSETS")  # fmt: skip
WEBHOOK_CODES = (
    "DEFAULT_UPDATE", "NEW_ACCOUNTS_AVAILABLE", "SMS_MICRODEPOSITS_VERIFICATION",
    "AUTHORIZATION_GRANTED", "USER_PERMISSION_REVOKED", "USER_ACCOUNT_REVOKED",
    "PENDING_DISCONNECT", "RECURRING_TRANSACTIONS_UPDATE", "LOGIN_REPAIRED",
    "SYNC_UPDATES_AVAILABLE", "PRODUCT_READY", "ERROR",
)  # fmt: skip
REMOVE_REASONS = ("FRAUD_FIRST_PARTY", "FRAUD_FALSE_IDENTITY", "FRAUD_ABUSE", "FRAUD_OTHER",
                  "CONNECTION_IS_NON_FUNCTIONAL", "OTHER")  # fmt: skip
country_list = many(one_of(*COUNTRIES), fewest=1)
product_list = many(one_of(*PRODUCTS))
days = integer(least=1, most=730)


def _unused(*names: str) -> dict[str, Shape]:
    return dict.fromkeys(names, anything)


LINK_USER = record(
    {"client_user_id": WORD},
    _unused("legal_name", "name", "phone_number", "phone_number_verified_time", "email_address",
            "email_address_verified_time", "ssn", "date_of_birth", "address", "id_number"),
)  # fmt: skip
LINK_TOKEN_CREATE = record(
    {"client_name": text(shortest=1, longest=30), "language": WORD, "country_codes": country_list},
    {
        "user": LINK_USER,
        "products": product_list, "webhook": url, "access_token": nullable(WORD),
        "redirect_uri": nullable(url),
        "optional_products": nullable(product_list),
        "required_if_supported_products": nullable(product_list),
        "additional_consented_products": nullable(product_list),
        "update": record({}, {"account_selection_enabled": boolean,
                              **_unused("reauthorization_enabled", "user", "item_ids")}),
        "hosted_link": record({}, {
            "delivery_method": nullable(one_of("sms", "email")),
            "completion_redirect_uri": text(shortest=1),
            "url_lifetime_seconds": integer(least=60, most=21 * 86_400),
            "is_mobile_app": boolean,
        }),
        "transactions": record({}, {"days_requested": days}),
        **_unused(
            "user_id", "access_tokens", "link_customization_name", "appearance_mode",
            "android_package_name", "institution_data", "card_switch", "account_filters",
            "eu_config", "institution_id", "payment_configuration", "payment_initiation",
            "employment", "income_verification", "base_report", "credit_partner_insights",
            "cra_options", "consumer_report_permissible_purpose", "auth", "transfer",
            "identity_verification", "statements", "third_party_user_token", "investments",
            "investments_auth", "cashflow_report", "cra_enabled", "identity",
            "financekit_supported", "enable_multi_item_link", "user_token",
        ),
    },
)  # fmt: skip
TOKEN_ONLY = record({"access_token": WORD})
SHAPES: dict[str, Shape] = {
    "/link/token/create": LINK_TOKEN_CREATE,
    "/link/token/get": record({"link_token": WORD}),
    "/item/public_token/exchange": record({"public_token": WORD}),
    "/item/get": TOKEN_ONLY,
    "/item/remove": record(
        {"access_token": WORD},
        {"reason_code": nullable(one_of(*REMOVE_REASONS)), "reason_note": nullable(
            text(longest=512))},
    ),
    "/item/webhook/update": record({"access_token": WORD}, {"webhook": nullable(url)}),
    "/item/access_token/invalidate": TOKEN_ONLY,
    "/accounts/get": record(
        {"access_token": WORD}, {"options": record({}, {"account_ids": many(WORD)})}
    ),
    "/accounts/balance/get": record(
        {"access_token": WORD},
        {"options": record({}, {"account_ids": many(WORD),
                                "min_last_updated_datetime": anything})},
    ),
    "/transactions/sync": record(
        {"access_token": WORD},
        {
            "cursor": text(longest=256),
            "count": integer(least=1, most=500),
            "options": record({}, {
                "include_original_description": FLAG,
                "include_personal_finance_category": FLAG,
                "include_logo_and_counterparty_beta": FLAG,
                "personal_finance_category_version": one_of("v1", "v2"),
                "days_requested": days,
                "account_id": WORD,
            }),
        },
    ),
    "/transactions/refresh": TOKEN_ONLY,
    "/institutions/search": record(
        {"query": WORD, "country_codes": country_list},
        {"products": nullable(many(one_of(*PRODUCTS), fewest=1)),
         "options": record({}, {"oauth": FLAG, **_unused(
             "include_optional_metadata", "include_auth_metadata",
             "include_payment_initiation_metadata", "payment_initiation")})},
    ),
    "/institutions/get": record(
        {"count": integer(least=1, most=500), "offset": integer(least=0),
         "country_codes": country_list},
        {"options": record({}, {"products": nullable(many(one_of(*PRODUCTS), fewest=1)),
                                "oauth": FLAG, **_unused(
            "routing_numbers", "include_optional_metadata", "include_auth_metadata",
            "include_payment_initiation_metadata")})},
    ),
    "/institutions/get_by_id": record(
        {"institution_id": WORD, "country_codes": country_list},
        {"options": record({}, {"include_status": boolean, **_unused(
            "include_optional_metadata", "include_auth_metadata",
            "include_payment_initiation_metadata")})},
    ),
    "/webhook_verification_key/get": record({"key_id": WORD}),
    "/sandbox/public_token/create": record(
        {"institution_id": WORD, "initial_products": many(one_of(*PRODUCTS), fewest=1)},
        {
            "options": record({}, {
                "webhook": url,
                "override_username": nullable(text()),
                "override_password": nullable(text()),
                "transactions": record({}, {"start_date": day, "end_date": day,
                                            "days_requested": days}),
                **_unused("statements", "income_verification"),
            }),
            **_unused("user_token", "user_id"),
        },
    ),
    "/sandbox/item/reset_login": TOKEN_ONLY,
    "/sandbox/item/fire_webhook": record(
        {"access_token": WORD, "webhook_code": one_of(*WEBHOOK_CODES)},
        {"webhook_type": one_of(*WEBHOOK_TYPES)},
    ),
    "/sandbox/transactions/create": record(
        {"access_token": WORD,
         "transactions": many(record(
             {"amount": number, "date_posted": day, "date_transacted": day,
              "description": text()},
             {"iso_currency_code": WORD}), fewest=1)},
    ),
}  # fmt: skip
