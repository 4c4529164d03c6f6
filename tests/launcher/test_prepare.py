from __future__ import annotations

import stat
from pathlib import Path

import pytest

from counterfoil.kit.crypto import KeyFileUnusable, Keyring
from counterfoil.launcher import prepare


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


class TestHold:
    def test_a_second_launcher_is_refused(self, tmp_path: Path) -> None:
        folder = tmp_path / "books"
        with (
            prepare.hold(folder),
            pytest.raises(prepare.AlreadyRunning, match=str(folder)),
            prepare.hold(folder),
        ):
            pass

    def test_a_folder_that_cannot_be_made_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        with (
            pytest.raises(prepare.DataFolderUnusable, match="Not a directory"),
            prepare.hold(tmp_path / "file" / "books"),
        ):
            pass

    def test_makes_the_folder_for_its_owner_alone(self, tmp_path: Path) -> None:
        with prepare.hold(tmp_path / "books"):
            assert _mode(tmp_path / "books") == 0o700

    def test_the_next_launcher_may_have_it(self, tmp_path: Path) -> None:
        for _ in range(2):
            with prepare.hold(tmp_path):
                pass


class TestEncryptionKeys:
    def test_a_damaged_file_is_refused_and_left_as_it_is(self, tmp_path: Path) -> None:
        path = tmp_path / "encryption.keys"
        prepare.encryption_keys(path)
        cut_off = path.read_bytes()[:40]
        path.write_bytes(cut_off)
        with pytest.raises(KeyFileUnusable, match=r"is damaged\. Put back the copy"):
            prepare.encryption_keys(path)
        assert path.read_bytes() == cut_off

    def test_a_file_that_is_open_to_others_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "encryption.keys"
        prepare.encryption_keys(path)
        path.chmod(0o644)
        with pytest.raises(KeyFileUnusable, match=f"Run: chmod 600 {path}$"):
            prepare.encryption_keys(path)

    def test_are_made_once_for_their_owner_alone(self, tmp_path: Path) -> None:
        path = tmp_path / "keys" / "encryption.keys"
        prepare.encryption_keys(path)
        made = path.read_bytes()
        prepare.encryption_keys(path)
        assert path.read_bytes() == made
        assert _mode(path) == 0o600
        assert len(Keyring.load(path).keys) == 1


class TestSandboxKeys:
    @pytest.mark.parametrize(
        "written", [b"", b'{"client_id": "ab', b"[]", b'{"client_id": "a"}', b"\xff", b"null",
                    b'{"client_id": 1, "secret": 2}']
    )  # fmt: skip
    def test_a_damaged_file_is_refused_with_what_to_do(
        self, tmp_path: Path, written: bytes
    ) -> None:
        path = tmp_path / "sandbox.json"
        path.write_bytes(written)
        with pytest.raises(prepare.SandboxKeysUnusable) as refused:
            prepare.sandbox_keys(path)
        assert str(refused.value) == (
            f"The file {path} is damaged. Delete it: "
            "the next start makes new keys for the sandbox bank."
        )
        assert path.read_bytes() == written

    def test_a_folder_in_its_place_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "sandbox.json").mkdir()
        with pytest.raises(prepare.SandboxKeysUnusable, match="can't be used: Is a directory"):
            prepare.sandbox_keys(tmp_path / "sandbox.json")

    def test_what_a_crash_left_beside_it_is_in_nobodys_way(self, tmp_path: Path) -> None:
        (tmp_path / "sandbox.json.new").write_text('{"client_id": "ab')
        prepare.sandbox_keys(tmp_path / "sandbox.json")
        assert [path.name for path in tmp_path.iterdir()] == ["sandbox.json"]

    def test_are_made_once_for_their_owner_alone(self, tmp_path: Path) -> None:
        path = tmp_path / "sandbox.json"
        made = prepare.sandbox_keys(path)
        assert prepare.sandbox_keys(path) == made
        assert _mode(path) == 0o600
        assert (len(made.client_id), len(made.secret)) == (24, 30)

    def test_the_secret_does_not_show(self, tmp_path: Path) -> None:
        keys = prepare.sandbox_keys(tmp_path / "sandbox.json")
        assert keys.secret not in repr(keys)
