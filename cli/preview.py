"""``cascade mail preview``: every kind of mail with sample data, as files to look at."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from cli.problems import out
from cli.samples import digest_letters, sample_letters
from config.package import DIRECTIVES, load
from models.domain.calendar import at
from notifications import plain
from notifications.address import mailbox
from notifications.labels import DIGEST, KINDS
from notifications.letter import Sender
from notifications.render import compose, compose_digest, raw
from notifications.wire import Mail

PACKAGE = "57-kl-tw"
SENDER = Sender(
    "theo-doi@cascade.example",
    "Theo dõi nhiệm vụ",
    "van-phong@thanhuy.example",
    "cascade.example",
    "https://theo-doi.thanhuy.example",
)
NOTE = (
    "cascade.example/thanhuy\n1284\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    "\n— cascade.example/thanhuy Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5"
    "/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
)


@dataclass(frozen=True, slots=True)
class Sample:
    """One mail of the preview."""

    kind: str
    lang: str
    mail: Mail

    @property
    def name(self) -> str:
        """What its files are called, without what they end in."""
        return f"{self.kind}.{self.lang}"


def samples(langs: tuple[str, ...] = ("vi", "en")) -> Iterator[Sample]:
    """Yield every kind of mail in *langs*, about the real package; the same every time."""
    document = load(DIRECTIVES / PACKAGE).documents[-1]
    letters = sample_letters(document)
    digest = digest_letters(document)
    for lang in langs:
        for kind, told in letters.items():
            mail = compose(told.letter(lang), told.state, SENDER, told.fact.at)
            yield Sample(kind, lang, mail)
        carried = [told.letter(lang, number) for number, told in enumerate(digest, 1)]
        state = digest[0].state
        morning = at(document.issue_at.add(days=34).date(), 8)
        mail = compose_digest(carried, {state.key: state}, SENDER, lang, morning)
        yield Sample(DIGEST, lang, mail)
        auditor = mailbox("kiem-toan@kiem-tra.example", "Ủy ban Kiểm tra Thành ủy")
        words = (plain.CHECKPOINT, json.dumps({"note": NOTE}), auditor, f"sample|{lang}")
        mail = plain.compose(*words, SENDER, lang, morning)
        yield Sample(plain.CHECKPOINT, lang, mail)


def run(folder: Path, lang: str | None) -> int:
    """Write every kind as ``.html``, ``.txt`` and ``.eml`` (and what is attached) into *folder*.

    *lang*: only that language. ``index.html`` leads to all of them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    found = list(samples((lang,) if lang else ("vi", "en")))
    for sample in found:
        mail = sample.mail
        (folder / f"{sample.name}.html").write_text(mail.html, encoding="utf-8")
        (folder / f"{sample.name}.txt").write_text(mail.text, encoding="utf-8")
        (folder / f"{sample.name}.eml").write_bytes(raw(mail)[0])
        for attachment in mail.attachments:
            (folder / f"{sample.name}.{attachment.name}").write_bytes(attachment.content)
    index = folder / "index.html"
    index.write_text(_index(found, lang or "vi"), encoding="utf-8")
    words = (
        f"{len(found)} thư mẫu: {index}" if lang != "en" else f"{len(found)} sample mails: {index}"
    )
    out.print(words, markup=False, soft_wrap=True)
    return 0


def _index(found: list[Sample], lang: str) -> str:
    pages = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    kinds = {each.kind: KINDS[lang][each.kind] for each in found}
    return pages.get_template("preview.html").render(samples=found, kinds=kinds, lang=lang)
