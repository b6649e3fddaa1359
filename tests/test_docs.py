"""What the documents show is what the program does: their commands are run, and their output compared.

A `console` block holds commands after `$ ` and what they print; a `pycon` block is a Python session; a block
with a file name after its language is written to that file first. `[…]` in output stands for text left out:
within a line for some characters, alone on a line for some lines. The isolates that give Arabic its direction on
a terminal are left out.
"""

from __future__ import annotations

import argparse
import doctest
import re
import shlex
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml

import etl
import etl.card_facts
from benchmarks.shared import find_corpora, find_shared
from etl.cli import main, make_parser
from etl.params import Params, read_params
from etl.privacy import CHECKED
from etl.reasons import list_verdicts
from etl.repair.misread import WAYS
from etl.withdrawal import read_withdrawn
from schemas.__main__ import tables

ROOT = Path(__file__).parents[1]
NAMES = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "data/README.md", "seeds/README.md")
PAGES = [*(ROOT / name for name in NAMES), *sorted((ROOT / "docs").glob("*.md"))]
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ISOLATES = re.compile("[\u2066-\u2069]")
# Characters that turn the direction of what follows: in a document they hide what stands where.
TURNS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
GAP = "[…]"


def blocks(page: Path) -> list[tuple[str, str, str]]:
    """Document -> its fenced blocks: language, file name, content."""
    return [(language, name or "", body) for language, name, body in BLOCK.findall(page.read_text("utf-8"))]


def sessions(body: str) -> Iterator[tuple[str, str]]:
    """Console block -> each command and what it printed."""
    for part in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        yield command, output


def fits(shown: str, real: str) -> bool:
    """Whether real output is what a document shows, gaps aside."""
    lines = shown.rstrip("\n").split("\n")
    pattern = ""
    for number, line in enumerate(lines):
        last = number == len(lines) - 1
        if line == GAP:
            pattern += r"(?:.*\n)*?" if not last else r"(?:.*\n)*"
        else:
            pattern += re.escape(line.rstrip()).replace(re.escape(GAP), ".*") + r"[ \t]*\n"
    return re.fullmatch(pattern, ISOLATES.sub("", real).rstrip("\n") + "\n") is not None


class Checker(doctest.OutputChecker):
    """Compares the output of a Python session as that of a command is compared."""

    def check_output(self, want: str, got: str, optionflags: int) -> bool:
        return fits(want, got) if want and got else want == got


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder like a checkout; a run that releases to `release` is its build: `data`, with `data/release`."""
    import datasets.config

    for name in ("seeds", "params.yaml"):
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "release.build").mkdir()
    (tmp_path / "release.build" / "release").symlink_to(tmp_path / "release")
    (tmp_path / "data").symlink_to(tmp_path / "release.build")
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run_command(command: str, capsys: pytest.CaptureFixture[str]) -> str:
    """Run a command of a document, in this process; return what it printed."""
    program, *arguments = shlex.split(command)
    if program == "cat":
        return "".join(Path(name).read_text("utf-8") for name in arguments)
    assert program == "ghirbal", f"cannot run {command!r} here"
    capsys.readouterr()
    main(arguments)
    printed = capsys.readouterr()
    return printed.out + printed.err


def told(document: str, command: str, shown: str, real: str) -> str:
    """What to say of output that is not what a document shows."""
    real = ISOLATES.sub("", real)
    return f"{document}: `{command}` prints something else\n--- shown\n{shown}\n--- real\n{real}"


@each_page
def test_what_a_document_shows_is_what_happens(page: Path, desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Files it shows are written, its commands and Python sessions run in order, and print what it says."""
    names: dict[str, Any] = {}
    for language, file, body in blocks(page):
        if file:
            (desk / file).parent.mkdir(parents=True, exist_ok=True)
            (desk / file).write_text(body, "utf-8")
        elif language == "console":
            for command, shown in sessions(body):
                real = run_command(command, capsys)
                assert fits(shown, real), told(page.name, command, shown, real)
        elif language == "pycon":
            session = doctest.DocTestParser().get_doctest(body, names, page.name, str(page), 0)
            report: list[str] = []
            doctest.DocTestRunner(Checker(), verbose=False).run(session, out=report.append, clear_globs=False)
            names = session.globs
            assert not report, "".join(report)


