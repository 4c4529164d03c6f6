"""Plaid, behind the port.

Facts are from Plaid's public documentation and its official OpenAPI file (API version
2020-09-14).
"""

from counterfoil.aggregators.plaid.adapter import Plaid

__all__ = ["Plaid"]
