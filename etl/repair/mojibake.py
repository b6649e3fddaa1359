"""Text decoded by the wrong codec: decide for the document which one it was, and take it back line by line.

A text that was damaged is cheaper, in bits, as the Arabic it was than as it stands (etl/letters.py). Each way
it can have been damaged (etl/repair/misread.py) is tried; the one that saves most is taken back where it saves, up to
three times (a text may have been through it twice). What saves too little to be sure stays as it is and is
counted as suspect.
"""

from __future__ import annotations

import re
from math import inf

from etl.edits import Repair, compose, replay, trim
from etl.repair.half_letters import fill_halves, fill_lost
from etl.repair.misread import NOTHING, SWAP_WAYS, UTF8_WAYS, WESTERN, Finding, Priced, Saving, to_priced
from etl.repair.split_letters import join_bytes, may_be_utf8, read_runs, read_whole, weigh_join
from etl.repair.suspicious import LETTER, find_suspicious, is_suspicious
from etl.repair.swapped_letters import swap_letters, weigh_swaps

MARGIN = 18.0
"""Bits a document must save before anything is changed: 2**18 to 1 that it was damaged so.

No paragraph of the Universal Declaration of Human Rights, in 530 languages, is evidence of so much as one
line.
"""

_AGAIN = 8.0  # the same for a way that the text has been through once already: one line is enough
_CLEAR = 6.0  # bits by which the best way must lead another that reads the text differently
_STEPS = 3
_HEAD = 600  # characters of suspicious lines that are tried first
_WHOLE = 0.9  # share of the changed text that must save bits for the rest to be changed with it
_DOUBT = 12.0  # bits a line may lose that holds such letters, in a document that is known to be damaged


_ARABIC = re.compile("[\u0621-\u064a]+")
_LATIN = re.compile("[A-Za-z]")
_WORD = re.compile(r"[^\W\d_]+")


def find_savings(page: Priced, rule: str) -> list[Saving]:
    """Text, a way it was damaged -> the stretches that taking it back changes, with what each saves."""
    if rule in SWAP_WAYS:
        return swap_letters(page, rule)
    new = read_whole(page, rule)
    return join_bytes(page, read_runs(page, rule) if new is None else new)


def find_ways(text: str, *, whole: bool = False) -> list[Finding]:
    """Text -> the way that saves most on its suspicious lines and those that come near it.

    Judged by the first lines where they leave no doubt that something is wrong, or by all of them if `whole`.
    """
    spans = find_suspicious(text)
    if not spans:
        return [NOTHING]
    lines = "\n".join(text[start:end] for start, end in spans)
    # Cut between words, for half a letter would spoil the sample.
    cut = max(lines.rfind(" ", 0, _HEAD), lines.rfind("\n", 0, _HEAD)) if len(lines) > _HEAD else -1
    if cut > 0 and not whole:
        found = _weigh(lines[:cut])
        if found[0].bits >= 4 * MARGIN:
            return found
    return _weigh(lines)


def _weigh(lines: str) -> list[Finding]:
    """Text -> the way that saves most and those that come near it; the cheap ones, that leave no doubt, tried first."""
    page = to_priced(lines)
    clear = page.bits.sum() / 6  # where one family of ways saves as much, the other saves next to nothing
    found = [NOTHING]
    ways = {rule: read_whole(page, rule) for rule in may_be_utf8(page)}
    found += [weigh_join(page, rule, new) for rule, new in ways.items() if new is not None]
    if max(found).bits < clear:
        found += weigh_swaps(page)
    if max(found).bits < clear:
        found += [weigh_join(page, rule, read_runs(page, rule)) for rule, new in ways.items() if new is None]
    best = max(finding.bits for finding in found)
    near = [finding for finding in found if finding.bits > best - _CLEAR]
    return sorted(near, key=lambda finding: -finding.bits)


def take_back(text: str, rule: str) -> list[Repair]:
    """Text, the way it was damaged -> its repairs: the lines that save bits, or all where nearly all do.

    A line that UTF-8 makes dearer was sound, whatever its neighbours are. So was one in Latin letters with an
    accent here and there, and one that has only its no-break spaces changed.
    """
    found = find_savings(to_priced(text), rule)
    size = sum(saving.end - saving.start for saving in found)
    gained = sum(saving.end - saving.start for saving in found if saving.bits > 0)
    whole = gained >= _WHOLE * size
    least = 0.0 if rule in UTF8_WAYS else -inf if whole else -_DOUBT
    edits = (
        trim(saving.start, text[saving.start : saving.end], saving.after, rule)
        for saving in found
        if saving.sure
        or (whole and saving.bits > 0)
        or (saving.bits > least and _may_change(text[saving.start : saving.end], whole))
    )
    return [edit for edit in edits if edit and not edit.before.isspace()]


def _may_change(line: str, whole: bool) -> bool:
    """Whether a line that says little for itself may be changed with the others; all with it, or some.

    Not where most of its odd letters stand in Latin words, or alone among them.
    """
    if not LETTER.search(line):
        return whole and not _LATIN.search(line)
    if not _LATIN.search(line):
        return True
    words = [(len(LETTER.findall(word)), _LATIN.search(word) is not None) for word in _WORD.findall(line)]
    apart = sum(letters for letters, latin in words if letters > 1 and not latin)
    return apart > 0 and 2 * apart >= sum(letters for letters, _ in words)


def mend_mojibake(raw: str) -> tuple[list[Repair], Finding]:
    """Raw -> the repairs of its wrongly decoded parts, and what is suspected of the rest but was left alone."""
    done, suspect = _mend_whole(raw)
    done = [fill_lost(edit) if edit.rule == WESTERN else edit for edit in done]
    damage = "\n".join(edit.before for edit in done if edit.rule == WESTERN)
    halves = fill_halves(text := replay(raw, done), damage) if damage else []
    if halves:
        done = compose(raw, done, halves)
        suspect = suspect if is_suspicious(replay(text, halves)) else NOTHING
    return done, suspect


def _mend_whole(raw: str) -> tuple[list[Repair], Finding]:
    """Raw -> the same of the letters of which no byte is lost."""
    text = raw
    done: list[Repair] = []
    last = ""
    for _ in range(_STEPS):
        for whole in (False, True):
            best, *others = find_ways(text, whole=whole)
            # What has been through it once needs little evidence that it has been through it twice.
            if best.bits < (_AGAIN if best.rule == last else MARGIN):
                return done, best
            step = take_back(text, best.rule)
            if all(_agree(text, step, take_back(text, other.rule)) for other in others):
                break
        else:
            return done, best
        done = compose(raw, done, step)
        text, last = replay(text, step), best.rule
    return done, NOTHING


def is_joined(rule: str) -> bool:
    """Whether the way is one in which a letter has become several characters, or none at all."""
    return rule in ("", *UTF8_WAYS)


def _agree(text: str, one: list[Repair], other: list[Repair]) -> bool:
    """Text, two readings of it -> whether they make the same Arabic letters of what the first one changes.

    ISO-8859-6 and MacArabic have the same letters and differ in other characters.
    """
    same = [edit for edit in other if any(edit.start < mine.end and mine.start < edit.end for mine in one)]
    letters = ("".join(_ARABIC.findall(replay(text, edits))) for edits in (one, same))
    return next(letters) == next(letters)