def test_output_that_differs_is_noticed() -> None:
    """A gap stands for what is left out and for nothing else."""
    assert fits("a […] d\n[…]\nz\n", "a b c d\n1\n2\nz\n")
    assert fits("a\n[…]\n", "a\n")
    assert fits("a\n", "\u2068a\u2069\n")
    assert not fits("a […] d\n", "a b c e\n")
    assert not fits("a\nz\n", "a\n1\nz\n")
    assert not fits("a\n", "a\nb\n")


def commands() -> set[str]:
    """The commands that there are."""
    actions = make_parser()._actions
    return {name for action in actions if isinstance(action, argparse._SubParsersAction) for name in action.choices}


@each_page
def test_documents_name_what_exists(page: Path) -> None:
    """Commands are commands, links lead somewhere, and no hidden character turns the text around."""
    text = page.read_text("utf-8")
    code = "\n".join(re.findall(r"`[^`]+`|^\$ .*$", text, re.MULTILINE))
    assert set(re.findall(r"(?:ghirbal|python -m etl) ([a-z]+)", code)) <= commands()
    for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text):
        assert link.startswith("https://") or (page.parent / link).exists(), link
    assert not TURNS.search(text)


def test_the_readme_tells_of_every_command() -> None:
    table = (ROOT / "README.md").read_text("utf-8").split("\n## Commands\n")[1].split("\n## ")[0]
    assert {name for name in commands() if not re.search(rf"`(?:ghirbal )?{name}\b", table)} == set()


def test_the_figures_of_the_readme_are_the_floors() -> None:
    """What the README claims of quality is what floors.toml demands, every figure of it, in its order."""
    floors = tomllib.loads((ROOT / "tests" / "floors.toml").read_text("utf-8"))
    wanted = [value for corpus in ("pages", "shared") for kind in floors[corpus].values() for value in kind.values()]
    part = (ROOT / "README.md").read_text("utf-8").split("\n## How good it is\n")[1].split("\n## ")[0]
    assert [float(value) for value in re.findall(r"\| ([01]\.\d+) \|$", part, re.MULTILINE)] == wanted


def test_the_rule_of_floors_is_the_same_wherever_it_stands() -> None:
    """They rise, or are lowered with a reason: the floors themselves, README and CONTRIBUTING say so in the same words."""
    for name in ("README.md", "CONTRIBUTING.md", "tests/floors.toml"):
        told = " ".join((ROOT / name).read_text("utf-8").replace("\n#", "\n").split())
        assert "rise, or are lowered with a reason at the head of the file" in told, name


def test_readme_and_card_call_the_blind_pages_the_same() -> None:
    """What was looked at afterwards is said wherever its scores stand."""
    part = (ROOT / "README.md").read_text("utf-8").split("\n## How good it is\n")[1].split("\n## ")[0]
    assert f"| {etl.card_facts._PAGES['blind']} | precision of the body |" in part


