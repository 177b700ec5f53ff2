"""The auditors' page: one file of HTML that needs no network and sends nothing.

Style and script stand in the page, named by their hashes in its policy, so that a browser runs
these and nothing else; the data is JSON in a block that is never executed. Without scripts the page
is a table of facts. It names offices and references, as the ledger does, and no person.
"""

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from pendulum import DateTime

from audit.coverage import Checkpoint, covering
from audit.ledger import histories
from audit.page_data import from_micros, micros, page_data
from audit.page_pack import packed
from audit.page_texts import TEXTS
from audit.posted import Posted
from audit.reading import Row
from audit.replay import History
from audit.words import instant_words
from models.codec import instant_of
from models.domain.calendar import local

TABLE_ROWS = 2_000
"""At most so many facts in the table for browsers without scripts: the newest."""
_TEMPLATES = Path(__file__).parent / "templates"
_SCRIPTS = ("model.js", "chart.js", "details.js", "main.js")


@dataclass(frozen=True, slots=True)
class Page:
    """The page, and the policy that a server must send with it."""

    html: str
    csp: str


@dataclass(frozen=True, slots=True)
class Ledger:
    """What a page says of the ledger as a whole."""

    log_id: str
    size: int
    checkpoints: tuple[Checkpoint, ...] = ()


def page(
    found: Sequence[History],
    ledger: Ledger,
    until: DateTime,
    *,
    lang: str = "vi",
    posted: Mapping[str, list[Posted]] | None = None,
) -> Page:
    """Return the page over the documents *found*, as the ledger has them at *until*."""
    data = page_data(found, until, ledger.checkpoints, posted)
    strip = _strip(ledger)
    heading = " → ".join(each.document for each in found)
    data |= {"texts": TEXTS, "strip": strip["words"], "heading": heading}
    policy = csp()
    recorded = [fact for fact in data["facts"] if fact[0] is not None]
    cut = len(recorded) > TABLE_ROWS
    html = (
        _environment()
        .get_template("replay.html.j2")
        .render(
            lang=lang,
            other="en" if lang == "vi" else "vi",
            t=TEXTS[lang],
            csp=policy,
            style=Markup(_style()),
            script=Markup(_script()),
            json=Markup(_json(packed(data))),
            heading=heading,
            log_id=ledger.log_id,
            facts=ledger.size,
            facts_n=TEXTS[lang]["facts_n"].format(n=_grouped(ledger.size, lang)),
            until=instant_words(until, lang),
            until_micros=micros(until),
            strip=strip,
            table=_table(recorded[-TABLE_ROWS:], data, ledger.checkpoints, lang),
            cut=TEXTS[lang]["table_cut"].format(n=TABLE_ROWS, all=len(recorded)) if cut else "",
        )
    )
    return Page(html, f"{policy}; frame-ancestors 'none'")


def as_file(rows: Iterable[Row], ledger: Ledger, *, lang: str = "vi") -> str:
    """Return the page over the documents in *rows*, up to the last of them; the same each time.

    For a bundle, which has no outbox beside it and no clock.
    """
    found = histories(rows)
    return page(found, ledger, max(each.bodies[-1].recorded_at for each in found), lang=lang).html


@cache
def csp() -> str:
    """Return the policy of the page: its own style and script, and nothing from anywhere."""
    return (
        f"default-src 'none'; script-src '{_hash(_script())}'; style-src '{_hash(_style())}'; "
        "base-uri 'none'; form-action 'none'"
    )


@cache
def _script() -> str:
    parts = [(_TEMPLATES / name).read_text(encoding="utf-8") for name in _SCRIPTS]
    return _inline('"use strict";\n(() => {\n' + "\n".join(parts) + "})();\n")


@cache
def _style() -> str:
    return _inline((_TEMPLATES / "replay.css").read_text(encoding="utf-8"))


def _inline(text: str) -> str:
    """Return *text* if nothing in it could end the element that it stands in."""
    if "</" in text or "<!--" in text:
        raise ValueError("an inline script or style may hold no end of an element")
    return text


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _json(data: Mapping[str, Any]) -> str:
    """Return JSON in which nothing can end its element or begin a comment."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _strip(ledger: Ledger) -> dict[str, Any]:
    """Return how much of the ledger is covered by a checkpoint, and how much of it outside."""
    if not ledger.checkpoints:
        return {
            "kind": "none",
            "mark": "⚠",
            "words": {lang: TEXTS[lang]["strip_none"] for lang in TEXTS},
        }
    newest = ledger.checkpoints[-1]
    outside = [each for each in ledger.checkpoints if each.outside]
    left = ledger.size - newest.size
    words: dict[str, str] = {}
    for lang, t in TEXTS.items():
        said = []
        if left > 0:
            first = _grouped(newest.size + 1, lang)
            said.append(t["strip_tail"].format(n=_grouped(left, lang), **{"from": first}))
        signed = instant_words(instant_of(newest.signed_at).replace(microsecond=0), lang)
        said.append(t["strip_all"].format(n=_grouped(newest.size, lang), t=signed))
        if outside:
            kept = ", ".join(sorted({_where(each.channel, t) for each in outside[-1].outside}))
            said.append(t["strip_copy"].format(n=_grouped(outside[-1].size, lang), c=kept))
        else:
            said.append(t["strip_no_copy"])
        words[lang] = " ".join(said)
    whole = bool(outside) and outside[-1].size >= ledger.size
    return {"kind": "all" if whole else "tail", "mark": "✓" if whole else "⚠", "words": words}


def _where(channel: str, texts: Mapping[str, str]) -> str:
    """Return in words where a copy of a checkpoint lies."""
    kind, _, rest = channel.partition(":")
    return texts["channel_mail"].format(n=rest) if kind == "mail" else channel


def _table(
    facts: Sequence[Sequence[Any]],
    data: Mapping[str, Any],
    checkpoints: Sequence[Checkpoint],
    lang: str,
) -> list[dict[str, Any]]:
    """Return recorded *facts* as lines, in the order of the ledger."""
    lines = []
    for seq, document, _, _, happened, recorded, digest, _, _, words, about, duty, *_ in facts:
        cover = covering(checkpoints, seq)
        lines.append(
            {
                "seq": seq,
                "at": _short(happened),
                "recorded": _short(recorded),
                "document": data["documents"][document]["key"],
                "about": _about(data, about, duty),
                "words": data["words"][words][lang != "vi"],
                "hash": digest[:16],
                "covered": cover.size if cover else TEXTS[lang]["uncovered"],
            }
        )
    return lines


def _about(data: Mapping[str, Any], about: Sequence[int], duty: int | None) -> str:
    if about:
        copy = data["copies"][about[0]]
        return f"{data['names'][copy[2]]}, {data['duties'][copy[1]]['id']}"
    return "" if duty is None else str(data["duties"][duty]["id"])


def _short(instant: int) -> str:
    """Return microseconds since 1970 to the second, on Viet Nam's clock."""
    return f"{local(from_micros(instant)):%d/%m/%Y %H:%M:%S}"


def _grouped(number: int, lang: str) -> str:
    text = f"{number:,}"
    return text.replace(",", ".") if lang == "vi" else text


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
