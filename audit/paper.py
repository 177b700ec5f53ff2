"""Pages with long tables: A4 across, the heading on every page, fonts with Vietnamese embedded."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from fpdf import FPDF
from pendulum import DateTime

FONTS = Path(__file__).parent / "fonts"
FAMILY = "DejaVu"
MARGIN = 10.0
FOOT = 13.0
"""Free at the foot of a page. All lengths are millimetres, sizes of letters are points."""

_SIZE, _LEADING, _PAD = 6.5, 3.2, 0.8
_TOP = MARGIN + 2 * _LEADING + 2 * _PAD
"""Where the first line of a page may at most begin, below a heading of two lines."""


class Paper(FPDF):
    """Pages with their number, and what they rest on, at the foot."""

    def __init__(self, title: str, basis: str, written: DateTime) -> None:
        """*written* is the file's date: the same content gives the same bytes."""
        super().__init__(orientation="landscape", format="A4")
        self.basis = basis
        self.add_font(FAMILY, "", FONTS / "DejaVuSansCondensed.ttf")
        self.add_font(FAMILY, "B", FONTS / "DejaVuSansCondensed-Bold.ttf")
        self.set_margin(MARGIN)
        self.set_auto_page_break(True, margin=FOOT)
        self.set_creation_date(written)
        self.set_title(title)
        self.set_lang("vi")
        self._widths: dict[tuple[str, str], float] = {}
        self._lines: dict[tuple[str, str, float], list[str]] = {}
        self.add_page()

    def footer(self) -> None:
        """Write the foot of a page."""
        self.set_y(-10)
        self.set_font(FAMILY, "", _SIZE)
        self.cell(0, 4, self.basis, align="L")
        self.set_x(MARGIN)
        self.cell(0, 4, f"Trang {self.page_no()}/{{nb}}", align="R")

    def say(self, text: str, size: float, style: str = "", align: str = "L") -> None:
        """Write *text* across the page."""
        self.set_font(FAMILY, style, size)
        self.multi_cell(0, size * 0.5, text, align=align, new_x="LMARGIN", new_y="NEXT")

    def table(  # type: ignore[override]  # the library's own takes 10 ms for a row
        self, columns: Sequence[tuple[str, int]], rows: Sequence[Sequence[str]]
    ) -> None:
        """Write *rows* under *columns* (heading and share of the width)."""
        whole = sum(share for _, share in columns)
        widths = [self.epw * share / whole for _, share in columns]
        self._heading(columns, widths)
        for row in rows:
            lines = [self._wrapped(text, width) for text, width in zip(row, widths, strict=True)]
            while any(lines):
                # A line of the table stays together unless it is longer than a page.
                free = int((self.h - FOOT - self.y - 2 * _PAD) / _LEADING)
                if free < max(map(len, lines)) and self.y > _TOP:
                    self.add_page()
                    self._heading(columns, widths)
                    continue
                self._row([each[:free] for each in lines], widths)
                lines = [each[free:] for each in lines]

    def _heading(self, columns: Sequence[tuple[str, int]], widths: Sequence[float]) -> None:
        self.set_font(FAMILY, "B", _SIZE)
        self.set_fill_color(232, 236, 240)
        lines = [self._wrapped(name, w) for (name, _), w in zip(columns, widths, strict=True)]
        self._row(lines, widths, filled=True)
        self.set_font(FAMILY, "", _SIZE)

    def _row(
        self, lines: Sequence[Sequence[str]], widths: Sequence[float], *, filled: bool = False
    ) -> None:
        height = max(map(len, lines)) * _LEADING + 2 * _PAD
        left, top = MARGIN, self.y
        for cell, width in zip(lines, widths, strict=True):
            self.rect(left, top, width, height, style="DF" if filled else "D")
            for number, text in enumerate(cell):
                self.text(left + _PAD, top + _PAD + (number + 0.75) * _LEADING, text)
            left += width
        self.set_xy(MARGIN, top + height)

    def _wrapped(self, text: str, width: float) -> list[str]:
        """Return *text* in lines that fit into a cell; a word that does not is broken."""
        key = (self.font_style, text, width)
        if key not in self._lines:  # most cells of a long table repeat
            self._lines[key] = self._divided(text, width)
        return self._lines[key]

    def _divided(self, text: str, width: float) -> list[str]:
        lines: list[str] = []
        room, space = width - 2 * _PAD, self._width(" ")
        for paragraph in text.split("\n"):
            line, used = "", 0.0
            for word in self._words(paragraph, room):
                wide = self._width(word)
                if line and used + space + wide > room:
                    lines.append(line)
                    line, used = "", 0.0
                line, used = (f"{line} {word}", used + space + wide) if line else (word, wide)
            if line:
                lines.append(line)
        return lines

    def _words(self, paragraph: str, room: float) -> Iterator[str]:
        """Yield the words of *paragraph*; of one that is too wide, parts that are not."""
        for word in paragraph.split():
            part, used = "", 0.0
            for letter in word if self._width(word) > room else ():
                wide = self._width(letter)
                if part and used + wide > room:
                    yield part
                    part, used = "", 0.0
                part, used = part + letter, used + wide
            yield part or word

    def _width(self, word: str) -> float:
        key = (self.font_style, word)
        if key not in self._widths:
            self._widths[key] = self.get_string_width(word)
        return self._widths[key]
