"""What each command does: it reads its arguments and calls one function.

What a command needs is imported when it runs, so that `--help` and a slip in the arguments are answered at once.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from etl.build import Build
    from etl.knowledge import Knowledge
    from etl.params import Params
    from etl.rules import Rules

OK, ERROR, USAGE, REJECTED, INTERRUPTED = 0, 1, 2, 3, 130
"""Exit codes."""


def _file(given: argparse.Namespace, name: str, usual: str) -> Path | None:
    """Return the file that an option names, or the usual one of the working folder, where it lies there; none of a command without the option."""
    if not hasattr(given, name) or getattr(given, f"no_{name}", False):
        return None
    return getattr(given, name) or (Path(usual) if Path(usual).exists() else None)


def _files(given: argparse.Namespace) -> dict[str, Path | None]:
    """Return what a build takes from the working folder or from files that are named, by the option that names them."""
    usual = {"params": "params.yaml", "overrides": "overrides.toml", "withdrawn": "withdrawn.csv"}
    return {name: _file(given, name, file) for name, file in usual.items()}


@contextmanager
def _naming_params(given: argparse.Namespace) -> Iterator[None]:
    """An error of a column that the parameters name is told with the file that names it."""
    from etl.read.row import ColumnError, ReadError

    try:
        yield
    except ColumnError as error:
        raise ReadError(f"{_files(given)['params']}: {error}") from error


def _params(given: argparse.Namespace) -> Params:
    from etl.params import read_params

    return read_params(_files(given)["params"])


def _knowledge(given: argparse.Namespace) -> Knowledge:
    from etl.dates.order_table import read_orders
    from etl.knowledge import load_knowledge
    from etl.review import read_overrides
    from etl.templates.table import read_templates

    templates, orders = getattr(given, "templates", None), getattr(given, "day_order", None)
    overrides = _files(given)["overrides"]
    return load_knowledge(
        _params(given),
        given.rules,
        read_templates(templates) if templates else None,
        read_overrides(overrides) if overrides else None,
        read_orders(orders) if orders else None,
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


def _own_rules(given: argparse.Namespace) -> Rules:
    from etl.rules import load_rules

    return load_rules(*(given.rules or []))


def _tell(told: Any, show: Callable[[Any], str], as_json: bool) -> None:
    print(json.dumps(told, ensure_ascii=False, sort_keys=True) if as_json else show(told))


def do_page(given: argparse.Namespace) -> int:
    """Clean pages and print the articles."""
    from etl.show import print_pages

    form = "json" if given.as_json else "explain" if given.explain else None
    rejected, failed = print_pages(given.files, _knowledge(given), form)
    return ERROR if failed else REJECTED if rejected else OK


def do_run(given: argparse.Namespace) -> int:
    """Make a release of a source."""
    from etl.build import run, work_folder
    from etl.summary import print_summary

    build = _build(given, work_folder(given.out))
    files = _files(given)
    with _naming_params(given):
        totals = run(given.source, given.out, build, files["withdrawn"], may_replace=given.replace)
    print_summary(totals, files, as_json=given.json)
    return REJECTED if totals["rejected_input"] else OK


def do_stage(given: argparse.Namespace) -> int:
    """Run one stage of a build alone."""
    from etl import build as stages
    from etl.locks import locked_folder
    from etl.summary import print_summary

    build = _build(given, given.build)
    with locked_folder(given.build):
        if given.command == "read":
            with _naming_params(given):
                stages.make_raw(build, given.source)
        elif given.command == "release":
            files = _files(given)
            told = files["withdrawn"], given.changelog
            totals = stages.make_release(build, build.path("release"), *told, may_replace=given.replace)
            print_summary(totals, files, as_json=given.json)
        else:
            {
                "repair": stages.make_pages,
                "templates": stages.make_templates,
                "clean": stages.make_docs,
                "duplicates": stages.make_duplicates,
            }[given.command](build)
    return OK


def do_evaluate(given: argparse.Namespace) -> int:
    """Score text and fields on pages with a known answer; fail below a floor."""
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


def do_rules(given: argparse.Namespace) -> int:
    """List the rules, or test one's own."""
    from etl.rulebook import check_rules, rule_table, show_problems
    from etl.rules import FAMILIES, load_rules

    action, *names = given.what if given.what[:1] in (["list"], ["test"]) else ["list", *given.what]
    if action == "test":
        rules = load_rules(*map(Path, names))
        problems = check_rules(rules)
        print(
            "\n".join(show_problems(rules, problems))
            if problems
            else "all rules claim what they should and nothing else"
        )
        return ERROR if problems else OK
    for name in names:
        if Path(name).is_dir() and "/" not in name and name not in FAMILIES:
            given.refuse(
                f"{name} is a folder: `rules test {name}` tests its rules, `--rules {name}` adds them to the list"
            )
    print(rule_table(_own_rules(given), given.build, names))
    return OK


