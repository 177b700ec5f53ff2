"""Make every name of a package point somewhere, so that one slip does not hide all the rest.

What is unknown, stands twice or runs in a circle has been told by :mod:`config.check_references`;
here it is taken out of the way. A name nobody knows becomes a body of its own: it owes what it was
given, and nothing else about it is held against the package.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from config.bundle import Bundle, Part
from config.shapes import (
    BodyShape,
    ContactShape,
    DocumentShape,
    ObligationShape,
    PolicyShape,
)


def mended(bundle: Bundle) -> Bundle:
    """Return *bundle* with all names known, once each, and no circle of groups or documents."""
    bodies = _bodies(bundle)
    known = {each.id for each in bodies}
    contacts = [each for each in bundle.contacts.contacts if each.body in known]
    named = {each.id for each in bundle.bodies.bodies}
    contacts += [
        ContactShape.model_construct(body=each, email="", locale="vi")
        for each in sorted(known - named)
    ]
    parts = _parts(bundle.parts)
    keys = {part.shape.key for part in parts}
    return replace(
        bundle,
        bodies=bundle.bodies.model_copy(update={"bodies": bodies}),
        contacts=bundle.contacts.model_copy(update={"contacts": contacts}),
        policy=_policy(bundle.policy, keys),
        parts=parts,
    )


def joinable(bundle: Bundle) -> Bundle:
    """Return a mended *bundle* in which only tracked duties are joined, as the rules expect."""
    return replace(bundle, parts=tuple(map(_joinable, bundle.parts)))


def _joinable(part: Part) -> Part:
    followed = {each.id for _, each in part.tracked}
    duties = [
        each.model_copy(
            update={"also": [a for a in each.also if a in followed] if each.tracked else []}
        )
        for each in part.shape.obligations
    ]
    return replace(part, shape=part.shape.model_copy(update={"obligations": duties}))


def _renamed(names: Iterable[str], seen: set[str]) -> list[str]:
    found = []
    for each in names:
        name, count = each, 1
        while name in seen:
            count += 1
            name = f"{each}#{count}"
        seen.add(name)
        found.append(name)
    return found


def _bodies(bundle: Bundle) -> list[BodyShape]:
    shapes = bundle.bodies.bodies
    ids = _renamed((each.id for each in shapes), set())
    unknown = dict.fromkeys(name for name in _named(bundle) if name not in set(ids))
    added = {name: _placeholder(name) for name in unknown}
    members = {
        name: list(each.members) if each.kind != "body" else []
        for name, each in zip(ids, shapes, strict=True)
    }
    for name, on in _circular(members):
        stand_in = _placeholder(f"{on}#")
        added[stand_in.id] = stand_in
        members[name] = [stand_in.id if each == on else each for each in members[name]]
    known = [
        each.model_copy(update={"id": name, "members": members[name], "parent": None})
        for name, each in zip(ids, shapes, strict=True)
    ]
    return [*known, *added.values()]


def _placeholder(name: str) -> BodyShape:
    return BodyShape.model_construct(
        id=name,
        name=name,
        level="outside",
        kind="body",
        source="sample",
        sample=True,
        parent=None,
        parent_source="source",
        members=[],
        members_source="source",
        unit=None,
        unit_source="source",
        valid_from=None,
        valid_to=None,
        successors=[],
        note=None,
    )


def _named(bundle: Bundle) -> Iterable[str]:
    for body in bundle.bodies.bodies:
        yield from body.members
    for ladder in bundle.policy.ladders:
        for rung in ladder.rungs:
            yield from rung.recipients
    for part in bundle.parts:
        yield part.shape.issuer
        if part.shape.clerk:
            yield part.shape.clerk
        for delivery in part.shape.distribution:
            yield from delivery.bodies
        for duty in part.shape.obligations:
            yield from (*duty.assignees, *duty.audience, *duty.receivers)
            yield from filter(None, (duty.via, duty.reviewer))


def _circular(graph: Mapping[str, list[str]]) -> list[tuple[str, str]]:
    """Return the edges that close a circle, seen from the first names on."""
    found: list[tuple[str, str]] = []
    done: set[str] = set()
    for start in graph:
        ahead = [(start, iter(graph[start]))] if start not in done else []
        path = [start]
        while ahead:
            name, further = ahead[-1]
            on = next(further, None)
            if on is None:
                ahead.pop()
                path.pop()
                done.add(name)
            elif on in path:
                found.append((name, on))
            elif on in graph and on not in done:
                path.append(on)
                ahead.append((on, iter(graph[on])))
    return found


def _policy(policy: PolicyShape, keys: set[str]) -> PolicyShape:
    ladders = [each for each in policy.ladders if each.document in keys]
    return policy.model_copy(update={"ladders": ladders})


def _parts(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    keys = _renamed((part.shape.key for part in parts), set())
    seen: set[str] = set()
    ids = [_renamed((each.id for each in part.shape.obligations), seen) for part in parts]
    own = {key: set(names) for key, names in zip(keys, ids, strict=True)}
    above = {
        key: [part.shape.carries_out.document] if part.shape.carries_out else []
        for key, part in zip(keys, parts, strict=True)
    }
    broken = {name for name, _ in _circular(above)}
    broken |= {name for name, on in above.items() if any(each not in own for each in on)}
    return tuple(
        replace(part, shape=_document(part.shape, key, names, own, key not in broken))
        for part, key, names in zip(parts, keys, ids, strict=True)
    )


def _document(
    shape: DocumentShape, key: str, names: list[str], own: Mapping[str, set[str]], hangs: bool
) -> DocumentShape:
    mine = own[key]
    changes: dict[str, Any] = {"key": key, "carries_out": None}
    if shape.reports_when not in mine:
        changes["reports_when"] = None
    if shape.carries_out is not None and hangs:
        upper = own[shape.carries_out.document]
        changes["carries_out"] = shape.carries_out.model_copy(
            update={
                name: None
                for name in ("issue", "report")
                if getattr(shape.carries_out, name) not in upper
            }
        )
    changes["obligations"] = [
        _duty(each, name, mine, own) for each, name in zip(shape.obligations, names, strict=True)
    ]
    changes["conflicts"] = [
        each.model_copy(update={"obligations": [d for d in each.obligations if d in mine]})
        for each in shape.conflicts
    ]
    return shape.model_copy(update=changes)


def _duty(
    duty: ObligationShape,
    name: str,
    mine: set[str],
    own: Mapping[str, set[str]],
) -> ObligationShape:
    every = set().union(*own.values())
    others = mine - {name}
    inherited = [each for each in duty.deadline.inherited_from if each in mine]
    return duty.model_copy(
        update={
            "id": name,
            "deadline": duty.deadline.model_copy(update={"inherited_from": inherited}),
            "depends_on": [each for each in duty.depends_on if each.id in every - {name}],
            "waits_for": [each for each in duty.waits_for if each in others],
            "also": [each for each in duty.also if each in others],
            "realised_by": duty.realised_by if duty.realised_by in own else None,
        }
    )
