"""The sandbox bank: a pretend bank behind a pretend Plaid, for trying and testing Counterfoil.

It is a program of its own, reached over HTTP only. Nothing of it is imported by the product and it
imports nothing of the product, so that neither can make the other's mistake look right.
"""