def do_explain(given: argparse.Namespace) -> int:
    """Say what happened to a document, or to a phrase of it."""
    from etl.ask import explain

    for line in explain(given.build, given.id, given.at, _knowledge(given), given.release):
        print(line)
    return OK


def do_restore(given: argparse.Namespace) -> int:
    """Write the build's texts with cuts given back."""
    from etl.restore import restore, show_restored, write_restored

    counts = write_restored(restore(given.build, given.rule, given.id, _own_rules(given), given.release), given.out)
    print(show_restored(given.out, counts), file=sys.stderr)
    return OK


def do_whatif(given: argparse.Namespace) -> int:
    """Say how many documents would enter or leave with other parameters."""
    from etl.whatif import pack_answer, read_changes, show_answer, whatif

    changes = read_changes(given.changes)
    answer = whatif(given.build, changes, _knowledge(given), given.release, given.samples)
    if given.json:
        print(json.dumps(pack_answer(answer), ensure_ascii=False))
    else:
        print("\n".join(show_answer(answer)))
    return OK


def do_diff(given: argparse.Namespace) -> int:
    """Say what changed between two releases."""
    from etl.diff import diff_releases, open_release
    from etl.diff.show import to_json, to_markdown, to_table

    with open_release(given.old) as old, open_release(given.new) as new:
        diff = diff_releases(old, new)
    show = to_json if given.json else to_markdown if given.markdown else to_table
    print(show(diff), end="")
    return OK


def do_publish(given: argparse.Namespace) -> int:
    """Put a release on a Hub."""
    from etl.publish import publish

    publish(given.release, given.repo, private=given.private, dry_run=given.dry_run)
    return OK


def do_report(given: argparse.Namespace) -> int:
    """Make the page on which every cut can be read and disputed."""
    from etl.locks import locked_folder
    from etl.report import make_report, show_made

    with locked_folder(given.build):
        told = make_report(
            given.build, given.out or given.build / "report", release=given.release, sample=given.sample,
            size_mb=given.size_mb, seed=given.seed, rules=_own_rules(given),
        )  # fmt: skip
    _tell(told, show_made, given.json)
    return OK


def do_review(given: argparse.Namespace) -> int:
    """Turn opinions into overrides."""
    from etl.review import apply_reviews, show_applied

    told = apply_reviews(given.review, given.overrides, _own_rules(given), given.rules or [])
    print("\n".join(show_applied(told)), file=sys.stderr, flush=True)
    print(told["diff"], end="")
    return OK


def do_audit(given: argparse.Namespace) -> int:
    """Draw a sample to judge, or read the error rates from opinions."""
    from etl.audit import AUDIT_FOLDER, show_apart, show_drawn, write_sample
    from etl.locks import locked_folder
    from etl.rates import show_rates, write_rates

    out = given.out or given.build / AUDIT_FOLDER
    if given.opinions:
        rates = write_rates(out, given.opinions)
        _tell(rates, lambda rates: "\n".join(show_rates(rates)), given.json)
        if apart := show_apart(given.build, out):
            print(apart, file=sys.stderr)
    else:
        with locked_folder(given.build):
            told = write_sample(given.build, out, given.sample, given.seed, release=given.release)
        _tell(told, show_drawn, given.json)
    return OK
