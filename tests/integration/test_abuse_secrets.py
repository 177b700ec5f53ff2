"""20: nothing secret is left in a log, a database, a file or an error, whatever went wrong.

A small life: mail sent through the real catcher, pages opened, forms posted, errors provoked, the
portal as a process. Then everything that is left is searched for every secret there was. What
Prefect keeps is searched after the whole demonstration (``tests/acceptance/test_chain.py``).
"""

import asyncio
import base64
import logging
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import select, text
from sqlmodel import SQLModel

from cli.supervise import free_ports
from config.clock import FileClock, SystemClock, wait_until
from models.domain.effects import Purpose
from models.owed import GRACE_DAYS
from models.tables import Outbox, table
from notifications.catcher import running
from notifications.wiring import postman_of
from portal.keyring import Ring, rotate
from tests.factories import DUE, ISSUED, KEY, REPORT, Office, copy_of, document, office
from tests.faulty_smtp import FaultySmtp
from tests.portal_site import Site

UNIT, OTHER = copy_of(REPORT, "u.1"), copy_of(REPORT, "u.2")
PASSWORD, NAME = "mat-khau-rat-bi-mat", "Tên Rất Riêng"
FIGURES = {"figure__so_buoi": "1", "figure__dang_vien_tham_gia": "1", "figure__tong_dang_vien": "1"}


@contextmanager
def process(desk: Office, log: Path) -> Iterator[Site]:
    """Run the portal as an operator does; all that it says goes to *log*."""
    (port,) = free_ports("127.0.0.1", 1)
    FileClock(desk.settings.var / "clock").set(desk.clock.instant)
    environment = {
        **os.environ,
        "CASCADE_VAR": str(desk.settings.var),
        "CASCADE_CLOCK": f"file:{desk.settings.var / 'clock'}",
        "CASCADE_PORTAL_PORT": str(port),
        "CASCADE_DATABASE_URL": desk.settings.database_url,
        "CASCADE_PUBLIC_URL": "",
        "CASCADE_SMTP_USERNAME": "nguoi-gui",
        "CASCADE_SMTP_PASSWORD": PASSWORD,
    }
    with log.open("ab") as out:
        running_portal = subprocess.Popen(
            [sys.executable, "-X", "dev", "-m", "portal"], env=environment, stdout=out, stderr=out
        )
        site = Site(desk, f"http://127.0.0.1:{port}")

        def up() -> bool:
            try:
                return site.client.get("/healthz").status_code == 200
            except httpx.TransportError:
                return False

        try:
            assert wait_until(up, seconds=30), log.read_text()
            yield site
        finally:
            site.client.close()
            running_portal.send_signal(signal.SIGTERM)
            running_portal.wait(20)


class Life:
    """Secrets as they come up, and where they must not be found."""

    def __init__(self, desk: Office) -> None:
        self.desk = desk
        self.secrets: dict[str, str] = {}

    def learn(self) -> None:
        """Note the secret of every link that is not sent yet."""
        outbox = table(Outbox)
        with self.desk.store.reading() as connection:
            for key, token in connection.execute(select(outbox.c.key, outbox.c.token)):
                if token is not None:
                    self.secrets[f"link of {key}"] = token

    def deliver(self, **settings: object) -> None:
        """Send everything that is owed, to a catcher that is thrown away."""
        self.learn()
        # The portal is a process that lives by the machine's own time.
        self.desk.machine.instant = SystemClock().now().add(minutes=30)
        folder = self.desk.settings.var.parent / "mail"

        async def send() -> None:
            async with running(folder, durable=False) as where:
                changed = {"smtp_port": where.smtp_port, "mail_quiet": "", **settings}
                postman = postman_of(self.desk.settings.model_copy(update=changed), self.desk.store)
                postman.clock, postman.machine = self.desk.clock, self.desk.machine
                await postman.deliver()

        asyncio.run(send())

    def found_in(self, where: str, content: bytes | str) -> list[str]:
        """Return which secrets stand in *content*, in any common clothing."""
        raw = content.encode() if isinstance(content, str) else content
        return [
            f"{name} in {where}"
            for name, secret in self.secrets.items()
            for form in _clothings(secret)
            if form in raw
        ]


def _clothings(secret: str) -> set[bytes]:
    raw = secret.encode()
    forms = {
        raw,
        quote(secret).encode(),
        secret.encode("unicode_escape"),
        secret.encode("utf-16-le"),
    }
    forms.add(base64.b64encode(raw).rstrip(b"="))
    forms.add(base64.b64encode(b"\0nguoi-gui\0" + raw))
    return forms | {raw.hex().encode()}


