"""Several mails to one body as one: by document, the soonest bound first, a link for each duty."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from pendulum import DateTime

from models.domain.calendar import last_day
from models.domain.effects import Kind
from models.domain.state import State
from notifications.inert import inert
from notifications.labels import DIGEST, KINDS
from notifications.letter import Letter, Sender
from notifications.templating import sentences
from notifications.view import address_view, view_of
from notifications.words import day_words

_HEAD = ("issuer", "document_kind", "number", "issued")
_ITEM = (
    "bound",
    "button",
    "clause",
    "first_bound",
    "lead",
    "left",
    "moved",
    "origin",
    "summary",
    "tag",
    "tag_tone",
    "tone",
    "unit",
    "url",
)
_SAID = frozenset({Kind.ASSIGNED, Kind.REMINDER})
"""Kinds whose sentence says no more than the lines above it."""


def digest_view(
    letters: Sequence[Letter],
    states: Mapping[str, State],
    sender: Sender,
    lang: str,
    now: DateTime,
) -> dict[str, object]:
    """Return everything that the templates of the digest may show."""
    found = sorted(
        ((_due(letter, states), letter) for letter in letters),
        key=lambda each: (each[0] is None, each[0] or now),
    )
    dues = [due for due, _ in found if due is not None]
    ahead = [due for due in dues if due > now]
    late = len(dues) - len(ahead)
    nearest = min(ahead, default=None)
    # The document with the soonest duty stands first, and holds all of its own together.
    order = list(dict.fromkeys(letter.stream for _, letter in found))
    ordered = sorted((letter for _, letter in found), key=lambda each: order.index(each.stream))
    groups = list(_groups(ordered, states, sender, lang, now))
    return {
        "lang": lang,
        "recipient": inert(letters[0].recipient_name),
        "kind_name": KINDS[lang][DIGEST],
        "tag_tone": "late" if late else "",
        "count": len(letters),
        "late_count": late,
        "nearest": day_words(last_day(nearest), lang) if nearest else "",
        "nearest_day": f"{last_day(nearest):%d/%m}" if nearest else "",
        "numbers": ", ".join(dict.fromkeys(str(group["number"]) for group in groups)),
        "groups": groups,
        "asks": address_view(None, sender)["asks"],
    }


def _groups(
    letters: Sequence[Letter],
    states: Mapping[str, State],
    sender: Sender,
    lang: str,
    now: DateTime,
) -> Iterator[dict[str, object]]:
    for stream, of_one in groupby(letters, key=lambda letter: letter.stream):
        items: list[dict[str, object]] = []
        head: dict[str, object] = {}
        quoted: dict[tuple[object, object], None] = {}
        for letter in of_one:
            view = view_of(letter, states[stream], sender, lang, now)
            head = {name: view[name] for name in _HEAD}
            if view["quote"]:
                quoted[view["clause"], view["quote"]] = None
            items.append(_item(letter.kind, sentences(lang, letter.kind, view)))
        # Duties of one clause share its words, which stand once, below what is to be done.
        yield {**head, "items": items, "quoted": list(quoted)}


def _item(kind: Kind, full: Mapping[str, object]) -> dict[str, object]:
    item = {name: full[name] for name in _ITEM}
    return item | ({"lead": ""} if kind in _SAID else {})


def _due(letter: Letter, states: Mapping[str, State]) -> DateTime | None:
    """Return until when the duty is in time, as the mail says it."""
    state = states[letter.stream]
    assert state.plan is not None
    obligation, _ = state.plan.assignments[letter.assignment]
    announced = obligation.bound.due_exclusive if obligation.bound else None
    return state.progress[letter.assignment].due or announced
