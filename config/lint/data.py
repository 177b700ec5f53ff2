"""A verdict as plain data, for programs. The keys are described in ``docs/lint.md``."""

from typing import Any

from pendulum import DateTime

from config.lint.codes import headline
from config.lint.finding import Change, Clause, Finding, Move, Remedy
from config.lint.make import said
from config.lint.run import Verdict
from models.domain.feasibility import Slack


def as_json(verdict: Verdict, lang: str = "vi") -> dict[str, Any]:
    """Return *verdict* with every instant as ISO 8601 text; sentences in *lang*."""
    return {
        "package": verdict.package,
        "findings": [_finding(each, lang) for each in verdict.findings],
        "only_people_see": [
            {
                "id": each.id,
                "title": each.title,
                "obligations": list(each.obligations),
                "handling": each.handling,
            }
            for each in verdict.only_people_see
        ],
        "critical_path": list(verdict.critical),
        "slack": [_slack(each) for each in verdict.slack],
    }


def _finding(finding: Finding, lang: str) -> dict[str, Any]:
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "id": finding.id or None,
        "title": headline(finding.code).text(lang),
        "documents": list(finding.documents),
        "clauses": [_clause(each) for each in finding.clauses],
        "bodies": list(finding.bodies),
        "consequence": finding.follows.text(lang),
        "remedies": [_remedy(each, finding, lang) for each in finding.remedies],
        "handling": finding.handling or None,
        "where": finding.where or None,
    }


def _clause(clause: Clause) -> dict[str, Any]:
    return {
        "obligation": clause.obligation,
        "clause": clause.label,
        "quote": clause.quote,
        "phrase": clause.phrase or None,
        "due_exclusive": _instant(clause.due),
    }


def _remedy(remedy: Remedy, finding: Finding, lang: str) -> dict[str, Any]:
    return {
        "minimal": remedy.minimal,
        "changes": [_change(each, lang) for each in remedy.changes],
        "text": said(remedy, finding.documents).text(lang),
    }


def _change(change: Change, lang: str) -> dict[str, Any]:
    if isinstance(change, Move):
        return {
            "obligation": change.obligation,
            "from": _instant(change.before),
            "to": _instant(change.after),
            "working_days": change.days,
            "decides": change.issuer,
        }
    return {
        "choice": change.name,
        "obligations": list(change.obligations),
        "bodies": list(change.bodies),
        "options": [{"value": each.value, "text": each.said.text(lang)} for each in change.options],
    }


def _slack(slack: Slack) -> dict[str, Any]:
    return {
        "obligation": slack.duty,
        "start": _instant(slack.start),
        "due_exclusive": _instant(slack.due),
        "room": slack.room,
        "lead": slack.lead,
        "slack": slack.days,
    }


def _instant(instant: DateTime | None) -> str | None:
    return None if instant is None else instant.isoformat()
