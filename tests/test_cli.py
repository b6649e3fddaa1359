"""The command line: what commands print, which exit code says what, and that bad input stops nothing else."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from importlib import import_module
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from etl import __version__, commands
from etl.cli import main, make_parser
from etl.commands import ERROR, INTERRUPTED, OK, REJECTED, USAGE
from etl.knowledge import ship_knowledge
from etl.paths import to_path
from etl.shard_work import clean_shard, count_shard, repair_shard, sign_shard
from etl.shards import replacing
from etl.summary import first_reasons
from etl.validate import InvalidTable
from schemas.record import RECORD

ROOT = Path(__file__).parents[1]
SEEDS = sorted((ROOT / "seeds").glob("*.txt"))
STAGES = ("read", "repair", "templates", "clean", "duplicates", "release")
ENGLISH = "The council opened a new park on the waterfront on Sunday, after a year of work.\n" * 6
# In windows-1256, as an old site would send it.
OLD = (
    "افتتحت البلدية صباح اليوم حديقة جديدة على الكورنيش تضم ملعبا للأطفال ومسارا للمشي يمتد كيلومترين.\n"
    "وقال رئيس البلدية إن العمل في الحديقة استغرق عاما كاملا، وإن الدخول إليها مجاني في كل أيام الأسبوع.\n"
)


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test runs in a folder without params.yaml, so with the defaults."""
    monkeypatch.chdir(tmp_path)


def gold(number: int) -> str:
    """The right text of a seed page."""
    return (ROOT / "tests" / "pages" / f"seed-{number:03d}" / "body.txt").read_text("utf-8").strip("\n")


