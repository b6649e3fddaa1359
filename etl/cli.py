"""The command line. No logic lives here: each command reads its arguments and calls one function."""

from __future__ import annotations

import argparse
import atexit
import contextlib
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from etl.errors import UserError, mendable, tell_error
from etl.paths import to_path
from etl.progress import tell_end

if TYPE_CHECKING:
    from etl.build import Build
    from etl.knowledge import Knowledge
    from etl.params import Params

OK, ERROR, USAGE, REJECTED, INTERRUPTED = 0, 1, 2, 3, 130
_SOURCE = "a folder or file of pages, hf://OWNER/NAME, or an address such as s3://BUCKET/PAGES"
EPILOG = """exit codes:
  0    all well
  1    an error; the last good release is untouched (at an address: unless
       files were being copied there)
  2    the command line is wrong
  3    some input was rejected and everything else was done (`run` and
       `page`; one stage alone calls that 0)
  130  stopped by Ctrl-C: run the same command again to go on"""


def _place(text: str) -> Path:
    """Argument -> the path or address that it names."""
    try:
        return to_path(text)
    except UserError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _file(given: argparse.Namespace, name: str, usual: str) -> Path | None:
    """Return the file that an option names, or the usual one of the working folder, where it lies there; none of a command without the option."""
    if not hasattr(given, name) or getattr(given, f"no_{name}", False):
        return None
    return getattr(given, name) or (Path(usual) if Path(usual).exists() else None)


def _files(given: argparse.Namespace) -> dict[str, Path | None]:
    """Return what a build takes from the working folder or from files that are named, by the option that names them."""
    usual = {"params": "params.yaml", "overrides": "overrides.toml", "withdrawn": "withdrawn.csv"}
    return {name: _file(given, name, file) for name, file in usual.items()}


def _params(given: argparse.Namespace) -> Params:
    from etl.params import read_params

    return read_params(_files(given)["params"])


def _knowledge(given: argparse.Namespace) -> Knowledge:
    from etl.knowledge import load_knowledge
    from etl.review import read_overrides
    from etl.template_table import read_templates

    templates = getattr(given, "templates", None)
    overrides = _files(given)["overrides"]
    return load_knowledge(
        _params(given),
        given.rules,
        read_templates(templates) if templates else None,
        read_overrides(overrides) if overrides else None,
    )


def _build(given: argparse.Namespace, folder: Path) -> Build:
    from etl.build import Build
    from etl.progress import choose_progress
    from etl.runners import choose_runner

    know = _knowledge(given)
    run = know.params.run
    name = given.runner or run.runner
    address = given.address or (run.address if name == "ray" else None)
    runner = choose_runner(name, given.workers or run.workers, address)
    return Build(folder, know, runner, choose_progress(as_json=given.json, quiet=given.quiet))


def _page(given: argparse.Namespace) -> int:
    from etl.show import print_pages

    form = "json" if given.as_json else "explain" if given.explain else None
    rejected, failed = print_pages(given.files, _knowledge(given), form)
    return ERROR if failed else REJECTED if rejected else OK


def _run(given: argparse.Namespace) -> int:
    from etl.build import run, work_folder
    from etl.summary import print_summary

    build = _build(given, work_folder(given.out))
    files = _files(given)
    totals = run(given.source, given.out, build, files["withdrawn"])
    print_summary(totals, files, as_json=given.json)
    return REJECTED if totals["rejected_input"] else OK


def _stage(name: str) -> Callable[[argparse.Namespace], int]:
    def work(given: argparse.Namespace) -> int:
        from etl import build as stages
        from etl.summary import print_summary

        build = _build(given, given.build)
        if name == "read":
            stages.make_raw(build, given.source)
        elif name == "release":
            files = _files(given)
            totals = stages.make_release(build, build.path("release"), files["withdrawn"], given.changelog)
            print_summary(totals, files, as_json=given.json)
        else:
            {
                "repair": stages.make_pages,
                "templates": stages.make_templates,
                "clean": stages.make_docs,
                "duplicates": stages.make_duplicates,
            }[name](build)
        return OK

    return work


