"""Secrets at rest."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.kit.crypto import (
    KeyFileUnusable,
    Keyring,
    StoredSecretUnreadable,
    add_key,
    bound_to,
    create_key_file,
)

ROW = bound_to(UUID(int=1), UUID(int=2))
RING = Keyring("k1", {"k1": bytes(range(32))})


class TestDecrypt:
    @pytest.mark.parametrize(
        "associated",
        [b"", bound_to(UUID(int=1), UUID(int=3)), bound_to(UUID(int=3), UUID(int=2))],
    )
    def test_another_rows_value_is_refused(self, associated: bytes) -> None:
        stored = RING.encrypt("access-1", associated=ROW)
        with pytest.raises(StoredSecretUnreadable):
            RING.decrypt(stored, associated=associated)

    @pytest.mark.parametrize(
        "stored",
        ["", "v1", "v1.k1.", "v1.k1.AAAA", "v2.k1." + "A" * 40, "v1.k9." + "A" * 40, "é.é.é"],
    )
    def test_what_was_never_stored_is_refused(self, stored: str) -> None:
        with pytest.raises(StoredSecretUnreadable):
            RING.decrypt(stored, associated=ROW)

    def test_every_changed_character_is_noticed(self) -> None:
        stored = RING.encrypt("s", associated=ROW)
        for at in range(len(stored)):
            changed = stored[:at] + ("B" if stored[at] != "B" else "C") + stored[at + 1 :]
            with pytest.raises(StoredSecretUnreadable):
                RING.decrypt(changed, associated=ROW)

    def test_a_value_under_another_key_id_is_refused(self) -> None:
        both = Keyring("k1", {**RING.keys, "k2": bytes(range(32))})
        stored = both.encrypt("s", associated=ROW).replace("v1.k1.", "v1.k2.")
        with pytest.raises(StoredSecretUnreadable):
            both.decrypt(stored, associated=ROW)

    @given(st.text(st.characters(exclude_categories=["Cs"])), st.binary(max_size=40))
    def test_round_trip(self, plaintext: str, associated: bytes) -> None:
        stored = RING.encrypt(plaintext, associated=associated)
        assert RING.decrypt(stored, associated=associated) == plaintext


class TestEncrypt:
    def test_the_stored_value_names_its_key_and_hides_the_rest(self) -> None:
        stored = RING.encrypt("access-sandbox-1", associated=ROW)
        assert stored.startswith("v1.k1.")
        assert "access" not in stored
        assert stored.isascii()

    def test_twice_is_not_the_same(self) -> None:
        assert RING.encrypt("a", associated=ROW) != RING.encrypt("a", associated=ROW)


class TestKeyFile:
    def test_is_never_overwritten(self, tmp_path: Path) -> None:
        path = tmp_path / "keys.json"
        create_key_file(path)
        before = path.read_bytes()
        with pytest.raises(KeyFileUnusable, match="there already"):
            create_key_file(path)
        assert path.read_bytes() == before

    def test_readable_by_its_owner_alone(self, tmp_path: Path) -> None:
        path = tmp_path / "keys.json"
        made = create_key_file(path)
        assert path.stat().st_mode & 0o777 == 0o600
        assert Keyring.load(path) == made

    def test_open_to_others_is_refused_with_the_remedy(self, tmp_path: Path) -> None:
        path = tmp_path / "keys.json"
        create_key_file(path)
        path.chmod(0o640)
        with pytest.raises(KeyFileUnusable, match=f"chmod 600 {path}"):
            Keyring.load(path)

    def test_missing(self, tmp_path: Path) -> None:
        with pytest.raises(KeyFileUnusable, match="No such file"):
            Keyring.load(tmp_path / "absent")

    def test_a_folder_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(KeyFileUnusable, match="can't be written"):
            create_key_file(tmp_path / "absent" / "keys.json")

    @pytest.mark.parametrize(
        "written",
        [
            "",
            "[]",
            "{}",
            "\x00",
            '{"current": "a", "keys": {}}',
            '{"current": "a", "keys": {"a": "AAAA"}}',
            '{"current": "a", "keys": {"a": 1}}',
            '{"current": "a", "keys": {"a": "é"}}',
            '{"current": [], "keys": {}}',
        ],
    )
    def test_damaged(self, tmp_path: Path, written: str) -> None:
        path = tmp_path / "keys.json"
        path.write_text(written)
        path.chmod(0o600)
        with pytest.raises(KeyFileUnusable):
            Keyring.load(path)

    def test_its_keys_show_in_no_repr(self, tmp_path: Path) -> None:
        made = create_key_file(tmp_path / "keys.json")
        assert "keys" not in repr(made)


class TestAddKey:
    def test_old_values_stay_readable_and_are_known_to_be_old(self, tmp_path: Path) -> None:
        path = tmp_path / "keys.json"
        old = create_key_file(path).encrypt("a", associated=ROW)
        renewed = add_key(path)
        assert renewed.decrypt(old, associated=ROW) == "a"
        assert not renewed.is_current(old)
        assert renewed.is_current(renewed.encrypt("a", associated=ROW))

    def test_the_file_holds_both_and_stays_closed(self, tmp_path: Path) -> None:
        path = tmp_path / "keys.json"
        create_key_file(path)
        renewed = add_key(path)
        assert Keyring.load(path) == renewed
        assert len(json.loads(path.read_text())["keys"]) == 2
        assert path.stat().st_mode & 0o777 == 0o600
        assert [child.name for child in tmp_path.iterdir()] == ["keys.json"]
