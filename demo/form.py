"""Reads a page's forms the way a browser does, without knowing the program behind it."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

_BUTTONS = frozenset({"submit", "button", "reset", "image"})
"""Sent only when they are the button that is pressed; ours have no names."""


@dataclass(slots=True)
class Form:
    """One form: where it goes and what it holds."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    """Names with what is filled in already (hidden fields included)."""
    kinds: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)
    """What may be chosen in a list, besides nothing."""
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
        self._select: str | None = None
        self._choice: dict[str, str] | None = None
        self._words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        form = self._open
        if tag == "form":
            self._open = Form(values.get("action", ""))
            self.forms.append(self._open)
        elif tag == "option" and form is not None and self._select is not None:
            self._choice = values
            self._words = ""
        elif form is not None and values.get("name") and "disabled" not in values:
            self._field(form, tag, values)

    def _field(self, form: Form, tag: str, values: dict[str, str]) -> None:
        name = values["name"]
        kind = values.get("type", "text").lower() if tag == "input" else tag
        if tag not in ("input", "textarea", "select") or kind in _BUTTONS:
            return
        form.kinds[name] = kind
        if "required" in values:
            form.required.add(name)
        if kind == "select":
            self._select = name
        elif kind in ("radio", "checkbox"):
            if "checked" in values:
                form.fields[name] = values.get("value", "on")
        elif kind == "textarea":
            self._area = name
            form.fields[name] = ""
        else:
            form.fields[name] = values.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        if tag == "textarea" and self._open is not None and self._area is not None:
            # A browser drops the line break right after the tag.
            text = self._open.fields[self._area]
            self._open.fields[self._area] = text.removeprefix("\n")
            self._area = None
        if tag == "select":
            self._select = None
        if tag == "option":
            self._choose()

    def _choose(self) -> None:
        form, name, choice = self._open, self._select, self._choice
        if form is None or name is None or choice is None:
            return
        value = choice.get("value", self._words.strip())
        # The first choice stands until another one is marked.
        if name not in form.fields or "selected" in choice:
            form.fields[name] = value
        if value:
            form.choices.setdefault(name, []).append(value)
        self._choice = None

    def handle_data(self, data: str) -> None:
        self._words += data
        if self._open is not None and self._area is not None:
            self._open.fields[self._area] += data


def forms_of(page: str) -> dict[str, Form]:
    """Return the forms of a page by their verb."""
    reader = _Reader()
    reader.feed(page)
    return {form.verb: form for form in reader.forms}
