"""What one installation may decide, and what is refused."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from config.settings import Settings, load


@pytest.fixture(autouse=True)
def _no_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)  # no .env of the checkout


def refused(**values: object) -> str:
    with pytest.raises(ValidationError) as caught:
        load(**values)
    return str(caught.value)


def test_the_default_is_the_embedded_system_on_loopback() -> None:
    settings = load()
    assert settings.catcher
    assert settings.smtp_host == settings.portal_host == settings.prefect_host == "127.0.0.1"
    assert settings.store_url == f"sqlite:///{Path('var/cascade/cascade.db').absolute()}"
    assert settings.base_url == "http://127.0.0.1:8080"
    assert settings.api_url == "http://127.0.0.1:4200/api"
    assert settings.ui_url == "http://127.0.0.1:4200/v2"


def test_settings_come_from_the_environment_under_their_prefix(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CASCADE_PORTAL_PORT", "9090")
    monkeypatch.setenv("PORTAL_PORT", "1")
    monkeypatch.setenv("CASCADE_NO_SUCH_SETTING", "1")
    assert load().portal_port == 9090
    assert load(portal_port=9191).portal_port == 9191


def test_settings_come_from_a_file_that_the_environment_overrides(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("CASCADE_PORTAL_PORT=9000\nCASCADE_LANG=en\nOTHER=1\n")
    assert (load().portal_port, load().lang) == (9000, "en")
    monkeypatch.setenv("CASCADE_PORTAL_PORT", "9001")
    assert load().portal_port == 9001


def test_a_public_address_replaces_the_portals_own() -> None:
    assert load(public_url="https://td.example.org/").base_url == "https://td.example.org"


@pytest.mark.parametrize("secret", [{"smtp_username": "vp"}, {"smtp_password": "bí mật"}])
@pytest.mark.parametrize("host", ["mx.example.org", "10.0.0.5", "127.0.0.1.evil.example"])
def test_credentials_are_never_sent_in_clear(secret: dict[str, str], host: str) -> None:
    text = refused(smtp_host=host, catcher=False, smtp_security="none", **secret)
    assert "CASCADE_SMTP_SECURITY" in text
    assert "bí mật" not in text
    load(smtp_host=host, catcher=False, smtp_security="starttls", **secret)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "localhost", "LOCALHOST", "::1"])
def test_this_machine_may_be_spoken_to_in_clear(host: str) -> None:
    assert load(smtp_host=host, smtp_username="vp").smtp_host == host


@pytest.mark.parametrize("host", ["mx.example.org", "127.evil.example", "192.168.1.1"])
def test_the_catcher_keeps_mail_on_this_machine_only(host: str) -> None:
    assert "CASCADE_CATCHER=false" in refused(smtp_host=host)


def test_the_password_is_not_shown() -> None:
    settings = load(smtp_username="vp", smtp_password="bí mật")
    assert "bí mật" not in repr(settings) + str(settings)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("smtp_port", 0),
        ("portal_port", 65_536),
        ("lang", "fr"),
        ("smtp_security", "ssl"),
        ("graph_units", 0),
        ("clock", "sundial"),
        ("clock", "file:"),
    ],
)
def test_a_wrong_setting_is_named(name: str, value: object) -> None:
    assert name in refused(**{name: value})


def test_settings_do_not_change() -> None:
    settings = load()
    with pytest.raises(ValidationError):
        settings.lang = "en"  # type: ignore[misc]


def test_virtual_time_moves_the_directive_but_never_the_mail(tmp_path: Path) -> None:
    path = tmp_path / "clock"
    path.write_text("2023-06-15T08:00:00+07:00")
    settings: Settings = load(clock=f"file:{path}")
    assert settings.domain_clock().now().year == 2023
    assert settings.machine_clock().now().year > 2023


def test_the_folders_and_the_auditors_of_the_ledger(tmp_path: Path) -> None:
    settings = load()
    assert settings.keys_folder == Path("var/cascade/keys")
    assert settings.checkpoints_folder == Path("var/cascade/checkpoints")
    assert settings.auditor_addresses == ()
    chosen = load(keys=tmp_path, checkpoints=tmp_path / "c", auditors=" a@b.org, c@d.org,,a@b.org ")
    assert (chosen.keys_folder, chosen.checkpoints_folder) == (tmp_path, tmp_path / "c")
    assert chosen.auditor_addresses == ("a@b.org", "c@d.org")
    assert "is not an e-mail address" in refused(auditors="a@b.org, nobody")


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"mail_quiet": "21-06"}, "mail_quiet"),
        ({"mail_per_minute": -1}, "mail_per_minute"),
        ({"smtp_oauth_token_command": "get 'token"}, "smtp_oauth_token_command"),
        ({"smtp_oauth_token_command": "get"}, "CASCADE_SMTP_USERNAME"),
        (
            {"smtp_oauth_token_command": "get", "smtp_username": "u", "smtp_password": "p"},
            "CASCADE_SMTP_PASSWORD",
        ),
        (
            {
                "smtp_oauth_token_command": "get",
                "smtp_oauth_token_file": "/t",
                "smtp_username": "u",
            },
            "not both",
        ),
        (
            {
                "smtp_oauth_token_file": "/t",
                "smtp_username": "u",
                "smtp_host": "mx.example",
                "catcher": False,
            },
            "in clear",
        ),
    ],
)
def test_mail_settings_that_cannot_work_are_refused(given: dict[str, object], wrong: str) -> None:
    with pytest.raises(ValidationError, match=wrong):
        Settings(_env_file=None, **given)  # type: ignore[arg-type]


def test_quiet_hours_are_on_until_an_office_says_otherwise() -> None:
    hours = Settings(_env_file=None).mail_hours()
    assert (str(hours.begins), str(hours.ends), hours.working_days) == (
        "21:00:00",
        "06:00:00",
        False,
    )
    assert Settings(_env_file=None, mail_quiet="").mail_hours().begins is None


@pytest.mark.parametrize("proxies", ["10.0.0.300", "10.0.0.1/24", "proxy.example", "10.0.0.1;::1"])
def test_a_proxy_is_named_by_its_address(proxies: str) -> None:
    assert proxies.split(";")[0] in refused(proxies=proxies)
    assert load(proxies=" 10.0.0.0/24 , ::1,").proxies


def test_the_table_of_the_manual_names_every_setting() -> None:
    manual = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1] for line in manual.splitlines() if line.startswith("| `CASCADE_")]
    named: set[str] = set()
    for row in rows:
        first, *others = (each.strip(" `") for each in row.split(","))
        named.add(first)
        # A short one continues the name before it: as much of it as makes a setting.
        parts = first.split("_")
        for other in others:
            whole = ("_".join(parts[:n]) + other for n in range(len(parts), 0, -1))
            named.add(other if other.startswith("CASCADE_") else next(filter(known, whole), other))
    assert named == {f"CASCADE_{name.upper()}" for name in Settings.model_fields}


def known(name: str) -> bool:
    return name.removeprefix("CASCADE_").lower() in Settings.model_fields
