"""Every name used in a package exists, stands once, and nothing runs in a circle."""

from collections.abc import Collection, Iterable, Mapping
from graphlib import CycleError, TopologicalSorter

from config.bundle import Bundle, Part
from config.errors import Path, Report, nearest, shown
from config.yaml_file import YamlFile


def check_references(bundle: Bundle, report: Report) -> None:
    """Report names that are unknown or stand twice, and circles."""
    bodies = [body.id for body in bundle.bodies.bodies]
    keys = [part.shape.key for part in bundle.parts]
    duties = [each.id for part in bundle.parts for each in part.shape.obligations]
    check = _Checker(report, frozenset(bodies), frozenset(keys), frozenset(duties))

    check.once(bundle.bodies_file, ("bodies",), "id", bodies)
    for index, body in enumerate(bundle.bodies.bodies):
        here: Path = ("bodies", index)
        check.body(bundle.bodies_file, (*here, "parent"), body.parent)
        check.each_body(bundle.bodies_file, (*here, "members"), body.members)
        check.each_body(bundle.bodies_file, (*here, "successors"), body.successors)
        if body.kind == "body" and body.members:
            vi = "chỉ nhóm (kind: group) hoặc chức trách (kind: role) mới có thành viên"
            report.add(
                bundle.bodies_file.problem(
                    (*here, "members"), "not-a-group", vi, "only a group or a role has members"
                )
            )
    people = bundle.bodies.bodies
    check.circle(
        bundle.bodies_file,
        "bodies",
        "parent",
        {b.id: [b.parent] if b.parent else [] for b in people},
    )
    check.circle(bundle.bodies_file, "bodies", "members", {b.id: b.members for b in people})
    check.circle(bundle.bodies_file, "bodies", "successors", {b.id: b.successors for b in people})

    contacts = [contact.body for contact in bundle.contacts.contacts]
    check.once(bundle.contacts_file, ("contacts",), "body", contacts)
    for index, contact in enumerate(bundle.contacts.contacts):
        check.body(bundle.contacts_file, ("contacts", index, "body"), contact.body)

    _check_policy(bundle, check)
    check.once(bundle.file, ("documents",), None, bundle.package.documents)
    seen: set[str] = set()
    for part in bundle.parts:
        if part.shape.key in seen:
            check.twice(part.file, ("key",), part.shape.key)
        seen.add(part.shape.key)
    before: set[str] = set()
    for part in bundle.parts:
        _check_part(part, bundle, check, before)
        before.update(each.id for each in part.shape.obligations)
    above = {
        part.shape.key: [part.shape.carries_out.document] if part.shape.carries_out else []
        for part in bundle.parts
    }
    for part in bundle.parts:
        if check.in_circle(above, part.shape.key):
            vi, en = "các văn bản triển khai lẫn nhau thành vòng", "documents carry out each other"
            report.add(part.file.problem(("carries_out", "document"), "circle", vi, en))
            break


def _check_policy(bundle: Bundle, check: "_Checker") -> None:
    file, policy = bundle.policy_file, bundle.policy
    check.once(file, ("nudges",), "name", [nudge.name for nudge in policy.nudges])
    check.once(file, ("ladders",), "document", [ladder.document for ladder in policy.ladders])
    for index, ladder in enumerate(policy.ladders):
        check.document(file, ("ladders", index, "document"), ladder.document)
        for place, rung in enumerate(ladder.rungs):
            here: Path = ("ladders", index, "rungs", place)
            check.each_body(file, (*here, "recipients"), rung.recipients)
    check.once(file, ("summaries",), "document", [each.document for each in policy.summaries])
    for index, summary in enumerate(policy.summaries):
        check.document(file, ("summaries", index, "document"), summary.document)
        check.each_body(file, ("summaries", index, "recipients"), summary.recipients)


