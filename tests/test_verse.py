"""etl/zones/verse.py: lines of verse stand in an article, and look like a list beside it."""

from __future__ import annotations

import polars as pl
import pytest

from etl.zones.verse import find_verse
from schemas.piece import PIECE

STARS = ["إذا طرق المساء عليك بابا *** فقولي عاد من سفر صديقي", "وإن غاب النهار وراء تل *** فإن الليل مصباح الطريق"]
DOTS = ["وعلى السواحلِ ألفُ أمٍّ ساهرٍ .. في كفِّها تتزاحمُ الأوجاعُ", "ناموا على وجعِ الحبالِ وأيقظوا .. فجراً به تتعانقُ الأضلاعُ"]


def found(*lines: str, rule: str | None = None, pages: int = 1) -> list[bool]:
    rows = [
        (f"{at * pages // len(lines):016x}", None, 0, line + "\n", rule, None, None) for at, line in enumerate(lines)
    ]
    return find_verse(pl.DataFrame(rows, schema=PIECE, orient="row")).tolist()


SUNG = ["يا نخلة الدار لا تبكي على أحدٍ", "فكلّ من غادروا في ظلّكِ اتّكأوا", "باعوا العذوق وباعوا الجذع بعدئذٍ"]


@pytest.mark.parametrize("lines", [STARS, DOTS, [STARS[0], "", STARS[1]], SUNG])
def test_verses_one_after_the_other_are_found(lines: list[str]) -> None:
    """Stars part the halves, or dots where the vowels are written, or each half has a line; an empty line may stand between."""
    assert found(*lines) == [bool(line) for line in lines]


@pytest.mark.parametrize(
    "lines",
    [
        STARS[:1],
        SUNG[:2],
        ["افتتاح مكتبة عامّة في المدينة", "جداً مهمّ لأهل الحيّ القديم", "ثلاثة مرشّحين لرئاسة المجلس"],
        ["الذهب يتراجع عالميا .. ما الأسباب وراء الهبوط", "النفط يصعد من جديد .. ماذا قالت المنظمة أمس"],
        ["اتصل على * 123 # الآن مجانا", "أرسل الرقم * 456 # إلى صديقك"],
        [STARS[0], "وقال الشاعر بعد ذلك إن القصيدة طويلة.", STARS[1]],
    ],
)
def test_what_is_no_verse_is_left(lines: list[str]) -> None:
    """One line alone, two halves alone, headlines with doubled letters or dots, codes to dial, lines apart."""
    assert not any(found(*lines))


def test_labels_and_pages_part_verses() -> None:
    """A labelled line is none, and a line of another page is not beside it."""
    assert not any(found(*STARS, rule="related/item"))
    assert not any(found(*STARS, pages=2))
