"""The real portal over real HTTP, in a thread, and the little that a browser does with a form."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser

import httpx
import uvicorn

from config.clock import wait_until
from portal.app import make_app
from portal.protocol import Protocol
from tests.factories import Office

Upload = tuple[str, tuple[str, bytes, str]]
"""Name of the field, name of the file, its bytes, and the type that a browser claims."""


@dataclass
class Form:
    """A form as it stands in a page: where it goes, and what its fields hold."""

    action: str
    values: dict[str, str] = field(default_factory=dict)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: dict[str, Form] = {}
        self.words: list[str] = []
        self._form: Form | None = None
        self._area: str | None = None
        self._select: str | None = None
        self._chosen = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = Form(given["action"])
            action = given["action"].partition("?")[0].rpartition("/")[2]
            self.forms[action] = self._form
        elif tag == "input" and self._form and given.get("type") != "file":
            if given.get("type") != "checkbox" or "checked" in given:
                self._form.values[given["name"]] = given.get("value", "")
        elif tag == "select" and self._form:
            self._select = given["name"]
        elif tag == "option" and self._select and self._form and "selected" in given:
            self._chosen = True
        elif tag == "textarea" and self._form:
            self._area = given["name"]
            self._form.values[self._area] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "textarea":
            self._area = None
        elif tag == "select":
            self._select = None
        elif tag == "option":
            self._chosen = False

    def handle_data(self, data: str) -> None:
        if self._area and self._form:
            # A browser drops the line break right after the tag.
            before = self._form.values[self._area]
            self._form.values[self._area] = before + (data if before else data.removeprefix("\n"))
        elif self._chosen and self._select and self._form:
            self._form.values[self._select] = data
        else:
            self.words.append(data)


@dataclass
class Page:
    """One answer of the portal."""

    status: int
    html: str
    forms: dict[str, Form]
    text: str
    """What a person reads, blanks collapsed."""
    headers: httpx.Headers


def read(response: httpx.Response) -> Page:
    """Return the answer as a page."""
    parser = _Forms()
    parser.feed(response.text)
    words = " ".join(" ".join(parser.words).split())
    return Page(response.status_code, response.text, parser.forms, words, response.headers)


class Site:
    """A running portal and a client that follows nothing by itself."""

    def __init__(self, office: Office, url: str, server: uvicorn.Server | None = None) -> None:
        self.office = office
        self.url = url
        self._server = server
        self.client = httpx.Client(base_url=url, timeout=20)

    def rest(self) -> None:
        """Wait until the portal is done with all it was asked.

        It writes its line of log after the answer has left.
        """
        server = self._server
        assert server, "it runs in another process"
        assert wait_until(lambda: not server.server_state.tasks, seconds=20, every=0.01)

    def get(self, token: str, **headers: str) -> Page:
        """Open the page of a link."""
        return read(self.client.get(f"/c/{token}", headers=headers))

    def fill(self, token: str, action: str, **typed: str) -> tuple[str, dict[str, str]]:
        """Open the page and return where its form goes and what it would send.

        Dots in names of figures are written as double underscores.
        """
        form = self.get(token).forms[action]
        values = {name.replace("__", "."): value for name, value in typed.items()}
        return form.action, form.values | values

    def post(
        self, address: str, values: dict[str, str], headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """Send a form."""
        return self.client.post(address, data=values, headers=headers)

    def send(self, token: str, action: str, files: Sequence[Upload] = (), /, **typed: str) -> Page:
        """Open the page, fill the form in with files, send it as a browser does, and follow."""
        form = "report" if action == "draft" else action
        address, values = self.fill(token, form, **typed)
        response = self.upload(address.replace(f"/{form}", f"/{action}"), values, files)
        if response.status_code == 303:
            response = self.client.get(response.headers["location"])
        return read(response)

    def upload(
        self, address: str, values: dict[str, str], files: Sequence[Upload] = ()
    ) -> httpx.Response:
        """Send a form with files."""
        # A browser sends an empty part when no file was chosen.
        chosen = [*files] or [("files", ("", b"", "application/octet-stream"))]
        return self.client.post(address, data=values, files=chosen)

    def do(self, token: str, action: str, **typed: str) -> Page:
        """Open the page, fill the form in, send it, and follow to where that leads."""
        response = self.post(*self.fill(token, action, **typed))
        if response.status_code == 303:
            response = self.client.get(response.headers["location"])
        return read(response)


@contextmanager
def site(office: Office) -> Iterator[Site]:
    """Run the portal of *office* on a free port."""
    config = uvicorn.Config(
        make_app(office.settings, office.store, office.recorder),
        http=Protocol,
        port=0,
        access_log=False,
        log_config=None,
        ws="none",
        proxy_headers=False,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        assert wait_until(lambda: server.started, seconds=20, every=0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        running = Site(office, f"http://127.0.0.1:{port}", server)
        with running.client:
            yield running
    finally:
        server.should_exit = True
        thread.join()
