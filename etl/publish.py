"""Publishing a release: a dataset on a Hub, tagged with its version and read back.

Order: check the release here; look whether the version is out; upload; compare what the Hub holds with the
release; only then set the tag; load it back by tag. A tag therefore never points at half a release, and a run
cut short anywhere is finished by running it again: what is there already is not sent twice.
"""

from __future__ import annotations

import errno
import hashlib
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import polars as pl
from huggingface_hub import HfApi, get_token
from huggingface_hub.errors import HfHubHTTPError, RepositoryNotFoundError
from huggingface_hub.hf_api import RepoFile

from etl.errors import UserError
from etl.manifest import ReleaseError, check_release, list_files, read_manifest
from etl.shards import hash_file
from etl.validate import InvalidTable, validate_frame
from etl.wording import count_of
from schemas.configs import CONFIGS

_NAME = re.compile(r"[\w.-]+/[\w.-]+")
_NOT_COMPARED = frozenset({".gitattributes", "environment.json"})
"""The Hub's own file, and the one about the machine: the same release, made elsewhere, differs in it."""
_AGAIN = "run the same command again to go on"


class PublishError(UserError):
    """A release that was not published, or not to its end; the message says why and what to do."""


def publish(
    release: Path,
    repo: str,
    *,
    private: bool = False,
    dry_run: bool = False,
    endpoint: str | None = None,
    token: str | None = None,
) -> str:
    """Release and `owner/name` -> address of the published version; prints it and the line that loads it.

    The tag is `v` and the version in the manifest. A version that is out stays as it is: the same bytes are
    checked once more and nothing is sent, other bytes are an error. `private` is for a repo that is not there
    yet. `dry_run` checks the release, then the token and the version if there is a token, and changes nothing. The token
    is `HF_TOKEN` or that of `hf auth login`, unless given.
    """
    if not _NAME.fullmatch(repo):
        raise PublishError(f"{repo}: name the dataset as OWNER/NAME")
    manifest = check_local(release)
    token = token or get_token()
    tag = f"v{manifest['version']}"
    if not token:
        if not dry_run:
            raise PublishError("no token: set HF_TOKEN, or log in with `hf auth login`")
        print(
            f"{release} is whole: {_tell_size(release)}, to be tagged {tag}; without a token {repo} was not looked at"
        )
        return ""
    api = HfApi(endpoint=endpoint, token=token)
    with _explained(f"{repo} {tag} at {api.endpoint}", token):
        _check_token(api)
        head, tagged = _find_repo(api, repo, tag, private)
        if tagged:
            _refuse_other(api, repo, tag, tagged, release)
        if dry_run:
            _tell_plan(release, repo, tag, exists=head is not None, tagged=tagged is not None)
        else:
            if not tagged:
                _upload(api, repo, tag, head, private, release)
            _load_back(api, repo, tag, release, manifest)
    url = f"{api.endpoint}/datasets/{repo}/tree/{tag}"
    if not dry_run:
        print(f'{url}\nload_dataset("{repo}", revision="{tag}")')
    return url


def check_local(release: Path) -> dict[str, Any]:
    """Release -> its manifest, once every file is the one it names and every table is as its model says."""
    try:
        wrong = check_release(release)
        manifest = read_manifest(release)
        if wrong:
            raise PublishError(f"{release} is not the release that was made: {'; '.join(wrong[:5])}; make it again")
        for config in manifest["configs"]:
            for file in list_files(manifest["configs"], config):
                validate_frame(pl.read_parquet(release / file), CONFIGS[config], file)
    except (ReleaseError, InvalidTable) as error:
        raise PublishError(f"{error}; nothing was sent") from error
    return manifest


def _check_token(api: HfApi) -> None:
    try:
        api.whoami()
    except HfHubHTTPError as error:
        if error.response.status_code != 401:
            raise
        raise PublishError(
            f"{api.endpoint} does not accept the token; set HF_TOKEN to a valid one, or log in with `hf auth login`"
        ) from None


def _find_repo(api: HfApi, repo: str, tag: str, private: bool) -> tuple[str | None, str | None]:
    """Repo -> its newest commit (none: there is no such repo) and the commit of the tag, if it is set."""
    try:
        info = api.dataset_info(repo)
    except RepositoryNotFoundError:
        return None, None
    if private and not info.private:
        raise PublishError(f"{repo} is there already and is public; make it private on the Hub, or leave --private out")
    return info.sha, _find_tag(api, repo, tag)


def _find_tag(api: HfApi, repo: str, tag: str) -> str | None:
    tags = api.list_repo_refs(repo, repo_type="dataset").tags
    return next((ref.target_commit for ref in tags if ref.name == tag), None)


def _refuse_other(api: HfApi, repo: str, tag: str, commit: str, release: Path) -> None:
    differs = compare_remote(api, repo, commit, release)
    if differs:
        raise PublishError(
            f"{repo} {tag} is published already, with other content ({'; '.join(differs[:3])}). A published "
            "version is never overwritten: raise `version` in the parameters and make the release again"
        )