def _evaluate(given: argparse.Namespace) -> int:
    from etl.evaluate import check_floors, evaluate, print_scores

    scores = evaluate(given.folder, _knowledge(given))
    print_scores(scores, as_json=given.json)
    if given.out:
        given.out.parent.mkdir(parents=True, exist_ok=True)
        given.out.write_text(json.dumps(scores.summary, indent=2, sort_keys=True) + "\n", "utf-8")
    below = check_floors(scores, given.floors, given.corpus) if given.floors else []
    for line in below:
        print(line, file=sys.stderr)
    return ERROR if below else OK


def _rules(given: argparse.Namespace) -> int:
    from etl.rulebook import check_rules, rule_table, show_problems
    from etl.rules import load_rules

    if given.action == "test":
        rules = load_rules(*given.files)
        problems = check_rules(rules)
        print(
            "\n".join(show_problems(rules, problems))
            if problems
            else "all rules claim what they should and nothing else"
        )
        return ERROR if problems else OK
    if given.files:
        given.refuse(f"`list` takes no DIR ({given.files[0]}): `--rules DIR` adds rules of your own to the list")
    print(rule_table(_knowledge(given).rules, given.build))
    return OK


def _explain(given: argparse.Namespace) -> int:
    from etl.ask import explain

    for line in explain(given.build, given.id, given.at, _knowledge(given), given.release):
        print(line)
    return OK


def _restore(given: argparse.Namespace) -> int:
    from etl.restore import restore, show_restored, write_restored

    known = _knowledge(given).rules
    counts = write_restored(restore(given.build, given.rule, given.id, known, given.release), given.out)
    print(show_restored(given.out, counts), file=sys.stderr)
    return OK


def _whatif(given: argparse.Namespace) -> int:
    from etl.whatif import pack_answer, read_changes, show_answer, whatif

    changes = read_changes(given.changes)
    answer = whatif(given.build, changes, _knowledge(given), given.release, given.samples)
    if given.json:
        print(json.dumps(pack_answer(answer), ensure_ascii=False))
    else:
        print("\n".join(show_answer(answer)))
    return OK


def _diff(given: argparse.Namespace) -> int:
    from etl.diff import diff_releases, open_release
    from etl.diff_show import to_json, to_markdown, to_table

    with open_release(given.old) as old, open_release(given.new) as new:
        diff = diff_releases(old, new)
    show = to_json if given.json else to_markdown if given.markdown else to_table
    print(show(diff), end="")
    return OK


