"""What ``cascade up`` starts, worked out by a process of its own that ends.

``python -m cli.plan`` reads the settings, migrates the schema and prints the parts as JSON. The
supervisor, which stays for months, thus keeps neither pydantic nor SQLAlchemy in memory.
"""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cli.supervise import Answers, Child, PortTaken


@dataclass(frozen=True, slots=True)
class Plan:
    """The parts in the order of their start, and what to tell people when they run."""

    parts: list[Child]
    addresses: list[str]
    lang: str


def command(chosen: Mapping[str, int], lang: str | None) -> list[str]:
    """Return the command that plans: settings *chosen* on the command line win over others."""
    return [sys.executable, "-m", "cli.plan", json.dumps({"chosen": dict(chosen), "lang": lang})]


def read(printed: bytes) -> Plan:
    """Return the plan that :func:`main` printed."""
    data = json.loads(printed)
    parts = [
        Child(
            each["name"],
            each["argv"],
            each["env"],
            Path(each["log"]),
            Answers(each["url"]) if each["url"] else None,
        )
        for each in data["parts"]
    ]
    return Plan(parts, data["addresses"], data["lang"])


def main(wanted: str) -> int:
    """Print the plan; return the exit status, 0 unless people were told what is wrong."""
    from cli.problems import explained, say
    from cli.streams import ready
    from cli.up import addresses, prepare
    from config.settings import load

    ready()
    given = json.loads(wanted)
    lang = given["lang"] or "vi"
    try:
        settings = load(**given["chosen"])
        lang = given["lang"] or settings.lang
        parts = prepare(settings)
    except PortTaken as error:
        say(error.text(lang))
        return 1
    except Exception as error:
        text = explained(error, lang)
        if text is None:
            raise
        say(text)
        return 2
    rows = [
        {
            "name": part.name,
            "argv": list(part.argv),
            "env": dict(part.env),
            "log": str(part.log),
            "url": part.healthy.url if isinstance(part.healthy, Answers) else None,
        }
        for part in parts
    ]
    print(json.dumps({"parts": rows, "addresses": addresses(settings, lang), "lang": lang}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
