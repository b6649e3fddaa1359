"""Columns: a record is a row whatever its table holds; which column is read, and what is said of a name that none has."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import datasets
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from shard_work import Watch
from test_read import FORMATS, essence, jsonl, only, read

from etl.read import ReadError, ReadParams, read_table, write_raw
from etl.read.columns import Columns, look_up
from etl.runners import Processes


def write(folder: Path, **files: list[dict[str, Any]]) -> None:
    """Write files of records: `a_csv` is `a.csv`."""
    for name, pages in files.items():
        stem, _, suffix = name.rpartition("_")
        (folder / f"{stem}.{suffix}").write_bytes(FORMATS[f"pages.{suffix}"](pages))


class TestEveryRecordIsARow:
    @pytest.mark.parametrize("name", [*FORMATS, "saved"])
    def test_without_a_column_of_text(self, name: str, tmp_path: Path) -> None:
        """Every record of a table without a known text is rejected by itself, with what else it says, in all formats alike."""
        pages = [{"link": f"https://e.com/{number}", "when, where": "x"} for number in range(3)]
        if name == "saved":
            datasets.Dataset.from_list(pages).save_to_disk(tmp_path / name)
        else:
            (tmp_path / name).write_bytes(FORMATS[name](pages))
        rows = read(tmp_path)
        assert [row["verdict"] for row in rows] == ["read/missing-column"] * 3
        assert [row["url"] for row in rows] == ["https://e.com/0", "https://e.com/1", "https://e.com/2"]
        assert all(row["reason"].startswith(f"{row['path']}: no column that is known") for row in rows)
        assert all("there are 'link', 'when, where';" in row["reason"] for row in rows)
        (tmp_path / "other").mkdir()
        (tmp_path / "other" / "a.jsonl").write_bytes(jsonl(pages))
        assert essence(rows) == essence(read(tmp_path / "other"))

    def test_no_column_says_anything(self, tmp_path: Path) -> None:
        """Rows are counted also where no column at all is known, over many batches, and no text of theirs is held."""
        pq.write_table(pa.table({"x": ["س" * 50] * 5000, "y": range(5000)}), tmp_path / "a.parquet", row_group_size=700)
        rows = read(tmp_path)
        assert [row["path"] for row in rows] == [f"a.parquet#{number}" for number in range(1, 5001)]
        assert {row["verdict"] for row in rows} == {"read/missing-column"}
        assert {row["raw"] for row in rows} == {""} and len({row["id"] for row in rows}) == 5000

    def test_a_table_without_rows(self, tmp_path: Path) -> None:
        """Names without records are a row where they name no text, for they may be a page that is no table; else none is."""
        (tmp_path / "a.csv").write_text("قال الوزير إن القمة ستعقد غدا.\n", "utf-8")
        pq.write_table(pa.table({"x": pa.array([], pa.string())}), tmp_path / "b.parquet")
        (tmp_path / "c.csv").write_text("text,url\n")
        pq.write_table(pa.table({"text": pa.array([], pa.string())}), tmp_path / "d.parquet")
        told = [(row["path"], row["verdict"]) for row in read(tmp_path)]
        assert told == [("a.csv#1", "read/missing-column"), ("b.parquet#1", "read/missing-column")]

    def test_bad_records_of_such_a_table(self, tmp_path: Path) -> None:
        """A record that is none is told as one in a table without text as well."""
        (tmp_path / "a.csv").write_text("x,y\n1,2\n3\n5,6\n")
        told = [(row["path"], row["verdict"]) for row in read(tmp_path)]
        assert told == [
            ("a.csv#2", "read/missing-column"),
            ("a.csv#3", "read/bad-record"),
            ("a.csv#4", "read/missing-column"),
        ]

    def test_reasons_fill_shards(self, tmp_path: Path) -> None:
        """A table without text ends in several shards, as one with text does: no later stage holds all its rows."""
        (tmp_path / "in").mkdir()
        (tmp_path / "in" / "a.csv").write_text("x\n" + "1\n" * 2000)
        summary = write_raw(tmp_path / "in", tmp_path / "out", ReadParams(shard_bytes=100_000))
        assert (summary["pages"], summary["rejected"]) == (2000, 2000)
        assert summary["shards"] >= 3


class TestNamedColumns:
    def test_the_named_one_first_then_the_usual(self, tmp_path: Path) -> None:
        """In a folder of several tables each is read by the named column where it has it, else by the usual names."""
        write(
            tmp_path,
            a_csv=[{"nass": "نص أول", "content": "مقدمة"}],
            b_csv=[{"content": "نص ثان", "title": "عنوان"}],
            c_parquet=[{"nass": "نص ثالث", "text": "مقدمة"}],
            d_parquet=[{"content": "نص رابع", "title": "عنوان"}],
            e_jsonl=[{"nass": "نص خامس", "text": "مقدمة"}, {"body": "نص سادس"}],
        )
        rows = read(tmp_path, columns={"text": "nass"})
        assert [row["raw"] for row in rows] == ["نص أول", "نص ثان", "نص ثالث", "نص رابع", "نص خامس", "نص سادس"]
        assert {row["verdict"] for row in rows} == {None}

    def test_a_named_column_that_says_nothing(self, tmp_path: Path) -> None:
        """Where the named column is there and empty, no other column is read in its stead."""
        write(
            tmp_path, a_csv=[{"nass": "", "text": "مقدمة"}], b_jsonl=[{"nass": None, "text": "مقدمة"}, {"nass": "نص"}]
        )
        told = [(row["raw"], row["verdict"]) for row in read(tmp_path, columns={"text": "nass"})]
        assert told == [("", "read/empty"), ("", "read/empty"), ("نص", None)]

    def test_several_names_in_order(self, tmp_path: Path) -> None:
        """Of a list of names the first that a table or record has is taken."""
        write(
            tmp_path,
            a_csv=[{"matn": "ثان", "nass": "أول"}],
            b_jsonl=[{"matn": "نص"}, {"article": {"body": "متن", "by": "كاتب"}}, {"text": "عادي"}],
            c_parquet=[{"article": {"body": "متن آخر", "by": "كاتب"}}],
        )
        names = {"text": ["nass", "matn", "article.body"], "author": ["who", "article.by"]}
        rows = read(tmp_path, columns=names)
        assert [row["raw"] for row in rows] == ["أول", "نص", "متن", "عادي", "متن آخر"]
        assert [row["given_author"] for row in rows] == [None, None, "كاتب", None, "كاتب"]
        assert {"field": "author", "source": "column:article.by"} in rows[4]["given_from"]

    @pytest.mark.parametrize("name", ["News Story", "news_story", "NEWS-STORY"])
    def test_names_are_compared_as_the_usual_ones(self, name: str, tmp_path: Path) -> None:
        """Case, spaces, `_` and `-` of a name do not matter, nor does a byte order mark; the exact name comes first."""
        record = {"News Story": "نص", "text": "مقدمة"}
        write(tmp_path, a_jsonl=[record], b_parquet=[{"\ufeffnews_story": "نص", "text": "مقدمة"}])
        assert [row["raw"] for row in read(tmp_path, columns={"text": name})] == ["نص", "نص"]
        assert Columns({"text": ["Nass"]}).match({"nass": 1, "Nass": 2}) == {"text": "Nass"}

    def test_a_record_is_not_read_by_a_part_of_the_named_place(self, tmp_path: Path) -> None:
        """`article.body` is there only where `article` holds a `body`: else the usual names are tried."""
        write(tmp_path, a_jsonl=[{"article": {"head": "ع"}, "text": "نص"}, {"article": {"Body": "متن"}}])
        assert [row["raw"] for row in read(tmp_path, columns={"text": "article.body"})] == ["نص", "متن"]

    @pytest.mark.parametrize("name", ["lines.txt", "lines"])
    def test_records_are_known_by_a_named_text(self, name: str, tmp_path: Path) -> None:
        """Lines of JSON under another name than .jsonl are told by the text that they hold, a named one included."""
        (tmp_path / name).write_bytes(jsonl([{"nass": "نص"}, {"nass": "نص آخر"}]))
        assert [row["raw"] for row in read(tmp_path, columns={"text": "nass"})] == ["نص", "نص آخر"]


class TestANameThatIsNowhere:
    def test_of_the_text_is_an_error(self, tmp_path: Path) -> None:
        """A misspelt text column does not silently read another one: the error names it and the columns there are."""
        write(tmp_path, a_csv=[{"content": "نص", "nass": "متن"}], b_jsonl=[{"meta": {"nass": "متن"}}])
        wanted = "'nas' \\(read.columns.text\\); there are 'content', 'nass', 'meta.nass'; correct the name"
        with pytest.raises(ReadError, match=wanted):
            read(tmp_path, columns={"text": "nas"})
        with pytest.raises(ReadError, match=wanted):
            write_raw(tmp_path, tmp_path.parent / "out", ReadParams(columns={"text": ["nas"]}))
        with pytest.raises(ReadError, match="'nas'"):
            read_table(pa.table({"content": ["نص"]}), ReadParams(columns={"text": ["nas"]}))

    def test_one_file_that_has_it_is_enough(self, tmp_path: Path) -> None:
        """Whichever worker reads the file that has the named column, the source has it; kept shards still say so."""
        source, out = tmp_path / "in", tmp_path / "out"
        source.mkdir()
        pages = {f"{number:02}_jsonl": [{"content": "نص" * 40}] for number in range(20)}
        write(source, **pages, z_jsonl=[{"nass": "نص"}])
        params = ReadParams(columns={"text": ["nass"]}, shard_bytes=200)
        assert write_raw(source, out, params, runner=Processes(2))["rejected"] == 0
        assert write_raw(source, out, params)["pages"] == 21
        (source / "z.jsonl").unlink()
        with pytest.raises(ReadError, match="'nass'"):
            write_raw(source, out, params)

    def test_of_another_field_is_a_warning(self, tmp_path: Path) -> None:
        """A name of a list, or of a field, that no file has is told, with the columns there are, and all is read."""
        source = tmp_path / "in"
        source.mkdir()
        write(source, a_csv=[{"nass": "نص", "katib": "أ"}])
        watch = Watch()
        params = ReadParams(columns={"text": ["matn", "nass"], "author": ["kateb"]})
        assert write_raw(source, tmp_path / "out", params, watch)["rejected"] == 0
        (told,) = [warned["text"] for warned in watch.warned if warned["event"] == "columns"]
        assert "'matn' (read.columns.text), 'kateb' (read.columns.author); there are 'nass', 'katib'" in told

    def test_does_not_matter_without_tables(self, tmp_path: Path) -> None:
        """Pages of text have no columns; and a sidecar is no table."""
        (tmp_path / "a.txt").write_text("نص", "utf-8")
        (tmp_path / "a.json").write_text(json.dumps({"title": "ع"}))
        assert only(tmp_path, columns={"text": "nass"})["raw"] == "نص"

    def test_an_empty_name_is_refused(self) -> None:
        """No name, and none of a list, is empty."""
        for names in ("", [], ["nass", ""]):
            with pytest.raises(ValueError, match=r"columns\.text"):
                ReadParams(columns={"text": names})


def test_what_a_record_holds_under_a_column() -> None:
    """A name with dots that a record has as it is comes before what is inside an object."""
    record = {"a.b": 1, "a": {"b": 2, "C d": 3}}
    assert [look_up(record, name) for name in ("a.b", "a.c_d", "a.e", "x")] == [1, 3, None, None]
