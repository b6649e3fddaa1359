"""One file in, one file out: run a function over shards, keep what is done, survive what dies.

A shard's result is kept under a key: the hash of its input's bytes and of everything the function depends on (code,
rules, parameters, learned tables). The result is written beside its place, flushed and renamed; the note that it is
done comes after it. So a run cut short at any moment goes on where it stopped, and what has changed is always redone.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import tempfile
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from etl.errors import UserError, naming, tell_error
from etl.paths import files_in, is_remote, local, put, remove
from etl.progress import SILENT, Progress, peak_memory
from etl.runners import Runner, local_runner

Summary = dict[str, Any]
ShardWork = Callable[[Path, Path], Summary]
"""(input, output to write) -> a small summary; a picklable, module-level function or a partial of one."""


class Task(NamedTuple):
    """One shard to do, by the code with this hash."""

    source: Path
    target: Path
    key: str
    code: str


class ShardsFailed(UserError):
    """Some shards could not be done; the message names each and why. All others are done and kept."""


def hash_file(path: Path) -> str:
    """Return the sha256 of a file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def hash_result(path: Path) -> str:
    """Return the sha256 of a shard: of its bytes, or for a remote one as its note says where the size agrees."""
    if is_remote(path):
        entry = read_note(note_of(path))
        if entry is not None and entry.get("bytes") == path.stat().st_size:
            return str(entry["sha256"])
    return hash_file(path)


@lru_cache(maxsize=1)
def hash_code() -> str:
    """Return one sha256 over the code, rules and data of this package: what a result depends on besides its input."""
    root = Path(__file__).parent
    total = hashlib.sha256()
    for folder in (root, root.parent / "schemas"):
        for file in sorted(folder.rglob("*")):
            if (
                file.is_file()
                and file.suffix in (".py", ".toml", ".json", ".csv", ".txt", ".j2")
                and "__pycache__" not in file.parts
            ):
                total.update(f"{file.relative_to(folder.parent).as_posix()}\0{hash_file(file)}\n".encode())
    return total.hexdigest()


