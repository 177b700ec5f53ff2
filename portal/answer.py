"""Answers of a report as people write them."""

from datetime import date

from portal.history import Answer
from portal.texts import Lang, decimal_words, number_words


def answer_words(answer: Answer, lang: Lang = "vi", *, grouped: bool = True) -> str:
    """Return an answer as people write it; numbers with thousands *grouped* or not."""
    match answer.kind:
        case "whole":
            return number_words(int(answer.value), lang) if grouped else answer.value
        case "decimal":
            return decimal_words(answer.value, lang, grouped=grouped)
        case "date":
            return f"{date.fromisoformat(answer.value):%d/%m/%Y}"
        case _:
            return answer.value
