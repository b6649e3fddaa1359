"""A release: nothing lost, nothing leaked, the same bytes always, yesterday's safe until today's is whole."""

from __future__ import annotations

import hashlib
import json
import math
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from doc_rows import make_corpus, make_docs, make_duplicates, make_page, page_id, release_docs, write_shards
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.build import Build, run
from etl.knowledge import load_knowledge
from etl.manifest import ReleaseError, check_release, read_manifest
from etl.params import Params
from etl.quality import QualityParams, measure_quality
from etl.release.hub_parquet import features_of, write_shard
from etl.release.spill import Spill, pack_rows
from etl.release_params import ReleaseParams
from etl.runners import local_runner
from etl.splits import SplitParams, choose_splits, join_clusters
from etl.validate import InvalidTable
from etl.withdrawal import WithdrawalError, find_risen, find_unmet, settle_clusters
from schemas.audit import AUDIT, SECOND_ARTICLE
from schemas.configs import CONFIGS
from schemas.record import RECORD

Release = Callable[..., Path]
ROOT = Path(__file__).parents[1]
INPUTS = {"raw-000.parquet": "0" * 64}
CLUSTER = ("page 1", "page 2", "page 3")


def build(folder: Path, docs: pl.DataFrame, shards: int = 2, **more: Any) -> Path:
    """Documents -> a release, made of so many shards."""
    params = more.pop("params", ReleaseParams())
    duplicates = more.pop("duplicates", make_duplicates([page_id(key) for key in CLUSTER]))
    files = write_shards(docs, folder / "docs", shards)
    release_docs(files, folder / "release", duplicates, params, inputs=INPUTS, **more)
    return folder / "release"


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small corpus, released with the defaults."""
    return build(tmp_path_factory.mktemp("release"), make_corpus(), why={"related/see-also": "A link."})


def table(release: Path, config: str) -> pl.DataFrame:
    """All rows of a config."""
    files = [f for told in read_manifest(release)["configs"][config].values() for f in told["files"]]
    return pl.concat([pl.read_parquet(release / file) for file in files])


def hashes(release: Path) -> dict[str, str]:
    """Every file but the environment's, with its bytes' hash."""
    return {
        **read_manifest(release)["outputs"],
        "manifest.json": (release / "manifest.json").read_text("utf-8"),
    }


def words_of(release: Path) -> str:
    """Every string of every file of a release, for a search."""
    found = []
    for file in sorted(path for path in release.rglob("*") if path.is_file()):
        if file.suffix == ".parquet":
            found.append(json.dumps(pl.read_parquet(file).to_dicts(), ensure_ascii=False, default=str))
        elif file.suffix != ".png":
            found.append(file.read_text("utf-8"))
    return "\n".join(found)


def test_counts_are_of_the_text_as_it_is_released(tmp_path: Path) -> None:
    """A mask has another length than what it hides: characters, words and sentences are those of the masked text, in every table."""
    line = "راسلونا على news@example.com أو اتصلوا على الرقم +966 11 465 2222 طوال اليوم.\n"
    docs = make_docs(make_page("mail", [(line * 6, None)]), make_page("plain", [("سطر عادي بلا عنوان.\n" * 9, None)]))
    made = build(tmp_path, docs, duplicates=None)
    records, index = table(made, "default"), table(made, "index")
    assert sorted(records["masked"].to_list()) == [0, 12]
    counts = measure_quality(records.select("id", "text")).select("id", "n_chars", "n_words", "n_sentences")
    assert counts.equals(records.select(counts.columns)) and counts.equals(index.select(counts.columns))
    assert records["n_chars"].to_list() == records["text"].str.len_chars().to_list()
    whole = build(tmp_path / "whole", docs, duplicates=None, params=ReleaseParams(mask_personal=False))
    assert table(whole, "default")["n_chars"].sum() > records["n_chars"].sum()


def test_every_document_is_somewhere(release: Path) -> None:
    """Pages in + second articles = released + rejected, and no id is in two places."""
    docs = make_corpus()
    released, rejected = table(release, "default"), table(release, "rejected")
    assert len(docs) == len(released) + len(rejected)
    assert sorted(docs["id"].to_list()) == sorted(released["id"].to_list() + rejected["id"].to_list())
    verdicts = dict(rejected.select("id", "verdict").iter_rows())
    assert verdicts == {
        page_id("short"): "quality/too-short",
        page_id("empty"): "read/empty",
        page_id("page 2"): "duplicate/near",
        page_id("page 3"): "duplicate/near",
    }
    assert rejected.filter(id=page_id("page 2"))["verdict_value"].item() == 0.9
    assert rejected.filter(id=page_id("short"))["raw"].item() == "قصير."


def test_records_are_the_documents(release: Path) -> None:
    """Apart from the mask, a released record is the document, field for field."""
    docs, released = make_corpus(), table(release, "default")
    clean = released.filter(~pl.col("text").str.contains("⟨"))
    same = [column for column in RECORD if column in docs.columns and column not in ("author",)]
    expected = clean.select("id").join(docs, on="id", how="left", maintain_order="left").select(same)
    assert clean.select(same).equals(expected)
    assert released.filter(id=page_id("page 1"))["cluster_role"].item() == "representative"
    assert released.filter(id=page_id("page 7"))["cluster_role"].item() == "only"


def test_the_page_is_its_text_and_its_audit(release: Path) -> None:
    """Every released page without personal data is rebuilt, to the character, from text and audit alone."""
    audit, rebuilt = table(release, "audit"), 0
    texts = dict(table(release, "default").select("id", "text").iter_rows())
    pages = {row["id"]: row["page"] for row in make_corpus().iter_rows(named=True) if row["page"]}
    for name, text in texts.items():
        if "@" in pages.get(name, "@"):
            continue
        parts, end, at = [], 0, 0
        for row in audit.filter(id=name, action="cut").sort("start").iter_rows(named=True):
            kept = row["start"] - end
            parts += [text[at : at + kept], row["text"]]
            end, at = row["end"], at + kept
            assert row["article"] or row["at"] == at
        assert "".join([*parts, text[at:]]) == pages[name]
        rebuilt += 1
    assert rebuilt > 50
    assert page_id("spliced") in texts
    marks = audit.filter(action="mark")
    assert all(texts[row["id"]][row["at"] :].startswith(row["text"]) for row in marks.iter_rows(named=True))


def test_a_second_article_is_told_in_the_audit_of_its_page(release: Path) -> None:
    """Its cuts carry its number; its own text is a cut of the page that it stood in."""
    page = page_id("two articles")
    audit = table(release, "audit").filter(id=page)
    released = table(release, "default")
    child = released.filter(id=f"{page}.1")
    assert child["parent_id"].item() == page
    assert audit.filter(article=1)["rule"].to_list() == ["title/second", "related/see-also", "space/end"]
    moved = audit.filter(rule=SECOND_ARTICLE)
    assert "".join(moved["text"].to_list()) == child["text"].item()
    assert set(moved["article"].to_list()) == {0}
    text = released.filter(id=page)["text"].item()
    assert set(moved["at"].to_list()) == {len(text)}


def test_no_personal_data_leaves_the_house(release: Path) -> None:
    """No address and no number in any file, the audit, the rejected and the card's examples included."""
    everything = words_of(release)
    assert "@example" not in everything
    assert "٠٥٠١٢٣٤٥٦٧" not in everything
    text = table(release, "default").filter(id=page_id("personal"))["text"].item()
    assert text == "للتواصل مع الكاتب ⟨email⟩ثم الهاتف ⟨phone⟩ وانتهى.\nفقرة أخيرة من النص."
    cut = table(release, "audit").filter(id=page_id("personal"), rule="related/see-also").to_dicts()[0]
    assert (cut["text"], cut["masked"]) == ("شاهد أيضا: بريد ⟨email⟩\n", True)
    assert table(release, "audit").filter("masked")["text"].str.contains("⟨").all()
    assert table(release, "default").filter(id=page_id("personal"))["masked"].item() == 2
    assert table(release, "default")["masked"].sum() == sum(read_manifest(release)["numbers"]["masked"].values())
    assert text[: cut["at"]].endswith("وانتهى.\n")


