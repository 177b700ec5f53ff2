"""Reads a page's forms the way a browser does, without knowing the program behind it."""

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass(slots=True)
class Form:
    """One form: where it goes and what it holds."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    """Names with what is filled in already (hidden fields included)."""
    kinds: dict[str, str] = field(default_factory=dict)
    required: set[str] = field(default_factory=set)

    @property
    def verb(self) -> str:
        """Return the last part of the action: ``acknowledge``, ``report``, ``accept``…"""
        return self.action.rstrip("/").rpartition("/")[2].partition("?")[0]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._open: Form | None = None
        self._area: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form(values.get("action", ""))
            self.forms.append(self._open)
        if self._open is None or "name" not in values:
            return
        name = values["name"]
        if tag in ("input", "textarea", "select"):
            kind = values.get("type", "text") if tag == "input" else tag
            if kind == "radio" and "checked" not in values and name in self._open.fields:
                return
            self._open.fields[name] = values.get("value", "") if kind != "radio" else ""
            self._open.kinds[name] = kind
            if "required" in values:
                self._open.required.add(name)
            self._area = name if tag == "textarea" else None

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        if tag == "textarea":
            self._area = None

    def handle_data(self, data: str) -> None:
        if self._open is not None and self._area is not None:
            self._open.fields[self._area] += data


def forms_of(page: str) -> dict[str, Form]:
    """Return the forms of a page by their verb."""
    reader = _Reader()
    reader.feed(page)
    return {form.verb: form for form in reader.forms}
