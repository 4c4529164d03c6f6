"""Who may come in: organizations, people, their memberships and their sessions."""

from __future__ import annotations

from uuid import UUID

from tortoise import Model, fields
from tortoise.indexes import Index

from counterfoil.kit.ids import new_id


class Organization(Model):
    """A company with its books. `base_currency` is an ISO 4217 code."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    name = fields.CharField(max_length=200)
    base_currency = fields.CharField(max_length=3)
    time_zone = fields.CharField(max_length=64)
    created_at = fields.DatetimeField()

    class Meta:
        table = "organization"


class User(Model):
    """A person. The e-mail address is stored folded to lower case."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    email = fields.CharField(max_length=254, unique=True)
    name = fields.CharField(max_length=200)
    password_hash = fields.CharField(max_length=200)
    created_at = fields.DatetimeField()

    class Meta:
        table = "user"


class Membership(Model):
    """The rights of a person in one organization, as a list of `Right` names."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    organization: fields.ForeignKeyRelation[Organization] = fields.ForeignKeyField(
        "models.Organization", related_name="memberships"
    )
    organization_id: UUID
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "models.User", related_name="memberships"
    )
    user_id: UUID
    rights = fields.JSONField[list[str]]()
    last_used_at = fields.DatetimeField(null=True)

    class Meta:
        table = "membership"
        unique_together = (("user_id", "organization_id"),)


class Session(Model):
    """A browser that signed in. Only the SHA-256 of its cookie is kept."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    token_hash = fields.CharField(max_length=64, unique=True)
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "models.User", related_name="sessions"
    )
    user_id: UUID
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()

    class Meta:
        table = "session"
        indexes = (Index(fields=["expires_at"]),)


class SignInLink(Model):
    """A link that signs its holder in once. Only the SHA-256 of its token is kept."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    token_hash = fields.CharField(max_length=64, unique=True)
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField(
        "models.User", related_name="sign_in_links"
    )
    user_id: UUID
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    used_at = fields.DatetimeField(null=True)

    class Meta:
        table = "sign_in_link"


class SignInAttempt(Model):
    """A refused sign-in, counted to slow down guessing. The address is folded as in `User`."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    email = fields.CharField(max_length=254)
    attempted_at = fields.DatetimeField()

    class Meta:
        table = "sign_in_attempt"
        indexes = (Index(fields=["email", "attempted_at"]),)