def test_personal_data_stays_where_masking_is_off(tmp_path: Path) -> None:
    """The mask is a parameter."""
    made = build(tmp_path, make_corpus(3), params=ReleaseParams(mask_personal=False))
    assert "other@example.com" in words_of(made)
    assert "not masked" in (made / "README.md").read_text("utf-8")


@pytest.mark.parametrize("order", ["shards", "rows"])
def test_the_same_documents_give_the_same_bytes(release: Path, tmp_path: Path, order: str) -> None:
    """Other shards, other order: every file is the same, but for the one that describes the machine."""
    docs = make_corpus()
    if order == "rows":
        page = docs["id"].str.replace(r"\.\d+$", "")
        docs = docs.with_columns(_p=page, _d=page.str.len_chars()).sort("_p", "id", descending=[True, False])
        docs = docs.drop("_p", "_d")
    made = build(tmp_path, docs, shards=1 if order == "shards" else 3, why={"related/see-also": "A link."})
    assert hashes(made) == hashes(release)


def test_the_manifest_knows_every_file(release: Path, tmp_path: Path) -> None:
    """A changed, a missing and a foreign file are each found."""
    assert check_release(release) == []
    made = build(tmp_path, make_corpus(3))
    (made / "README.md").write_text("other", "utf-8")
    (made / "LICENSE").unlink()
    (made / "stray").touch()
    assert [line.split(":")[0] for line in check_release(made)] == ["LICENSE", "README.md", "stray"]


