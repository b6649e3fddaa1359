"""Reading: every format gives the same rows, every page leaves one, what cannot be read says why."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import datasets
import fsspec
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shard_work import Watch

from etl.addresses import canonical_url, canonical_urls, is_address
from etl.read import RAW, ReadError, ReadParams, list_files, read_pages, write_raw
from etl.read import identity as identity_module
from etl.read import records as records_module
from etl.read.found import BATCH_ROWS
from etl.read.identity import Repeats
from etl.read.kinds import tell_kind
from etl.read.row import Fault
from etl.runners import Processes

Rows = list[dict[str, Any]]

PAGES = [
    {
        "url": "https://www.example.com/a",
        "title": "عنوان أول",
        "text": "قال الوزير إن القمة ستعقد غدا.\nفقرة ثانية.",
        "date": "2024-06-20",
    },
    {
        "url": "https://www.example.com/b",
        "title": "عنوان, ثان",
        "text": 'نص فيه "اقتباس" وفاصلة، وشرطة \\ مائلة.',
        "date": "2024-06-21",
    },
    {
        "url": "https://www.example.com/c",
        "title": "عنوان ثالث",
        "text": "نص [بين] {أقواس} ; وغيرها",
        "date": "2024-06-22",
    },
]


def read(source: Path | str, **params: Any) -> Rows:
    rows: Rows = []
    for table in read_pages(source, ReadParams(**params)):
        assert table.schema == RAW
        rows += table.to_pylist()
    return rows


def only(source: Path, **params: Any) -> dict[str, Any]:
    (row,) = read(source, **params)
    return row


def jsonl(pages: list[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(page, ensure_ascii=False) + "\n" for page in pages).encode()


def as_csv(pages: list[dict[str, Any]], delimiter: str = ",") -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(pages[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(pages)
    return out.getvalue().encode()


def as_arrow(pages: list[dict[str, Any]], stream: bool) -> bytes:
    table = pa.Table.from_pylist(pages)
    sink = pa.BufferOutputStream()
    with (pa.ipc.new_stream if stream else pa.ipc.new_file)(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


def as_parquet(pages: list[dict[str, Any]]) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist(pages), sink)
    return sink.getvalue().to_pybytes()


FORMATS: dict[str, Callable[[list[dict[str, Any]]], bytes]] = {
    "pages.jsonl": jsonl,
    "pages.json": lambda pages: json.dumps(pages, ensure_ascii=False, indent=2).encode(),
    "ascii.json": lambda pages: json.dumps(pages).encode(),
    "lines.json": jsonl,
    "concatenated.json": lambda pages: "".join(json.dumps(page, indent=1) for page in pages).encode(),
    "pages.csv": as_csv,
    "semicolons.csv": lambda pages: as_csv(pages, ";"),
    "pages.tsv": lambda pages: as_csv(pages, "\t"),
    "unicode.tsv": lambda pages: as_csv(pages, "\t").decode().encode("utf-16"),
    "unicode.jsonl": lambda pages: jsonl(pages).decode().encode("utf-16"),
    "separator.csv": lambda pages: b"sep=;\r\n" + as_csv(pages, ";"),
    "commas.jsonl": lambda pages: jsonl(pages).replace(b"}\n", b"},\n"),
    "sequence.jsonl": lambda pages: b"".join(b"\x1e" + jsonl([page]) for page in pages),
    "bom.csv": lambda pages: b"\xef\xbb\xbf" + as_csv(pages),
    "pages.parquet": as_parquet,
    "pages.arrow": lambda pages: as_arrow(pages, stream=False),
    "stream.arrow": lambda pages: as_arrow(pages, stream=True),
}


def essence(rows: Rows) -> list[tuple[Any, ...]]:
    names = ("id", "url", "raw", "given_title", "given_date", "verdict")
    return [tuple(row[name] for name in names) for row in rows]


@pytest.fixture
def expected(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Any, ...]]:
    file = tmp_path_factory.mktemp("expected") / "pages.jsonl"
    file.write_bytes(jsonl(PAGES))
    return essence(read(file))


class TestFormats:
    @pytest.mark.parametrize("name", FORMATS)
    def test_every_format_gives_the_same_rows(self, name: str, tmp_path: Path, expected: list[tuple[Any, ...]]) -> None:
        """The same pages in any format are the same rows; only the path tells where they came from."""
        (tmp_path / name).write_bytes(FORMATS[name](PAGES))
        rows = read(tmp_path / name)
        assert [row["raw"] for row in rows] == [page["text"] for page in PAGES]
        assert essence(rows) == expected
        assert all(row["path"].startswith(f"{name}#") for row in rows)

    @pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
    @pytest.mark.parametrize("name", ["pages.jsonl", "pages.json", "pages.csv", "stream.arrow"])
    def test_compressed_is_read_as_plain(
        self, name: str, pack: Callable[[bytes], bytes], tmp_path: Path, expected: list[tuple[Any, ...]]
    ) -> None:
        """gzip and zstd are told by their bytes, whether or not the name says so."""
        for suffix in (".gz", ".zst", ""):
            (tmp_path / (name + suffix)).write_bytes(pack(FORMATS[name](PAGES)))
            assert essence(read(tmp_path / (name + suffix))) == expected

    def test_gzip_of_many_members_is_read_to_the_end(self, tmp_path: Path, expected: list[tuple[Any, ...]]) -> None:
        """Members one after another are one stream; zeros after the last are padding."""
        (tmp_path / "p.jsonl.gz").write_bytes(b"".join(gzip.compress(jsonl([page])) for page in PAGES) + b"\0" * 512)
        assert essence(read(tmp_path / "p.jsonl.gz")) == expected

    def test_dataset_on_disk(self, tmp_path: Path, expected: list[tuple[Any, ...]]) -> None:
        """A dataset saved with save_to_disk is read with its own order of rows; splits are folders."""
        dataset = datasets.Dataset.from_list(PAGES[::-1]).select([2, 1, 0])
        datasets.DatasetDict({"train": dataset}).save_to_disk(tmp_path / "saved")
        rows = read(tmp_path)
        assert essence(rows) == expected
        assert [row["path"] for row in rows] == ["saved/train#1", "saved/train#2", "saved/train#3"]
        assert [row["path"] for row in read(tmp_path / "saved" / "train")] == [
            "train#1",
            "train#2",
            "train#3",
        ]

    def test_dataset_by_name_is_streamed(
        self, monkeypatch: pytest.MonkeyPatch, expected: list[tuple[Any, ...]]
    ) -> None:
        """hf://owner/name goes through datasets, streaming, split by split in the order of their names."""
        asked: list[tuple[Any, ...]] = []

        def load(name: str, config: str | None, **more: Any) -> Any:
            asked.append((name, config, more))
            stream = datasets.Dataset.from_list(PAGES).to_iterable_dataset()
            return datasets.IterableDatasetDict({"train": stream, "a": stream.take(1)})

        monkeypatch.setattr(datasets, "load_dataset", load)
        rows = read("hf://owner/name?config=ar&revision=v1")
        assert asked == [("owner/name", "ar", {"split": None, "revision": "v1", "streaming": True})]
        assert [row["path"] for row in rows] == [
            "owner/name/a#1",
            *(f"owner/name/train#{n}" for n in (1, 2, 3)),
        ]
        assert essence(rows[1:])[1:] == expected[1:]

    def test_a_dataset_that_cannot_be_had(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """No network, no such name, a stream that breaks: an error that names the dataset and what to do."""

        def fail(*args: Any, **more: Any) -> Any:
            raise ConnectionError("no way there")

        monkeypatch.setattr(datasets, "load_dataset", fail)
        with pytest.raises(ReadError, match=r"hf://owner/name: cannot be loaded \(no way there\); check"):
            read("hf://owner/name")

        def breaking(*args: Any, **more: Any) -> Any:
            def rows() -> Iterator[dict[str, Any]]:
                yield PAGES[0]
                raise ConnectionError("gone")

            return datasets.IterableDataset.from_generator(rows)

        monkeypatch.setattr(datasets, "load_dataset", breaking)
        with pytest.raises(ReadError, match=r"hf://owner/name/train: broken off after row 1 \(gone\)"):
            read("hf://owner/name?split=train")

    @pytest.mark.parametrize("what", ["state.json", "dataset_info.json", "data-00000-of-00001.arrow"])
    def test_a_damaged_dataset(self, what: str, tmp_path: Path) -> None:
        """A saved dataset with a broken or missing part is a row that says so."""
        datasets.Dataset.from_list(PAGES).save_to_disk(tmp_path / "saved")
        (tmp_path / "saved" / what).write_text("[")
        assert [(row["path"], row["verdict"]) for row in read(tmp_path)] == [("saved#1", "read/unreadable")]

    def test_a_dataset_name_that_is_none_says_how_to_write_it(self) -> None:
        """A wrong option in an hf:// address is an error that shows the right form."""
        with pytest.raises(ReadError, match=r"hf://owner/name"):
            read("hf://owner/name?splits=train")

    def test_other_file_systems(self, expected: list[tuple[Any, ...]]) -> None:
        """Any fsspec address is a source."""
        system = fsspec.filesystem("memory")
        with system.open("/bucket/deep/pages.jsonl.gz", "wb") as file:
            file.write(gzip.compress(jsonl(PAGES)))
        with system.open("/bucket/deep/pages.parquet", "wb") as file:
            file.write(as_parquet(PAGES))
        rows = read("memory://bucket")
        assert [row["path"] for row in rows[2:4]] == ["deep/pages.jsonl.gz#3", "deep/pages.parquet#1"]
        assert essence(rows[:3]) == expected
        with pytest.raises(ReadError, match="memory://nowhere"):
            read("memory://nowhere")

    def test_notes_of_a_folder_are_passed_over_at_an_address_too(self, tmp_path: Path) -> None:
        """Hidden names, README, LICENSE and what read.ignore names: the same pages are read here and there."""
        names = ["README.md", "LICENSE", ".hidden/a.txt", ".hidden/b.txt", "deep/README", "deep/.b.txt", "deep/a.txt"]
        names += ["notes/one.txt", "notes/two.txt", "z.log", "z.txt"]
        params = ReadParams(ignore=(*ReadParams().ignore, "*.log", "notes"))
        system = fsspec.filesystem("memory")
        for name in names:
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text("نص", "utf-8")
            system.pipe_file(f"/noted/{name}", "نص".encode())
        here: list[str] = []
        there: list[str] = []
        found = [file.path for file in list_files(tmp_path, params, here)]
        assert found == ["deep/a.txt", "z.txt"]
        assert [file.path for file in list_files("memory://noted", params, there)] == found
        assert there == here
        # A file that is named itself is read, whatever its name.
        assert [file.path for file in list_files("memory://noted/README.md", params)] == ["README.md"]
        assert [file.path for file in list_files(tmp_path / "README.md", params)] == ["README.md"]

    def test_mixed_folder(self, tmp_path: Path) -> None:
        """Formats may lie in one folder; the rows come in path order, each folder by name."""
        (tmp_path / "b").mkdir()
        (tmp_path / "b" / "deep.txt").write_text("نص عميق", "utf-8")
        (tmp_path / "a.csv").write_bytes(as_csv(PAGES))
        (tmp_path / "b.txt").write_text("نص", "utf-8")
        (tmp_path / "c.html").write_text("<html><body><p>فقرة في صفحة</p></body></html>", "utf-8")
        (tmp_path / ".hidden.txt").write_text("لا يقرأ", "utf-8")
        paths = [row["path"] for row in read(tmp_path)]
        assert paths == ["a.csv#2", "a.csv#4", "a.csv#5", "b/deep.txt", "b.txt", "c.html"]


class TestKinds:
    @pytest.mark.parametrize(
        ("name", "head", "kind"),
        [
            ("a.txt", b"<!DOCTYPE html><html>", "html"),
            ("a.txt", b"\xef\xbb\xbf\n <!-- c --><HTML lang=ar>", "html"),
            ("a.txt", "<html>".encode("utf-16"), "html"),
            ("a.html", "نص بلا وسوم".encode(), "text"),
            ("a.html", b"PAR1....", "parquet"),
            ("a", b"WARC/1.0\r\n", "warc"),
            ("a.csv", b"WARC/1.0\r\n", "warc"),
            ("a.txt", "From: وكالة: نص بلا رأس".encode(), "text"),
            ("a.txt", b'{"text": "x"}\n{"text": "y"}\n', "jsonl"),
            ("a.txt", b'{"name": "x"}\n', "text"),
            ("a.txt", b'{"text" is a word here', "text"),
            ("a.txt", b"[ { } ]", "text"),
            ("a", b'[{"text": "x"}]', "json"),
            ("a.json", b'{"text": "x"}\n{"text": "y"}', "jsonl"),
            ("a.json", b'{\n "text": "x"}', "json"),
            ("a.jsonl", b'[{"text": "x"}]', "json"),
            ("a.jsonl.gz", b'{"text": "x', "jsonl"),
            ("a.tsv", b"text\turl\n", "csv"),
            ("a.md", b"# text", "text"),
        ],
        ids=repr,
    )
    def test_content_beats_name(self, name: str, head: bytes, kind: str) -> None:
        """The first bytes decide; the name decides only where they leave it open."""
        assert tell_kind(name, head) == kind

    @pytest.mark.parametrize(
        ("head", "verdict"),
        [
            (b"7z\xbc\xaf", "read/binary"),
            (b"%PDF-1.7", "read/binary"),
            (b"<?xml version='1.0'?><rss>", "read/unsupported"),
        ],
        ids=repr,
    )
    def test_what_is_not_read_says_so(self, head: bytes, verdict: str) -> None:
        """Known formats that are not read here are named."""
        with pytest.raises(Fault) as fault:
            tell_kind("a.txt", head)
        assert fault.value.verdict == verdict
        assert "a.txt" in fault.value.reason


class TestText:
    def test_ids_and_hashes(self, tmp_path: Path) -> None:
        """Without an address an id is of the text, the same in any folder; the second of one text is -2."""
        for name in ("b/x.txt", "a/y.txt", "c.txt"):
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text("نص واحد" if name != "c.txt" else "نص آخر", "utf-8")
        digest = hashlib.sha256("نص واحد".encode()).hexdigest()
        rows = read(tmp_path)
        assert [row["id"] for row in rows] == [digest[:16], f"{digest[:16]}-2", rows[2]["id"]]
        assert rows[0]["raw_sha256"] == rows[0]["source_sha256"] == digest
        assert rows[2]["id"] == only(tmp_path / "c.txt")["id"]

    def test_windows_1256(self, tmp_path: Path) -> None:
        """A file that is not UTF-8 is decoded, and its encoding is written down."""
        text = "قال الرئيس الروسي فلاديمير بوتين إن القمة ستعقد غدا في العاصمة، وقال الوزير إن الاتفاق جاهز.\n" * 5
        (tmp_path / "a.txt").write_bytes(text.encode("cp1256"))
        row = only(tmp_path)
        assert row["raw"] == text
        assert "1256" in row["encoding"]
        assert row["source_sha256"] == hashlib.sha256(text.encode("cp1256")).hexdigest()
        assert row["verdict"] is None

    def test_no_arabic_is_not_refused_here(self, tmp_path: Path) -> None:
        """Language is judged later: reading refuses only what cannot be read."""
        (tmp_path / "a.txt").write_text("Nothing Arabic in it.")
        assert only(tmp_path)["verdict"] is None

    @pytest.mark.parametrize(
        ("page", "sidecar"),
        [
            ("a.txt", "a.json"),
            ("a.txt", "a.txt.json"),
            ("a.html", "a.json"),
            ("a.txt.gz", "a.json"),
            ("a.txt.zst", "a.txt.json"),
            ("a", "a.json"),
            ("b.c.TXT", "b.c.json"),
        ],
    )
    def test_sidecar(self, page: str, sidecar: str, tmp_path: Path) -> None:
        """A small JSON object beside a page says its url, date, outlet and title, and is no page itself."""
        data = "<html><body><p>نص الصفحة</p></body></html>".encode()
        pack = {".gz": gzip.compress, ".zst": zstandard.compress}.get(Path(page).suffix, lambda data: data)
        (tmp_path / page).write_bytes(pack(data))
        said = {
            "url": "https://example.com/1",
            "date": "2024-06-20",
            "outlet": "الصحيفة",
            "title": "عنوان",
            "tags": ["أ", "ب"],
        }
        (tmp_path / sidecar).write_text(json.dumps(said), "utf-8")
        row = only(tmp_path)
        assert (row["path"], row["url"], row["outlet"]) == (page, said["url"], said["outlet"])
        assert (row["given_title"], row["given_date"], row["given_keywords"]) == (
            "عنوان",
            "2024-06-20",
            ["أ", "ب"],
        )
        assert {"field": "title", "source": "sidecar:title"} in row["given_from"]

    def test_a_broken_sidecar_is_a_row(self, tmp_path: Path) -> None:
        """A sidecar that is not JSON costs its page nothing, and is not passed over in silence."""
        (tmp_path / "a.txt").write_text("نص", "utf-8")
        (tmp_path / "a.json").write_text('{"url": ')
        rows = read(tmp_path)
        assert [(row["path"], row["verdict"]) for row in rows] == [
            ("a.json#1", "read/bad-record"),
            ("a.txt", None),
        ]

    def test_a_json_page_beside_a_text_is_a_page(self, tmp_path: Path) -> None:
        """A JSON file with a text of its own is no sidecar."""
        (tmp_path / "a.txt").write_text("نص", "utf-8")
        (tmp_path / "a.json").write_text(json.dumps(PAGES[0]))
        assert [row["path"] for row in read(tmp_path)] == ["a.json#1", "a.txt"]

    def test_outlet(self, tmp_path: Path) -> None:
        """The outlet is what the input says, else of the address, else, only where asked for, the folder."""
        (tmp_path / "paper" / "2024").mkdir(parents=True)
        (tmp_path / "paper" / "2024" / "a.txt").write_text("نص", "utf-8")
        (tmp_path / "paper" / "b.jsonl").write_text(
            '{"text": "x", "url": "https://news.example.co.uk/1"}\n{"text": "y", "site": "Z"}\n'
        )
        (tmp_path / "top.txt").write_text("نص أعلى", "utf-8")
        assert [row["outlet"] for row in read(tmp_path)] == [None, "example.co.uk", "Z", None]
        assert [row["outlet"] for row in read(tmp_path, outlet_from_folder=True)] == [
            "paper",
            "example.co.uk",
            "Z",
            None,
        ]

    @pytest.mark.parametrize(
        "name",
        [
            "ملف عربي، مع فراغ.txt",
            "a #1 50%.txt",
            "%D9%85%20.html",
            "x#2/b.jsonl",
            "مجلد %20/ج #3.csv",
            "[a]*?'\"&.txt",
            "a\\b.txt",
        ],
    )
    def test_names_of_files(self, name: str, tmp_path: Path) -> None:
        """Spaces, Arabic, `#`, `%` and what means something to a shell or an address are a name as any other."""
        source, out = tmp_path / "in", tmp_path / "out"
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        text = {".jsonl": '{"text": "نص"}', ".csv": "text\nنص\n"}.get(Path(name).suffix, "نص")
        (source / name).write_text(text, "utf-8")
        (row,) = read(source, outlet_from_folder=True)
        assert (row["raw"], row["verdict"]) == ("نص", None)
        assert row["path"].startswith(name) and row["path"].removeprefix(name) in ("", "#1", "#2")
        assert row["outlet"] == (name.split("/")[0] if "/" in name else None)
        write_raw(source, out, ReadParams())
        assert pq.read_table(out / "raw-00000-000.parquet")["path"].to_pylist() == [row["path"]]

    def test_outlet_of_html(self, tmp_path: Path) -> None:
        """What the markup calls its site names the outlet after column and address, before the folder, if it is a name."""
        paper, motto = "جسر الحروف", "الخبر لحظة بلحظة"
        page = '<html><head><meta property="og:site_name" content="{}">{}</head><body><p>نص</p></body></html>'
        address = '<link rel="canonical" href="https://www.example.com/1">'
        pages = [
            {"html": page.format(paper, "")},
            {"html": page.format(paper, address)},
            {"html": page.format(paper, ""), "outlet": "Z"},
            {"html": page.format(motto, "")},
            {"html": page.format("Al Jazeera", ""), "url": "https://127.0.0.1/1"},
            {"html": page.format("تفاصيل الخبر", "")},
        ]
        (tmp_path / "folder").mkdir()
        (tmp_path / "folder" / "a.jsonl").write_bytes(jsonl(pages))
        rows = read(tmp_path)
        assert [row["outlet"] for row in rows] == [paper, "example.com", "Z", None, "الجزيرة نت", None]
        assert [row["given_outlet"] for row in rows] == [paper, paper, "Z", motto, "Al Jazeera", "تفاصيل الخبر"]
        assert {"field": "outlet", "source": "meta:og:site_name"} in rows[0]["given_from"]
        told = [row["outlet"] for row in read(tmp_path, outlet_from_folder=True)]
        assert told == [paper, "example.com", "Z", "folder", "الجزيرة نت", "folder"]


class TestRecords:
    def test_columns_are_guessed_and_mapped(self, tmp_path: Path) -> None:
        """Usual names are known in any case; a mapping wins; a name with dots looks inside."""
        record = {
            "Article_Text": "نص",
            "meta": {"link": "https://example.com/1", "who": "كاتب"},
            "headLine": "ع",
            "Tags": "أ، ب ; ج",
            "doc-id": 7,
        }
        (tmp_path / "a.jsonl").write_bytes(jsonl([record]))
        row = only(tmp_path, columns={"url": "meta.link", "author": "meta.who"})
        assert (row["raw"], row["url"], row["given_author"]) == ("نص", "https://example.com/1", "كاتب")
        assert (row["given_title"], row["given_keywords"], row["given_id"]) == ("ع", ["أ", "ب", "ج"], "7")
        assert {"field": "author", "source": "column:meta.who"} in row["given_from"]
        mapped = only(tmp_path, columns={"text": "headLine"})
        assert (mapped["raw"], mapped["given_title"]) == ("ع", None)

    def test_marks_in_the_name_of_a_column(self, tmp_path: Path) -> None:
        """A byte order mark or a direction mark that a program left in a name hides no column."""
        (tmp_path / "a.jsonl").write_bytes(jsonl([{"\ufefftext": "نص", "\u200fالعنوان": "ع"}]))
        row = only(tmp_path)
        assert (row["raw"], row["given_title"]) == ("نص", "ع")

    def test_an_object_where_the_text_should_be(self, tmp_path: Path) -> None:
        """The reason names what is inside, and what to write to have it read."""
        record = {"content": {"rendered": "<p>نص</p>", "protected": False}}
        (tmp_path / "a.jsonl").write_bytes(jsonl([record]))
        row = only(tmp_path)
        assert row["verdict"] == "read/missing-column"
        assert "'content.rendered'" in row["reason"]
        assert only(tmp_path, columns={"html": "content.rendered"})["raw"] == "نص"
        (tmp_path / "a.jsonl").write_bytes(
            jsonl([{"text": [{"type": "p", "value": "نص"}]}, {"articles": [{"text": "نص"}]}])
        )
        blocks, wrapped = read(tmp_path)
        assert blocks["verdict"] == wrapped["verdict"] == "read/missing-column"
        assert "'text' holds a list of objects, not a text" in blocks["reason"]
        assert "'articles' holds a list of objects: write each as a record of its own" in wrapped["reason"]

    def test_values_of_other_types(self, tmp_path: Path) -> None:
        """A list of paragraphs is a text, a date column a date, bytes are decoded, NaN says nothing."""
        import datetime as dt

        record = {
            "text": ["فقرة", "ثانية"],
            "date": dt.date(2024, 6, 20),
            "author": float("nan"),
            "html": b"x",
        }
        pq.write_table(pa.Table.from_pylist([record]), tmp_path / "a.parquet")
        row = only(tmp_path)
        assert (row["raw"], row["given_date"], row["given_author"]) == ("فقرة\nثانية", "2024-06-20", None)
        pq.write_table(pa.Table.from_pylist([{"content": "نص بايتات".encode()}]), tmp_path / "a.parquet")
        assert only(tmp_path)["raw"] == "نص بايتات"

    @pytest.mark.parametrize("name", ["a.parquet", "a.arrow", "a.stream"])
    @pytest.mark.parametrize(
        "kind",
        [
            *(pa.string(), pa.large_string(), pa.string_view(), pa.binary(), pa.large_binary(), pa.binary_view()),
            *(pa.dictionary(pa.int32(), pa.string()), pa.dictionary(pa.int8(), pa.large_string())),
        ],
        ids=str,
    )
    def test_texts_of_every_type(self, name: str, kind: pa.DataType, tmp_path: Path) -> None:
        """However a table holds its texts, its rows are the same; bytes are decoded, of whatever encoding."""
        texts = ["قال الوزير إن القمة ستعقد غدا.", None, "قال الوزير إن القمة ستعقد غدا.", "<p>نص</p>"]
        table = pa.table(
            {"text": pa.array(texts).cast(pa.dictionary(pa.int32(), pa.string())).cast(pa.string()), "n": range(4)}
        )
        column = table["text"].combine_chunks()
        is_numbered = pa.types.is_dictionary(kind)
        column = column.cast(kind.value_type).dictionary_encode().cast(kind) if is_numbered else column.cast(kind)
        table = table.set_column(0, "text", column)
        if name == "a.parquet":
            pq.write_table(table, tmp_path / name)
        else:
            with (pa.ipc.new_file if name == "a.arrow" else pa.ipc.new_stream)(tmp_path / name, table.schema) as out:
                out.write_table(table)
        rows = read(tmp_path)
        assert [row["raw"] for row in rows] == [texts[0], "", texts[2], "نص"]
        assert [row["verdict"] for row in rows] == [None, "read/empty", None, None]
        assert {row["encoding"] for row in rows} == {"utf-8"}

    def test_two_columns_of_one_name(self, tmp_path: Path) -> None:
        """A table with two columns of text of one name says so, rather than take one of them."""
        table = pa.table({"text": ["a"], "other": ["b"]}).rename_columns(["text", "text"])
        pq.write_table(table, tmp_path / "a.parquet")
        row = only(tmp_path)
        assert row["verdict"] == "read/unreadable" and "several columns 'text'" in row["reason"]
        (tmp_path / "a.parquet").unlink()
        (tmp_path / "a.csv").write_text("text,url,text,n,n\na,https://e.com/1,b,1,2\nc,https://e.com/2,d,3,4\n")
        assert [row["verdict"] for row in read(tmp_path)] == ["read/bad-record"] * 2
        (tmp_path / "a.csv").write_text("text,n,n\na,1,2\n")  # of no matter where nothing of a page stands there
        assert only(tmp_path)["raw"] == "a"

    @pytest.mark.parametrize("name", ["pages.csv", "pages.tsv", "unicode.tsv", "pages.jsonl", "pages.json"])
    def test_lines_that_end_in_a_return(self, name: str, tmp_path: Path, expected: list[tuple[Any, ...]]) -> None:
        """Lines of a file without line feeds end where it has returns: each record is one all the same."""
        encoding = "utf-16" if name.startswith("unicode") else "utf-8"
        text = FORMATS[name](PAGES).decode(encoding).replace("\r\n", "\r")
        text = text.replace("\n", " " if name.endswith("sv") else "\r")
        (tmp_path / name).write_bytes(text.encode(encoding))
        found = [tuple(str(value).replace("\n", " ") for value in row[1:]) for row in essence(read(tmp_path))]
        assert found == [tuple(str(value).replace("\n", " ") for value in row[1:]) for row in expected]

    def test_a_text_column_of_html(self, tmp_path: Path) -> None:
        """HTML in a text column is told by its tags; a text that merely mentions one is left alone."""
        texts = ["<p>فقرة</p>\n<ul><li>بند</li></ul>", "نص عن الوسم </p> وحده"]
        (tmp_path / "a.jsonl").write_bytes(jsonl([{"text": text} for text in texts]))
        first, second = read(tmp_path)
        assert first["raw"].split("\n") == ["فقرة", "", "• بند"]
        assert first["extractor"].startswith("resiliparse ")
        assert first["source_sha256"] == hashlib.sha256(texts[0].encode()).hexdigest()
        assert (second["raw"], second["extractor"]) == (texts[1], None)

    def test_plain_rows_and_others_in_one_table(self, tmp_path: Path) -> None:
        """Rows of a table stay in order, each read as it would be alone, where some hold HTML, bytes or nothing."""
        rows = [
            {"text": "نص أول", "html": None, "url": "https://e.com/1", "tags": "أ، ب"},
            {"text": "<p>فقرة</p>", "html": None, "url": "https://e.com/2", "tags": None},
            {"text": " \x1c\n", "html": "<html><body><p>متن</p></body></html>", "url": " ", "tags": ""},
            {"text": None, "html": None, "url": None, "tags": None},
            {"text": "نص أخير" * 40, "html": "x", "url": "https://e.com/5", "tags": "ج"},
        ]
        pq.write_table(pa.Table.from_pylist(rows), tmp_path / "a.parquet")
        together = read(tmp_path, max_page_bytes=150)
        assert [row["path"] for row in together] == [f"a.parquet#{number}" for number in range(1, 6)]
        assert [row["raw"] for row in together] == ["نص أول", "فقرة", "متن", "", ""]
        assert [row["verdict"] for row in together] == [None, None, None, "read/empty", "read/too-large"]
        assert [row["given_keywords"] for row in together] == [["أ", "ب"], [], [], [], ["ج"]]
        (tmp_path / "a.parquet").unlink()
        (tmp_path / "a.jsonl").write_bytes(jsonl(rows))
        alone = read(tmp_path, max_page_bytes=150)
        for rows_read in (together, alone):
            for row in rows_read:
                del row["path"], row["reason"], row["id"]  # a page without text is known by its path
        assert together[:4] == alone[:4]  # a line that is too long is not looked into

    def test_a_table_whose_text_is_no_text(self, tmp_path: Path) -> None:
        """Where a column of text holds other bytes, the rows before them are read and one row says where it broke."""
        data = pa.array([b"a"] * 600 + [b"\xff"] + [b"b"] * 9).view(pa.string())
        pq.write_table(pa.table({"text": data}), tmp_path / "a.parquet")
        *good, last = read(tmp_path)
        assert len(good) > 500 and {row["raw"] for row in good} == {"a"}
        assert (last["path"], last["verdict"]) == (f"a.parquet#{len(good) + 1}", "read/unreadable")

    def test_bad_json_on_line_7(self, tmp_path: Path) -> None:
        """A line that is not JSON is one rejected row that names file and line; the others go through."""
        lines = [json.dumps({"text": f"نص {n}"}) for n in range(10)]
        lines[6] = '{"text": "نص'
        lines[8] = "[1]"
        (tmp_path / "p.jsonl").write_text("\n".join(lines), "utf-8")
        rows = read(tmp_path)
        bad = [row for row in rows if row["verdict"]]
        assert [row["path"] for row in bad] == ["p.jsonl#7", "p.jsonl#9"]
        assert bad[0]["verdict"] == "read/bad-record"
        assert bad[0]["reason"].startswith("p.jsonl#7: not valid JSON")
        assert len(rows) == 10

    @pytest.mark.parametrize("name", ["p.json", "p.csv", "p.parquet", "p.arrow", "saved"])
    def test_a_missing_column(self, name: str, tmp_path: Path) -> None:
        """Where no column holds the text, the reason names the columns there are and the setting to use."""
        pages = [{"where": "x", "when": "y"}]
        if name == "saved":
            datasets.Dataset.from_list(pages).save_to_disk(tmp_path / name)
        else:
            (tmp_path / name).write_bytes(FORMATS[name.replace("p.", "pages.")](pages))
        row = only(tmp_path)
        assert row["verdict"] == "read/missing-column"
        assert (
            name in row["reason"]
            and "'where', 'when'" in row["reason"]
            and "`read: {columns: {text: NAME}}`" in row["reason"]
        )
        with pytest.raises(ReadError, match=r"'body' \(read\.columns\.text\); there are 'where', 'when'"):
            read(tmp_path, columns={"text": "body"})

    def test_json_array_with_a_bad_element(self, tmp_path: Path) -> None:
        """In an array too a bad object costs only itself, and so does what is no object."""
        (tmp_path / "p.json").write_text('[{"text": "a"},\n{"text": "b",},\n"stray, {not}",\n{"text": "c}\\""}\n]\n')
        found = [(row["path"], row["raw"], row["verdict"]) for row in read(tmp_path)]
        assert found == [
            ("p.json#1", "a", None),
            ("p.json#2", "", "read/bad-record"),
            ("p.json#3", "", "read/bad-record"),
            ("p.json#4", 'c}"', None),
        ]
        # What stands in brackets in a text that no quote ends is looked at as well, and counted.
        (tmp_path / "p.json").write_text('[{"text": "a"},\n"stray, {not},\n{"text": "c"}]\n')
        found = [(row["path"], row["raw"], row["verdict"]) for row in read(tmp_path)]
        assert (found[0], found[-1]) == (("p.json#1", "a", None), ("p.json#4", "c", None))

    @settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        st.lists(
            st.text('ab"\\{}[],: \nش', max_size=90)
            | st.integers()
            | st.floats(allow_nan=False, allow_infinity=False)
            | st.booleans()
            | st.none()
            | st.fixed_dictionaries({"text": st.just("نص")}),
            max_size=9,
        ),
        st.integers(400, 500),
        st.sampled_from([None, 2]),
    )
    def test_every_value_of_an_array_is_a_row(
        self, monkeypatch: pytest.MonkeyPatch, values: list[Any], size: int, indent: int | None
    ) -> None:
        """An object is a page, whatever stands between; each other value is one rejected row, wherever blocks end."""
        monkeypatch.setattr(records_module, "HEAD", size)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "p.json"
            file.write_text(json.dumps([{"text": "أول"}, *values], indent=indent, ensure_ascii=False), "utf-8")
            rows = read(file)
        wanted = [None if isinstance(value, dict) else "read/bad-record" for value in values]
        assert [row["verdict"] for row in rows] == [None, *wanted]
        assert [row["path"] for row in rows] == [f"p.json#{number}" for number in range(1, len(values) + 2)]

    @settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        st.lists(
            st.dictionaries(
                st.text(max_size=4),
                st.recursive(
                    st.text('ab"\\{}[],:\n ش', max_size=12) | st.integers(-9, 9) | st.none(),
                    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=2),
                ),
                max_size=4,
            ),
            max_size=6,
        ),
        st.integers(1, 40),
        st.sampled_from([None, 0, 2]),
    )
    def test_json_is_split_as_a_parser_would(
        self, monkeypatch: pytest.MonkeyPatch, values: list[dict[str, Any]], size: int, indent: int | None
    ) -> None:
        """Whatever the objects hold and however they are cut into blocks, each is found whole."""
        monkeypatch.setattr(records_module, "HEAD", size)
        text = json.dumps(values, indent=indent, ensure_ascii=False)

        class Opened:
            bytes = io.BytesIO(text.encode())
            fault = None

        found = list(records_module._json_values("p", Opened(), ReadParams()))  # type: ignore[arg-type]
        assert [one.record for one in found] == values
        assert [one.number for one in found] == list(range(1, len(values) + 1))

    def test_json_that_ends_too_early(self, tmp_path: Path) -> None:
        """An array cut short gives the objects before the cut, and says where the last one begins."""
        (tmp_path / "p.json").write_text('[{"text": "a"},\n{"text": "b')
        rows = read(tmp_path)
        assert [(row["path"], row["verdict"]) for row in rows] == [
            ("p.json#1", None),
            ("p.json#2", "read/bad-record"),
        ]

    def test_a_record_of_several_lines_is_in_the_encoding_of_those_that_tell(self, tmp_path: Path) -> None:
        """Its last line may be plain ASCII, which is in every encoding."""
        (tmp_path / "p.csv").write_bytes('text,url\n"نص أول\nend",u\nplain,v\n'.encode("cp1256"))
        assert [(row["raw"], row["encoding"]) for row in read(tmp_path)] == [
            ("نص أول\nend", "windows-1256"),
            ("plain", "utf-8"),
        ]

    def test_csv_with_line_feeds_and_a_lost_field(self, tmp_path: Path) -> None:
        """A quoted field may hold line feeds; a record of too few or too many fields is rejected."""
        (tmp_path / "p.csv").write_text('text,url\n"a\nb",u\nc\n\n"d",e,f\ng,h,,\n', "utf-8")
        found = [(row["path"], row["raw"], row["verdict"]) for row in read(tmp_path)]
        assert found == [
            ("p.csv#2", "a\nb", None),
            ("p.csv#4", "", "read/bad-record"),
            ("p.csv#6", "", "read/bad-record"),
            ("p.csv#7", "g", None),
        ]

    def test_csv_that_ends_inside_quotes(self, tmp_path: Path) -> None:
        """A record whose quote is never closed is no page, wherever the file ends."""
        (tmp_path / "p.csv").write_text('url,text\nu,a\nv,"b\nc\n', "utf-8")
        found = [(row["path"], row["raw"], row["verdict"]) for row in read(tmp_path)]
        assert found == [("p.csv#2", "a", None), ("p.csv#3", "", "read/bad-record")]
        noise = "\n".join(hashlib.sha256(str(n).encode()).hexdigest() for n in range(3000))
        (tmp_path / "p.csv").write_bytes(gzip.compress(f'url,text\nu,a\nv,"{noise}"\n'.encode())[:50_000])
        found = [(row["path"], row["raw"], row["verdict"]) for row in read(tmp_path)]
        assert found == [("p.csv#2", "a", None), ("p.csv#3", "", "read/truncated")]

    @pytest.mark.parametrize("name", ["p.jsonl", "p.json", "p.csv"])
    def test_records_in_another_encoding(self, name: str, tmp_path: Path) -> None:
        """Record files in windows-1256, as Arabic spreadsheets write them, are decoded and say so."""
        text = "قال الرئيس الروسي فلاديمير بوتين إن القمة ستعقد غدا في العاصمة، وقال الوزير إن الاتفاق جاهز."
        data = FORMATS[name.replace("p.", "pages.")]([{"text": text, "url": "u"}])
        (tmp_path / name).write_bytes(data.decode().encode("cp1256"))
        row = only(tmp_path)
        assert (row["raw"], row["encoding"]) == (text, "windows-1256")

    def test_a_pages_size_is_that_of_its_bytes(self, tmp_path: Path) -> None:
        """Arabic letters are two bytes each, whatever the page came in."""
        text = "قال " * 30
        (tmp_path / "a.txt").write_text(text)
        (tmp_path / "b.jsonl").write_text(json.dumps({"text": text}, ensure_ascii=False))
        pl.DataFrame({"text": [text]}).write_parquet(tmp_path / "c.parquet")
        assert [row["verdict"] for row in read(tmp_path, max_page_bytes=200)] == ["read/too-large"] * 3
        assert [row["verdict"] for row in read(tmp_path, max_page_bytes=230)] == [None] * 3

    def test_long_lines_are_skipped_not_held(self, tmp_path: Path) -> None:
        """A line beyond the limit is rejected with its size, and the lines after it keep their numbers."""
        lines = [json.dumps({"text": "x" * size}) for size in (10, 200_000, 10)]
        (tmp_path / "p.jsonl").write_text("\n".join(lines))
        rows = read(tmp_path, max_page_bytes=1000)
        assert [(row["path"], row["verdict"]) for row in rows] == [
            ("p.jsonl#1", None),
            ("p.jsonl#2", "read/too-large"),
            ("p.jsonl#3", None),
        ]
        assert rows[1]["verdict_value"] == len(lines[1]) + 1
        (tmp_path / "p.jsonl").unlink()
        (tmp_path / "p.json").write_text("[" + ",\n".join(lines) + "]")
        rows = read(tmp_path, max_page_bytes=1000)
        assert [(row["path"], row["verdict"]) for row in rows] == [
            ("p.json#1", None),
            ("p.json#2", "read/too-large"),
            ("p.json#3", None),
        ]
        (tmp_path / "p.json").unlink()
        (tmp_path / "p.csv").write_text(f"text\na\n{'x' * 5000}\nb\n")
        rows = read(tmp_path, max_page_bytes=1000)
        assert [(row["path"], row["verdict"]) for row in rows] == [
            ("p.csv#2", None),
            ("p.csv#3", "read/too-large"),
            ("p.csv#4", None),
        ]

    def test_lone_surrogates_and_deep_nesting(self, tmp_path: Path) -> None:
        """Half an emoji is replaced, not fatal; JSON too deep for the parser is a bad record."""
        (tmp_path / "p.jsonl").write_text('{"text": "a\\ud83d b", "title": "\\udc00"}\n' + '{"a":' * 100_000 + "\n")
        rows = read(tmp_path)
        assert rows[0]["raw"] == "a\ufffd b" and rows[0]["given_title"] == "\ufffd"
        assert rows[1]["verdict"] == "read/bad-record"