def lines_of(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


# --- page


def test_page_prints_the_article(capsys: pytest.CaptureFixture[str]) -> None:
    """The title, where there is one, then the body; nothing else on stdout, and nothing on stderr."""
    assert main(["page", str(SEEDS[0])]) == OK
    assert capsys.readouterr() == (f"بوتين وكيم يعلنان شراكة استراتيجية جديدة\n\n{gold(0)}\n", "")


def test_page_names_the_pages_where_there_are_several(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of files, of a folder, of records of a file; a file that is not there stops no other, and its code is 1."""
    folder = tmp_path / "pages"
    folder.mkdir()
    shutil.copy(SEEDS[3], folder / "a.txt")
    (folder / "b.bin").write_bytes(bytes(range(256)) * 4)
    rows = [{"text": SEEDS[3].read_text("utf-8")}, {"wording": "x"}]
    (folder / "c.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    assert main(["page", "pages"]) == REJECTED
    printed = capsys.readouterr()
    assert printed.out == f"==> pages/a.txt <==\n{gold(3)}\n\n==> pages/c.jsonl#1 <==\n{gold(3)}\n"
    told = printed.err.splitlines()
    assert [line.split(": ")[:3] for line in told] == [
        ["pages/b.bin", "rejected", "read/binary"],
        ["pages/c.jsonl#2", "rejected", "read/missing-column"],
    ]
    assert "'wording'" in told[1] and "None" not in printed.err
    assert main(["page", "pages/a.txt", "nosuch", "pages/c.jsonl", "--explain"]) == ERROR
    printed = capsys.readouterr()
    assert re.findall("==> (.*) <==", printed.out) == ["pages/a.txt", "pages/c.jsonl#1", "pages/c.jsonl#2"]
    assert "nosuch" in printed.err


def test_page_reads_what_comes_through_a_pipe(tmp_path: Path) -> None:
    """Text or HTML, told by content; also from a path that names the pipe."""
    html = (
        "<html><body><article>" + "".join(f"<p>{line}</p>" for line in gold(3).split("\n")) + "</article></body></html>"
    )
    for path, page in (("-", SEEDS[3].read_text("utf-8")), ("-", html), ("/dev/stdin", html)):
        command = [sys.executable, "-m", "etl", "page", path]
        done = subprocess.run(command, input=page, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
        assert (done.returncode, done.stdout.strip(), done.stderr) == (OK, gold(3), "")


def test_page_as_json_is_one_record_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    """A record has its columns, and its cuts lie where they say; a second article follows its page."""
    assert main(["page", "--json", str(SEEDS[2]), str(SEEDS[1])]) == OK
    first, second, other = lines_of(capsys.readouterr().out)
    assert second["parent_id"] == first["id"] and second["id"] == f"{first['id']}.1"
    assert other["parent_id"] is None and other["date"] == "2024-06-20"
    known_later = {"cluster_id", "cluster_size", "cluster_outlets", "cluster_role", "similarity", "masked"}
    assert set(RECORD) - known_later - {"shared_paragraph_share"} <= set(first)
    for record in (first, other):
        assert record["cuts"]
        for cut in record["cuts"]:
            assert record["page"][cut["start"] : cut["end"]] == cut["text"]
            assert cut["rule"] and cut["action"] in ("cut", "mark")


def test_page_explains_every_character(capsys: pytest.CaptureFixture[str]) -> None:
    """Kept lines stand as they are, cut ones carry a sign and their rule, and the numbers add up."""
    assert main(["page", "--explain", str(SEEDS[3])]) == OK
    fields, body, sums = capsys.readouterr().out.split("\n\n")
    assert "verdict  kept" in fields and "\033" not in fields + body
    assert re.search(r"^ +id  [0-9a-f]{16}$", fields, re.MULTILINE)
    assert main(["page", "--explain", str(SEEDS[0])]) == OK
    assert not re.search("│ \u2068\u2069", capsys.readouterr().out)
    assert "\n".join(line for line in body.split("\n") if line[0] not in "✂✎") == gold(3)
    cuts = [line.split()[1] for line in body.split("\n") if line[0] == "✂"]
    assert cuts == ["embed/tweet-text", "embed/tweet-by"]
    found = re.search(r"([\d,]+) characters, ([\d,]+) cut \([\d.]+%\), ([\d,]+) kept", sums)
    assert found is not None
    total, cut, kept = (int(number.replace(",", "")) for number in found.groups())
    assert total == len(SEEDS[3].read_text("utf-8")) == cut + kept


def test_page_of_a_table_without_rows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file in which there are no pages prints none, and that is no error."""
    pl.DataFrame({"text": []}, schema={"text": pl.String}).write_parquet(tmp_path / "a.parquet")
    assert main(["page", str(tmp_path / "a.parquet")]) == OK
    assert capsys.readouterr() == ("", "")


def test_page_says_why_a_page_is_rejected(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The reason goes to stderr and the exit code is 3, in each form of output."""
    page = tmp_path / "english.txt"
    page.write_text(ENGLISH, "utf-8")
    assert main(["page", str(page)]) == REJECTED
    printed = capsys.readouterr()
    assert "rejected: language/not-arabic" in printed.err and "The text is not Arabic" in printed.err
    assert printed.out == ""
    assert main(["page", "--explain", str(page)]) == REJECTED
    assert "verdict  kept" not in capsys.readouterr().out
    page.write_bytes(b"")
    assert main(["page", "--explain", str(page)]) == REJECTED
    printed = capsys.readouterr()
    assert "read/empty" in printed.out and "cut by family" not in printed.out and "an empty file" in printed.err
    assert main(["page", "--json", str(page)]) == REJECTED
    [record] = lines_of(capsys.readouterr().out)
    assert "/" in record["verdict"]


def test_page_knows_what_a_corpus_taught(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With --templates, the lines of that file are cut from pages of their outlet."""
    page = tmp_path / "page.txt"
    motto = "جريدة يومية مستقلة تصدر من الميناء"
    page.write_text(f"{OLD}{motto}\n{OLD}", "utf-8")
    page.with_suffix(".json").write_text(json.dumps({"outlet": "الميناء"}), "utf-8")
    learned = tmp_path / "templates.csv"
    key = motto.replace("ة", "ه")
    learned.write_text(f"decision,outlet,key,zone\ncut,الميناء,{key},body\n", "utf-8")
    main(["page", str(page)])
    assert motto in capsys.readouterr().out
    assert main(["page", "--templates", str(learned), str(page)]) == OK
    assert motto not in capsys.readouterr().out


# --- run, and bad input


def make_bad_folder(folder: Path) -> dict[str, str]:
    """Fill a folder with one good page and many bad files -> the verdict that each bad one must get."""
    folder.mkdir()
    shutil.copy(SEEDS[3], folder / "good.txt")
    (folder / "old.txt").write_bytes(OLD.encode("cp1256"))
    (folder / "empty.txt").write_bytes(b"")
    (folder / "binary.txt").write_bytes(bytes(range(256)) * 20)
    (folder / "english.txt").write_text(ENGLISH, "utf-8")
    with (folder / "long.txt").open("w", encoding="utf-8") as file:
        file.writelines("كلمة " * 100_000 for _ in range(56))
    assert (folder / "long.txt").stat().st_size > 50_000_000
    (folder / "dangling.txt").symlink_to(folder / "nowhere")
    os.mkfifo(folder / "pipe.txt")
    (folder / "records.jsonl").write_text(json.dumps({"text": OLD}) + "\n{bad\n", "utf-8")
    return {
        "empty.txt": "read/empty",
        "binary.txt": "read/binary",
        "english.txt": "language/not-arabic",
        "long.txt": "read/too-large",
        "dangling.txt": "read/unreadable",
        "pipe.txt": "read/unreadable",
        "records.jsonl#2": "read/bad-record",
    }


Bad = tuple[Path, dict[str, str], subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> Bad:
    """A run over a folder with bad files, as a user starts it."""
    folder = tmp_path_factory.mktemp("bad")
    expected = make_bad_folder(folder / "pages")
    command = [sys.executable, "-m", "etl", "run", str(folder / "pages"), str(folder / "out"), "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    return folder, expected, done


def rows(release: Path, config: str) -> list[dict[str, Any]]:
    return pl.read_parquet(sorted((release / config).glob("*.parquet"))).to_dicts()


def test_bad_input_is_rejected_and_the_rest_goes_through(bad: Bad) -> None:
    """Each bad file is a row with its reason, each good page a document; the exit code tells."""
    folder, expected, done = bad
    assert done.returncode == REJECTED, done.stderr
    rejected = {row["path"]: row["verdict"] for row in rows(folder / "out", "rejected")}
    read = {path: verdict for path, verdict in rejected.items() if not verdict.startswith("duplicate/")}
    released = Counter(row["path"] for row in rows(folder / "out", "data"))
    assert read == expected
    # The same story in two files: one is the other's copy.
    assert released["good.txt"] == 1 and released["old.txt"] + released["records.jsonl#1"] == 1
    assert len(rejected) + released.total() == 10


def test_what_could_not_be_read_has_no_hash_of_its_text(bad: Bad) -> None:
    """The hash of nothing would make one page of all that could not be read."""
    folder, _, _ = bad
    for row in rows(folder / "out", "rejected"):
        assert (row["raw_sha256"] is None) == (row["raw"] == "") == row["verdict"].startswith("read/")


def test_old_encodings_are_read(bad: Bad) -> None:
    """A page in windows-1256 is Arabic all the same."""
    folder, _, _ = bad
    both = {row["path"]: row for config in ("data", "rejected") for row in rows(folder / "out", config)}
    assert both["old.txt"]["text"].split("\n")[0] == OLD.split("\n")[0]


def test_the_summary_adds_up(bad: Bad) -> None:
    """On stdout, as JSON: pages in + second articles = released + rejected, by verdict."""
    _, expected, done = bad
    totals = json.loads(done.stdout)
    assert totals["pages"] == 10
    assert totals["pages"] + totals["second_articles"] == totals["released"] + totals["rejected"]
    assert sum(totals["verdicts"].values()) == totals["rejected"]
    assert totals["rejected_input"] == len(expected)


def test_a_run_for_people_tells_its_totals_on_stderr(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The table is what a command says of its work: stdout stays empty, with --quiet too."""
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "a.txt").write_text(OLD, "utf-8")
    assert main(["run", str(tmp_path / "pages"), str(tmp_path / "out"), "--quiet", "--workers", "1"]) == OK
    told = capsys.readouterr()
    assert told.out == ""
    assert "1 page + 0 second articles = 1 released + 0 rejected" in told.err


def test_progress_for_machines_is_json_on_stderr(bad: Bad) -> None:
    """With --json each stage tells of its start and its end, one object a line."""
    _, _, done = bad
    events = lines_of(done.stderr)
    for event in ("start", "end"):
        assert [told["stage"] for told in events if told["event"] == event] == [*STAGES, "write"]
    # The release tells how many pages of all it has decided, then of each file that it wrote.
    pages = [told["pages"] for told in events if told["event"] == "shard" and told["stage"] == "release"]
    written = [told for told in events if told["event"] == "shard" and told["stage"] == "write"]
    assert sum(pages) == 10
    assert [told["done"] for told in written] == list(range(1, len(written) + 1)) and written[-1]["seconds_left"] == 0


def test_the_stages_one_by_one_make_the_same_release(
    bad: Bad, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every stage runs alone, without DVC, and together they write the bytes that `run` writes.

    Rejected pages make none end in 3, as `run` does: DVC, make and `&&` would stop there.
    """
    folder, _, _ = bad
    for stage in STAGES:
        source = [str(folder / "pages")] if stage == "read" else []
        told = ["--build", str(tmp_path / "build"), "--params", str(ROOT / "params.yaml"), "--quiet", "--workers", "1"]
        assert main([stage, *source, *told]) == OK
    assert "10 pages + 0 second articles = 2 released + 8 rejected" in capsys.readouterr().err
    manifests = [path / "manifest.json" for path in (tmp_path / "build/release", folder / "out")]
    assert manifests[0].read_bytes() == manifests[1].read_bytes()


def test_columns_that_nobody_knows_are_named_with_the_cure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The end of a run says which columns there are, what to write where, and where every rejected row is."""
    story = {"story_txt": SEEDS[3].read_text("utf-8"), "k": 1}
    (tmp_path / "news.jsonl").write_text(json.dumps(story) + "\n", "utf-8")
    assert main(["run", "news.jsonl", "out", "--quiet"]) == REJECTED
    told = capsys.readouterr().err
    assert "1 page + 0 second articles = 0 released + 1 rejected" in told
    assert "there are 'story_txt', 'k'; name it in the parameters: `read: {columns: {text: NAME}}`" in told
    assert "each of them: out/rejected/*.parquet" in told and "`ghirbal explain ID --build out.build`" in told
    (tmp_path / "params.yaml").write_text("read: {columns: {text: story_txt}}", "utf-8")
    assert main(["run", "news.jsonl", "out", "--quiet"]) == OK
    [name] = [row["id"] for row in rows(tmp_path / "out", "data")]
    assert name


def test_a_column_that_is_nowhere_is_told_with_the_file_that_names_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The parameters that were read are named, whatever their file is called, by `run` and by `read` alone."""
    (tmp_path / "news.csv").write_text("content,id\nنص,1\n", "utf-8")
    (tmp_path / "p2.yaml").write_text("read: {columns: {text: nas}}", "utf-8")
    for command in (["run", "news.csv", "out"], ["read", "news.csv", "--build", "out.build"]):
        assert main([*command, "--quiet", "--params", "p2.yaml"]) == ERROR
        told = capsys.readouterr().err
        assert "ghirbal: p2.yaml: no table or record of the source has a column 'nas' (read.columns.text)" in told
        assert "correct the name, or take it out" in told and "params.yaml" not in told


def test_first_reasons_are_the_first_of_each_verdict(tmp_path: Path) -> None:
    """In the order of the shards, one a verdict, as it was told of that page; what was read well has none."""
    shards = {
        "a": [
            (None, None),
            ("read/bad-record", "x.jsonl#2: not valid JSON"),
            ("read/bad-record", "x.jsonl#3: no text"),
        ],
        "b": [("read/empty", "y.txt: no text"), ("read/bad-record", "z.csv#4: too few columns")],
        "c": [(None, None)],
    }
    for name, told in shards.items():
        types = {"verdict": pl.String, "reason": pl.String}
        pl.DataFrame(told, schema=types, orient="row").write_parquet(tmp_path / f"{name}.parquet")
    assert first_reasons(sorted(tmp_path.glob("*.parquet"))) == {
        "read/bad-record": "x.jsonl#2: not valid JSON",
        "read/empty": "y.txt: no text",
    }
    assert first_reasons([tmp_path / "b.parquet"])["read/bad-record"] == "z.csv#4: too few columns"
    assert first_reasons([tmp_path / "c.parquet"]) == first_reasons([]) == {}


def test_a_request_of_withdrawal_that_names_nothing_is_told(
    bad: Bad, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A slip of the pen would publish what somebody asked to take down; requests that are met are not named."""
    build = bad[0] / "out.build"
    found = pl.read_parquet(build / "docs" / "*.parquet")["id"][0]
    (tmp_path / "gone.csv").write_text(
        f"id,date,reason\n{found},2025-01-02,asked\nfeedfeed,2025-01-02,asked\n", "utf-8"
    )
    shutil.copytree(build, tmp_path / "build")
    assert main(["release", "--build", str(tmp_path / "build"), "--withdrawn", "gone.csv", "--quiet"]) == OK
    told = capsys.readouterr().err
    assert "gone.csv: id feedfeed is of no document" in told and found not in told


@pytest.mark.parametrize(("source", "says"), [("nothing-here", "no such file or folder"), ("empty", "no file to read")])
def test_a_source_without_pages_is_an_error(
    source: str, says: str, bad: Bad, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The message names the source; the last good release stays as it was."""
    folder, _, _ = bad
    shutil.copytree(folder / "out", tmp_path / "out")
    (tmp_path / "empty").mkdir()
    before = (tmp_path / "out/manifest.json").read_bytes()
    assert main(["run", str(tmp_path / source), str(tmp_path / "out"), "--quiet"]) == ERROR
    message = capsys.readouterr().err
    assert message.startswith("ghirbal: ") and source in message and says in message
    assert (tmp_path / "out/manifest.json").read_bytes() == before


def test_a_stage_without_input_says_which_stage_makes_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["clean", "--build", str(tmp_path), "--quiet"]) == ERROR
    assert f"`ghirbal repair --build {tmp_path}`" in capsys.readouterr().err


# --- evaluate, rules


def test_evaluate_holds_to_its_floors(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A figure under its floor is named and the exit code is 1; the figures are written either way."""
    shutil.copytree(ROOT / "tests/pages/seed-003", tmp_path / "pages/seed-003")
    floors, out = tmp_path / "floors.toml", tmp_path / "scores" / "metrics.json"
    floors.write_text("[pages.page]\nf1 = 1.0\n", "utf-8")
    command = ["evaluate", str(tmp_path / "pages"), "--floors", str(floors), "--out", str(out)]
    assert main(command) == OK
    assert json.loads(out.read_text("utf-8"))["page"]["pages"] == 1
    floors.write_text("[pages.page]\nf1 = 1.01\n", "utf-8")
    assert main(command) == ERROR
    assert "page: f1 is 1.0, under its floor of 1.01" in capsys.readouterr().err


def test_a_rule_file_that_cannot_be_read_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The message names the file, the rule and what is missing."""
    rule = '[[rule]]\nid = "share/mine"\nline = "شارك"\nhits = ["شارك"]\n'
    (tmp_path / "share.toml").write_text(rule, "utf-8")
    assert main(["rules", "test", str(tmp_path)]) == ERROR
    message = capsys.readouterr().err
    assert "share.toml" in message and "share/mine" in message and "'why'" in message


# --- the command line itself


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["no-such"],
        ["page"],
        ["run", "only-one"],
        ["page", "--no-such", "x"],
        ["run", "a", "b", "--workers", "0"],
        ["rules", "--json"],
        ["evaluate", "--quiet"],
        ["audit", "--rules", "mine"],
        ["restore", "--out", "x.jsonl", "--params", "x.yaml"],
    ],
)
def test_a_wrong_command_line_is_code_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """So is an option that a command would have no use for: none is taken and passed over."""
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == USAGE
    assert "usage: ghirbal" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["run", "a", "b", "--workers", "x"], "argument --workers: 'x' is no whole number"),
        (["run", "a", "b", "--workers", "0"], "argument --workers: 0: one at least"),
        (["rules", "list", "mine"], "mine is a folder: `rules test mine` tests its rules, `--rules mine` adds"),
    ],
)
def test_a_wrong_argument_is_told_in_words(arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    """No name of a function of ours, and nothing that is given is passed over."""
    Path("mine").mkdir()
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == USAGE
    assert told in capsys.readouterr().err


def test_help_fits_a_terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """What argparse does not wrap for us is wrapped by hand: no line of the first help is over 80 characters."""
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit):
        main(["--help"])
    assert [line for line in capsys.readouterr().out.splitlines() if len(line) > 80] == []


def test_every_argument_is_explained() -> None:
    """What a command takes is told by its --help, each in words."""
    commands = next(action for action in make_parser()._actions if isinstance(action.choices, dict))
    for name, command in (commands.choices or {}).items():
        bare = [action.dest for action in command._actions if not action.help]
        assert bare == [], name


def test_help_states_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["--help"])
    assert stop.value.code == OK
    codes = " ".join(capsys.readouterr().out.split()).split("exit codes:")[1]
    assert all(f"{code} " in codes for code in (OK, ERROR, USAGE, REJECTED, INTERRUPTED))


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out == f"ghirbal {__version__}\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("quality: {min_wrds: 3}", "quality.min_wrds: no such parameter; near are quality.min_words"),
        ("run: {alarms: {page: 3}}", "near are run.alarms.pages"),
        ("quality: {min_words: many}", "quality.min_words"),
        ("run: [", "YAML"),
        ("release: {licence_text: CC-BY-4.0}", "release.licence_text: 'CC-BY-4.0' is a licence and no sentence"),
    ],
)
def test_a_wrong_parameter_is_named(text: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A misspelt or mistyped parameter is an error that names file and parameter, not a default."""
    params = tmp_path / "mine.yaml"
    params.write_text(text, "utf-8")
    assert main(["page", "--params", str(params), str(SEEDS[3])]) == ERROR
    message = capsys.readouterr().err
    assert "mine.yaml" in message and says in message


@pytest.mark.parametrize(
    ("number", "says"),
    [
        (errno.ENOSPC, "place: no space left on device; make room there, then run the same command again"),
        (errno.EROFS, "place: read-only file system; name another place"),
        (errno.ENOTDIR, "place: not a directory; a part of this path is a file"),
        (errno.EIO, "place: input/output error; look at the disk"),
    ],
)
def test_an_error_of_the_system_names_the_file_and_what_to_do(
    number: int, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also where the system itself names none, as where a disk is full while a file is written."""

    def fail(_: object) -> int:
        with replacing(tmp_path / "place"):
            raise OSError(number, "as a library puts it")

    monkeypatch.setattr(commands, "do_page", fail)
    assert main(["page", "x"]) == ERROR
    assert says in capsys.readouterr().err


def test_a_store_without_keys_is_an_error_that_says_which_to_set(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its library's errors are none of the system's."""
    errors = pytest.importorskip("botocore.exceptions")

    def fail(_: object) -> int:
        raise errors.NoCredentialsError

    monkeypatch.setattr(commands, "do_page", fail)
    assert main(["page", "x"]) == ERROR
    assert "AWS_ACCESS_KEY_ID" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("out", "more", "says"),
    [
        ("full", [], "full: holds something that is not a release"),
        ("page.txt", [], "page.txt: is a file"),
        ("old", [], "old/notes.txt: is of no release, and would be lost"),
        ("pages", [], "pages: is the source itself"),
        ("./full/../pages", [], "is the source itself"),
        ("out", ["--withdrawn", "nosuch.csv"], "nosuch.csv: not found; check the path"),
    ],
)
def test_what_would_stop_the_last_stage_is_told_before_the_first(
    out: str, more: list[str], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is read or written first."""
    for name in ("pages/a.txt", "full/something.txt", "page.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("نص", "utf-8")
    if out == "old":
        assert main(["run", "pages", "old", "--quiet"]) == REJECTED
        (tmp_path / "old" / "notes.txt").write_text("ملاحظات", "utf-8")
        capsys.readouterr()
    before = sorted(tmp_path.rglob("*"))
    assert main(["run", "pages", out, *more]) == ERROR
    assert says in capsys.readouterr().err
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    ("stage", "folder", "says"),
    [
        ("repair", "raw", "missing columns"),
        ("clean", "pages", "missing columns"),
        ("templates", "pages", "missing columns: id, outlet"),
        ("duplicates", "docs", "missing columns: id, parent_id"),
    ],
)
def test_a_strange_file_among_the_shards_is_named(
    stage: str, folder: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A table of something else or no table at all is no shard, for the stage (more of that: test_chain.py) and for the work
    itself, which an engine of one's own may hand it: the message says which file, and what to do."""
    (tmp_path / "data" / folder).mkdir(parents=True)
    odd, torn = (tmp_path / "data" / folder / f"{name}.parquet" for name in ("odd", "torn"))
    pl.DataFrame({"a": [1]}).write_parquet(odd)
    torn.write_text("PAR1", "utf-8")
    assert main([stage, "--quiet", "--workers", "1"]) == ERROR
    told = capsys.readouterr().err
    assert "data/raw: no shards of pages as they were read; begin with `ghirbal read SRC --build data`" in told
    work = {"repair": repair_shard, "clean": clean_shard, "templates": count_shard, "duplicates": sign_shard}[stage]
    for source, why in ((odd, says), (torn, "Parquet")):
        with pytest.raises(
            InvalidTable, match=rf"{source.name}: is no shard of this build: .*{why}.*; remove it from there, or run"
        ):
            work(source, tmp_path / "out", know=ship_knowledge())


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["foo://x", "out"], ERROR, "foo://x: addresses of this kind cannot be used"),
        (["pages", "foo://x"], USAGE, "argument OUT: foo://x: addresses of this kind cannot be used"),
        (["pages", "."], ERROR, ".: is no name for a release"),
        (["pages", "./"], ERROR, ".: is no name for a release"),
        (["pages", ".."], ERROR, "..: is no name for a release"),
        (["pages", "memory://"], ERROR, "memory://: is no name for a release"),
    ],
)
def test_a_place_that_is_none_is_a_clear_error(
    arguments: list[str], code: int, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An address of no known kind, a place without a name: no traceback, no name of a function, nothing written."""
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "a.txt").write_text("نص", "utf-8")
    try:
        assert main(["run", *arguments]) == code
    except SystemExit as left:
        assert left.code == code
    assert says in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["pages"]


def test_an_address_of_this_machine_is_a_path(tmp_path: Path) -> None:
    """So that what it shares with other paths is seen."""
    assert to_path(f"file://{tmp_path}/release") == tmp_path / "release"


def test_a_missing_file_is_an_error_that_names_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["page", "no-such-page.txt"]) == ERROR
    assert "no-such-page.txt" in capsys.readouterr().err


def test_a_fault_of_the_program_shows_where_it_arose(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what a person can mend becomes one line; a ValueError of ours keeps its traceback."""

    def fail(_: object) -> int:
        raise ValueError("a list is empty that never is")

    monkeypatch.setattr(commands, "do_page", fail)
    with pytest.raises(ValueError, match="never is"):
        main(["page", "x.txt"])


def test_every_error_for_people_is_caught_by_one_name() -> None:
    """A class that ends in Error or names a failure is a UserError, or says in the code why not."""
    from etl.errors import UserError

    found = {
        name: kind
        for path in sorted((ROOT / "etl").rglob("*.py"))
        if path.name not in ("__main__.py", "ray.py")
        for name, kind in vars(import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))).items()
        if isinstance(kind, type) and issubclass(kind, Exception) and kind.__module__.startswith("etl.")
    }
    # All are caught within the package: two become the verdict of a page, one makes the runner try again.
    others = {name for name, kind in found.items() if not issubclass(kind, UserError)}
    assert others == {"BinaryData", "Fault", "_NotStarted"}
    assert len(found) > 10


def test_an_error_is_an_event_where_events_are_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    """A machine that reads stderr a line of JSON at a time reads the error too."""
    assert main(["run", "nosuch", "out", "--json"]) == ERROR
    [*_, last] = lines_of(capsys.readouterr().err)
    assert last["event"] == "error" and last["text"].startswith("nosuch: ")


def test_ctrl_c_says_how_to_go_on(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def stop(given: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(commands, "do_page", stop)
    assert main(["page", "x"]) == INTERRUPTED
    assert "run the same command again" in capsys.readouterr().err


def test_a_reader_that_leaves_early_is_no_error() -> None:
    """`ghirbal page … | head` ends quietly."""
    code = (
        "import sys; from etl import cli, commands\n"
        "commands.do_page = lambda given: [print('x' * 99) for _ in range(99999)] and 0\n"
        "sys.exit(cli.main(['page', 'x']))"
    )
    command = [sys.executable, "-c", code]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None and process.stderr is not None
    process.stdout.read(10)
    process.stdout.close()
    assert (process.stderr.read(), process.wait()) == (b"", OK)