def test_readers_agree(release: Path, tmp_path: Path) -> None:
    """`datasets` opens every config from the card; polars, pandas and DuckDB read equal rows."""
    configs = {name: told["train"]["rows"] for name, told in read_manifest(release)["configs"].items()}
    script = (
        "import sys, json\n"
        "from datasets import load_dataset\n"
        "for name in sys.argv[2:]:\n"
        "    found = load_dataset(sys.argv[1], name, split='train')\n"
        "    rows = [{k: str(v) for k, v in row.items()} for row in found]\n"
        "    print(json.dumps([name, str(found.features), rows]))\n"
    )
    listed = [name for name, rows in configs.items() if rows]
    environment = os.environ | {"HF_HOME": str(tmp_path), "HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", script, str(release), *listed],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = {name: (features, rows) for name, features, rows in map(json.loads, done.stdout.splitlines())}
    assert set(loaded) == set(listed) == set(CONFIGS) - {"withdrawn"}
    for name in listed:
        (file,) = read_manifest(release)["configs"][name]["train"]["files"]
        ours = pl.read_parquet(release / file)
        assert loaded[name][0] == str(features_of(CONFIGS[name]))
        assert loaded[name][1] == [{k: str(v) for k, v in row.items()} for row in ours.to_dicts()]
        assert pl.from_arrow(duckdb.sql(f"from '{release / file}'").to_arrow_table()).equals(ours)
        plain = pd.read_parquet(release / file, dtype_backend="pyarrow")
        assert list(plain.columns) == ours.columns
        flat = [c for c, dtype in ours.schema.items() if not isinstance(dtype, pl.List)]
        assert pl.from_pandas(plain[flat]).equals(ours.select(flat))


def test_types_are_those_that_every_reader_knows(release: Path) -> None:
    """No large strings, no 128-bit, unsigned or nanosecond values, in no table and at no depth."""
    allowed = {"string", "bool", "int32", "int64", "double", "date32[day]"}

    def kinds(type_: pa.DataType) -> set[str]:
        inner = [type_.field(i).type for i in range(type_.num_fields)]
        return {kind for one in inner for kind in kinds(one)} if inner else {str(type_)}

    for file in sorted(release.rglob("*.parquet")):
        schema = pq.read_schema(file)
        assert {kind for field in schema for kind in kinds(field.type)} <= allowed, file
        assert not any(pa.types.is_large_list(field.type) for field in schema), file


def many_texts(count: int) -> pl.DataFrame:
    """Audit rows whose texts hardly compress: letters by hash, about three kilobytes each."""
    rows = []
    for number in range(count):
        name = hashlib.sha256(str(number).encode()).hexdigest()
        noise = "".join(hashlib.sha512(f"{number} {part}".encode()).hexdigest() for part in range(24))
        text = noise.translate(str.maketrans("0123456789abcdef", "ابتثجحخدذرزسشصضط"))
        rows.append(
            {"id": name[:16], "start": 0, "end": 1, "rule": "share/widget", "action": "cut", "at": 0, "text": text}
        )
    empty = {"article": pl.lit(0, pl.Int32), "masked": pl.lit(False)}
    return pl.DataFrame(rows).sort("id").with_columns(**empty).select(*AUDIT).cast(dict(AUDIT))


def as_rows(frame: pl.DataFrame) -> pa.Table:
    """Frame -> the same as an Arrow table of the types of the file."""
    return frame.to_arrow(compat_level=pl.CompatLevel.oldest()).cast(features_of(CONFIGS["audit"]).arrow_schema)


