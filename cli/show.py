"""`cascade status`."""

import json

from cli.problems import out, say
from cli.status import as_json, show
from config.settings import load as load_settings
from models.domain.terms import DocumentKey
from notifications.wiring import open_store


def run(document: str | None, format_: str, lang: str) -> int:
    """Print the status of one document, or of all; return the exit status."""
    if format_ not in ("text", "json"):
        say(f"--format: text | json, không phải {format_!r}")
        return 2
    settings = load_settings()
    store = open_store(settings)
    try:
        known = [row["id"] for row in store.streams()]
        if document is not None and document not in known:
            listed = ", ".join(known) or ("chưa có" if lang == "vi" else "none")
            say(
                f"Không có văn bản {document!r}. Đang theo dõi: {listed}"
                if lang == "vi"
                else f"No document {document!r}. Known: {listed}"
            )
            return 1
        wanted = [document] if document is not None else known
        states = [store.state(DocumentKey(each)) for each in wanted]
        now = settings.domain_clock().now()
    finally:
        store.close()
    if format_ == "json":
        values = [as_json(state, now) for state in states]
        print(json.dumps(values[0] if document else values, ensure_ascii=False, indent=1))
        return 0
    if not states:
        out.print("Chưa có văn bản nào." if lang == "vi" else "No document yet.")
    for state in states:
        show(state, out, lang, now)
        out.print()
    return 0