def test_the_shared_folder_is_found_in_one_place_and_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside the checkout unless the variable names another; an empty one names none. Who reads tests or benchmarks learns of it."""
    monkeypatch.setenv("GHIRBAL_SHARED", "/elsewhere/pages")
    assert find_shared() == Path("/elsewhere/pages")
    for unset in (lambda: monkeypatch.setenv("GHIRBAL_SHARED", ""), lambda: monkeypatch.delenv("GHIRBAL_SHARED")):
        unset()
        assert find_shared() == ROOT.resolve().parent / "shared"
    asked = 'environ.get("' + "GHIRBAL_SHARED"
    code = [file for folder in ("etl", "schemas", "benchmarks", "tests") for file in (ROOT / folder).rglob("*.py")]
    assert [file.name for file in code if asked in file.read_text("utf-8")] == ["shared.py"]
    for name in ("benchmarks/README.md", "CONTRIBUTING.md"):
        assert "`GHIRBAL_SHARED` names" in (ROOT / name).read_text("utf-8"), name


def test_every_event_of_a_run_is_listed() -> None:
    """docs/runs.md names each that the code tells by a literal name."""
    code = "\n".join(file.read_text("utf-8") for file in (ROOT / "etl").rglob("*.py"))
    events = set(re.findall(r"""(?:\.warn\(|tell_end\(|_tell\(event=)"([^"]+)\"""", code))
    assert {"start", "shard", "end", "alarm", "withdrawn", "stopped"} <= events
    told = (ROOT / "docs" / "runs.md").read_text("utf-8").split("\n## What it tells\n")[1].split("\n\n")[0]
    assert [event for event in sorted(events) if f"`{event}`" not in told] == []


def test_a_benchmark_without_its_articles_says_what_is_missing(tmp_path: Path) -> None:
    """It ends with the folder's name, and does not measure nothing."""
    with pytest.raises(SystemExit, match=re.escape(str(tmp_path))):
        find_corpora(tmp_path)
    (tmp_path / "a.parquet").touch()
    assert find_corpora(tmp_path) == [tmp_path / "a.parquet"]


def test_the_table_of_rule_keys_is_whole() -> None:
    """docs/rules.md tells of every key that a rule may have, and of no other."""
    table = (ROOT / "docs" / "rules.md").read_text("utf-8").split("| key | what to write |")[1].split("\n\n")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == etl.rules._KEYS


def test_what_documents_write_is_ignored_by_git() -> None:
    """Who tries the examples in a clone has nothing to clean up: files and folders they make are in .gitignore."""
    ignored = (ROOT / ".gitignore").read_text("utf-8").split()
    made = {name for page in PAGES for _, name, _ in blocks(page) if name} - {"overrides.toml"}
    for page in PAGES:
        for out in re.findall(r"^\$ ghirbal run \S+ (\S+)", page.read_text("utf-8"), re.MULTILINE):
            made |= {f"{out}/", f"{out}.build/"}
        made |= set(re.findall(r"--out (\S+\.jsonl)", page.read_text("utf-8")))
    assert {"release/", "release.build/", "back.jsonl", "page.txt"} <= made
    wanted = {f"/{name}" if "/" not in name else f"/{name.split('/')[0]}/" for name in made}
    assert [name for name in sorted(wanted) if not any(fnmatch(name, pattern) for pattern in ignored)] == []


BENCHMARKS = ROOT / "benchmarks" / "README.md"


def test_the_plan_for_many_pages_counts_with_what_was_measured() -> None:
    """The cost of each stage in docs/scale.md is that of the largest run in benchmarks/README.md."""
    said = BENCHMARKS.read_text("utf-8").split("µs `read` takes")[1]
    measured = dict(re.findall(r"`(\w+)` ([\d,]+)[,.]", f"`read`{said}"))
    scale = (ROOT / "docs" / "scale.md").read_text("utf-8")
    plan = dict(re.findall(r"^\| (\w+)(?:[:( ][^|]*)? \| ([\d.]+) \| [\d,]+ \| ", scale, re.MULTILINE))
    assert set(plan) == {"read", "repair", "templates", "clean", "duplicates", "release"}
    assert {name: round(1000 * float(ms)) for name, ms in plan.items()} == {
        name: int(measured[name].replace(",", "")) for name in plan
    }


def test_every_misreading_has_its_row() -> None:
    """benchmarks/README.md says how often each kind of misreading that is repaired comes back to the character."""
    names = {
        "latin1": "latin-1",
        "latin9": "Latin-9",
        "macroman": "MacRoman",
        "utf8": "UTF-8",
        "macarabic": "MacArabic",
        "koi8r": "KOI8-R",
        "cp1252-lowered": "cp1252 made small",
    }
    rows = BENCHMARKS.read_text("utf-8").split("| damage | articles |")[1].split("\n\n")[0]
    told = set()
    for row in rows.split("\n"):
        for kind in row.split("|")[1].split(";") if row.startswith("| ") else ():
            written, _, read = kind.strip().replace(" read as ", " as ").partition(" as ")
            told |= {(written, name.removeprefix("as ")) for name in read.split(", ")}
    for way in WAYS:
        written, read = way.removeprefix("repair/").split("-as-")
        assert (names.get(written, written).replace("iso", "ISO"), names.get(read, read)) in told, way


def test_what_reading_the_masks_gave_has_its_place() -> None:
    """The figures on the card of what the mask finds are in benchmarks/README.md, with the corpora they are of."""
    part = BENCHMARKS.read_text("utf-8").split("\n## Personal data\n")[1].split("\n## ")[0]
    for figure in (
        f"{CHECKED['articles']:,} articles",
        f"{CHECKED['spans']} spans",
        f"{100 * CHECKED['high']:.2f} %".lstrip("0"),
    ):
        assert figure in part


def test_what_needs_a_remote_is_promised_only_with_one() -> None:
    """As long as .dvc/config names no remote, the README says that there is none, and CONTRIBUTING how to name one."""
    has = "remote" in (ROOT / ".dvc" / "config").read_text("utf-8")
    assert ("has no DVC remote" in (ROOT / "README.md").read_text("utf-8")) == (not has)
    assert "dvc remote add -d" in (ROOT / "CONTRIBUTING.md").read_text("utf-8")


def project() -> dict[str, Any]:
    """What pyproject.toml says of the project."""
    return dict(tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"])


def test_one_version_names_all() -> None:
    """Code, dataset, citation and the newest entry of the changelog carry the same version."""
    version = project()["version"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert newest is not None
    assert {version, etl.__version__, citation["version"], newest[1]} == {version}
    assert read_params(ROOT / "params.yaml").release.version == version


def test_the_changelog_speaks_of_code_and_data() -> None:
    """Each version says what changed for people who run the code, and for people who use the data."""
    versions = re.split(r"^## ", (ROOT / "CHANGELOG.md").read_text("utf-8"), flags=re.MULTILINE)[1:]
    assert versions
    assert not re.search(r"no longer|\brose\b|, after \d", versions[-1]), "the first version has no other before it"
    for entry in versions:
        assert re.findall(r"^### (.+)$", entry, re.MULTILINE) == ["Code", "Data"], entry.splitlines()[0]


def test_the_citation_is_valid() -> None:
    """CITATION.cff has what version 1.2.0 of the format requires, and no key that it does not know."""
    told = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert told["cff-version"] == "1.2.0" and told["type"] == "software"
    required = {"cff-version", "message", "title", "authors"}
    known = {"type", "version", "abstract", "keywords", "license", "date-released", "repository-code", "url"}
    assert required <= set(told) <= required | known
    assert all(isinstance(told[key], str) for key in ("message", "title", "version", "abstract", "license"))
    assert told["authors"] and all(set(author) == {"name"} for author in told["authors"])
    assert told["license"] == project()["license"]


def test_both_locks_name_the_same_packages() -> None:
    """requirements.lock says what uv.lock says, so that pip and uv install the same; it holds no address."""
    text = (ROOT / "requirements.lock").read_text("utf-8")
    pinned = dict(re.findall(r"^([a-z0-9._-]+)(?:\[[^]]*\])?==([^ ;\n]+)", text, re.MULTILINE))
    locked: dict[str, set[str]] = {}
    for package in tomllib.loads((ROOT / "uv.lock").read_text("utf-8"))["package"]:
        locked.setdefault(package["name"], set()).add(package.get("version", ""))
    assert len(pinned) > 50 and {"polars", "dvc", "pytest"} <= set(pinned)
    wrong = {name: version for name, version in pinned.items() if version not in locked.get(name, set())}
    assert wrong == {}, "run `make lock`"
    assert not re.search(r"^-|file:|://|(?<![\w.])/\w", text, re.MULTILINE)


def test_the_lock_is_of_these_dependencies() -> None:
    """uv.lock was made from the dependencies that pyproject.toml states; else an install would lack some."""
    locked = tomllib.loads((ROOT / "uv.lock").read_text("utf-8"))["package"]
    [own] = [package for package in locked if package["name"] == project()["name"]]
    extras = project()["optional-dependencies"]
    stated = {*project()["dependencies"], *(entry for entries in extras.values() for entry in entries)}
    names = {re.split(r"[\[<>=!~ ]", entry)[0].lower() for entry in stated}
    ranges = {(entry["name"], entry.get("specifier", "")) for entry in own["metadata"]["requires-dist"]}
    assert {name for name, _ in ranges} == names, "run `make lock`"
    assert all(any(entry.endswith(wanted) for entry in stated) for _, wanted in ranges), "run `make lock`"
    assert set(own["metadata"]["provides-extras"]) == set(extras)


def stages() -> dict[str, Any]:
    """The stages of dvc.yaml."""
    return dict(yaml.safe_load((ROOT / "dvc.yaml").read_text("utf-8"))["stages"])


def outputs(stage: dict[str, Any]) -> set[str]:
    """Paths that a stage writes."""
    listed = [*stage.get("outs", []), *stage.get("metrics", [])]
    return {path for entry in listed for path in ([entry] if isinstance(entry, str) else entry)}


def test_every_stage_is_a_command_and_declares_what_it_reads() -> None:
    """Its command parses; what it reads is in the checkout or made by a stage; its parameters exist."""
    made = {path for stage in stages().values() for path in outputs(stage)}
    for name, stage in stages().items():
        program, *arguments = shlex.split(stage["cmd"])
        assert [program, *arguments[:2]] == ["python", "-m", "etl"]
        make_parser().parse_args(arguments[2:])
        assert {"etl", "schemas"} <= set(stage["deps"]), name
        assert all(path in made or (ROOT / path).exists() for path in stage["deps"]), name
        assert set(stage.get("params", ())) <= set(Params.model_fields), name


def test_every_group_of_parameters_is_watched() -> None:
    """All groups but `run`, which changes no byte, are declared: a new threshold runs what depends on it."""
    watched = {group for stage in stages().values() for group in stage.get("params", ())}
    assert watched == set(Params.model_fields) - {"run"}


def test_the_example_of_a_withdrawal_is_one(tmp_path: Path) -> None:
    """What the README shows of withdrawn.csv is read as it stands, and its columns are those of this project's."""
    [example] = [body for language, _, body in blocks(ROOT / "README.md") if language == "csv"]
    (tmp_path / "withdrawn.csv").write_text(example, "utf-8")
    assert read_withdrawn(tmp_path / "withdrawn.csv").drop("date").rows() == [
        ("url", "https://example.com/news/1", "Asked by the author")
    ]
    assert example.split("\n")[0] == (ROOT / "withdrawn.csv").read_text("utf-8").split("\n")[0]


def test_all_verdicts_are_listed() -> None:
    """docs/schema.md has a line on each verdict that a reason is written down for."""
    listed = (ROOT / "docs" / "schema.md").read_text("utf-8").partition("## Verdicts")[2]
    for verdict, why in list_verdicts().items():
        assert f"| `{verdict}` | {why} |" in listed


def test_the_column_tables_are_those_of_the_schemas() -> None:
    """docs/schema.md is printed by `python -m schemas`, and holds every table of a release."""
    shown = (ROOT / "docs" / "schema.md").read_text("utf-8")
    assert shown == tables(), "run: python -m schemas > docs/schema.md"
