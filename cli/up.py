"""`cascade up`: the embedded system on one machine, on the real clock.

The process that stays is the supervisor, and what it has imported it keeps: settings are read, the
schema is migrated and the parts are planned in a process that ends (:mod:`cli.plan`), and the
command line makes way for the supervisor alone (:mod:`cli.keep`).
"""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import typer

from cli.keep import become, start
from cli.supervise import Answers, Child, Supervisor, require_free

if TYPE_CHECKING:
    from config.settings import Settings

MEMORY = {
    # glibc keeps an arena for each thread otherwise, and what was freed for later.
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_TRIM_THRESHOLD_": "131072",
}
"""For every part of the installation. A variable that is set already wins."""


def environment(settings: "Settings") -> dict[str, str]:
    """Return the environment that makes every process of the installation agree."""
    from flows.server import client_environment

    values = {
        "CASCADE_VAR": str(settings.var.absolute()),
        "CASCADE_DATABASE_URL": settings.store_url,
        "CASCADE_CLOCK": settings.clock,
        "CASCADE_LANG": settings.lang,
        "CASCADE_SMTP_HOST": settings.smtp_host,
        "CASCADE_SMTP_PORT": str(settings.smtp_port),
        "CASCADE_MAIL_QUIET": settings.mail_quiet,
        "CASCADE_MAIL_WORKING_DAYS": str(settings.mail_working_days).lower(),
        "CASCADE_CATCHER": str(settings.catcher).lower(),
        "CASCADE_CATCHER_PORT": str(settings.catcher_port),
        "CASCADE_PORTAL_HOST": settings.portal_host,
        "CASCADE_PORTAL_PORT": str(settings.portal_port),
        "CASCADE_PUBLIC_URL": settings.base_url,
        "CASCADE_PREFECT_HOST": settings.prefect_host,
        "CASCADE_PREFECT_PORT": str(settings.prefect_port),
        "CASCADE_PREFECT_API_URL": settings.api_url,
        "CASCADE_WORK_POOL": settings.work_pool,
    }
    return {**values, **client_environment(settings.api_url, settings.var / "prefect")}


def children(settings: "Settings") -> list[Child]:
    """Return the processes of the installation in the order in which they are started."""
    from flows.server import Server

    env = environment(settings)
    env |= {name: os.environ.get(name, value) for name, value in MEMORY.items()}
    logs = settings.var / "logs"
    parts: list[Child] = []
    if settings.catcher:
        parts.append(
            Child(
                "mail",
                [
                    *_python("notifications.catcher"),
                    f"--smtp-port={settings.smtp_port}",
                    f"--http-port={settings.catcher_port}",
                    f"--folder={(settings.var / 'mail').absolute()}",
                ],
                env,
                logs / "mail.log",
                Answers(f"http://127.0.0.1:{settings.catcher_port}/api/health"),
            )
        )
    parts.append(
        Child(
            "portal",
            _python("portal"),
            env,
            logs / "portal.log",
            Answers(f"http://{settings.portal_host}:{settings.portal_port}/healthz"),
        )
    )
    if not settings.prefect_api_url or settings.prefect_api_url == _own_api(settings):
        server = Server(settings.prefect_host, settings.prefect_port, settings.var / "prefect")
        parts.append(
            Child(
                "prefect",
                [*_python("flows.server"), settings.prefect_host, str(settings.prefect_port)],
                {**server.environment(), **env},
                logs / "prefect.log",
                Answers(f"{settings.api_url}/health"),
            )
        )
    parts.append(Child("worker", _python("flows.work"), env, logs / "worker.log"))
    return parts


def ports(settings: "Settings") -> list[tuple[str, int, str]]:
    """Return the ports that the embedded system binds, and the option that changes each."""
    wanted = [
        ("Prefect", settings.prefect_port, "--prefect-port"),
        ("portal", settings.portal_port, "--portal-port"),
    ]
    if settings.catcher:
        wanted += [
            ("mail page", settings.catcher_port, "--mail-port"),
            ("SMTP", settings.smtp_port, "--smtp-port"),
        ]
    return wanted


def bring_up(settings: "Settings", tell: Callable[[str], None]) -> Supervisor:
    """Start everything and keep it alive.

    Raises:
        PortTaken: before anything was started.
        NotStarted: when a part did not come up; the others are stopped again.
    """
    return start(prepare(settings), tell)


def prepare(settings: "Settings") -> list[Child]:
    """Return what is to be started, after making sure that it can be.

    Raises:
        PortTaken: nothing was changed.
    """
    from notifications.wiring import open_store

    require_free("127.0.0.1", ports(settings))
    open_store(settings).close()  # one process migrates, the others find it done
    return children(settings)


def addresses(settings: "Settings", lang: str) -> list[str]:
    """Return lines that tell where everything is."""
    vi = lang == "vi"
    rows = [
        (("Prefect (người điều hành)" if vi else "Prefect (operators)"), settings.ui_url),
        (("Trang của đơn vị" if vi else "Portal (units)"), settings.base_url),
    ]
    if settings.catcher:
        mail = f"http://127.0.0.1:{settings.catcher_port}"
        rows.append((("Hộp thư trên máy này" if vi else "Mail kept on this machine"), mail))
    return [f"  {name:<28} {url}" for name, url in rows]


def announce(settings: "Settings", lang: str) -> None:
    """Print where everything is."""
    for line in addresses(settings, lang):
        typer.echo(line)


def run(chosen: Mapping[str, int], lang: str | None = None) -> int:
    """Run until Ctrl-C or SIGTERM; return the exit status only when there is nothing to run."""
    from cli import plan

    made = subprocess.run(plan.command(chosen, lang), stdout=subprocess.PIPE)
    if made.returncode == 0:
        become(made.stdout)
    return made.returncode


def worker() -> int:
    """Run the warm worker alone, against the Prefect server of the settings."""
    from config.settings import load

    os.environ.update(environment(load()))
    from flows.work import main

    return main()


def _python(module: str) -> list[str]:
    return [sys.executable, "-m", module]


def _own_api(settings: "Settings") -> str:
    return f"http://{settings.prefect_host}:{settings.prefect_port}/api"