def _publish(given: argparse.Namespace) -> int:
    from etl.publish import publish

    publish(given.release, given.repo, private=given.private, dry_run=given.dry_run)
    return OK


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    parser = argparse.ArgumentParser(
        prog="ghirbal", description="A sieve for scraped Arabic news pages.", epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    from etl import __version__

    parser.add_argument("--version", action="version", version=f"ghirbal {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    known = argparse.ArgumentParser(add_help=False)
    known.add_argument(
        "--params",
        type=Path,
        metavar="FILE",
        help="parameters (default: params.yaml here, else the defaults)",
    )
    known.add_argument(
        "--rules",
        type=Path,
        metavar="DIR",
        action="append",
        help="a folder of rules of your own, beside the shipped ones",
    )
    known.add_argument("--json", action="store_true", help="events and results as JSON, for machines")
    known.add_argument("--quiet", action="store_true", help="no progress")
    workers = argparse.ArgumentParser(add_help=False)
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

    page = commands.add_parser("page", parents=[decided], help="clean one page, or some, and print the article")
    page.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="a page, a folder or a file of them, - for stdin"
    )
    page.add_argument("--explain", action="store_true", help="the page with every cut shown in place, and its rule")
    page.add_argument("--json", dest="as_json", action="store_true", help="one JSON object a line, with the cuts")
    page.add_argument("--templates", type=Path, metavar="FILE", help="lines that a corpus has taught")
    page.add_argument("--params", type=Path, metavar="FILE", help="parameters")
    page.add_argument("--rules", type=Path, metavar="DIR", action="append", help="a folder of rules of your own")
    page.set_defaults(do=_page)

    run = commands.add_parser(
        "run", parents=[known, workers, decided, leaving], help="a folder or file of pages -> a release"
    )
    run.add_argument(
        "source",
        metavar="SRC",
        help=_SOURCE,
    )
    run.add_argument(
        "out",
        type=_place,
        metavar="OUT",
        help="the release, here or at s3://…; working files go to OUT.build beside it",
    )
    run.set_defaults(do=_run)

    for name, what in (
        ("read", "files of pages -> build/raw"),
        ("repair", "raw -> pages"),
        ("templates", "pages -> templates"),
        ("clean", "pages -> docs"),
        ("duplicates", "docs -> duplicates"),
        ("release", "docs -> release"),
    ):
        parents = [known, workers, *([decided] if name in ("clean", "release") else [])]
        parents += [leaving] if name == "release" else []
        stage = commands.add_parser(name, parents=parents, help=f"stage: {what}")
        if name == "read":
            stage.add_argument("source", metavar="SRC", help=_SOURCE)
        if name == "release":
            stage.add_argument(
                "--changelog", type=Path, metavar="FILE", help="CHANGELOG.md: what the card says changed"
            )
        stage.add_argument(
            "--build",
            type=_place,
            default=Path("data"),
            metavar="DIR",
            help="the build's folder (default: data)",
        )
        stage.set_defaults(do=_stage(name))

    score = commands.add_parser(
        "evaluate", parents=[known, decided], help="score text and fields on pages with a known answer"
    )
    score.add_argument("folder", type=Path, nargs="?", default=Path("tests/pages"), metavar="FOLDER",
        help="pages with their body.txt and fields.json (default: tests/pages)")  # fmt: skip
    score.add_argument("--out", type=Path, metavar="FILE", help="write the figures as JSON")
    score.add_argument("--floors", type=Path, metavar="FILE", help="fail where a figure is under its floor")
    score.add_argument(
        "--corpus", default="pages", metavar="NAME", help="the floors' table for this folder (default: pages)"
    )
    score.set_defaults(do=_evaluate)

    rules = commands.add_parser("rules", parents=[known], help="the rules as a table; `rules test DIR` checks your own")
    rules.add_argument("action", nargs="?", choices=("list", "test"), default="list", help="(default: list)")
    rules.add_argument("files", nargs="*", type=Path, metavar="DIR", help="of `test`: folders of rules of your own")
    rules.add_argument(
        "--build", type=Path, default=Path("data"), metavar="DIR", help="the build whose hits are counted"
    )
    rules.set_defaults(do=_rules, refuse=rules.error)
    _add_reviews(commands)
    _add_questions(commands)

    diff = commands.add_parser("diff", help="what changed between two releases, and the version that says so")
    diff.add_argument("old", metavar="OLD", help="a release's folder, or a git revision, such as v0.1.0 or HEAD~1")
    diff.add_argument(
        "new", metavar="NEW", help="the same; of a revision DVC brings the release that its dvc.lock names"
    )
    form = diff.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="all of it as JSON")
    form.add_argument("--markdown", action="store_true", help="a changelog entry and the table of rules")
    diff.set_defaults(do=_diff)

    publish = commands.add_parser("publish", help="put a release on a Hub under its version's tag, and read it back")
    publish.add_argument("release", type=Path, metavar="RELEASE", help="the release's folder")
    publish.add_argument("repo", metavar="OWNER/NAME", help="the dataset; it is created if need be")
    publish.add_argument("--private", action="store_true", help="create it as a private one")
    publish.add_argument(
        "--dry-run", action="store_true", help="check the release, the token and the version; change nothing"
    )
    publish.set_defaults(do=_publish)
    return parser


def _report(given: argparse.Namespace) -> int:
    from etl.report import make_report, show_made
    from etl.rules import load_rules

    told = make_report(
        given.build, given.out or given.build / "report", release=given.release, sample=given.sample,
        size_mb=given.size_mb, seed=given.seed, rules=load_rules(*(given.rules or [])),
    )  # fmt: skip
    print(json.dumps(told, ensure_ascii=False, sort_keys=True) if given.json else show_made(told))
    return OK


def _review(given: argparse.Namespace) -> int:
    from etl.review import apply_reviews, show_applied
    from etl.rules import load_rules

    told = apply_reviews(given.review, given.overrides, load_rules(*(given.rules or [])), given.rules or [])
    print("\n".join(show_applied(told)), file=sys.stderr, flush=True)
    print(told["diff"], end="")
    return OK


