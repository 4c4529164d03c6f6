"""`counterfoil up`: starts everything that the product consists of, and keeps it running.

Nothing here imports a library outside the standard one, so that it starts at once.
"""
