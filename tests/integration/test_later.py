"""What a process that stays does not use, it does not load; what it uses, it gets."""

import subprocess
import sys
from pathlib import Path

import text_unidecode  # type: ignore[import-untyped]

ROOT = Path(__file__).parent.parent.parent


def run(code: str) -> str:
    """Return what a fresh process prints."""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_the_worker_loads_neither_trio_nor_the_table_of_slugs() -> None:
    code = """
        import sys
        from flows import later
        later.put_off()
        import flows.hall, flows.warm, flows.watch
        names = ("trio._core", "trio.lowlevel", "text_unidecode")
        print([name for name in names if hasattr(sys.modules.get(name), "__file__")])
    """
    assert run("\n".join(line.strip() for line in code.splitlines())) == "[]"


def test_the_portal_loads_nothing_that_letters_are_made_of() -> None:
    heavy = ("aiosmtplib", "css_inline", "icalendar", "notifications.post")
    code = f"import sys, portal.__main__; print([name for name in {heavy} if name in sys.modules])"
    assert run(code) == "[]"


def test_who_uses_one_gets_the_whole() -> None:
    code = """
        from flows import later
        later.put_off()
        import sys, text_unidecode, trio
        from slugify import slugify
        assert not hasattr(trio, "__file__")
        print(slugify("Local File System"), slugify("Kế hoạch số 256"))
        from trio.abc import Stream
        from trio import run
        async def answer(): return 42
        print(run(answer), trio.run is run, issubclass(trio.SocketStream, Stream))
        print(sys.modules["trio"].__file__ == run.__globals__["__file__"] or "loaded")
        later.put_off()
        import trio
        print(trio.run is run, text_unidecode.unidecode("Ủy"))
    """
    told = run("\n".join(line.strip() for line in code.splitlines())).splitlines()
    assert told == ["local-file-system ke-hoach-so-256", "42 True True", "loaded", "True Uy"]


def test_ascii_is_its_own_transliteration() -> None:
    ascii_ = "".join(map(chr, range(128)))
    assert text_unidecode.unidecode(ascii_) == ascii_