def _no_rights(path: Path) -> None:
    path.write_text("نص", "utf-8")
    path.chmod(0)


def _fifo(path: Path) -> None:
    os.mkfifo(path)


def _gzip_bomb(path: Path) -> None:
    path.write_bytes(gzip.compress(b"a" * 3_000_000))


def _sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.write(b"x")
        file.truncate(2 << 30)


TEXT = ("قال الوزير إن القمة ستعقد غدا. " * 200).encode()
NOISE = b"".join(hashlib.sha256(str(n).encode()).hexdigest().encode() for n in range(4000))
BAD: dict[str, tuple[str, Callable[[Path], Any], str]] = {
    "empty": ("a.txt", lambda path: path.write_bytes(b""), "read/empty"),
    "empty record file": ("a.jsonl", lambda path: path.write_bytes(b""), "read/empty"),
    "blank": ("a.txt", lambda path: path.write_bytes(b" \n\t\n"), "read/empty"),
    "binary": ("a.txt", lambda path: path.write_bytes(bytes(range(256)) * 40), "read/binary"),
    "pdf": ("a.txt", lambda path: path.write_bytes(b"%PDF-1.7\n" + bytes(range(256))), "read/binary"),
    "a word processor's document": ("a.txt", lambda path: path.write_bytes(rb"{\rtf1\ansi \'c7\'e1}"), "read/binary"),
    "an e-mail": (
        "a.mht",
        lambda path: path.write_bytes(b"From: a@example.com\nSubject: x\n y\nMIME-Version: 1.0\n\n=D8=A7"),
        "read/unsupported",
    ),
    "fifo": ("a.txt", _fifo, "read/unreadable"),
    "one long line": ("a.txt", lambda path: path.write_bytes(b"a" * 150_000), "read/too-large"),
    "2 GB page": ("a.txt", _sparse, "read/too-large"),
    "2 GB page of HTML": ("a.html", _sparse, "read/too-large"),
    "bomb": ("a.txt.gz", _gzip_bomb, "read/too-large"),
    "zstd bomb": (
        "a.txt.zst",
        lambda path: path.write_bytes(zstandard.compress(b"a" * 3_000_000)),
        "read/bomb",
    ),
    "bomb of records": (
        "a.jsonl.gz",
        lambda path: path.write_bytes(gzip.compress(b'{"text": "' + b"a" * 90_000_000)),
        "read/bomb",
    ),
    "truncated gzip": (
        "a.txt.gz",
        lambda path: path.write_bytes(gzip.compress(NOISE[:50_000])[:-9000]),
        "read/truncated",
    ),
    "truncated zstd": (
        "a.txt.zst",
        lambda path: path.write_bytes(zstandard.compress(TEXT)[:-5]),
        "read/truncated",
    ),
    "damaged gzip": (
        "a.txt.gz",
        lambda path: path.write_bytes(gzip.compress(TEXT)[:-8] + b"\0" * 8),
        "read/unreadable",
    ),
    "gzip of nothing": ("a.txt.gz", lambda path: path.write_bytes(gzip.compress(b"")), "read/empty"),
    "head of gzip": ("a.txt.gz", lambda path: path.write_bytes(gzip.compress(TEXT)[:6]), "read/truncated"),
    "damaged parquet": (
        "a.parquet",
        lambda path: path.write_bytes(as_parquet(PAGES)[:-20]),
        "read/unreadable",
    ),
    "parquet in gzip": (
        "a.parquet.gz",
        lambda path: path.write_bytes(gzip.compress(as_parquet(PAGES))),
        "read/unsupported",
    ),
    "damaged arrow": (
        "a.arrow",
        lambda path: path.write_bytes(as_arrow(PAGES, True)[:200]),
        "read/unreadable",
    ),
}