def refused_at_login(life: Life, caplog: pytest.LogCaptureFixture) -> None:
    """Have the relay refuse the password, and then the whole conversation go wrong."""

    async def send(script: dict[str, list[str]]) -> None:
        async with FaultySmtp(script, extensions=("AUTH PLAIN LOGIN",)) as server:
            changed = {
                "smtp_port": server.port,
                "smtp_username": "nguoi-gui",
                "smtp_password": SecretStr(PASSWORD),
            }
            settings = life.desk.settings.model_copy(update=changed)
            assert PASSWORD not in repr(settings)
            postman = postman_of(settings, life.desk.store)
            postman.clock, postman.machine = life.desk.clock, life.desk.machine
            await postman.deliver()
            said = " ".join(server.commands)
            assert "AUTH" in said, "the password was on the wire to this machine, and only there"

    asyncio.run(send({"auth": [f"535 5.7.8 bad {PASSWORD}"]}))
    life.desk.machine.instant = life.desk.machine.instant.add(minutes=10)


def errors(site: Site, token: str) -> None:
    """Provoke what can go wrong with a request."""
    client, body = site.client, {"name": NAME, "nonce": token}
    for path in (f"/c/{token}.", f"/nowhere/{token}", f"/c/{token}/x", f"/static/{token}"):
        client.get(path)
    client.put(f"/c/{token}")
    client.get(f"/c/{token}?x={token}", headers={"Referer": f"http://x/c/{token}"})
    client.post(f"/c/{token}/report", data=body)
    client.post(f"/c/{token}/report", content=b"x", headers={"Content-Type": token})
    client.post(f"/l/{token}", data=body)
    client.get(f"/c/{token}", headers={"Host": token})


def test_20_nothing_secret_is_left(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for client in ("httpx", "httpcore"):  # the visitor's own
        caplog.set_level(logging.CRITICAL, client)
    log = tmp_path / "portal.log"
    with office(tmp_path / "var") as desk:
        life = Life(desk)
        life.secrets |= {"password": PASSWORD}
        life.secrets["first key"] = Ring(desk.settings.var / "portal.key").newest().secret.hex()
        desk.issue(document(2))
        token, other = desk.token(UNIT), desk.token(OTHER)
        refused_at_login(life, caplog)
        life.deliver()
        with process(desk, log) as site:
            assert site.do(token, "acknowledge", name=NAME).status == 200
            assert site.do(token, "report", name=NAME, text="xong", **FIGURES).status == 200
            review = desk.token(UNIT, Purpose.REVIEW)
            assert site.do(review, "return", name=NAME, reason="thiếu").status == 200
            life.deliver()
            kid = rotate(desk.settings.var / "portal.key", int(ISSUED.timestamp()))
            new = Ring(desk.settings.var / "portal.key").newest()
            assert new.kid == kid
            life.secrets["second key"] = new.secret.hex()
            for each in (token, other, review):
                errors(site, each)
            life.secrets["seal"] = site.get(token).forms["report"].values["nonce"]
            desk.revoke(OTHER)
            assert site.get(other).status == 404
            desk.clock.instant = DUE.add(days=GRACE_DAYS)
            FileClock(desk.settings.var / "clock").set(desk.clock.instant)
            form = site.get(token).forms[token]
            assert site.post(form.action, form.values).status_code == 303
            life.deliver()
            (desk.settings.var / "clock").write_text(token)
            assert site.get(token).status == 503
            FileClock(desk.settings.var / "clock").set(desk.clock.instant)
            # A database's error quotes its parameters; its message must not be logged.
            with sqlite3.connect(desk.settings.var / "cascade.db") as harm:
                harm.execute("ALTER TABLE contact RENAME TO nobody")
            harm.close()
            for each in (token, review):
                errors(site, each)
            with sqlite3.connect(desk.settings.var / "cascade.db") as harm:
                harm.execute("ALTER TABLE nobody RENAME TO contact")
            harm.close()
        assert len(life.secrets) > 8
        with desk.store.reading() as connection:
            states = connection.execute(text("SELECT DISTINCT state FROM outbox")).scalars().all()
            assert {"sent"} <= {*states} <= {"sent", "cancelled"}
            rows = [
                repr(tuple(row))
                for each in SQLModel.metadata.sorted_tables
                for row in connection.execute(select(each))
            ]
        dump = "\n".join(rows)
    said = log.read_text()
    assert "OperationalError" in said
    assert "POST /c/{token}/report" in said
    assert "sent again: owed" in said
    found = [
        *life.found_in("the tables", dump),
        *life.found_in("the portal's log", said),
        *life.found_in("our own log", caplog.text),
    ]
    assert not found
    assert NAME not in said
    assert KEY in dump, "the dump is not empty"
