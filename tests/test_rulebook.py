"""The rule book: what is wrong with a rule is said in words, and a build's hits are counted."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest
from doc_rows import make_corpus, make_docs, make_page, write_shards

from etl.corpus import list_shards
from etl.rule_hits import NoSuchRule, find_examples
from etl.rulebook import check_rules, count_hits, count_moved, read_example, rule_table, show_problems
from etl.rules import Rule, RuleError, Rules, fold_pattern, load_rules
from schemas.audit import SECOND_ARTICLE

WHY = "A label that only this test uses."


def make_rule(name: str = "related/test", **given: object) -> Rule:
    """A sound rule over whole lines, but for what is given."""
    pattern = str(given.pop("pattern", "^كلمة الاختبار: .+$"))
    fields: dict[str, object] = {
        "why": WHY,
        "kind": "line",
        "hits": ("كلمة الاختبار: خبر", "كلمة الاختبار: نبأ"),
        "keeps": ("كانت كلمة الاختبار صعبة.", "لم يجد كلمة الاختبار في الدفتر."),
        "file": "mine.toml",
    }
    return Rule(id=name, pattern=fold_pattern(pattern), **(fields | given))  # type: ignore[arg-type]


def problems(*rules: Rule) -> list[str]:
    return check_rules(Rules(rules))


def test_a_sound_rule_has_no_problem() -> None:
    assert problems(make_rule()) == []


def test_brackets_are_read_as_spans_of_the_text_without_them() -> None:
    assert read_example("أب ⟦ج⟧ د ⟦ه⟧") == ("أب ج د ه", [(3, 4), (7, 8)])


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"why": "No stop"}, "'why' is a sentence"),
        ({"hits": ("كلمة الاختبار: خبر",)}, "'hits' holds 1 example"),
        ({"keeps": ("كانت كلمة صعبة.",)}, "'keeps' holds 1 example"),
        ({"keeps": ("كانت ⟦كلمة⟧.", "كانت صعبة.")}, "take the brackets out"),
        ({"hits": ("كلمة ⟦الاختبار: خبر", "كلمة الاختبار: نبأ")}, "a bracket has no partner"),
        ({"hits": ("كلمة الاختبار: خبر",) * 2}, "'hits' holds \u2068«كلمة الاختبار: خبر»\u2069 more than once"),
        ({"keeps": ("كانت كلمة صعبة.",) * 3}, "'keeps' holds \u2068«كانت كلمة صعبة.»\u2069 more than once"),
        ({"pattern": "^(?:كلمه الاختبار: .+)?$"}, "a line without words"),
        ({"pattern": "^كلمه الامتحان: .+$"}, "the pattern does not match there"),
        ({"pattern": "كلمه الاختبار"}, "is to be kept; narrow the pattern"),
        ({"pattern": "^(?:كلمه الاختبار: .+|تاريخ طويل)$"}, "a clean paragraph"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_fault_is_named_with_its_rule_and_file(given: dict[str, object], says: str) -> None:
    """The message begins with file and rule, and says what to do."""
    found = problems(make_rule(**given))
    assert any(says in problem for problem in found), found
    assert all(problem.startswith("mine.toml: rule related/test: ") for problem in found)


def test_a_span_that_claims_too_much_is_shown_beside_what_it_should_claim() -> None:
    rule = make_rule(
        kind="span",
        pattern="كلمه الاختبار: .+",
        hits=("قال الوزير. ⟦كلمة الاختبار:⟧ خبر", "قال الوزير. ⟦كلمة الاختبار: نبأ⟧"),
    )
    found = problems(rule)
    assert len(found) == 1
    assert "it claims \u2068«كلمة الاختبار: خبر»\u2069, not \u2068«كلمة الاختبار:»\u2069" in found[0]


def test_a_span_without_brackets_is_told_to_have_them() -> None:
    found = problems(make_rule(kind="span", pattern="كلمه الاختبار: .+"))
    assert any("put them around the part" in problem for problem in found)


def test_a_rule_that_touches_what_another_keeps_is_found() -> None:
    """Neither rule is wrong alone."""
    other = make_rule(
        "promo/test",
        pattern="^كانت كلمه .+$",
        hits=("كانت كلمة واحدة", "كانت كلمة أخرى"),
        keeps=("لم تكن كلمة.", "هي كلمة."),
    )
    assert problems(make_rule()) == problems(other) == []
    found = problems(make_rule(), other)
    assert found and all("promo/test claims" in problem for problem in found)


def test_a_cut_that_leaves_something_to_cut_is_found() -> None:
    """The line without its tail is itself a label: one look would leave it, two would not."""
    tail = make_rule(
        "wire/test",
        kind="span",
        pattern="انتهي الاختبار$",
        hits=("قال ⟦انتهى الاختبار⟧", "عاد ⟦انتهى الاختبار⟧"),
    )
    line = make_rule("promo/test", pattern="^قال$", hits=("قال", "قال "), keeps=("قال لا.", "قال نعم."))
    found = problems(tail, line)
    assert any("of which promo/test cuts more" in problem for problem in found), found


def test_a_rule_that_never_gets_its_turn_is_told_which_is_asked_first() -> None:
    first = make_rule("promo/test")
    found = problems(first, make_rule())
    assert any("promo/test is asked first" in problem for problem in found)
    assert any("is an example of promo/test already" in problem for problem in found)


def test_a_zoned_rule_is_tried_in_its_zones() -> None:
    assert problems(make_rule(zone=("before", "after"))) == []


def test_hits_are_pieces_and_shares_are_of_all_characters(tmp_path: Path) -> None:
    docs = make_corpus(6)
    write_shards(docs, tmp_path / "docs")
    pieces = docs["pieces"].drop_nulls().explode().drop_nulls().struct.unnest()
    found = count_hits(tmp_path)
    assert found["rule"].to_list() == sorted(pieces["rule"].drop_nulls().unique())
    see_also = found.filter(rule="related/see-also").row(0, named=True)
    mine = pieces.filter(rule="related/see-also")
    assert (see_also["hits"], see_also["chars"]) == (len(mine), mine["length"].sum())
    assert see_also["share"] == pytest.approx(mine["length"].sum() / pieces["length"].sum())


def test_the_table_lists_every_rule_once_and_labels_that_no_rule_gives(tmp_path: Path) -> None:
    docs = make_corpus(6)
    write_shards(docs, tmp_path / "docs")
    rules = load_rules()
    lines = rule_table(rules, tmp_path).split("\n")
    listed = [line.split()[0] for line in lines if "/" in line.split(" ")[0]]
    assert sorted(listed) == sorted({*(rule.id for rule in rules), *count_hits(tmp_path)["rule"], SECOND_ARTICLE})
    row = next(line for line in lines if line.startswith("related/see-also "))
    assert f" {count_hits(tmp_path).filter(rule='related/see-also')['hits'].item()} " in row
    assert rules["related/see-also"].why in row
    moved = docs["pieces"].drop_nulls().explode().drop_nulls().struct.unnest().filter(pl.col("article") > 0)
    moved = moved.filter(pl.col("action").ne_missing("cut"))
    second = count_moved(tmp_path)
    assert (second["hits"], second["chars"]) == (len(moved), moved["length"].sum())
    assert any(line.split()[:4] == [SECOND_ARTICLE, "by", "stage", str(len(moved))] for line in lines)
    assert any(line.startswith("space/blank") and "by stage" in line for line in lines)


def test_rules_that_are_asked_for_are_told_alone_and_with_examples(tmp_path: Path) -> None:
    """How often, on how many pages, how much, and the first pieces: of a rule, of a family, of a label that no rule gives."""
    docs = make_corpus(6)
    write_shards(docs, tmp_path / "docs")
    rules = load_rules()
    table = rule_table(rules, tmp_path, ["related/see-also"])
    pieces = docs.select("id", "pieces", "page").explode("pieces").unnest("pieces")
    mine = pieces.filter(rule="related/see-also")
    listed = [line.split()[0] for line in table.split("\n") if re.match(r"[a-z-]+/[a-z-]+ ", line)]
    assert listed == ["related/see-also"] and "\n1 rule; hits and share" in table
    told = f"related/see-also: {len(mine)} pieces on {mine['id'].n_unique()} pages, {mine['length'].sum():,} characters, the first"
    assert told in table
    [(name, text), *_] = find_examples(list_shards(tmp_path), ["related/see-also"])["related/see-also"]
    page = docs.filter(id=name)["page"].item()
    assert text in page and text.startswith("شاهد أيضا") and table.count("شاهد أيضا") == 3
    family = rule_table(rules, tmp_path, ["share", "space/blank"])
    listed = [line.split()[0] for line in family.split("\n") if re.match(r"[a-z-]+/[a-z-]+ ", line)]
    assert set(listed) == {"space/blank", *(rule.id for rule in rules if rule.id.startswith("share/"))}
    assert "share/widget: " in family and "space/blank: " in family and "share/print: " not in family
    alone = rule_table(rules, tmp_path / "none", ["share/widget"])
    assert "no build to count hits in" in alone and "share/widget: " not in alone


def test_a_label_of_a_stage_is_told_like_a_rule(tmp_path: Path) -> None:
    """What a stage gives by place or by comparison has no rule, but a reason: with a build, and without one."""
    write_shards(make_corpus(), tmp_path / "docs")
    why = "An English caption of a picture or video."
    for build, hits in ((tmp_path, "by stage     0  0.00%"), (tmp_path / "none", "by stage")):
        table = rule_table(load_rules(), build, ["headline-en/caption"])
        assert f"headline-en/caption  {hits}  {why}" in table
    assert "zone/before" in rule_table(load_rules(), tmp_path / "none", ["zone"])
    assert "headline-en/caption" not in rule_table(load_rules(), tmp_path / "none")


def test_a_rule_of_which_only_the_build_knows_is_no_label_of_a_stage(tmp_path: Path) -> None:
    """The build was made with a rule that is not among these."""
    write_shards(make_docs(make_page("one", [("رمز 1\n", "counter/story-number"), ("نص.", None)])), tmp_path / "docs")
    table = rule_table(load_rules(), tmp_path)
    assert re.search(r"counter/story-number +by a rule .* made with others, --rules names their folder", table)


def test_rules_that_nobody_knows_are_named_with_those_near(tmp_path: Path) -> None:
    with pytest.raises(NoSuchRule, match="near are related/see-also"):
        rule_table(load_rules(), tmp_path, ["related/see-als"])
    with pytest.raises(NoSuchRule, match="no rule of the family 'template'"):
        rule_table(load_rules(), tmp_path, ["template"])


def test_without_a_build_the_table_says_so(tmp_path: Path) -> None:
    table = rule_table(load_rules(), tmp_path)
    assert "no build" in table and "0.00%" not in table
    with pytest.raises(FileNotFoundError, match="clean"):
        count_hits(tmp_path)


def test_learned_lines_are_counted_together(tmp_path: Path) -> None:
    """Thousands of templates would bury the rules."""
    docs = make_corpus(6)
    rule = (
        pl.element()
        .struct.field("rule")
        .replace({"share/widget": "template/ab12", "related/see-also": "template/cd34"})
    )
    docs = docs.with_columns(pl.col("pieces").list.eval(pl.element().struct.with_fields(rule.alias("rule"))))
    write_shards(docs, tmp_path / "docs")
    rows = [line for line in rule_table(load_rules(), tmp_path).split("\n") if line.startswith("template/")]
    assert len(rows) == 1 and rows[0].startswith("template/*") and "2 lines" in rows[0]
    # One that is asked for by its id is told alone.
    assert "\ntemplate/ab12: " in rule_table(load_rules(), tmp_path, ["template/ab12"])


GOOD = """[[rule]]
id = "counter/story"
why = "The number of the story."
line = 'رمز الخبر{{COLON}}\\d+'
hits = ["رمز الخبر: 84012", "رمز الخبر: 11"]
keeps = ["رمز الخبر الصادق شاهده.", "رمز قديم."]
"""


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("counter/story", "counters/story", "the id must be family/name, the family one of site, ui"),
        ("[[rule]]", "[rule]", "write [[rule]], with two brackets, before each rule"),
        ('why = "The number of the story."\n', "", "say in one sentence 'why'"),
        ("line =", "pattern =", "unknown key pattern; the keys are action"),
        ("{{COLON}}", "{{COLN}}", "near is {{COLON}}"),
        ("'رمز الخبر{{COLON}}\\d+'", '"رمز \\d+"', "write patterns between single quotes"),
        ("'رمز", "'(رمز", "not a regular expression: missing ), unterminated subpattern at character 1 of '(رمز"),
        ("\\d+'", "\\d+)'", "unbalanced parenthesis at character 22 of"),
        ("'رمز", "'(?<=x)رمز", "(?: ) makes a group"),
        ('["رمز الخبر الصادق شاهده.", "رمز قديم."]', '"رمز قديم."', "keeps is a list of texts, in [ ]"),
        ('["رمز الخبر الصادق شاهده.", "رمز قديم."]', "[]", "needs 'keeps': sentences it must not touch"),
        (
            "counter/story",
            "related/see-also",
            "that the shipped related.toml uses already; ids are unique: choose another",
        ),
    ],
)
def test_a_rule_file_with_a_mistake_says_which_and_what_to_do(tmp_path: Path, old: str, new: str, told: str) -> None:
    """What a person who reads no Python gets wrong is told in words, with the file."""
    assert old in GOOD
    path = tmp_path / "counter.toml"
    path.write_text(GOOD.replace(old, new), "utf-8")
    with pytest.raises(RuleError) as error:
        load_rules(tmp_path)
    assert told in str(error.value) and "counter.toml" in str(error.value)


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    """Of one rule, of several, and of several files: whoever mends the id should not then learn of the pattern."""
    bad = GOOD.replace("counter/story", "counters/story").replace("'رمز", "'(رمز")
    (tmp_path / "counter.toml").write_text(bad + GOOD.replace("{{COLON}}", "{{COLN}}"), "utf-8")
    (tmp_path / "other.toml").write_text(GOOD.replace("counter/story", "related/see-also"), "utf-8")
    with pytest.raises(RuleError) as error:
        load_rules(tmp_path)
    lines = str(error.value).split("\n")
    assert len(lines) == 4
    assert lines[0].startswith("counter.toml: rule counters/story: the id must be family/name")
    assert lines[1].startswith("counter.toml: rule counters/story: not a regular expression: missing ), ")
    assert lines[2].startswith("counter.toml: rule counter/story: unknown macro {{COLN}}")
    assert lines[3].startswith("other.toml: rule related/see-also has an id that the shipped related.toml uses already")


def test_the_rule_without_the_mistakes_is_good(tmp_path: Path) -> None:
    """So that each of them is the only one."""
    (tmp_path / "counter.toml").write_text(GOOD, "utf-8")
    assert check_rules(load_rules(tmp_path)) == []


def test_a_rule_that_takes_everything_is_told_its_own_faults_first_and_little_more(tmp_path: Path) -> None:
    """Every example of every shipped rule is then at fault: some of them say as much as all."""
    (tmp_path / "counter.toml").write_text(GOOD.replace("رمز الخبر{{COLON}}\\d+", ".*"), "utf-8")
    (tmp_path / "other.toml").write_text(
        GOOD.replace("counter/story", "counter/zother").replace("رمز", "ترقيم"), "utf-8"
    )
    rules = load_rules(tmp_path)
    found = check_rules(rules)
    shown = list(show_problems(rules, found))
    own = [line for line in shown if line.startswith(("counter.toml: rule counter/story: ", "other.toml: "))]
    assert own and shown[: len(own)] == own
    assert len(shown) == len(own) + 11 and shown[-1].startswith(f"… and {len(found) - len(own) - 10:,} faults more")


def test_a_folder_without_rules_is_no_silent_success(tmp_path: Path) -> None:
    """`all rules claim what they should` over nothing would be a lie."""
    for folder, told in (
        (tmp_path, "holds no rules"),
        (tmp_path / "x", "no such folder"),
        (tmp_path / "f", "is a file"),
    ):
        (tmp_path / "f").touch()
        with pytest.raises(RuleError, match=told):
            load_rules(folder)
