"""Views into HTML. One environment, autoescaped and strict, its templates compiled once."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from models.domain.effects import Purpose
from notifications.words import instant_words
from portal import assets
from portal.fields import NAME, NUMBER, REASON, TEXT
from portal.seen import Seen
from portal.texts import LANGS, TEXTS, Lang, number_words
from portal.views import duty_of, forms_of, receipt_of, status_of
from portal.wishes import FIGURE, Action, needs_text

_TEMPLATES = Path(__file__).parent / "templates"
_LONGEST = {"name": NAME, "plan_number": NUMBER, "plan_date": 40, "text": TEXT, "reason": REASON}
ERRORS = (400, 403, 404, 405, 408, 413, 429, 500, 503)
"""Statuses that have a page of their own."""


class Pages:
    """All pages of one portal.

    *prefix* is the path under which it is published (mostly empty), *lang* the language of a page
    whose address names none.
    """

    def __init__(self, prefix: str, lang: Lang) -> None:
        self.prefix = prefix
        self.lang = lang
        self._errors = {
            (status, lang): self._render("error.html", lang, "", status=status).encode()
            for status in ERRORS
            for lang in LANGS
        }

    def duty(
        self,
        seen: Seen,
        token: str,
        nonce: str,
        lang: Lang,
        *,
        action: Action | None = None,
        typed: Mapping[str, str] | None = None,
        problems: Mapping[str, str] | None = None,
        notice: str = "",
    ) -> str:
        """Return the page of a link; after a form that was refused, with what was typed in it.

        *problems* are sentences by field, *notice* is a sentence about the whole.
        """
        typed, problems = typed or {}, problems or {}
        forms = forms_of(seen, action, typed, problems)
        offered = {form.action for form in forms}
        labels = _labels(seen, lang)
        unsaved = (
            [(label, typed[name]) for name, label in labels.items() if typed.get(name, "").strip()]
            if action and action not in offered
            else []
        )
        purpose = seen.grant.purpose
        versions = seen.history.versions
        newest = versions[0] if versions else None
        # A unit sees its newest version in the receipt, unless that version came back.
        shown = purpose is not Purpose.ACT or (newest is not None and newest.returned is None)
        return self._render(
            "duty.html",
            lang,
            self.path(token, lang=self.lang),
            d=duty_of(seen, lang),
            s=status_of(seen, lang),
            receipt=receipt_of(seen, lang),
            reviewing=purpose is Purpose.REVIEW,
            shows_report=purpose is not Purpose.ACT,
            newest=newest,
            older=versions[1:] if shown else versions,
            returned=newest.returned if newest and newest.returned else None,
            forms=forms,
            obligation=seen.obligation,
            needs_text=needs_text(seen.obligation),
            rolls=seen.rolls,
            nonce=nonce,
            notice=notice,
            problems=problems,
            sent=action,
            unsaved=unsaved,
            labels=labels,
            address=lambda action: self.path(token, action, lang=lang),
            longest=_LONGEST,
            figure=FIGURE,
            today=f"{seen.now:%d/%m/%Y}",
        )

    def error(self, status: int, lang: Lang) -> bytes:
        """Return the page of a status; always the same bytes for one status and language."""
        return self._errors[status if status in ERRORS else 400, lang]

    def busy(self, address: str, typed: Mapping[str, str], lang: Lang) -> str:
        """Return the page for a form that came while the database could not even be read."""
        return self._render("busy.html", lang, "", address=address, typed=typed)

    def lapsed(
        self,
        token: str,
        nonce: str,
        lang: Lang,
        *,
        notice: str,
        good: bool,
        typed: Mapping[str, str],
    ) -> str:
        """Return the page of a link that has run out; *notice* says what became of a request."""
        return self._render(
            "lapsed.html",
            lang,
            self.path(token, lang=self.lang),
            address=self.resend_path(token, lang),
            nonce=nonce,
            notice=notice,
            tone="good" if good else "warn",
            unsaved=_unsaved(typed, lang),
        )

    def too_often(
        self, token: str, action: str, typed: Mapping[str, str], minutes: int, lang: Lang
    ) -> str:
        """Return the page for a form that came too often, with what was typed in it."""
        address = f"{self.prefix}/c/{token}/{action}" + (
            "" if lang == self.lang else f"?lang={lang}"
        )
        return self._render(
            "too_often.html",
            lang,
            self.path(token, lang=self.lang),
            address=address,
            typed=typed,
            minutes=minutes,
            unsaved=_unsaved(typed, lang),
        )

    def resend_path(self, token: str, lang: Lang) -> str:
        """Return the path of the form that has a link sent again."""
        path = f"{self.prefix}/l/{token}"
        return path if lang == self.lang else f"{path}?lang={lang}"

    def path(self, token: str, action: Action | None = None, *, lang: Lang) -> str:
        """Return the path of a link's page or form; it names the language unless it is usual."""
        path = f"{self.prefix}/c/{token}" + (f"/{action.value}" if action else "")
        return path if lang == self.lang else f"{path}?lang={lang}"

    def _render(self, name: str, lang: Lang, path: str, **view: object) -> str:
        other = LANGS[1 - LANGS.index(lang)]
        return _template(name).render(
            view,
            t=TEXTS[lang],
            lang=lang,
            other=other,
            path=path,
            css=f"{self.prefix}{assets.address('portal.css')}",
            icon=f"{self.prefix}{assets.address('icon.svg')}",
        )


def _labels(seen: Seen, lang: Lang) -> dict[str, str]:
    """Return what each field of the forms is called on the page."""
    labels = {FIGURE + figure.name: figure.label for figure in seen.obligation.figures}
    names = ("plan_number", "plan_date", "text", "reason", "name")
    return labels | {name: TEXTS[lang][name] for name in names}


def _unsaved(typed: Mapping[str, str], lang: Lang) -> list[tuple[str, str]]:
    """Return what was typed, with what is known of each field without knowing the duty."""
    return [
        (TEXTS[lang].get(name, name.removeprefix(FIGURE)), value)
        for name, value in typed.items()
        if name != "nonce" and value.strip()
    ]


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["instant"] = instant_words
    environment.filters["number"] = number_words
    return environment


@cache
def _template(name: str) -> Template:
    return _environment().get_template(name)
