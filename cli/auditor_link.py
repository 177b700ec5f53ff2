"""`cascade auditor-link`: a link that shows everything and lets nothing be done."""

from cli.problems import out, say
from config.settings import load as load_settings
from notifications.wiring import open_store
from notifications.words import instant_words
from portal.auditor import grant, revoke


def run(days: int, end: bool, lang: str) -> int:
    """Make a link that is good for *days*, or *end* all there are; return the exit status."""
    vi = lang == "vi"
    settings = load_settings()
    store = open_store(settings)
    try:
        clock = settings.domain_clock()
        if end:
            count = revoke(store, clock.now())
            say(f"Đã thu hồi {count} liên kết." if vi else f"{count} link(s) ended.")
            return 0
        token, until = grant(store, clock, days)
    finally:
        store.close()
    # The address alone on standard output; it is shown once, and only its hash is kept.
    out.print(f"{settings.base_url}/a/{token}", markup=False)
    good = instant_words(until, lang)
    say(
        f"Có hiệu lực đến {good}. Ai có liên kết này đều xem được toàn bộ sổ cái."
        if vi
        else f"Good until {good}. Whoever has this link can see the whole ledger."
    )
    return 0
