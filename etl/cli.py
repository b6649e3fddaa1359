"""The command line: what each command takes. No logic lives here; what a command does stands in etl/commands.py."""

from __future__ import annotations

import argparse
import atexit
import contextlib
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from etl import __version__, commands
from etl.commands import ERROR, INTERRUPTED, OK
from etl.errors import UserError, mendable, tell_error
from etl.paths import to_path
from etl.progress import tell_end, tell_stopping
from etl.stops import Stopped, heard

_SOURCE = "a folder or file of pages, hf://OWNER/NAME, or an address such as s3://BUCKET/PAGES"
EPILOG = """exit codes:
  0    all well
  1    an error; the last good release is untouched (at an address: unless
       files were being copied there)
  2    the command line is wrong
  3    some input was rejected and everything else was done (`run` and
       `page`; one stage alone calls that 0)
  130  stopped by Ctrl-C: run the same command again to go on
  143  stopped by SIGTERM (docker stop, systemd, Slurm, timeout): the same"""


def _place(text: str) -> Path:
    """Argument -> the path or address that it names."""
    try:
        return to_path(text)
    except UserError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _take_build(parser: argparse.ArgumentParser, kind: Callable[[str], Path] = Path) -> None:
    told = "the build's folder (default: data)"
    parser.add_argument("--build", type=kind, default=Path("data"), metavar="DIR", help=told)


def _take_release(parser: argparse.ArgumentParser) -> None:
    told = "its release (default: release in the build's folder, or OUT of OUT.build)"
    parser.add_argument("--release", type=Path, metavar="DIR", help=told)


