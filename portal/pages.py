"""Views into HTML. One environment, autoescaped and strict, its templates compiled once."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from pendulum import DateTime

from models.domain.effects import Purpose
from models.domain.facts import ON_BEHALF
from models.files import Held
from notifications.words import instant_words
from portal import assets
from portal.action import Action
from portal.answer import answer_words
from portal.compare import newest_compared
from portal.duties import Duties, Row, row_of
from portal.filled import FIGURE, needs_text
from portal.forms import Form, correctable_until, forms_of
from portal.said import answer_of, asked_of, entries_of, receipt_of
from portal.seen import Seen
from portal.sent import FILE_BYTES, FILES, NAME
from portal.shelf import KEEP, may_open, name_of
from portal.sniff import ENDINGS
from portal.texts import LANGS, TEXTS, Lang, number_words, size_words
from portal.views import duty_of, status_of

LOOK = "look"
"""The field of a form that is sent to be shown again, in the other language, and not recorded."""
FIRST = 400
"""So many characters of the texts of an earlier version are shown at first."""
_TEMPLATES = Path(__file__).parent / "templates"
ERRORS = (400, 403, 404, 405, 408, 413, 429, 500, 503)
"""Statuses that have a page of their own."""


_MOST = {"files": FILES, "size": f"{FILE_BYTES // 1024**2} MB"}


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
        nonce: Callable[[Action], str],
        lang: Lang,
        *,
        action: Action | None = None,
        typed: Mapping[str, str] | None = None,
        held: Sequence[Held] = (),
        problems: Mapping[str, str] | None = None,
        notice: str = "",
        whole: int = 0,
    ) -> str:
        """Return the page of a link; after a form that was refused, with what was typed in it.

        *nonce* seals a form. *problems* are sentences by field, *notice* is a sentence about the
        whole, *held* are the files that came with the form. Of earlier versions the beginning is
        shown, so that the page stays light; *whole* is the number of one that is shown in full.
        """
        typed, problems = typed or {}, problems or {}
        forms = forms_of(seen, action, typed, problems, held)
        offered = {form.action for form in forms}
        labels = _labels(seen, lang)
        unsaved = (
            [(label, typed[name]) for name, label in labels.items() if typed.get(name, "").strip()]
            if action and action.form not in offered
            else []
        )
        if held and unsaved:
            unsaved.append((labels["files"], ", ".join(name_of(each) for each in held)))
        purpose = seen.grant.purpose
        receipt = receipt_of(seen, lang)
        path = self.path(token, lang=self.lang)
        return self._render(
            "duty.html",
            lang,
            path,
            d=duty_of(seen, lang),
            s=status_of(seen, lang),
            purpose=purpose.value,
            receipt=receipt,
            answer=answer_of(seen) if purpose is Purpose.ACT else None,
            asked=asked_of(seen, lang),
            entries=entries_of(seen, lang),
            versions=seen.history.versions,
            additions=seen.history.additions,
            comparison=newest_compared(seen.history) if purpose is Purpose.REVIEW else None,
            behalf=ON_BEHALF,
            opens=may_open(seen.state, seen.grant),
            files_at=f"{path.partition('?')[0]}/file/",
            own_duties=self.path(token, "duties", lang=lang) if seen.grant.is_owner else "",
            main=[form for form in forms if not _is_other(form)],
            others=[form for form in forms if _is_other(form)],
            correctable=correctable_until(seen),
            obligation=seen.obligation,
            needs_text=needs_text(seen.obligation),
            rolls=seen.rolls,
            nonce=nonce,
            notice=notice,
            problems={name: problems[name] for name in labels if name in problems},
            sent=action.form if action else None,
            # What was typed must come along into the other language, so it is sent and not left.
            switch=(
                self.path(token, action.form, lang=LANGS[1 - LANGS.index(lang)])
                if action and action.form in offered
                else ""
            ),
            look=LOOK,
            whole=whole,
            whole_at=self.path(token, lang=lang) + ("?" if lang == self.lang else "&") + "version=",
            first=FIRST,
            unsaved=unsaved,
            labels=labels,
            address=lambda each: self.path(token, each, lang=lang),
            figure=FIGURE,
            keep=KEEP,
            files_field_name=NAME,
            accept=",".join(ENDINGS),
            most=_MOST,
            today=f"{seen.now:%d/%m/%Y}",
        )

    def duties(self, found: Duties, token: str, now: DateTime, lang: Lang) -> str:
        """Return the list of a body's duties; it leads back to the one page of the link."""
        rows: list[Row] = [row_of(duty, now, lang) for duty in found.rows]
        return self._render(
            "duties.html",
            lang,
            self.path(token, "duties", lang=self.lang),
            unit=found.name,
            rows=rows,
            back=self.path(token, lang=lang),
        )

    def error(self, status: int, lang: Lang) -> bytes:
        """Return the page of a status; always the same bytes for one status and language."""
        return self._errors[status if status in ERRORS else 400, lang]

    def busy(
        self, address: str, typed: Mapping[str, str], lang: Lang, *, files: bool = False
    ) -> str:
        """Return the page for a form that came while the database could not even be read.

        *files*: there were some with it, which cannot be kept now and must be chosen again.
        """
        view = _resend(address, typed, files=files)
        return self._render("busy.html", lang, "", **view)

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
        self,
        token: str,
        action: str,
        typed: Mapping[str, str],
        minutes: int,
        lang: Lang,
        *,
        files: bool = False,
    ) -> str:
        """Return the page for a form that came too often, with what was typed in it.

        *files*: as of :meth:`busy`.
        """
        address = f"{self.prefix}/c/{token}/{action}" + (
            "" if lang == self.lang else f"?lang={lang}"
        )
        return self._render(
            "too_often.html",
            lang,
            self.path(token, lang=self.lang),
            **_resend(address, typed, files=files),
            minutes=minutes,
            unsaved=_unsaved(typed, lang),
        )

    def resend_path(self, token: str, lang: Lang) -> str:
        """Return the path of the form that has a link sent again."""
        path = f"{self.prefix}/l/{token}"
        return path if lang == self.lang else f"{path}?lang={lang}"

    def path(self, token: str, place: str | None = None, *, lang: Lang) -> str:
        """Return the path of a link's page or form; it names the language unless it is usual."""
        path = f"{self.prefix}/c/{token}" + (f"/{place}" if place else "")
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