HEADS = [
    *(b"", b"PAR1", b"ARROW1\0\0", b"\xff\xff\xff\xff\x10\0\0\0", b"WARC/1.0\r\n", b"\x1f\x8b\x08"),
    *(b"\x28\xb5\x2f\xfd", b"<html>", b'{"text": "', b'[{"text": ', b"text,url\n", b"\xff\xfe"),
]


class TestBadInput:
    @pytest.mark.parametrize("case", BAD)
    def test_becomes_a_row_and_the_rest_goes_through(self, case: str, tmp_path: Path) -> None:
        """What cannot be read is one row that says why and names the file; its neighbours are read."""
        name, make, verdict = BAD[case]
        make(tmp_path / name)
        (tmp_path / "good.txt").write_text("نص سليم", "utf-8")
        rows = read(tmp_path, max_page_bytes=100_000)
        bad = [row for row in rows if row["path"] != "good.txt"]
        assert [row["verdict"] for row in bad] == [verdict]
        assert bad[0]["path"].startswith(name)
        assert name in bad[0]["reason"]
        assert [row["raw"] for row in rows if row["path"] == "good.txt"] == ["نص سليم"]

    def test_no_rights(self) -> None:
        """A file or folder that may not be read is a row, not the end."""
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            folder.chmod(0o755)
            (folder / "good.txt").write_text("نص", "utf-8")
            _no_rights(folder / "locked.txt")
            (folder / "shut").mkdir(mode=0)
            was_root = os.geteuid() == 0
            if was_root:
                os.seteuid(65534)
            try:
                rows = read(folder)
            finally:
                if was_root:
                    os.seteuid(0)
        assert [(row["path"], row["verdict"]) for row in rows] == [
            ("good.txt", None),
            ("locked.txt", "read/unreadable"),
            ("shut", "read/unreadable"),
        ]
        assert "permission" in rows[1]["reason"].lower()

    def test_what_came_before_the_break_is_kept(self, tmp_path: Path) -> None:
        """The records before a cut in a compressed file go through; the cut is named by its line."""
        lines = [json.dumps({"text": hashlib.sha256(str(n).encode()).hexdigest() * 8}) for n in range(2000)]
        whole = gzip.compress("\n".join(lines).encode())
        (tmp_path / "p.jsonl.gz").write_bytes(whole[: len(whole) // 2])
        *good, last = read(tmp_path)
        assert len(good) > 500
        assert all(row["verdict"] is None for row in good)
        assert last["verdict"] == "read/truncated"
        assert last["path"] == f"p.jsonl.gz#{len(good) + 1}"

    @pytest.mark.parametrize("make", [FORMATS["pages.csv"], FORMATS["pages.json"]])
    def test_a_cut_in_other_records_is_named_once(self, make: Callable[..., bytes], tmp_path: Path) -> None:
        """A cut ends a CSV or a JSON array with one rejected row; a record cut in half is no page."""
        pages = [
            {"text": hashlib.sha256(str(n).encode()).hexdigest() * 8, "url": f"https://e.com/{n}"} for n in range(500)
        ]
        whole = gzip.compress(make(pages))
        (tmp_path / "p.gz").write_bytes(whole[: len(whole) // 2])
        name = "p.csv.gz" if make is as_csv else "p.json.gz"
        (tmp_path / "p.gz").rename(tmp_path / name)
        *good, last = read(tmp_path)
        assert 100 < len(good) < 400
        assert [row["raw"] for row in good] == [page["text"] for page in pages[: len(good)]]
        assert last["verdict"] == "read/truncated"

    def test_links(self, tmp_path: Path) -> None:
        """A link that leaves the folder, goes round or repeats a folder is a row; one to a file is read."""
        outside, source = tmp_path / "outside", tmp_path / "source"
        outside.mkdir()
        (source / "sub").mkdir(parents=True)
        (outside / "o.txt").write_text("في الخارج", "utf-8")
        (source / "sub" / "a.txt").write_text("في الداخل", "utf-8")
        (source / "1-file").symlink_to(outside / "o.txt")
        (source / "2-folder").symlink_to(outside)
        (source / "3-inside").symlink_to(source / "sub" / "a.txt")
        (source / "4-again").symlink_to(source / "sub")
        (source / "5-self").symlink_to(source / "5-self")
        (source / "6-gone").symlink_to(source / "nowhere")
        (source / "sub" / "up").symlink_to(source)
        found = [(row["path"], row["verdict"]) for row in read(source)]
        assert found == [
            ("1-file", "read/outside"),
            ("2-folder", "read/outside"),
            ("3-inside", None),
            ("4-again", "read/link"),
            ("5-self", "read/symlink-loop"),
            ("6-gone", "read/unreadable"),
            ("sub/a.txt", None),
            ("sub/up", "read/symlink-loop"),
        ]
        followed = [(row["path"], row["verdict"]) for row in read(source, follow_links=True)]
        assert followed == [
            ("1-file", None),
            ("2-folder/o.txt", None),
            ("3-inside", None),
            ("4-again/a.txt", None),
            ("4-again/up", "read/symlink-loop"),
            ("5-self", "read/symlink-loop"),
            ("6-gone", "read/unreadable"),
            ("sub/a.txt", None),
            ("sub/up", "read/symlink-loop"),
        ]

    def test_no_source(self, tmp_path: Path) -> None:
        """A missing or an empty folder is an error that names it and says what to do."""
        with pytest.raises(ReadError, match=r"nowhere.*no such file or folder"):
            read(tmp_path / "nowhere")
        (tmp_path / ".hidden").write_text("x")
        with pytest.raises(ReadError, match=f"{tmp_path.name}.*no file to read"):
            read(tmp_path)
        (tmp_path / "empty").mkdir()
        with pytest.raises(ReadError, match="no file to read"):
            write_raw(tmp_path / "empty", tmp_path / "out", ReadParams())
        assert not (tmp_path / "out").exists()

    def test_names_that_are_not_utf8(self, tmp_path: Path) -> None:
        """A file name in another encoding is shown with escapes."""
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xc7\xe1.txt")).write_text("نص", "utf-8")
        assert only(tmp_path)["path"] == "\\xc7\\xe1.txt"

    def test_very_deep_folders(self, tmp_path: Path) -> None:
        """Depth is no limit: the walk does not recurse."""
        deep = str(tmp_path)
        made = []
        for _ in range(1050):
            deep += "/d"
            Path(deep).mkdir()
            made.append(deep)
        Path(deep, "a.txt").write_text("نص عميق", "utf-8")
        assert only(tmp_path)["raw"] == "نص عميق"
        Path(deep, "a.txt").unlink()
        for folder in reversed(made):  # pytest's own clean-up recurses
            Path(folder).rmdir()

    @settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        st.sampled_from(["a.txt", "a.html", "a.csv", "a.json", "a.jsonl", "a.parquet", "a.warc", "a"]),
        st.sampled_from(HEADS),
        st.binary(max_size=300),
        st.booleans(),
    )
    def test_no_bytes_end_the_reading(self, tmp_path: Path, name: str, head: bytes, tail: bytes, packed: bool) -> None:
        """Whatever the bytes, reading gives rows, each with a text or a verdict; it raises nothing."""
        file = tmp_path / name
        file.write_bytes(gzip.compress(head + tail) if packed else head + tail)
        for row in read(file):
            assert (row["verdict"] is None) == bool(row["raw"].strip() and row["reason"] is None)
            assert row["verdict"] is None or row["verdict"].startswith("read/")
        file.unlink()


HOSTS = st.sampled_from(
    ["e.com", "www.e.com", "www.www.e", "WWW.E.com", "e.com.", "e.com:443", "e.com:80", "u@e.com", "www.", "."]
)
STEPS = st.sampled_from(
    [
        *("a", "/", "//", "%d8%a7", "%D8", "%Da", "%61", "%2F", "%", "%%d8", "خ", " ", "<", "[", "'", ".", "~", "\n"),
        "amp",
    ]
)
PAIRS = st.sampled_from(
    [
        *("id=1", "", "utm_source=x", "UTM_x=1", "fbclid", "amp", "ample=1", "a=b/c", "q?", "%d8=1", "&", "x=é", "="),
        "_gl=1",
    ]
)
ADDRESSES = st.one_of(
    st.none(),
    st.text(max_size=20),
    st.builds(
        "{}{}{}{}{}".format,
        st.sampled_from(["http://", "https://", "HTTPS://", "//", "ftp://", " https://"]),
        HOSTS,
        st.lists(STEPS, max_size=6).map(lambda steps: "/" * bool(steps) + "".join(steps)),
        st.one_of(st.just(""), st.lists(PAIRS, max_size=4).map(lambda pairs: "?" + "&".join(pairs))),
        st.sampled_from(["", "#", "#top", "#?a", "#خ", " ", "#a\nb"]),
    ),
)
"""Addresses, and what is none, in the ways they are written."""


class TestIdentity:
    @pytest.mark.parametrize(
        "address",
        [
            "http://www.example.com/a",
            "https://EXAMPLE.com:443/a/#top",
            "//example.com/a?utm_source=x&fbclid=1",
            " https://example.com/a?&utm_medium=y\n",
            "https://user@example.com./%61",
        ],
    )
    def test_one_page_one_address(self, address: str) -> None:
        """Scheme, www, port, fragment, trackers, escapes and the last slash do not make another page."""
        assert canonical_url(address) == "https://example.com/a"

    def test_addresses_that_differ(self) -> None:
        """Paths keep their case, parameters their order and meaning; Arabic is escaped one way."""
        assert canonical_url("https://e.com/A?id=1&p=2") == "https://e.com/A?id=1&p=2"
        assert canonical_url("https://e.com/خبر") == canonical_url("https://e.com/%d8%ae%D8%A8%d8%b1")
        assert canonical_url("http://[2001:db8::1]:8080/a/") == "https://[2001:db8::1]:8080/a"
        assert canonical_url("https://e.com/a%2Fb") != canonical_url("https://e.com/a/b")
        assert canonical_url("https://موقع.com/a") == "https://xn--4gbrim.com/a"

    @pytest.mark.parametrize(
        "address",
        ["", "file:///a", "mailto:a@b.c", "not an address", "http://", "http://[bad/", "https://e.com:x/"],
    )
    def test_what_is_no_address(self, address: str) -> None:
        """Anything but a web address is none, and the page is then known by its text."""
        assert canonical_url(address) is None
        assert not is_address(canonical_urls(pl.Series([address, None]))).any()

    @given(st.text(max_size=30), st.text(max_size=20))
    def test_canonical_is_canonical(self, path: str, query: str) -> None:
        """Canonical form of a canonical form is itself."""
        once = canonical_url(f"https://example.com/{path}?{query}")
        assert once is not None and canonical_url(once) == once

    @settings(max_examples=300)
    @given(st.lists(ADDRESSES, max_size=8))
    def test_a_column_of_addresses(self, addresses: list[str | None]) -> None:
        """A column of addresses gets the form that each gets by itself, however it is written."""
        told = canonical_urls(pl.Series(addresses, dtype=pl.String)).to_list()
        assert told == [None if address is None else canonical_url(address) for address in addresses]

    def test_a_front_page_is_nobodys_address(self, tmp_path: Path) -> None:
        """Records that all carry the site's front page are still different pages."""
        (tmp_path / "p.jsonl").write_bytes(jsonl([{"text": text, "url": "https://example.com/"} for text in "أب"]))
        ids = [row["id"] for row in read(tmp_path)]
        assert len(set(ids)) == 2 and not any("-" in page for page in ids)

    def test_same_address_in_any_order(self, tmp_path: Path) -> None:
        """The id is of the address wherever the page lies; repeats are numbered in path order."""
        for name, text in (("b.jsonl", "ب"), ("a.jsonl", "أ")):
            (tmp_path / name).write_bytes(jsonl([{"text": text, "url": "http://www.example.com/x/"}]))
        key = hashlib.sha256(b"https://example.com/x").hexdigest()[:16]
        assert [(row["id"], row["path"]) for row in read(tmp_path)] == [
            (key, "a.jsonl#1"),
            (f"{key}-2", "b.jsonl#1"),
        ]

    @given(st.lists(st.integers(0, 6).map(lambda n: f"{n * 2**61:016x}"), max_size=60), st.integers(1, 4))
    def test_repeats_are_counted_in_order(self, keys: list[str], merge_at: int) -> None:
        """However often the seen keys are merged, the n-th page of a key gets -n."""
        seen: dict[str, int] = {}
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(identity_module, "MERGE_AT", merge_at)
            repeats = Repeats()
            for key in keys:
                seen[key] = seen.get(key, 0) + 1
                assert repeats.number(key) == (key if seen[key] == 1 else f"{key}-{seen[key]}")


class TestShards:
    @pytest.fixture
    def source(self, tmp_path: Path) -> Iterator[Path]:
        source = tmp_path / "source"
        source.mkdir()
        for n in range(30):
            (source / f"{n:02}.txt").write_text(f"نص رقم {n} " * 50, "utf-8")
        (source / "bad.txt").write_bytes(b"")
        yield source

    def test_written_whole_and_the_same_each_time(self, source: Path, tmp_path: Path) -> None:
        """The same files give the same bytes; shards hold about shard_bytes of text; nothing else is left."""
        params = ReadParams(shard_bytes=10_000)
        summary = write_raw(source, tmp_path / "one", params)
        write_raw(source, tmp_path / "two", params)
        files = sorted(file.name for file in (tmp_path / "one").glob("*.parquet"))
        assert files == [f"raw-{n:05d}-000.parquet" for n in range(len(files))]
        assert len(files) > 2
        for name in files:
            assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
            texts = pq.read_table(tmp_path / "one" / name)["raw"].to_pylist()
            assert sum(len(text.encode()) for text in texts) <= 10_000
        rows = [row for name in files for row in pq.read_table(tmp_path / "one" / name).to_pylist()]
        assert rows == read(source)
        size = sum(file.stat().st_size for file in source.iterdir())
        assert summary == {
            "files": 31,
            "pages": 31,
            "rejected": 1,
            "bytes": size,
            "verdicts": {"read/empty": 1},
            "shards": len(files),
        }

    def test_not_into_the_source(self, source: Path, tmp_path: Path) -> None:
        """Shards in the source would be read as pages by the next run; a hidden folder never is."""
        with pytest.raises(ReadError, match="lies in the source"):
            write_raw(source, source / "out", ReadParams())
        with pytest.raises(ReadError, match="lies in the source"):
            write_raw(source, source, ReadParams())
        assert write_raw(source, source / ".build" / "raw", ReadParams())["pages"] == 31

    def test_stale_shards_go(self, source: Path, tmp_path: Path) -> None:
        """A shorter run takes away the shards of a longer one, and only those."""
        out = tmp_path / "out"
        write_raw(source, out, ReadParams(shard_bytes=1000))
        (out / "notes.txt").write_text("mine")
        write_raw(source, out, ReadParams())
        assert sorted(file.name for file in out.iterdir()) == ["notes.txt", "raw-00000-000.parquet", "raw-00000.json"]

    def test_an_error_leaves_the_old_shards(
        self, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A run that dies while it writes leaves the shards of the run before as they were, and no part of its own."""
        out = tmp_path / "out"
        write_raw(source, out, ReadParams())
        before = {file.name: file.read_bytes() for file in out.iterdir()}

        def fail(*args: Any, **more: Any) -> None:
            raise KeyboardInterrupt

        (source / "31.txt").write_text("نص جديد", "utf-8")
        with monkeypatch.context() as patch:
            patch.setattr("etl.shards.os.fsync", fail)
            with pytest.raises(KeyboardInterrupt):
                write_raw(source, out, ReadParams())
        assert {file.name: file.read_bytes() for file in out.iterdir()} == before

    def test_only_what_is_new_is_read_again(self, source: Path, tmp_path: Path) -> None:
        """Files whose bytes are known are not read again; a changed one, or a damaged shard, is, with its bundle."""
        params, out = ReadParams(shard_bytes=10_000), tmp_path / "out"

        def read_now() -> tuple[list[str], list[str]]:
            watch = Watch()
            write_raw(source, out, params, watch)
            return watch.kept, watch.done

        kept, done = read_now()
        assert not kept and len(done) == 3
        assert read_now() == (done, [])
        (source / "29.txt").write_text("نص آخر " * 50, "utf-8")
        again = read_now()
        assert again == (done[:-1], done[-1:])
        (out / "raw-00001-000.parquet").write_bytes(b"PAR1 cut short")
        assert read_now() == ([*done[:1], *done[2:]], done[1:2])
        write_raw(source, tmp_path / "fresh", params)
        for file in (tmp_path / "fresh").iterdir():
            assert (out / file.name).read_bytes() == file.read_bytes()

    def test_repeated_pages_are_numbered_over_all_bundles(self, tmp_path: Path) -> None:
        """Ids do not depend on how files lie in bundles, and stay right when pages before them come and go."""
        source, out = tmp_path / "source", tmp_path / "out"
        source.mkdir()
        for n in range(12):
            (source / f"{n:02}.txt").write_text("نص واحد" if n % 3 == 0 else f"نص رقم {n}", "utf-8")
        small = ReadParams(shard_bytes=50)
        assert write_raw(source, out, small)["shards"] == 4

        def ids(folder: Path) -> list[str]:
            return [name for file in sorted(folder.glob("*.parquet")) for name in pq.read_table(file)["id"].to_pylist()]

        assert ids(out) == [row["id"] for row in read(source)]
        assert [name.partition("-")[2] for name in ids(out)[::3]] == ["", "2", "3", "4"]
        for name in ("00.txt", "03.txt"):
            (source / name).unlink()
            write_raw(source, out, small)
            write_raw(source, tmp_path / name, small)
            assert ids(out) == [row["id"] for row in read(source)]
            for file in (tmp_path / name).iterdir():
                assert (out / file.name).read_bytes() == file.read_bytes()

    def test_workers_read_the_same(self, source: Path, tmp_path: Path) -> None:
        """Two processes write the bytes that one does."""
        params = ReadParams(shard_bytes=10_000)
        write_raw(source, tmp_path / "one", params)
        write_raw(source, tmp_path / "two", params, runner=Processes(2))
        for file in (tmp_path / "one").iterdir():
            assert (tmp_path / "two" / file.name).read_bytes() == file.read_bytes()

    def test_batches_are_bounded(self, tmp_path: Path) -> None:
        """However many pages a file holds, and however many files there are, not all are in memory at once."""
        (tmp_path / "a.jsonl").write_text('{"text": "س"}\n' * (BATCH_ROWS + 600), "utf-8")
        table = pa.table({"text": ["س"] * (BATCH_ROWS + 600)})
        pq.write_table(table, tmp_path / "b.parquet")
        sizes = [table.num_rows for table in read_pages(tmp_path, ReadParams())]
        assert sizes == [BATCH_ROWS, 600] * 2


def test_notes_about_a_folder_are_not_pages(tmp_path: Path) -> None:
    """A README or LICENSE beside the pages says whose they are; it is not read as one, wherever it lies."""
    (tmp_path / "README.md").write_text("whose pages these are", "utf-8")
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "LICENSE").write_text("terms", "utf-8")
    (tmp_path / "deep" / "readme-of-the-day.txt").write_text("خبر اليوم", "utf-8")
    (tmp_path / "deep" / ".DS_Store").write_bytes(b"x")
    passed: list[str] = []
    assert [file.path for file in list_files(tmp_path, ReadParams(), passed)] == ["deep/readme-of-the-day.txt"]
    assert passed == ["README.md", "deep/.DS_Store", "deep/LICENSE"]


def test_what_is_passed_over_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Hidden files are in no count of pages; that there are some is told, with a few of their names."""
    (tmp_path / "pages").mkdir()
    for name in ("a.txt", ".b.txt", ".c.txt", ".d.txt", ".e.txt"):
        (tmp_path / "pages" / name).write_text("نص", "utf-8")
    write_raw(tmp_path / "pages", tmp_path / "raw", ReadParams())
    told = capsys.readouterr().err
    assert told == "passed over: 4 names of the source, hidden or in read.ignore: .b.txt, .c.txt, .d.txt, …\n"
