from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.kit.secret import Secret
from counterfoil.settings import Settings, SettingsInvalid, declared


def _problems(**environment: str) -> tuple[str, ...]:
    with pytest.raises(SettingsInvalid) as refused:
        Settings.from_environment(environment)
    return refused.value.problems


class TestRefused:
    def test_every_wrong_value_is_named_at_once(self) -> None:
        assert _problems(
            PORT="eight",
            PUBLIC_URL="books.example.com",
            DATABASE_URL="mysql://somewhere/books",
            REDIS_URL="localhost:6379",
            PLAID_SECRET="s3cret",
            TICK="30",
            LOG_LEVEL="loud",
        ) == (
            "PORT must be a whole number from 1 to 65535.",
            "PUBLIC_URL must be an address that begins with http:// or https://.",
            "DATABASE_URL must be postgres://user:password@host:port/name or sqlite:///path.",
            "REDIS_URL must be redis://host:port/0, rediss://host:port/0 or unix:///path.",
            "TICK must be a whole number with its unit: 30s, 15m, 6h or 2d.",
            "LOG_LEVEL must be one of debug, info, warning, error.",
            "PLAID_CLIENT_ID is missing: it goes with PLAID_SECRET.",
        )

    @pytest.mark.parametrize("port", ["0", "65536", "-1", "80.0", "８０"])
    def test_ports_that_are_none(self, port: str) -> None:
        assert _problems(PORT=port) == ("PORT must be a whole number from 1 to 65535.",)

    @pytest.mark.parametrize("text", ["0s", "-5m", "1.5h", "1h30m", "99999999d", "5 m"])
    def test_durations_that_are_none(self, text: str) -> None:
        assert _problems(REFRESH_INTERVAL=text) == (
            "REFRESH_INTERVAL must be a whole number with its unit: 30s, 15m, 6h or 2d.",
        )

    def test_an_address_with_a_path(self) -> None:
        assert _problems(PUBLIC_URL="https://example.com/books") == (
            "PUBLIC_URL must be an address without a path, such as https://books.example.com.",
        )

    def test_an_address_of_plaid_without_keys(self) -> None:
        assert _problems(PLAID_URL="https://sandbox.plaid.com") == (
            "PLAID_CLIENT_ID is missing: it goes with PLAID_URL.",
            "PLAID_SECRET is missing: it goes with PLAID_URL.",
        )

    def test_two_servers_on_one_port(self) -> None:
        assert _problems(PORT="9000", FAKEBANK_PORT="9000") == (
            "FAKEBANK_PORT must differ from PORT.",
        )


class TestDefaults:
    def test_everything_has_one(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        found = Settings.from_environment({})
        assert found == Settings(
            host="127.0.0.1",
            port=8000,
            public_url="http://127.0.0.1:8000",
            data_dir=tmp_path / "data",
            database_url=Secret(f"sqlite://{tmp_path}/data/counterfoil.sqlite3"),
            redis_url=found.redis_url,
            encryption_key_file=tmp_path / "data" / "encryption.keys",
            plaid_url="https://production.plaid.com",
            plaid_client_id=None,
            plaid_secret=None,
            plaid_countries=("US",),
            webhook_url=None,
            app_return_urls=(),
            fakebank_port=8001,
            refresh_interval=timedelta(hours=6),
            tick=timedelta(seconds=30),
            session_lifetime=timedelta(hours=12),
            log_level="info",
        )

    def test_an_empty_value_is_an_absent_one(self) -> None:
        assert Settings.from_environment({"PORT": " ", "PLAID_URL": ""}).port == 8000

    def test_the_socket_lies_in_the_data_folder(self) -> None:
        found = Settings.from_environment({"DATA_DIR": "/srv/books"})
        assert found.redis_url.reveal() == "unix:///srv/books/valkey.sock"

    def test_a_socket_that_would_be_too_long_lies_elsewhere(self) -> None:
        deep = "/srv/" + "deep/" * 30
        one = Settings.from_environment({"DATA_DIR": deep}).redis_url.reveal()
        other = Settings.from_environment({"DATA_DIR": deep + "er"}).redis_url.reveal()
        assert len(one) < 100
        assert one != other
        assert one == Settings.from_environment({"DATA_DIR": deep}).redis_url.reveal()

    @pytest.mark.parametrize(
        ("host", "shown"),
        [("0.0.0.0", "localhost"), ("::", "localhost"), ("::1", "[::1]")],  # noqa: S104
    )
    def test_the_public_address_can_be_opened(self, host: str, shown: str) -> None:
        found = Settings.from_environment({"HOST": host, "PORT": "9000"})
        assert found.public_url == f"http://{shown}:9000"
        assert found.fakebank_port == 9001


class TestSecrets:
    def test_do_not_show(self) -> None:
        settings = Settings.from_environment(
            {
                "DATABASE_URL": "postgres://books:s3cret@db/books",
                "REDIS_URL": "redis://:s3cret@redis:6379/0",
                "PLAID_CLIENT_ID": "our-id",
                "PLAID_SECRET": "s3cret",
            }
        )
        assert "s3cret" not in f"{settings} {settings!r} {settings.plaid_secret}"
        assert settings.database_url.reveal() == "postgres://books:s3cret@db/books"

    def test_one_spelling_of_postgres(self) -> None:
        found = Settings.from_environment({"DATABASE_URL": "postgresql://books@db/books"})
        assert found.database_url.reveal() == "postgres://books@db/books"


def _problems_of(environment: dict[str, str]) -> tuple[str, ...]:
    try:
        Settings.from_environment(environment)
    except SettingsInvalid as refused:
        return refused.problems
    return ()


@given(st.dictionaries(st.sampled_from([setting.name for setting in declared()]), st.text()))
def test_any_environment_gives_settings_or_one_sentence_each(environment: dict[str, str]) -> None:
    problems = _problems_of(environment)
    assert all(problem.endswith(".") and "\n" not in problem for problem in problems)
    assert len(set(problems)) == len(problems)


class TestAppReturnUrls:
    @pytest.mark.parametrize(
        "prefix",
        ["https://app.example.com", "javascript:alert(1)", "javascript://x/", "linked"],
    )
    def test_what_could_lead_anywhere_is_refused(self, prefix: str) -> None:
        with pytest.raises(SettingsInvalid, match="APP_RETURN_URLS has"):
            Settings.from_environment({"APP_RETURN_URLS": prefix})

    def test_several_are_read(self) -> None:
        given = "com.example.books://linked, https://app.example.com/linked"
        found = Settings.from_environment({"APP_RETURN_URLS": given})
        assert found.app_return_urls == (
            "com.example.books://linked",
            "https://app.example.com/linked",
        )


class TestPlaidCountries:
    @pytest.mark.parametrize("given", ["USA", ",", "U1", "US;CA"])
    def test_what_is_no_list_of_codes_is_refused(self, given: str) -> None:
        with pytest.raises(SettingsInvalid, match="PLAID_COUNTRIES must be codes"):
            Settings.from_environment({"PLAID_COUNTRIES": given})

    def test_codes_are_read(self) -> None:
        assert Settings.from_environment({"PLAID_COUNTRIES": "us, ca"}).plaid_countries == (
            "US",
            "CA",
        )