def _upload(api: HfApi, repo: str, tag: str, head: str | None, private: bool, release: Path) -> None:
    if head is None:
        api.create_repo(repo, repo_type="dataset", private=private, exist_ok=True)
        head = api.dataset_info(repo).sha
    commit = api.upload_folder(
        repo_id=repo,
        repo_type="dataset",
        folder_path=release,
        commit_message=f"Version {tag.removeprefix('v')}",
        # Files of the last version that this one no longer has; what is sent again is not deleted first.
        delete_patterns="*",
        parent_commit=head,
    )
    differs = compare_remote(api, repo, commit.oid, release)
    if differs:
        raise PublishError(
            f"{repo}: after the upload the Hub holds something else ({'; '.join(differs[:3])}); "
            f"{tag} was not set: {_AGAIN}"
        )
    try:
        api.create_tag(repo, repo_type="dataset", tag=tag, revision=commit.oid)
    except HfHubHTTPError as error:
        if error.response.status_code != 409:
            raise
        # Someone else set it since we looked.
        _refuse_other(api, repo, tag, _find_tag(api, repo, tag) or commit.oid, release)


def compare_remote(api: HfApi, repo: str, commit: str, release: Path) -> list[str]:
    """A commit on the Hub and a release -> the files in which they differ, by the Hub's own hashes."""
    tree = api.list_repo_tree(repo, repo_type="dataset", revision=commit, recursive=True)
    there = {entry.path: entry for entry in tree if isinstance(entry, RepoFile)}
    here = {path.relative_to(release).as_posix(): path for path in release.rglob("*") if path.is_file()}
    differs = []
    for name in sorted((here.keys() | there.keys()) - _NOT_COMPARED):
        if name not in there:
            differs.append(f"{name} is missing there")
        elif name not in here:
            differs.append(f"{name} is only there")
        elif not _same(here[name], there[name]):
            differs.append(f"{name} is different")
    return differs


def _same(path: Path, entry: RepoFile) -> bool:
    if path.stat().st_size != entry.size:
        return False
    if entry.lfs is not None:
        return hash_file(path) == entry.lfs.sha256
    # A small file is known by the id that git gives its bytes.
    data = path.read_bytes()
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest() == entry.blob_id


def _load_back(api: HfApi, repo: str, tag: str, release: Path, manifest: dict[str, Any]) -> None:
    """Fetch the tag into an empty cache, compare every hash, and load every table as a reader does."""
    from datasets import load_dataset
    from datasets.exceptions import DatasetsError

    with tempfile.TemporaryDirectory(prefix="ghirbal-published-") as scratch:
        fetched = Path(
            api.snapshot_download(
                repo,
                repo_type="dataset",
                revision=tag,
                cache_dir=Path(scratch) / "hub",
                ignore_patterns=".gitattributes",
            )
        )
        wrong = check_release(fetched)
        if (fetched / "manifest.json").read_bytes() != (release / "manifest.json").read_bytes():
            wrong.append("manifest.json is not ours")
        for config, splits in manifest["configs"].items():
            for split, told in splits.items():
                if not told["rows"]:
                    continue
                arrow = Path(scratch) / "arrow"
                try:
                    rows = load_dataset(str(fetched), config, split=split, cache_dir=str(arrow)).num_rows
                except DatasetsError as error:
                    raise RuntimeError(f"{config}/{split} cannot be loaded: {error}") from error
                shutil.rmtree(arrow, ignore_errors=True)
                if rows != told["rows"]:
                    wrong.append(f"{config}/{split} has {rows} rows, the manifest says {told['rows']}")
    if wrong:
        raise PublishError(f"{repo} {tag} was published, but what comes back differs: {'; '.join(wrong[:5])}")


def _tell_size(release: Path) -> str:
    files = [path for path in release.rglob("*") if path.is_file()]
    return f"{count_of(len(files), 'file')}, {sum(path.stat().st_size for path in files):,} bytes"


def _tell_plan(release: Path, repo: str, tag: str, *, exists: bool, tagged: bool) -> None:
    if tagged:
        print(f"{repo} {tag} is published already, with these very bytes: nothing to do")
    else:
        verb = "update" if exists else "create"
        print(f"would {verb} {repo}: {_tell_size(release)}, tagged {tag}")


@contextmanager
def _explained(what: str, token: str) -> Iterator[None]:
    """Turn what the clients raise into one sentence that says what to do; the token never shows in it."""
    try:
        yield
    except PublishError:
        raise
    except (OSError, RuntimeError, ValueError, httpx2.HTTPError) as error:
        raise PublishError(f"{what}: {_explain(error)}".replace(token, "(token)")) from None


def _explain(error: BaseException) -> str:
    """Error -> why and what to do, from the first error behind it that is known."""
    chain, link = [error], error.__cause__ or error.__context__
    while link is not None and link not in chain:
        chain.append(link)
        link = link.__cause__ or link.__context__
    for one in chain:
        if isinstance(one, HfHubHTTPError):
            return _explain_status(one)
        if isinstance(one, httpx2.HTTPError):
            return f"the connection failed ({one or type(one).__name__}); {_AGAIN}"
        if isinstance(one, OSError) and one.errno in (errno.ENOSPC, errno.EDQUOT):
            place = tempfile.gettempdir()
            return f"the disk is full; make room in {place} (or set TMPDIR to a larger place), then {_AGAIN}"
    return f"{type(error).__name__}: {error}; {_AGAIN}"


def _explain_status(error: HfHubHTTPError) -> str:
    status = error.response.status_code
    if isinstance(error, RepositoryNotFoundError):
        return "the Hub has no such repo for this token: it was removed, or it is not yours to see"
    if status in (401, 403):
        return "the token may not write there; use one with the right to write, or another OWNER"
    if status == 412:
        return f"someone else has changed the repo meanwhile; {_AGAIN}"
    return f"the Hub answered {status} ({error.server_message or 'it does not say why'}); {_AGAIN}"
