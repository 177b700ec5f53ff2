"""Templates: one file of sentences for each kind and language, one layout for each shape of mail.

Sentences are plain text; a layout escapes everything that it puts into HTML. What a template does
not know is an error, and nothing is loaded from elsewhere.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import css_inline
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

TEMPLATES = Path(__file__).parent / "templates"
SENTENCES = ("tag", "first", "lead", "button", "after")
"""Blocks that become one line each; a later one may use those before it."""


def sentences(lang: str, kind: str, view: Mapping[str, object]) -> dict[str, object]:
    """Return *view* with the subject and the sentences of *kind*.

    What a kind does not say for itself is said by ``thread.j2`` of its language.
    """
    own, shared = _words(f"{lang}/{kind}.j2"), _words(f"{lang}/thread.j2")
    full = dict(view)
    for name in (*SENTENCES, "subject"):
        template = own if name in own.blocks else shared
        block = template.blocks.get(name)
        text = "".join(block(template.new_context(full))) if block is not None else ""
        full[name] = " ".join(text.split())
    return full


def text_of(shape: str, view: Mapping[str, object]) -> str:
    """Return the text part in the layout of *shape*."""
    return _layout(f"{shape}.txt.j2").render(view)


def html_of(shape: str, view: Mapping[str, object]) -> str:
    """Return the HTML part, its styles in the elements for programs that drop style sheets."""
    return _inliner().inline(_layout(f"{shape}.html.j2").render(view))


@cache
def _environment(html: bool) -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=html,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _words(name: str) -> Template:
    return _environment(False).get_template(name)


@cache
def _layout(name: str) -> Template:
    return _environment(".html" in name).get_template(name)


@cache
def _inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)