def _is_other(form: Form) -> bool:
    """Tell whether a form is for what is seldom wanted; those stand together, folded."""
    return form.action in (Action.EXTENSION, Action.NOTHING, Action.DISPUTE)


def _labels(seen: Seen, lang: Lang) -> dict[str, str]:
    """Return what each field of the forms is called on the page, in the order of the page."""
    figures = {FIGURE + figure.name: figure.label for figure in seen.obligation.figures}
    paper = ("paper_number", "paper_date", "files") if seen.grant.purpose is Purpose.BEHALF else ()
    names = (
        "plan_number",
        "plan_date",
        "text",
        "files",
        "until",
        "authority",
        "reason",
        "name",
    )
    words = TEXTS[lang]
    return {name: words[name] for name in paper} | figures | {name: words[name] for name in names}


def _resend(address: str, typed: Mapping[str, str], *, files: bool) -> dict[str, object]:
    """Return what a page shows that holds a form to be sent once more."""
    return {
        "address": address,
        "typed": {name: value for name, value in typed.items() if name != LOOK},
        "files": files,
        "files_field_name": NAME,
        "accept": ",".join(ENDINGS),
        "most": _MOST,
    }


def _unsaved(typed: Mapping[str, str], lang: Lang) -> list[tuple[str, str]]:
    """Return what was typed, with what is known of each field without knowing the duty."""
    return [
        (TEXTS[lang].get(name, name.removeprefix(FIGURE)), value)
        for name, value in typed.items()
        if name not in ("nonce", LOOK) and not name.startswith(KEEP) and value.strip()
    ]


def _beginning(text: str, most: int | None) -> str:
    return text if most is None or len(text) <= most else text[:most].rstrip() + "…"


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
    environment.filters["beginning"] = _beginning
    environment.filters["size"] = size_words
    environment.filters["words"] = answer_words
    environment.filters["filename"] = name_of
    return environment


@cache
def _template(name: str) -> Template:
    return _environment().get_template(name)
