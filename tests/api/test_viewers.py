"""Who asks, and the organization that is looked at; nobody else's."""

from __future__ import annotations

import pytest

from counterfoil.api import ids
from counterfoil.identity.models import Organization, User
from counterfoil.viewer import Right
from tests.api.asking import Refused, ask, some_viewer

pytestmark = pytest.mark.usefixtures("database")

VIEWER = "{ viewer { organization { id name } user { id name email } rights } }"
NODE = "query($id: ID!) { node(id: $id) { id ... on User { email } ... on Organization { name } } }"


class TestViewer:
    async def test_nobody_is_refused(self) -> None:
        with pytest.raises(Refused) as refused:
            await ask(None, VIEWER)
        assert refused.value.codes == ["UNAUTHENTICATED"]

    async def test_is_the_person_in_the_organization(self) -> None:
        viewer = await some_viewer()
        user = await User.get(id=viewer.user_id)
        assert (await ask(viewer, VIEWER))["viewer"] == {
            "organization": {
                "id": ids.encode("Organization", viewer.organization_id),
                "name": "Elm Street Hardware",
            },
            "user": {"id": ids.encode("User", user.id), "name": "Ada Abbott", "email": user.email},
            "rights": sorted(Right),
        }


class TestNode:
    async def test_anothers_organization_and_person_are_not_there(self) -> None:
        viewer, other = await some_viewer(), await some_viewer()
        assert other.user_id is not None
        for node_id in (
            ids.encode("Organization", other.organization_id),
            ids.encode("User", other.user_id),
        ):
            assert (await ask(viewer, NODE, id=node_id))["node"] is None

    async def test_ones_own_are(self) -> None:
        viewer = await some_viewer()
        assert viewer.user_id is not None
        user, organization = await User.get(), await Organization.get()
        found = await ask(viewer, NODE, id=ids.encode("User", viewer.user_id))
        assert found["node"]["email"] == user.email
        found = await ask(viewer, NODE, id=ids.encode("Organization", viewer.organization_id))
        assert found["node"]["name"] == organization.name