def _audit(given: argparse.Namespace) -> int:
    from etl.audit import AUDIT_FOLDER, show_apart, show_drawn, write_sample
    from etl.rates import show_rates, write_rates

    out = given.out or given.build / AUDIT_FOLDER
    if given.opinions:
        rates = write_rates(out, given.opinions)
        print(json.dumps(rates, ensure_ascii=False, sort_keys=True) if given.json else "\n".join(show_rates(rates)))
        if apart := show_apart(given.build, out):
            print(apart, file=sys.stderr)
    else:
        told = write_sample(given.build, out, given.sample, given.seed, release=given.release)
        print(json.dumps(told, ensure_ascii=False, sort_keys=True) if given.json else show_drawn(told))
    return OK


def _add_reviews(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands of the review page and of what people say on it."""
    made = argparse.ArgumentParser(add_help=False)
    made.add_argument(
        "--build", type=Path, default=Path("data"), metavar="DIR", help="the build's folder (default: data)"
    )
    made.add_argument(
        "--release", type=Path, metavar="DIR", help="its release (default: release in the build's folder)"
    )
    made.add_argument("--rules", type=Path, metavar="DIR", action="append", help="a folder of rules of your own")
    made.add_argument("--json", action="store_true", help="what was made, as JSON, for machines")
    made.add_argument("--seed", type=int, default=7, metavar="N", help="seed of the sample (default: 7)")

    report = commands.add_parser("report", parents=[made], help="a page on which every cut can be read and disputed")
    report.add_argument(
        "--out", type=Path, metavar="DIR", help="where to write it (default: report in the build's folder)"
    )
    report.add_argument("--sample", type=int, metavar="N", help="show at most N pages (default: all that fit)")
    report.add_argument("--size-mb", type=float, default=20, metavar="MB", help="size of the page (default: 20)")
    report.set_defaults(do=_report)

    review = commands.add_parser("review", help="`review apply FILE`: opinions become overrides that builds obey")
    review.add_argument("action", choices=("apply",), help="write the opinions of FILE into the overrides")
    review.add_argument("review", type=Path, metavar="FILE", help="review.jsonl, exported from the review page")
    review.add_argument(
        "--overrides", type=Path, default=Path("overrides.toml"), metavar="FILE", help="(default: overrides.toml)"
    )
    review.add_argument("--rules", type=Path, metavar="DIR", action="append", help="a folder of rules of your own")
    review.set_defaults(do=_review)

    audit = commands.add_parser("audit", parents=[made], help="draw a sample to judge, or read the error rates from it")
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
    audit.set_defaults(do=_audit)


def _add_questions(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands that ask a build."""
    asked = argparse.ArgumentParser(add_help=False)
    asked.add_argument(
        "--build", type=Path, default=Path("data"), metavar="DIR", help="the build's folder (default: data)"
    )
    asked.add_argument(
        "--release", type=Path, metavar="DIR", help="its release (default: release in the build's folder)"
    )
    asked.add_argument("--params", type=Path, metavar="FILE", help="the parameters the build was made with")
    asked.add_argument("--rules", type=Path, metavar="DIR", action="append", help="a folder of rules of your own")

    explain = commands.add_parser("explain", parents=[asked], help="what happened to a document, or a phrase")
    explain.add_argument("id", metavar="ID", help="the document's id")
    explain.add_argument("--at", metavar="TEXT", help="only what happened to this phrase of it")
    explain.set_defaults(do=_explain)

    restore = commands.add_parser("restore", parents=[asked], help="the build's texts with cuts given back")
    restore.add_argument(
        "--rule", action="append", default=[], metavar="FAMILY/NAME", help="cuts to give back; or a family"
    )
    restore.add_argument("--id", action="append", default=[], metavar="ID", help="only these documents")
    restore.add_argument("--out", type=Path, required=True, metavar="FILE", help="where to write: .jsonl or .parquet")
    restore.set_defaults(do=_restore)

    whatif = commands.add_parser(
        "whatif", parents=[asked], help="how many documents would enter or leave, from stored scores"
    )
    whatif.add_argument("changes", nargs="+", metavar="NAME=VALUE", help="as in quality.min_words=80")
    whatif.add_argument("--samples", type=int, default=5, metavar="N", help="samples of each (default: 5)")
    whatif.add_argument("--json", action="store_true", help="the answer as JSON, for machines")
    whatif.set_defaults(do=_whatif)


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
        return int(given.do(given))
    except KeyboardInterrupt:
        tell_end("stopped", "what is done is kept: run the same command again to go on", as_json)
        return INTERRUPTED
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
