"""`cascade up`: the embedded system on one machine, on the real clock."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from types import FrameType

import httpx
from pydantic import ValidationError

from cli.problems import out, say
from cli.supervise import Child, PortTaken, Supervisor, require_free
from config.settings import Settings, load


class NotStarted(Exception):
    """A part of the system did not come up."""

    def __init__(self, child: Child) -> None:
        super().__init__(child.name)
        self.child = child

    def text(self, lang: str = "vi") -> str:
        """Return what failed, and the end of its log."""
        log = self.child.log
        tail = log.read_text(errors="replace")[-1500:] if log.exists() else ""
        if lang == "en":
            return f"{self.child.name} did not start; the end of {log}:\n{tail}"
        return f"{self.child.name} không khởi động được; cuối tệp {log}:\n{tail}"


def environment(settings: Settings) -> dict[str, str]:
    """Return the environment that makes every process of the installation agree."""
    from flows.server import client_environment

    values = {
        "CASCADE_VAR": str(settings.var.absolute()),
        "CASCADE_DATABASE_URL": settings.store_url,
        "CASCADE_CLOCK": settings.clock,
        "CASCADE_LANG": settings.lang,
        "CASCADE_SMTP_HOST": settings.smtp_host,
        "CASCADE_SMTP_PORT": str(settings.smtp_port),
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


def children(settings: Settings) -> list[Child]:
    """Return the processes of the installation in the order in which they are started."""
    from flows.server import Server

    env = environment(settings)
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
                answers(f"http://127.0.0.1:{settings.catcher_port}/api/health"),
            )
        )
    parts.append(
        Child(
            "portal",
            _python("portal"),
            env,
            logs / "portal.log",
            answers(f"http://{settings.portal_host}:{settings.portal_port}/healthz"),
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
                answers(f"{settings.api_url}/health"),
            )
        )
    parts.append(Child("worker", _python("flows.work"), env, logs / "worker.log"))
    return parts


def ports(settings: Settings) -> list[tuple[str, int, str]]:
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


def bring_up(settings: Settings, tell: Callable[[str], None]) -> Supervisor:
    """Start everything and keep it alive.

    Raises:
        PortTaken: before anything was started.
        NotStarted: when a part did not come up; the others are stopped again.
    """
    from notifications.wiring import open_store

    require_free("127.0.0.1", ports(settings))
    open_store(settings).close()  # one process migrates, the others find it done
    supervisor = Supervisor(tell)
    starters = children(settings)
    for child in starters:
        child.start()  # all at once: each imports for seconds
        supervisor.children.append(child)
    for child in starters:
        if not supervisor.wait_healthy(child):
            supervisor.stop()
            raise NotStarted(child)
    supervisor.watch()
    return supervisor


def announce(settings: Settings, lang: str) -> None:
    """Print where everything is."""
    vi = lang == "vi"
    rows = [
        (("Prefect (người điều hành)" if vi else "Prefect (operators)"), settings.ui_url),
        (("Trang của đơn vị" if vi else "Portal (units)"), settings.base_url),
    ]
    if settings.catcher:
        mail = f"http://127.0.0.1:{settings.catcher_port}"
        rows.append((("Hộp thư trên máy này" if vi else "Mail kept on this machine"), mail))
    for name, url in rows:
        out.print(f"  {name:<28} {url}", markup=False)


def run(chosen: Mapping[str, int], lang: str | None = None) -> int:
    """Run until Ctrl-C or SIGTERM; return the exit status."""
    try:
        settings = load(**chosen)
    except ValidationError as error:
        say(_settings_text(error))
        return 2
    language = lang or settings.lang
    stop = threading.Event()

    def end(number: int, frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    try:
        supervisor = bring_up(settings, lambda text: out.print(text, markup=False, style="yellow"))
    except (PortTaken, NotStarted) as error:
        say(error.text(language))
        return 1
    announce(settings, language)
    stop.wait()
    supervisor.stop()
    return 0


def worker() -> int:
    """Run the warm worker alone, against the Prefect server of the settings."""
    os.environ.update(environment(load()))
    from flows.work import main

    return main()


def answers(url: str) -> Callable[[], bool]:
    """Return a check whether *url* answers 200."""

    def check() -> bool:
        try:
            return httpx.get(url, timeout=2.0, trust_env=False).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return False

    return check


def _python(module: str) -> list[str]:
    return [sys.executable, "-m", module]


def _own_api(settings: Settings) -> str:
    return f"http://{settings.prefect_host}:{settings.prefect_port}/api"


def _settings_text(error: ValidationError) -> str:
    rows = [
        f"  CASCADE_{'_'.join(str(part) for part in each['loc']).upper()}: {each['msg']}"
        for each in error.errors()
    ]
    return "Cấu hình sai / wrong settings:\n" + "\n".join(rows)