def _check_part(part: Part, bundle: Bundle, check: "_Checker", before: set[str]) -> None:
    file, document = part.file, part.shape
    own = [each.id for each in document.obligations]
    known = frozenset(own)
    check.once(file, ("obligations",), "id", own, elsewhere=before)
    conflicts = [conflict.id for conflict in document.conflicts]
    check.once(file, ("conflicts",), "id", conflicts)
    check.body(file, ("issuer",), document.issuer)
    check.body(file, ("clerk",), document.clerk)
    for index, delivery in enumerate(document.distribution):
        check.each_body(file, ("distribution", index, "bodies"), delivery.bodies)
    for index, conflict in enumerate(document.conflicts):
        for place, duty in enumerate(conflict.obligations):
            check.duty(file, ("conflicts", index, "obligations", place), duty, known)
    check.duty(file, ("reports_when",), document.reports_when, known)
    above = document.carries_out
    if above is not None:
        check.document(file, ("carries_out", "document"), above.document)
        theirs = [p.shape.obligations for p in bundle.parts if p.shape.key == above.document]
        if theirs:
            upper = frozenset(each.id for each in theirs[0])
            check.duty(file, ("carries_out", "issue"), above.issue, upper)
            check.duty(file, ("carries_out", "report"), above.report, upper)
    for index, each in enumerate(document.obligations):
        here: Path = ("obligations", index)
        check.each_body(file, (*here, "assignees"), each.assignees)
        check.each_body(file, (*here, "audience"), each.audience)
        check.each_body(file, (*here, "receivers"), each.receivers)
        check.body(file, (*here, "via"), each.via)
        check.body(file, (*here, "reviewer"), each.reviewer)
        check.once(file, (*here, "figures"), "name", [figure.name for figure in each.figures])
        if each.realised_by is not None:
            check.document(file, (*here, "realised_by"), each.realised_by)
        for place, duty in enumerate(each.deadline.inherited_from):
            check.duty(file, (*here, "deadline", "inherited_from", place), duty, known)
        for place, depends in enumerate(each.depends_on):
            check.duty(file, (*here, "depends_on", place, "id"), depends.id, check.duties, each.id)
        for place, duty in enumerate(each.waits_for):
            check.duty(file, (*here, "waits_for", place), duty, known, each.id)
        for place, duty in enumerate(each.also):
            check.duty(file, (*here, "also", place), duty, known, each.id)
        for place, name in enumerate(each.conflicts):
            if name not in conflicts:
                check.unknown(file, (*here, "conflicts", place), name, conflicts)
    duties = document.obligations
    check.circle(file, "obligations", "waits_for", {d.id: d.waits_for for d in duties})
    check.circle(
        file, "obligations", "depends_on", {d.id: [e.id for e in d.depends_on] for d in duties}
    )


class _Checker:
    """The questions, each asked of one place."""

    def __init__(
        self,
        report: Report,
        bodies: frozenset[str],
        documents: frozenset[str],
        duties: frozenset[str],
    ) -> None:
        self.report, self.bodies, self.documents, self.duties = report, bodies, documents, duties

    def once(
        self,
        file: YamlFile,
        path: Path,
        field: str | None,
        names: Iterable[str],
        elsewhere: Collection[str] = (),
    ) -> None:
        seen = set(elsewhere)
        for index, name in enumerate(names):
            if name in seen:
                self.twice(file, (*path, index) if field is None else (*path, index, field), name)
            seen.add(name)

    def twice(self, file: YamlFile, path: Path, name: str) -> None:
        vi = f"“{shown(name)}” đã có ở trên; mỗi mã chỉ dùng một lần"
        en = f"“{shown(name)}” stands above already; a name is used once"
        self.report.add(file.problem(path, "duplicate", vi, en))

    def unknown(self, file: YamlFile, path: Path, name: str, known: Iterable[str]) -> None:
        vi, en = nearest(name, known)
        vi, en = f"không có “{shown(name)}”{vi}", f"there is no “{shown(name)}”{en}"
        self.report.add(file.problem(path, "unknown", vi, en))

    def body(self, file: YamlFile, path: Path, body: str | None) -> None:
        if body is not None and body not in self.bodies:
            self.unknown(file, path, body, self.bodies)

    def each_body(self, file: YamlFile, path: Path, bodies: Iterable[str]) -> None:
        for index, body in enumerate(bodies):
            self.body(file, (*path, index), body)

    def document(self, file: YamlFile, path: Path, key: str) -> None:
        if key not in self.documents:
            self.unknown(file, path, key, self.documents)

    def duty(
        self,
        file: YamlFile,
        path: Path,
        duty: str | None,
        known: Collection[str],
        owner: str | None = None,
    ) -> None:
        if duty is None:
            return
        if duty == owner:
            vi, en = "nhiệm vụ không thể dựa vào chính nó", "a duty cannot rest on itself"
            self.report.add(file.problem(path, "itself", vi, en))
        elif duty not in known:
            self.unknown(file, path, duty, known)

    def circle(
        self, file: YamlFile, part: str, field: str, graph: Mapping[str, Iterable[str]]
    ) -> None:
        # A duty that points at itself was reported where it does so; a body was not.
        graph = {n: [t for t in to if t != n or field in _OF_BODIES] for n, to in graph.items()}
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as error:
            nodes: list[str] = error.args[1]
            index = next(i for i, name in enumerate(graph) if name in nodes)
            chain = " → ".join(reversed(nodes))
            vi, en = f"đi thành vòng: {chain}", f"runs in a circle: {chain}"
            self.report.add(file.problem((part, index, field), "circle", vi, en))

    def in_circle(self, graph: Mapping[str, Iterable[str]], start: str) -> bool:
        seen: set[str] = set()
        ahead = list(graph.get(start, ()))
        while ahead:
            node = ahead.pop()
            if node == start:
                return True
            if node not in seen:
                seen.add(node)
                ahead.extend(graph.get(node, ()))
        return False


_OF_BODIES = frozenset({"parent", "members", "successors"})