def _take_rules(parser: argparse.ArgumentParser, told: str = "") -> None:
    told = f"a folder of rules of your own{told}"
    parser.add_argument("--rules", type=Path, metavar="DIR", action="append", help=told)


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    parser = argparse.ArgumentParser(
        prog="ghirbal", description="A sieve for scraped Arabic news pages.", epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("--version", action="version", version=f"ghirbal {__version__}")
    parsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    known = argparse.ArgumentParser(add_help=False)
    told = "parameters (default: params.yaml here, else the defaults)"
    known.add_argument("--params", type=Path, metavar="FILE", help=told)
    _take_rules(known, ", beside the shipped ones")
    known.add_argument("--json", action="store_true", help="events and results as JSON, for machines")
    workers = argparse.ArgumentParser(add_help=False)
    workers.add_argument("--quiet", action="store_true", help="no progress")
    workers.add_argument("--workers", type=whole_number, metavar="N", help="worker processes (default: one a core)")
    workers.add_argument("--runner", choices=("local", "ray"), help="where shards are worked on (default: local)")
    workers.add_argument("--address", metavar="HOST:PORT", help="of a Ray cluster (default: one is started here)")

    decided = argparse.ArgumentParser(add_help=False)
    which = decided.add_mutually_exclusive_group()
    which.add_argument(
        "--overrides",
        type=Path,
        metavar="FILE",
        help="what people decided of single cuts (default: overrides.toml here, if it is there)",
    )
    which.add_argument("--no-overrides", action="store_true", help="none, though an overrides.toml lies here")
    leaving = argparse.ArgumentParser(add_help=False)
    leaving.add_argument(
        "--withdrawn",
        type=Path,
        metavar="FILE",
        help="documents to leave out on request (default: withdrawn.csv here, if it is there)",
    )
    leaving.add_argument(
        "--replace", action="store_true", help="lose a release of the same version with other content that lies there"
    )

    page = parsers.add_parser("page", parents=[decided], help="clean one page, or some, and print the article")
    page.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="a page, a folder or a file of them, - for stdin"
    )
    page.add_argument("--explain", action="store_true", help="the page with every cut shown in place, and its rule")
    page.add_argument("--json", dest="as_json", action="store_true", help="one JSON object a line, with the cuts")
    page.add_argument("--templates", type=Path, metavar="FILE", help="lines that a corpus has taught")
    page.add_argument("--day-order", type=Path, metavar="FILE", help="which of day and month its outlets write first")
    page.add_argument("--params", type=Path, metavar="FILE", help="parameters")
    _take_rules(page)
    page.set_defaults(do=commands.do_page)

    run = parsers.add_parser(
        "run", parents=[known, workers, decided, leaving], help="a folder or file of pages -> a release"
    )
    run.add_argument("source", metavar="SRC", help=_SOURCE)
    run.add_argument(
        "out",
        type=_place,
        metavar="OUT",
        help="the release, here or at s3://…; working files go to OUT.build beside it",
    )
    run.set_defaults(do=commands.do_run)

    for name, what in (
        ("read", "files of pages -> build/raw"),
        ("repair", "raw -> pages"),
        ("templates", "pages -> templates"),
        ("clean", "pages -> docs"),
        ("duplicates", "docs -> duplicates"),
        ("release", "docs -> release"),
    ):
        parents = [known, workers, *([decided] if name in ("clean", "duplicates", "release") else [])]
        parents += [leaving] if name == "release" else []
        stage = parsers.add_parser(name, parents=parents, help=f"stage: {what}")
        if name == "read":
            stage.add_argument("source", metavar="SRC", help=_SOURCE)
        if name == "release":
            stage.add_argument(
                "--changelog", type=Path, metavar="FILE", help="CHANGELOG.md: what the card says changed"
            )
        _take_build(stage, _place)
        stage.set_defaults(do=commands.do_stage)

    score = parsers.add_parser(
        "evaluate", parents=[known, decided], help="score text and fields on pages with a known answer"
    )
    score.add_argument("folder", type=Path, nargs="?", default=Path("tests/pages"), metavar="FOLDER",
        help="pages with their body.txt and fields.json (default: tests/pages)")  # fmt: skip
    score.add_argument("--out", type=Path, metavar="FILE", help="write the figures as JSON")
    score.add_argument("--floors", type=Path, metavar="FILE", help="fail where a figure is under its floor")
    score.add_argument(
        "--corpus", default="pages", metavar="NAME", help="the floors' table for this folder (default: pages)"
    )
    score.set_defaults(do=commands.do_evaluate)

    rules = parsers.add_parser(
        "rules",
        help="the rules as a table, or those named with what they did; `rules test DIR` checks your own",
        usage="%(prog)s [options] [[list] RULE ... | test DIR ...]",
    )
    rules.add_argument(
        "what",
        nargs="*",
        metavar="RULE",
        help="a rule or a family, as related/see-also or related: these alone, with examples (default: all rules); or `test` and "
        "folders of rules of your own",
    )
    rules.add_argument(
        "--build", type=Path, default=Path("data"), metavar="DIR", help="the build whose hits are counted"
    )
    _take_rules(rules, ", beside the shipped ones")
    rules.set_defaults(do=commands.do_rules, refuse=rules.error)
    _add_reviews(parsers)
    _add_questions(parsers)

    diff = parsers.add_parser("diff", help="what changed between two releases, and the version that says so")
    diff.add_argument("old", metavar="OLD", help="a release's folder, or a git revision, such as v0.1.0 or HEAD~1")
    diff.add_argument(
        "new", metavar="NEW", help="the same; of a revision DVC brings the release that its dvc.lock names"
    )
    form = diff.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="all of it as JSON")
    form.add_argument("--markdown", action="store_true", help="a changelog entry and the table of rules")
    diff.set_defaults(do=commands.do_diff)

    publish = parsers.add_parser("publish", help="put a release on a Hub under its version's tag, and read it back")
    publish.add_argument("release", type=Path, metavar="RELEASE", help="the release's folder")
    publish.add_argument("repo", metavar="OWNER/NAME", help="the dataset; it is created if need be")
    publish.add_argument("--private", action="store_true", help="create it as a private one")
    publish.add_argument(
        "--dry-run", action="store_true", help="check the release, the token and the version; change nothing"
    )
    publish.set_defaults(do=commands.do_publish)
    return parser