def test_row_groups_are_of_one_size(tmp_path: Path) -> None:
    """As many rows as fill the megabytes asked for; a reader holds one at a time."""
    frame = many_texts(400)
    size = write_shard(as_rows(frame), CONFIGS["audit"], tmp_path / "a.parquet", 500_000)
    told = pq.read_metadata(tmp_path / "a.parquet")
    assert 2_000_000 < size < 3_500_000
    assert told.num_row_groups == math.ceil(400 / (400 * 500_000 // size))
    assert pl.read_parquet(tmp_path / "a.parquet").equals(frame)
    assert all(told.row_group(0).column(i).has_offset_index for i in range(told.num_columns))


def test_a_row_less_changes_few_bytes(tmp_path: Path) -> None:
    """Chunks are cut by content: after a row that went, the file goes on as before, and an upload sends little."""
    frame = many_texts(2500)
    for name, rows in (("before", frame), ("after", frame.slice(1))):
        write_shard(as_rows(rows), CONFIGS["audit"], tmp_path / f"{name}.parquet", 10**9)
    before, after = ((tmp_path / f"{name}.parquet").read_bytes() for name in ("before", "after"))
    block = len(before) // 50
    kept = [before[at : at + block] in after for at in range(0, len(before) - block, block)]
    assert sum(kept) > 0.6 * len(kept)


def test_large_tables_are_several_files(tmp_path: Path) -> None:
    """`train-00000-of-0000N`, each with the ids of its part of the hashes; readers get them all."""
    pages = [make_page(f"page {n}", [("كلمة " * 1500 + f"{n}.", None)], outlet="صحيفة") for n in range(300)]
    made = build(tmp_path, make_docs(*pages), duplicates=None, params=ReleaseParams(shard_megabytes=1))
    files = read_manifest(made)["configs"]["default"]["train"]["files"]
    assert files == [f"data/train-{n:05}-of-00008.parquet" for n in range(8)]
    for number, file in enumerate(files):
        assert {int(name[:3], 16) * 8 // 4096 for name in pl.read_parquet(made / file)["id"]} == {number}
    assert len(table(made, "default")) == 300


def test_the_manifest_names_all_that_a_release_was_made_from(tmp_path: Path) -> None:
    """Inputs, code, rules, lock, parameters, decisions: what changes in a build changes its hash and no other."""
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "a.txt").write_text("قال الوزير إن القمة ستعقد غدا. " * 9 + "\n", "utf-8")
    told = []
    for words, rules in ((5, None), (6, None), (5, [tmp_path / "rules"])):
        (tmp_path / "rules").mkdir(exist_ok=True)
        shutil.copy(ROOT / "etl" / "rules" / "_macros.toml", tmp_path / "rules")
        (tmp_path / "rules" / "own.toml").write_text(OWN_RULE, "utf-8")
        know = load_knowledge(Params(quality=QualityParams(min_words=words)), rules)
        folder = tmp_path / f"out-{len(told)}"
        run(tmp_path / "pages", folder, Build(tmp_path / "build", know, local_runner(1)))
        told.append(read_manifest(folder)["made_from"])
    made_from = {"inputs", "code", "rules", "lock", "params", "withdrawn", "templates", "day_order", "overrides"}
    assert set(told[0]) >= made_from
    assert all(told[0][name] for name in ("inputs", "code", "rules", "lock", "params"))
    assert {name for name in told[0] if told[0][name] != told[1][name]} == {"params"}
    assert {name for name in told[0] if told[0][name] != told[2][name]} == {"rules"}


OWN_RULE = """
[[rule]]
id = "promo/own"
why = "A call of our own site."
line = 'اشترك في موقعنا هذا الان'
hits = ["⟦اشترك في موقعنا هذا الآن⟧"]
keeps = ["اشترك في موقعنا هذا الآن آلاف القراء من العالم العربي."]
"""


def test_parquet_is_as_the_ecosystem_wants_it(release: Path) -> None:
    """zstd, page index, the features' own metadata, and rows by outlet, then id."""
    (file,) = read_manifest(release)["configs"]["default"]["train"]["files"]
    assert file == "data/train-00000-of-00001.parquet"
    told = pq.ParquetFile(release / file)
    column = told.metadata.row_group(0).column(0)
    assert column.compression == "ZSTD"
    assert column.has_offset_index
    assert b"huggingface" in told.schema_arrow.metadata
    keys = pl.read_parquet(release / file).select("outlet", "id").rows()
    assert keys == sorted(keys, key=lambda key: (key[0] is None, key))


def test_outlets_that_withhold_their_text(tmp_path: Path) -> None:
    """Their documents are in the index, with hashes and scores, and no word of them is in any file."""
    docs = make_corpus(9).with_columns(title=pl.lit(None, pl.String))
    made = build(tmp_path, docs, params=ReleaseParams(withheld_outlets=("أخبار",)))
    mine = docs.filter(outlet="أخبار")["id"].to_list()
    index = table(made, "index")
    assert set(index.filter(~pl.col("text_released"))["id"].to_list()) == set(mine)
    assert not set(table(made, "default")["id"].to_list()) & set(mine)
    assert not table(made, "audit")["id"].is_in(mine).any()
    everything = words_of(made)
    assert "قال الوزير في اليوم 4 " not in everything
    assert "قال الوزير في اليوم 0 " in everything
    only = build(tmp_path / "only", docs, params=ReleaseParams(released_outlets=("example.com",)))
    assert set(table(only, "default")["outlet"].to_list()) == {"example.com"}


def test_what_is_rejected_has_the_hash_of_its_page_where_there_was_one(tmp_path: Path) -> None:
    """A second article, which has no raw of its own, has its page's; what could not be read has none."""
    page = make_page("pair", [("نص المقال الأول على الصفحة.\n", None), ("نص المقال الثاني عليها.", None, "", 1)])
    page[1]["verdict"] = "quality/too-short"
    empty = make_page("empty", [], verdict="read/unreadable")
    made = build(tmp_path, make_docs(page, empty), duplicates=None)
    found = dict(table(made, "rejected").select("id", "raw_sha256").iter_rows())
    assert found == {f"{page_id('pair')}.1": page[0]["raw_sha256"], page_id("empty"): None}


def test_copies_are_kept_on_request(tmp_path: Path) -> None:
    """With `keep_duplicates` the copies are released beside their representative, and say what they are."""
    made = build(tmp_path, make_corpus(9), params=ReleaseParams(keep_duplicates=True))
    copies = table(made, "default").filter(cluster_role="copy")
    assert set(copies["id"].to_list()) == {page_id("page 2"), page_id("page 3")}


def test_a_failed_build_leaves_the_last_release(tmp_path: Path) -> None:
    """A document that does not replay stops the build; yesterday's release is whole, nothing lies about."""
    made = build(tmp_path, make_corpus(4))
    before = hashes(made)
    bad = make_corpus(4).with_columns(text=pl.col("text") + "!", n_chars=pl.col("n_chars") + 1)
    with pytest.raises(InvalidTable, match=r"(?s)docs-00.*minus its cuts"):
        build(tmp_path, bad)
    assert hashes(made) == before
    assert check_release(made) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["docs", "release"]


def test_a_build_cut_short_between_two_renames_is_mended(tmp_path: Path) -> None:
    """The last release, set aside when the power went, is put back by the next run."""
    made = build(tmp_path, make_corpus(4))
    made.rename(tmp_path / ".release.last")
    with pytest.raises(InvalidTable):
        build(tmp_path, make_corpus(4).drop("url"))
    assert check_release(made) == []


def test_bad_shards_have_a_clear_error(tmp_path: Path) -> None:
    """A truncated file, twice the same id, no documents, a folder that is no release."""
    docs = make_corpus(4)
    files = write_shards(docs, tmp_path / "docs", 1)
    data = files[0].read_bytes()
    files[0].write_bytes(data[: len(data) // 2])
    with pytest.raises(InvalidTable, match=r"docs-000.parquet: is not a whole Parquet file"):
        release_docs(files, tmp_path / "release")
    files = write_shards(docs, tmp_path / "docs", 1)
    (tmp_path / "docs" / "docs-001.parquet").write_bytes(files[0].read_bytes())
    with pytest.raises(InvalidTable, match="names several documents"):
        release_docs([*files, tmp_path / "docs" / "docs-001.parquet"], tmp_path / "release")
    with pytest.raises(ReleaseError, match="no documents"):
        release_docs([], tmp_path / "release")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").touch()
    with pytest.raises(ReleaseError, match="not a release"):
        release_docs(files, tmp_path / "mine")
    assert (tmp_path / "mine" / "thesis.txt").exists()


def test_splits_are_not_straddled(tmp_path: Path) -> None:
    """No cluster and no second article lies in two splits; a split that is too small joins train."""
    pairs = [
        make_page(f"pair {n}", [(f"خبر أول رقم {n}.", None), ("\n", "space/end"), (f"خبر ثان {n}.", None, "", 1)])
        for n in range(150)
    ]
    docs = make_docs(*pairs)
    # Each second article is a near-duplicate of the next page's: clusters and pages form chains of ten.
    children = [f"{page_id(f'pair {n}')}.1" for n in range(150)]
    chains = [[children[n], page_id(f"pair {n + 1}")] for n in range(149) if n % 10 != 9]
    splits = SplitParams(validation=0.2, test=0.2, min_documents=5)
    params = ReleaseParams(keep_duplicates=True, splits=splits)
    made = build(tmp_path, docs, duplicates=make_duplicates(*chains), params=params)
    split = dict(table(made, "index").select("id", "split").iter_rows())
    assert set(split.values()) == {"train", "validation", "test"}
    for n in range(150):
        assert split[page_id(f"pair {n}")] == split[children[n]]
    for one, other in chains:
        assert split[one] == split[other]
    for name, told in read_manifest(made)["configs"]["default"].items():
        ids = pl.concat([pl.read_parquet(made / file) for file in told["files"]])["id"].to_list()
        assert {split[i] for i in ids} == {name}
    strict = SplitParams(validation=0.2, test=0.2, min_documents=1000)
    small = build(tmp_path / "small", docs, duplicates=None, params=ReleaseParams(splits=strict))
    assert list(read_manifest(small)["configs"]["default"]) == ["train"]
    assert set(table(small, "index")["split"].to_list()) == {"train"}


def test_documents_keep_their_split_when_others_come() -> None:
    """The split is a function of the cluster alone."""
    keys = pl.Series([page_id(str(n)) for n in range(4000)])
    params = SplitParams(validation=0.1, test=0.1)
    few, many = choose_splits(keys.head(1000), params), choose_splits(keys, params)
    assert few.equals(many.head(1000))
    assert 300 < (many == "test").sum() < 500


def test_splits_by_date(tmp_path: Path) -> None:
    """By date a cluster goes where its earliest document does; what has no date is train."""
    splits = SplitParams(by="date", validation_from=date(2024, 6, 1), test_from=date(2024, 9, 1), min_documents=1)
    made = build(tmp_path, make_corpus(), params=ReleaseParams(splits=splits))
    rows = table(made, "index").select("id", "date", "split").rows()
    clustered = page_id("page 1")
    for name, day, split in rows:
        first = date(2024, 2, 2) if name == clustered else day
        expected = "train" if first is None or first.month < 6 else "validation" if first.month < 9 else "test"
        assert split == expected


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.sampled_from("abcdefgh")), max_size=12))
def test_joined_clusters_have_one_key(links: list[tuple[str, str]]) -> None:
    """Whatever is linked has one key, the least; and what is not linked has not."""
    joined = join_clusters(links)
    assert all(joined[one] == joined[other] for one, other in links)
    assert all(key <= cluster and joined[key] == key for cluster, key in joined.items())
    groups = {key: {c for c, k in joined.items() if k == key} for key in joined.values()}
    for group in groups.values():
        seen = {min(group)}
        for _ in group:
            seen |= {b for a, b in links if a in seen} | {a for a, b in links if b in seen}
        assert seen == group


WITHDRAWN = [
    (f"id,date,reason\n{page_id('page 5')},2025-01-02,asked by the author\n", {"page 5"}),
    ("url,date,reason\nhttp://www.Example.com/6/?utm_source=x,2025-01-02,asked\n", {"page 6"}),
    (
        "outlet,date,reason\nأخبار,2025-01-02,publisher\n",
        {f"page {n}" for n in range(1, 60, 3)} | {"repaired"},
    ),
]


@pytest.mark.parametrize(("asked", "keys"), WITHDRAWN, ids=["id", "url", "outlet"])
def test_withdrawn_documents_leave_everything(tmp_path: Path, asked: str, keys: set[str]) -> None:
    """By id, address or outlet: no file holds a word of theirs, a tombstone stands, the law still holds."""
    (tmp_path / "withdrawn.csv").write_text(asked, "utf-8")
    made = build(tmp_path, make_corpus(), withdrawn=tmp_path / "withdrawn.csv")
    graves = table(made, "withdrawn")
    assert set(graves["id"].to_list()) == {page_id(key) for key in keys}
    assert set(graves["date"].to_list()) == {date(2025, 1, 2)}
    everything = words_of(made)
    for key in keys - {"repaired"}:
        number = key.split()[1]
        assert everything.count(page_id(key)) == 1
        assert f"في اليوم {number} " not in everything
        assert f"خبر آخر رقم {number}\\n" not in everything
    totals = read_manifest(made)["numbers"]["totals"]
    assert totals["withdrawn"] == len(keys)
    assert totals["documents"] == totals["released"] + totals["rejected"] + totals["withdrawn"]


def test_requests_that_name_no_document_are_found() -> None:
    """By id, address or outlet, in whichever shard and however the address is written."""
    shards = [
        pl.DataFrame({"id": ["aa", "bb-2"], "url": [None, "https://www.example.com/x/"], "outlet": ["One", None]}),
        pl.DataFrame({"id": ["cc.1"], "url": ["http://example.com/y"], "outlet": ["Two"]}),
        pl.DataFrame({"id": ["ee"], "url": ["https://example.com/%d8%a7"], "outlet": ["Two"]}),
    ]
    asked = [("id", "aa"), ("id", "bb"), ("id", "dd"), ("url", "example.com/x#top"), ("url", "example.com/z")]
    asked += [("url", "http://EXAMPLE.com/y?fbclid=1"), ("url", "https://example.com/%D8%A7")]
    asked += [("outlet", "Two"), ("outlet", "two"), ("id", "cc"), ("url", "http://example.com/x")]
    unmet = pl.DataFrame(asked, schema=["by", "key"], orient="row")
    for docs in shards:
        unmet = find_unmet(docs, unmet)
    assert unmet.rows() == [("id", "dd"), ("url", "example.com/z"), ("outlet", "two")]


def test_a_withdrawn_representative_has_an_heir(tmp_path: Path) -> None:
    """The story does not vanish with one of its copies: the least id left is released in its place."""
    pasted = f"\u2068{page_id('page 1')}\u2069"
    (tmp_path / "withdrawn.csv").write_text(f"id,date,reason\n{pasted},2025-01-02,asked\n", "utf-8")
    made = build(tmp_path, make_corpus(), withdrawn=tmp_path / "withdrawn.csv")
    heir = min(page_id("page 2"), page_id("page 3"))
    row = table(made, "default").filter(id=heir).to_dicts()[0]
    assert (row["cluster_role"], row["cluster_size"]) == ("representative", 2)
    rejected = table(made, "rejected").filter(verdict="duplicate/near")["id"].to_list()
    assert rejected == [max(page_id("page 2"), page_id("page 3"))]
    gone = pl.DataFrame({"id": [page_id("page 1")]})
    before = make_duplicates([page_id(key) for key in CLUSTER])
    assert find_risen(before, settle_clusters(before, gone)) == [heir]


def test_a_withdrawn_page_takes_its_second_article_along(tmp_path: Path) -> None:
    """And a withdrawn second article leaves its page's audit."""
    page = page_id("two articles")
    (tmp_path / "page.csv").write_text(f"id,date,reason\n{page},2025-01-02,asked\n", "utf-8")
    made = build(tmp_path, make_corpus(5), withdrawn=tmp_path / "page.csv")
    assert set(table(made, "withdrawn")["id"].to_list()) == {page, f"{page}.1"}
    (tmp_path / "child.csv").write_text(f"id,date,reason\n{page}.1,2025-01-02,asked\n", "utf-8")
    made = build(tmp_path, make_corpus(5), withdrawn=tmp_path / "child.csv", may_replace=True)
    assert table(made, "withdrawn")["id"].to_list() == [f"{page}.1"]
    assert page in table(made, "default")["id"].to_list()
    assert "المقال الثاني" not in words_of(made)


def test_a_second_article_that_is_left_out_is_no_text(tmp_path: Path) -> None:
    """What of a released page is in it is neither kept nor cut, and the card says so."""
    page = page_id("two articles")
    pieces = make_corpus(5).filter(id=page)["pieces"].item()
    text = sum(piece["length"] for piece in pieces if piece["article"] == 1 and piece["rule"] is None)
    (tmp_path / "child.csv").write_text(f"id,date,reason\n{page}.1,2025-01-02,asked\n", "utf-8")
    whole, less = (
        build(tmp_path / name, make_corpus(5), withdrawn=withdrawn)
        for name, withdrawn in (("whole", None), ("less", tmp_path / "child.csv"))
    )
    one, other = (read_manifest(made)["numbers"]["totals"] for made in (whole, less))
    assert other["characters_kept"] == one["characters_kept"] - text
    assert other["characters_second_articles"] == one["characters_second_articles"] - text
    assert (one["characters_second_articles_left_out"], other["characters_second_articles_left_out"]) == (0, text)
    for totals in (one, other):
        parts = ("characters_kept", "characters_second_articles_left_out", "characters_cut_total")
        assert totals["characters_released_pages"] == sum(totals[part] for part in parts)
    card = "are of second articles that were left out themselves"
    assert card not in (whole / "README.md").read_text("utf-8") and card in (less / "README.md").read_text("utf-8")


def test_a_withdrawn_text_under_another_id_stops_the_build(tmp_path: Path) -> None:
    """The same body on another page would still be found: the error says where, the last release stays."""
    made = build(tmp_path, make_corpus(5))
    copy = (
        make_corpus(5).filter(id=page_id("page 4")).with_columns(id=pl.lit("f" * 16), url=pl.lit("https://b.example/"))
    )
    docs = pl.concat([make_corpus(5), copy])
    (tmp_path / "withdrawn.csv").write_text(f"id,date,reason\n{page_id('page 4')},2025-01-02,asked\n", "utf-8")
    with pytest.raises(WithdrawalError, match=r"(?s)data/train.*the text of .*withdraw its id too"):
        build(tmp_path, docs, withdrawn=tmp_path / "withdrawn.csv")
    assert check_release(made) == []
    assert page_id("page 4") in words_of(made)


def test_a_withdrawn_text_that_was_touched_up_is_the_same_text(tmp_path: Path) -> None:
    """A copy with one word changed is found, and so is one that lies in the audit of another page, line by line."""
    lines = [f"قال الوزير في المؤتمر الصحفي إن البند رقم {n} سيعرض على المجلس في جلسته القادمة.\n" for n in range(6)]
    story = make_page("story", [("".join(lines), None)])
    touched = make_page("touched", [("".join([*lines[:5], lines[5].replace("القادمة", "المقبلة")]), None)])
    in_audit = make_page("audit", [("نص آخر قصير.\n", None), *[(line, "zone/after") for line in lines]])
    other = make_page("other", [(lines[0] + "نص آخر لا صلة له بما سبق، كتب عن موضوع مختلف تماما في يوم آخر.\n", None)])
    (tmp_path / "withdrawn.csv").write_text(f"id,date,reason\n{page_id('story')},2025-01-02,asked\n", "utf-8")
    more: dict[str, Any] = {"withdrawn": tmp_path / "withdrawn.csv", "duplicates": None}
    for copy, where in ((touched, "data/train"), (in_audit, "audit/train")):
        owner = copy[0]["id"]
        with pytest.raises(
            WithdrawalError, match=rf"(?s){where}[^\n]*the text of {page_id('story')}, in document {owner}"
        ):
            build(tmp_path, make_docs(story, copy), **more)
    made = build(tmp_path, make_docs(story, other), **more)
    assert table(made, "default")["id"].to_list() == [page_id("other")]


@pytest.mark.parametrize(
    ("table_of", "said"),
    [
        ("id,date,reason\nx,2025-01-02,a\n,2025-01-02,b\n", ":3: names 0 of id, url and outlet"),
        ("id,url,date,reason\nx,https://a.example,2025-01-02,a\n", ":2: names 2 of id"),
        ("id,date,reason\nx,2/1/2025,a\n", "write it as YYYY-MM-DD"),
        ("id,date,reason\nx,,a\n", ":2: date ''; write it as YYYY-MM-DD"),
        ("id,date,reason\nx,2025-01-02,a\ny,2025-01-02,\n", ":3: gives no reason"),
        ('id,date,reason\nx,2025-01-02,"  "\n', ":2: gives no reason"),
        ("who,date,reason\nx,2025-01-02,a\n", "wanted are id, url or outlet"),
    ],
)
def test_a_request_that_cannot_be_read(tmp_path: Path, table_of: str, said: str) -> None:
    """The error names file and line and what to write: a typo must not let a document stay."""
    (tmp_path / "withdrawn.csv").write_text(table_of, "utf-8")
    with pytest.raises(WithdrawalError, match=f"withdrawn.csv.*{said}"):
        build(tmp_path, make_corpus(3), withdrawn=tmp_path / "withdrawn.csv")


def test_a_misspelt_parameter_is_an_error() -> None:
    """Extra keys are forbidden, and every parameter is described."""
    with pytest.raises(ValueError, match="mask_persona"):
        ReleaseParams.model_validate({"mask_persona": False})
    for model in (ReleaseParams, SplitParams):
        assert all(field.description for field in model.model_fields.values())


ROWS = st.lists(
    st.tuples(st.integers(0, 2**64 - 1), st.sampled_from(["a", "b", None]), st.text(max_size=20)),
    max_size=40,
    unique_by=lambda row: row[0],
)


@settings(max_examples=20)
@given(ROWS, st.integers(1, 7), st.integers(100, 2000), st.sampled_from([0, 40, 5000]))
def test_shards_are_the_same_whatever_was_spilled(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[int, str | None, str]],
    parts: int,
    shard_bytes: int,
    expected: int,
) -> None:
    """In memory or in runs on disk, of one range of ids or of many, in one part or in many: the same rows in the same
    shards in order."""
    frame = pl.DataFrame(
        [{"id": f"{number:016x}", "text": text, "outlet": outlet} for number, outlet, text in rows],
        schema={"id": pl.String, "text": pl.String, "outlet": pl.String},
    )
    numbers = {"article": pl.lit(0, pl.Int32), "start": pl.lit(0, pl.Int64), "at": pl.lit(0, pl.Int64)}
    words = {"rule": pl.lit("share/widget"), "action": pl.lit("cut"), "masked": pl.lit(False)}
    # Of every document two rows, which keep their order.
    frame = pl.concat([frame.with_columns(end=pl.lit(end, pl.Int64), **numbers, **words) for end in (2, 1)])
    frame = frame.sort("id", maintain_order=True)
    made = []
    for limit, pieces in ((10**9, 1), (16, parts)):
        spill = Spill(tmp_path_factory.mktemp("runs"), limit, expected)
        for part in range(pieces):
            mine = frame.filter(pl.int_range(pl.len()) // 2 % pieces == part)
            keys = mine.group_by("id", "outlet", maintain_order=True).agg(rows=pl.len().cast(pl.Int64))
            spill.add("audit", pack_rows(mine.select(list(AUDIT)), keys))
        taken = spill.take("audit", CONFIGS["audit"], shard_bytes)
        made.append([(s, n, pl.DataFrame(table).rows()) for s, n, table in taken])
        spill.close()
    order = sorted(rows, key=lambda row: (row[1] is None, row[1] or "", row[0]))
    if made[0][0][1] == 1:
        assert [row[:1] + row[3:4] for row in made[0][0][2]] == [
            (f"{number:016x}", end) for number, _, _ in order for end in (2, 1)
        ]
    assert made[0] == made[1]
    assert sum(len(rows_of) for _, _, rows_of in made[0]) == 2 * len(rows)
    shards = made[0][0][1]
    assert all(int(row[0][:3], 16) * shards // 4096 == shard for shard, _, rows_of in made[0] for row in rows_of)
