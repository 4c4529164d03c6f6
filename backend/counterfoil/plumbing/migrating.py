"""Tortoise's configuration for `makemigrations`, which reads the models and needs no database."""

from __future__ import annotations

from counterfoil.plumbing.database import configuration

TORTOISE = configuration("sqlite:///:memory:")