def hash_parts(*parts: str) -> str:
    """Return one sha256 over some strings, in order."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def hash_number(*parts: str) -> int:
    """Return the first 64 bits of that: a number for drawing, the same on every machine."""
    return int(hash_parts(*parts)[:16], 16)


def sync_folder(folder: Path) -> None:
    """Flush a folder's own entries, so that a rename in it outlives a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """Yield a temporary path beside `target`; on success it is flushed and takes the target's place, else it is removed.

    Where nothing can be renamed, it is written on this machine and copied when it is whole.
    """
    if is_remote(target):
        with naming(target), tempfile.TemporaryDirectory(prefix="ghirbal-") as folder:
            here = Path(folder) / target.name
            yield here
            put(here, target)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with naming(target):
            yield beside
            with beside.open("rb+") as file:
                os.fsync(file.fileno())
            beside.replace(target)
            sync_folder(target.parent)
    finally:
        beside.unlink(missing_ok=True)


def note_of(target: Path) -> Path:
    """Return the path of the note that says that a shard is done."""
    return target.with_name(target.name + ".json")


def write_note(note: Path, **entry: Any) -> None:
    """Write a note, sorted, so that the same result gives the same bytes, with a sum by which damage is known."""
    with replacing(note) as beside:
        told = {**entry, "sum": _sum_up(entry)}
        beside.write_text(json.dumps(told, ensure_ascii=False, sort_keys=True) + "\n", "utf-8")


def read_note(note: Path) -> dict[str, Any] | None:
    """Return what a note says; None where there is none, or it is not as it was written."""
    try:
        entry = json.loads(note.read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    if not isinstance(entry, dict):
        return None
    told = entry.pop("sum", None)
    return entry if told == _sum_up(entry) else None


def _sum_up(entry: Mapping[str, Any]) -> str:
    return hash_parts(json.dumps(entry, sort_keys=True))


def _done(task: Task) -> Summary | None:
    """Return the summary of a shard that is done under this key and whose bytes are whole, else None."""
    entry = read_note(note_of(task.target))
    if entry is None or entry["key"] != task.key:
        return None
    try:
        return dict(entry["summary"]) if entry["sha256"] == hash_result(task.target) else None
    except FileNotFoundError:
        return None


def read_summaries(shards: Iterable[Path]) -> Iterator[Summary]:
    """Shards that are done -> the summary of each."""
    for shard in shards:
        note = read_note(note_of(shard))
        if note is not None:
            yield note["summary"]


def check_code(code: str) -> None:
    """Raise where this process would work with other code than the one that keys the results."""
    if code != hash_code():
        raise UserError(
            f"{platform.node()}: the code here is not that of the run (another version, or edited since it began); "
            "install the same one, or run again"
        )


def do_shard(work: ShardWork, task: Task) -> Summary:
    """Do one shard: write beside, rename, then note it; return its summary, and the memory that this process held."""
    check_code(task.code)
    with replacing(task.target) as beside:
        with local(task.source) as source:
            summary = work(source, beside)
        digest, size = hash_file(beside), beside.stat().st_size
    write_note(note_of(task.target), key=task.key, sha256=digest, bytes=size, summary=summary)
    return {**summary, "memory_mb": peak_memory()}


def tell_failure(error: BaseException) -> str:
    """Why a shard failed: what a person can mend in its own words, a fault of ours with the place where it arose."""
    told = tell_error(error)
    if told is not None:
        return told
    arose = error.__traceback__ or error.__cause__
    return f"{type(error).__name__}: {error}" + ("\n" + "".join(traceback.format_exception(error)) if arose else "")


def is_leftover(file: Path) -> bool:
    """Whether a file is what `replacing` leaves behind where a process was killed."""
    return file.name.startswith(".") and file.name.endswith(".part")


def sweep(folder: Path) -> None:
    """Remove from a folder the halves of files that a killed run has left; there need be none, nor the folder."""
    if not is_remote(folder) and folder.is_dir():
        for file in filter(is_leftover, files_in(folder)):
            remove(file)


def prune(folder: Path, wanted: Iterable[Path]) -> None:
    """Remove from `folder` what no shard of this run stands for: stale shards and notes, temporary files.

    A file of another kind than the shards is nobody's shard, and is left alone.
    """
    keep = {path.name for path in wanted}
    kinds = {Path(name).suffix for name in keep}
    keep |= {note_of(Path(name)).name for name in keep}
    for file in files_in(folder):
        if is_leftover(file) or (file.name not in keep and Path(file.name.removesuffix(".json")).suffix in kinds):
            remove(file)


def _briefly(summary: Summary) -> Summary:
    """The plain figures of a summary: what progress tells of a shard."""
    return {name: value for name, value in summary.items() if not isinstance(value, dict)}


def each_shard(
    work: ShardWork,
    sources: Sequence[Path],
    out: Path,
    depends: str,
    *,
    hashes: Mapping[Path, str] | None = None,
    name: str = "shards",
    runner: Runner | None = None,
    progress: Progress = SILENT,
) -> list[Summary]:
    """Run `work` over every source into `out`, one file each under the same name; return the summaries in order.

    `depends` is a hash of all that the work depends on besides its input, `hashes` are those of the sources, where they
    are known. Shards already done under the same key are
    kept; files that belong to no source are removed. Raises ShardsFailed when some could not be done.
    """
    out.mkdir(parents=True, exist_ok=True)
    out = out.absolute()  # Other processes, on other machines, are told of it.
    code = hash_code()
    digests = hashes or {source: hash_result(source) for source in sources}
    tasks = [
        Task(source.absolute(), out / source.name, hash_parts(depends, digests[source]), code) for source in sources
    ]
    prune(out, (task.target for task in tasks))
    summaries: dict[Path, Summary] = {}
    todo: list[Task] = []
    with progress.stage(name, len(tasks)) as advance:
        for task in tasks:
            summary = _done(task)
            if summary is None:
                todo.append(task)
            else:
                summaries[task.target] = summary
                advance(task.source.name, _briefly(summary), kept=True)
        failures: list[str] = []
        for task, result in (runner or local_runner()).map(do_shard, work, todo):
            if isinstance(result, BaseException):
                failures.append(f"{task.source}: {tell_failure(result)}")
            else:
                summaries[task.target] = {name: value for name, value in result.items() if name != "memory_mb"}
                advance(task.source.name, _briefly(result), kept=False)
    if failures:
        raise ShardsFailed(
            f"{name}: {len(failures)} of {len(tasks)} shards failed; the others are done and kept, "
            "run again to do only these:\n  " + "\n  ".join(failures)
        )
    return [summaries[task.target] for task in tasks]
