"""`cascade paper`: a short-lived page on which an office enters what a body has sent on paper."""

from cli.decide import find_copy
from cli.problems import out, say
from cli.typed import Typed
from config.settings import load as load_settings
from models.domain.refusals import CLOSED, NOT_OPEN
from models.domain.terms import Phase
from notifications.wiring import open_store, recorder_of
from notifications.words import instant_words
from portal.behalf import open_page


def paper(document: str, obligation: str, body: str, by: str, lang: str) -> int:
    """Make the page and print its address; return the exit status."""
    typed = Typed(lang)
    by = typed.who("--by", by)
    if typed.refused():
        return 1
    settings = load_settings()
    store = open_store(settings)
    try:
        found = find_copy(store, document, obligation, body, lang)
        if found is None:
            return 1
        state, progress = found
        if progress.phase in (Phase.PENDING, Phase.WAIVED, Phase.SUPERSEDED):
            say((NOT_OPEN if progress.phase is Phase.PENDING else CLOSED).text(lang))
            return 1
        token, until = open_page(recorder_of(settings, store), state, progress.id, by)
    finally:
        store.close()
    assert state.plan is not None, "a copy belongs to a plan"
    name = state.plan.name(progress.body)
    summary = state.plan.obligations[progress.obligation].summary
    ends = instant_words(until, lang)
    if lang == "vi":
        lines = (f"Nhập thay cho {name}: {summary}", f"Dùng đến {ends}; không chuyển cho ai:")
    else:
        lines = (f"On behalf of {name}: {summary}", f"Good until {ends}; do not pass it on:")
    for line in lines:
        out.print(line, markup=False)
    out.print(f"{settings.base_url}/c/{token}", markup=False, soft_wrap=True)
    return 0