def _add_reviews(parsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands of the review page and of what people say on it."""
    made = argparse.ArgumentParser(add_help=False)
    _take_build(made)
    _take_release(made)
    made.add_argument("--json", action="store_true", help="what was made, as JSON, for machines")
    made.add_argument("--seed", type=int, default=7, metavar="N", help="seed of the sample (default: 7)")

    report = parsers.add_parser("report", parents=[made], help="a page on which every cut can be read and disputed")
    _take_rules(report)
    report.add_argument(
        "--out", type=Path, metavar="DIR", help="where to write it (default: report in the build's folder)"
    )
    report.add_argument("--sample", type=int, metavar="N", help="show at most N pages (default: all that fit)")
    report.add_argument("--size-mb", type=float, default=20, metavar="MB", help="size of the page (default: 20)")
    report.set_defaults(do=commands.do_report)

    review = parsers.add_parser("review", help="`review apply FILE`: opinions become overrides that builds obey")
    review.add_argument("action", choices=("apply",), help="write the opinions of FILE into the overrides")
    review.add_argument("review", type=Path, metavar="FILE", help="review.jsonl, exported from the review page")
    review.add_argument(
        "--overrides", type=Path, default=Path("overrides.toml"), metavar="FILE", help="(default: overrides.toml)"
    )
    _take_rules(review)
    review.set_defaults(do=commands.do_review)

    audit = parsers.add_parser("audit", parents=[made], help="draw a sample to judge, or read the error rates from it")
    audit.add_argument("--sample", type=int, default=400, metavar="N", help="pieces to judge (default: 400)")
    audit.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help="where sample and rates lie (default: audit in the build's folder, from where alone the card takes them)",
    )
    audit.add_argument(
        "--opinions", type=Path, metavar="FILE", help="review.jsonl with the judgements: write the rates"
    )
    audit.set_defaults(do=commands.do_audit)


def _add_questions(parsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands that ask a build."""
    asked = argparse.ArgumentParser(add_help=False)
    _take_build(asked)
    _take_release(asked)
    _take_rules(asked)
    judged = argparse.ArgumentParser(add_help=False)
    judged.add_argument("--params", type=Path, metavar="FILE", help="the parameters the build was made with")

    explain = parsers.add_parser("explain", parents=[asked, judged], help="what happened to a document, or a phrase")
    explain.add_argument("id", metavar="ID", help="the document's id")
    explain.add_argument("--at", metavar="TEXT", help="only what happened to this phrase of it")
    explain.set_defaults(do=commands.do_explain)

    restore = parsers.add_parser("restore", parents=[asked], help="the build's texts with cuts given back")
    restore.add_argument(
        "--rule", action="append", default=[], metavar="FAMILY/NAME", help="cuts to give back; or a family"
    )
    restore.add_argument("--id", action="append", default=[], metavar="ID", help="only these documents")
    restore.add_argument("--out", type=Path, required=True, metavar="FILE", help="where to write: .jsonl or .parquet")
    restore.set_defaults(do=commands.do_restore)

    whatif = parsers.add_parser(
        "whatif", parents=[asked, judged], help="how many documents would enter or leave, from stored scores"
    )
    whatif.add_argument("changes", nargs="+", metavar="NAME=VALUE", help="as in quality.min_words=80")
    whatif.add_argument("--samples", type=int, default=5, metavar="N", help="samples of each (default: 5)")
    whatif.add_argument("--json", action="store_true", help="the answer as JSON, for machines")
    whatif.set_defaults(do=commands.do_whatif)


def whole_number(text: str) -> int:
    """Argument -> a number of at least one."""
    try:
        number = int(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number") from error
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text}: one at least")
    return number


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return its exit code."""
    parser = make_parser()
    given = parser.parse_args(arguments)
    as_json = getattr(given, "json", False)
    try:
        with heard(partial(tell_stopping, as_json)):
            return int(given.do(given))
    except KeyboardInterrupt as stopped:
        tell_end("stopped", "what is done is kept: run the same command again to go on", as_json)
        return stopped.code if isinstance(stopped, Stopped) else INTERRUPTED
    except BrokenPipeError:
        # The reader of our output has gone (`| head`): nothing more to say, and nothing to flush at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except mendable() as error:
        tell_end("error", str(tell_error(error)), as_json)
        return ERROR


def run() -> None:
    """Run the command line and end the process at once when all is written and closed.

    A thread that a library of C++ has left running aborts an ordinary end now and then ("terminate called without an active
    exception"), after the work is done and its shards are flushed; a build would take that for a failure.
    """
    code = main()
    atexit._run_exitfuncs()
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)
