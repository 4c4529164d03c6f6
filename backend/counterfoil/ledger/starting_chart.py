"""The chart of accounts that a new organization starts with: number, name, type, holds money.

Accounts that hold money take the organization's base currency, so that a bank account of that
currency can be tied to them. `CONTROL` are those that sum up a subledger.
"""

from __future__ import annotations

from collections.abc import Sequence

from counterfoil.ledger.models import LedgerAccountType as Type

STARTING_CHART: Sequence[tuple[str, str, Type, bool]] = (
    ("1010", "Operating Account", Type.ASSET, True),
    ("1020", "Payroll Account", Type.ASSET, True),
    ("1030", "Savings", Type.ASSET, True),
    ("1040", "Money Market", Type.ASSET, True),
    ("1050", "Certificates of Deposit", Type.ASSET, True),
    ("1090", "Petty Cash", Type.ASSET, True),
    ("1200", "Accounts Receivable", Type.ASSET, False),
    ("1300", "Prepaid Expenses", Type.ASSET, False),
    ("1500", "Equipment", Type.ASSET, False),
    ("1590", "Accumulated Depreciation", Type.ASSET, False),
    ("2000", "Accounts Payable", Type.LIABILITY, False),
    ("2110", "Company Credit Card", Type.LIABILITY, True),
    ("2120", "Second Credit Card", Type.LIABILITY, True),
    ("2200", "Sales Tax Payable", Type.LIABILITY, False),
    ("2300", "Payroll Liabilities", Type.LIABILITY, False),
    ("2500", "Line of Credit", Type.LIABILITY, True),
    ("2600", "Term Loan", Type.LIABILITY, True),
    ("3000", "Opening Balance Equity", Type.EQUITY, False),
    ("3100", "Owner's Equity", Type.EQUITY, False),
    ("3900", "Retained Earnings", Type.EQUITY, False),
    ("4000", "Sales", Type.INCOME, False),
    ("4100", "Services", Type.INCOME, False),
    ("4900", "Interest Income", Type.INCOME, False),
    ("5000", "Cost of Goods Sold", Type.EXPENSE, False),
    ("6000", "Salaries and Wages", Type.EXPENSE, False),
    ("6100", "Bank Fees", Type.EXPENSE, False),
    ("6200", "Rent", Type.EXPENSE, False),
    ("6300", "Utilities", Type.EXPENSE, False),
    ("6400", "Software and Subscriptions", Type.EXPENSE, False),
    ("6500", "Travel and Meals", Type.EXPENSE, False),
    ("6600", "Office Supplies", Type.EXPENSE, False),
    ("6700", "Insurance", Type.EXPENSE, False),
    ("6800", "Professional Fees", Type.EXPENSE, False),
    ("6900", "Interest Expense", Type.EXPENSE, False),
    ("7000", "Foreign Exchange Gain or Loss", Type.EXPENSE, False),
)
CONTROL = frozenset({"1200", "2000"})
