"""`counterfoil up`: starts everything that the product consists of, and keeps it running.

Nothing here imports a library that takes long to load, so that it starts at once.
"""
