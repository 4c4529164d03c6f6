"""The key of an organization under all its HMACs: made once, kept encrypted, never changed."""

from __future__ import annotations

from base64 import b64decode, b64encode

from counterfoil.accounts.models import IdentityKey
from counterfoil.kit.crypto import Keyring, bound_to, fresh_key
from counterfoil.unit_of_work import UnitOfWork


async def key_of(uow: UnitOfWork, keyring: Keyring) -> bytes:
    """The organization's key, which the first call makes.

    Raises:
        StoredSecretUnreadable: the keys at hand do not open it.
    """
    organization_id = uow.organization_id
    bound = bound_to(organization_id, organization_id)
    if not await IdentityKey.exists(organization_id=organization_id):
        fresh = b64encode(fresh_key()).decode()
        row = IdentityKey(
            organization_id=organization_id,
            key_encrypted=keyring.encrypt(fresh, associated=bound),
            created_at=uow.now,
        )
        await IdentityKey.bulk_create([row], ignore_conflicts=True)
    kept = await IdentityKey.get(organization_id=organization_id)
    return b64decode(keyring.decrypt(kept.key_encrypted, associated=bound))
