"""Tar and zip files: their members are read as files of a folder are, and what is damaged says so."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from etl.read import ReadParams, read_pages
from etl.read.archives import ARCHIVES, NoRoom
from etl.read.files import File
from etl.read.streams import Opened

Files = dict[str, bytes]
TEXT = "قال الوزير إن القمة ستعقد غدا في العاصمة.\n"
NOISE = b"".join(hashlib.sha256(str(n).encode()).digest() for n in range(4000))


def read(source: Path, **params: Any) -> dict[str, dict[str, Any]]:
    rows = [row for table in read_pages(source, ReadParams(**params)) for row in table.to_pylist()]
    assert len({row["path"] for row in rows}) == len(rows)
    return {row["path"]: row for row in rows}


def as_tar(files: Files) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, data in files.items():
            header = tarfile.TarInfo(name)
            header.size = len(data)
            archive.addfile(header, io.BytesIO(data))
    return out.getvalue()


def as_zip(files: Files, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def as_parquet(*texts: str) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"text": texts}), sink)
    return sink.getvalue().to_pybytes()


PACKED: dict[str, Callable[[Files], bytes]] = {
    "a.tar": as_tar,
    "a.tar.gz": lambda files: gzip.compress(as_tar(files)),
    "a.tar.bz2": lambda files: bz2.compress(as_tar(files)),
    "a.tar.xz": lambda files: lzma.compress(as_tar(files)),
    "a.zip": as_zip,
    "stored.zip": lambda files: as_zip(files, zipfile.ZIP_STORED),
}
MEMBERS: Files = {
    "./b/page.txt": TEXT.encode(),
    "page.html": f"<html><body><p>{TEXT * 3}</p></body></html>".encode(),
    "old.txt": (TEXT * 5).encode("cp1256"),
    "packed.txt.gz": gzip.compress(b"x" + TEXT.encode()),
    "rows.jsonl": '{"text": "أول"}\n{"text": "ثان"}\n'.encode(),
    "rows.parquet": as_parquet("ثالث", "رابع"),
    "empty.txt": b"",
    "picture.png": b"\x89PNG" + bytes(range(256)),
    ".hidden/page.txt": b"x",
    "__MACOSX/._page.txt": b"\0\1",
    "README.md": b"a note",
}


@pytest.mark.parametrize("name", PACKED)
def test_members_are_read_as_files_of_a_folder(name: str, tmp_path: Path) -> None:
    """Each member is a page or its records are, under the archive's path and its own; what a folder passes over is passed over."""
    folder, packed = tmp_path / "folder", tmp_path / name
    for member, data in MEMBERS.items():
        (folder / member).parent.mkdir(parents=True, exist_ok=True)
        (folder / member).write_bytes(data)
    packed.write_bytes(PACKED[name](MEMBERS))
    without = {"path", "reason", "id"}
    want = {path: row for path, row in read(folder).items() if path != "__MACOSX"}
    found = read(packed)
    assert set(found) == {f"{name}/{path}" for path in want}
    for path, row in want.items():
        got = found[f"{name}/{path}"]
        assert {key: got[key] for key in got if key not in without} == {
            key: row[key] for key in row if key not in without
        }
    assert found[f"{name}/b/page.txt"]["raw"] == TEXT
    assert found[f"{name}/rows.parquet#2"]["raw"] == "رابع"
    assert found[f"{name}/empty.txt"]["verdict"] == "read/empty"
    assert found[f"{name}/picture.png"]["verdict"] == "read/binary"


@pytest.mark.parametrize("name", ["a.tar", "a.tar.gz", "a.zip"])
def test_a_large_member_of_records_is_read_and_a_large_page_is_not(name: str, tmp_path: Path) -> None:
    """A member that is larger than a page may be is held on disk, and its records are read one by one."""
    noise = "".join(f"{n * 7919:x} " for n in range(4000))
    files = {"rows.jsonl": f'{{"text": "{noise}"}}\n'.encode() * 3, "page.txt": noise.encode() * 3}
    (tmp_path / name).write_bytes(PACKED[name](files))
    found = read(tmp_path / name, max_page_bytes=len(noise) + 100)
    assert [found[f"{name}/rows.jsonl#{n}"]["raw"] for n in (1, 2, 3)] == [noise] * 3
    assert found[f"{name}/page.txt"]["verdict"] == "read/too-large"


@pytest.mark.parametrize("cut", [512 * 2 + 100, 512 * 3 + 7, 512 * 2])
def test_a_tar_file_that_breaks_off_says_so(cut: int, tmp_path: Path) -> None:
    """Inside a member and inside a header alike; after the members that came before."""
    whole = as_tar({"a.txt": TEXT.encode(), "b.txt": NOISE[:5000]})
    (tmp_path / "a.tar").write_bytes(whole[:cut])
    found = read(tmp_path)
    assert found["a.tar/a.txt"]["raw"] == TEXT
    if cut % 512:
        assert found["a.tar"]["verdict"] == "read/truncated"
    assert "a.tar/b.txt" not in found


def test_a_damaged_header_is_not_taken_for_the_end(tmp_path: Path) -> None:
    """What follows it cannot be found, and the row says so."""
    whole = bytearray(as_tar({"a.txt": TEXT.encode(), "b.txt": TEXT.encode(), "c.txt": TEXT.encode()}))
    whole[1024:1100] = b"?" * 76
    (tmp_path / "a.tar").write_bytes(bytes(whole))
    found = read(tmp_path)
    assert sorted(found) == ["a.tar", "a.tar/a.txt"]
    assert found["a.tar"]["verdict"] == "read/truncated"


def test_a_compressed_tar_file_that_breaks_off_says_so(tmp_path: Path) -> None:
    """The members before it are read."""
    whole = gzip.compress(as_tar({"a.txt": TEXT.encode(), "b.txt": NOISE[:90_000]}))
    (tmp_path / "a.tgz").write_bytes(whole[: len(whole) // 2])
    found = read(tmp_path)
    assert found["a.tgz/a.txt"]["raw"] == TEXT
    assert found["a.tgz"]["verdict"] == "read/truncated"


def _zip_damaged(path: Path) -> None:
    whole = bytearray(as_zip({"a.txt": TEXT.encode(), "b.txt": NOISE[:5000]}, zipfile.ZIP_STORED))
    at = whole.index(NOISE[:100])
    whole[at : at + 4] = b"????"
    path.write_bytes(bytes(whole))


def _zip_locked(path: Path) -> None:
    whole = bytearray(as_zip({"a.txt": TEXT.encode(), "b.txt": NOISE[:5000]}))
    central = whole.index(b"PK\x01\x02", whole.index(b"PK\x01\x02") + 4)
    whole[central + 8] |= 1  # the flag that says it needs a password
    local = whole.index(b"PK\x03\x04", 4)
    whole[local + 6] |= 1
    path.write_bytes(bytes(whole))


def _tar_with_links(path: Path) -> None:
    with tarfile.open(path, "w") as archive:
        header = tarfile.TarInfo("a.txt")
        header.size = len(TEXT.encode())
        archive.addfile(header, io.BytesIO(TEXT.encode()))
        link = tarfile.TarInfo("b.txt")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)


def _tar_sparse(path: Path) -> None:
    with tarfile.open(path, "w", format=tarfile.GNU_FORMAT) as archive:
        header = tarfile.TarInfo("a.txt")
        header.size = len(TEXT.encode())
        archive.addfile(header, io.BytesIO(TEXT.encode()))
    holes = tarfile.TarInfo("b.txt")
    holes.type = tarfile.GNUTYPE_SPARSE
    block = bytearray(holes.tobuf(tarfile.GNU_FORMAT))
    block[483:495] = b"%011o\0" % (3 << 30)  # the size that it would have
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    whole = path.read_bytes()
    path.write_bytes(whole[:1024] + bytes(block) + bytes(1024))


BAD: dict[str, tuple[str, Callable[[Path], Any], str]] = {
    "a damaged member": ("a.zip", _zip_damaged, "read/unreadable"),
    "a member with a password": ("a.zip", _zip_locked, "read/unreadable"),
    "a link": ("a.tar", _tar_with_links, "read/link"),
    "a bomb": (
        "a.zip",
        lambda path: path.write_bytes(as_zip({"a.txt": TEXT.encode(), "b.txt": b"a" * 50_000_000})),
        "read/bomb",
    ),
    "a file with holes": ("a.tar", _tar_sparse, "read/unsupported"),
    "an archive in it": (
        "a.zip",
        lambda path: path.write_bytes(as_zip({"a.txt": TEXT.encode(), "b.txt": as_tar({"c.txt": b"x"})})),
        "read/unsupported",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_read_is_a_row_and_the_rest_goes_through(case: str, tmp_path: Path) -> None:
    """One bad member is one row under its own path."""
    name, make, verdict = BAD[case]
    make(tmp_path / name)
    found = read(tmp_path)
    assert found[f"{name}/a.txt"]["raw"] == TEXT
    assert found[f"{name}/b.txt"]["verdict"] == verdict
    assert f"{name}/b.txt" in found[f"{name}/b.txt"]["reason"]
    assert len(found) == 2


@pytest.mark.parametrize(
    ("data", "verdict"),
    [
        (as_zip({"a.txt": NOISE})[:-50], "read/unreadable"),
        (as_zip({}), "read/empty"),
        (as_tar({".hidden": b"x"}), "read/empty"),
        (as_zip({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"}), "read/binary"),
        (gzip.compress(as_zip({"a.txt": b"x"})), "read/unsupported"),
    ],
    ids=["no directory", "no file", "none but hidden ones", "a document", "zip in gzip"],
)
def test_an_archive_that_cannot_be_read_is_one_row(data: bytes, verdict: str, tmp_path: Path) -> None:
    """The row has the archive's own path."""
    (tmp_path / "archive").write_bytes(data)
    (tmp_path / "good.txt").write_text(TEXT, "utf-8")
    found = read(tmp_path)
    assert found["archive"]["verdict"] == verdict
    assert "archive" in found["archive"]["reason"]
    assert found["good.txt"]["raw"] == TEXT


@pytest.mark.parametrize("kind", ARCHIVES)
def test_members_are_files(kind: Any, tmp_path: Path) -> None:
    """Each member says its path and size, and opens while it is the last one given."""
    place = tmp_path / "archive"
    place.write_bytes({"tar": as_tar, "zip": as_zip}[kind]({"a.txt": b"one", "b.txt": b"three"}))
    file = File("archive", str(place), place.stat().st_size)
    with Opened(file, ReadParams()) as opened:
        found = [
            (member.path, member.size, member.open().read()) for member in ARCHIVES[kind](file, opened, ReadParams())
        ]
    assert found == [("archive/a.txt", 3, b"one"), ("archive/b.txt", 5, b"three")]


def test_a_damaged_name_in_a_zip_file_is_one_bad_member(tmp_path: Path) -> None:
    """A local header whose name is no UTF-8 stops neither the archive nor the run."""
    whole = bytearray(as_zip({"مقال0.txt": TEXT.encode(), "مقال1.txt": TEXT.encode()}))
    whole[whole.index("مقال0".encode())] = 0xFF
    (tmp_path / "a.zip").write_bytes(bytes(whole))
    (tmp_path / "b.zip").write_bytes(as_zip({"c.txt": TEXT.encode()}))
    found = read(tmp_path)
    assert sorted(row["verdict"] or "" for row in found.values()) == ["", "", "read/unreadable"]


def test_names_that_no_flag_calls_utf8_are_read_as_that(tmp_path: Path) -> None:
    """As programs write them that know no other encoding."""
    whole = bytearray(as_zip({"مقال.txt": TEXT.encode()}))
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        flags = whole.index(mark) + at
        whole[flags : flags + 2] = b"\0\0"
    (tmp_path / "a.zip").write_bytes(bytes(whole))
    assert list(read(tmp_path)) == ["a.zip/مقال.txt"]


def test_many_members_may_not_swell_further_than_one_file(tmp_path: Path) -> None:
    """Their sizes are added up before the first is unpacked."""
    (tmp_path / "a.zip").write_bytes(as_zip({f"{n}.txt": bytes(90_000) for n in range(20)}))
    assert read(tmp_path, max_page_bytes=100_000)["a.zip"]["verdict"] == "read/bomb"


@pytest.mark.parametrize("pack", [lzma.compress, bz2.compress])
def test_what_came_before_a_break_is_not_lost(pack: Callable[[bytes], bytes], tmp_path: Path) -> None:
    """Of a compressed file whose stream ends too early."""
    lines = b"".join(b'{"text": "%s"}\n' % NOISE[n : n + 900].hex().encode() for n in range(0, 90_000, 900)) * 10
    whole = pack(lines)
    (tmp_path / "p.jsonl").write_bytes(whole[: len(whole) * 2 // 3])
    found = read(tmp_path / "p.jsonl")
    assert sum(row["verdict"] is None for row in found.values()) > 40 or pack is bz2.compress
    assert "read/truncated" in {row["verdict"] for row in found.values()}
    (tmp_path / "p.jsonl").write_bytes(whole + b"\0" * 4)
    assert {row["verdict"] for row in read(tmp_path / "p.jsonl").values()} == {None}


def test_tars_of_old_programs_and_one_behind_another(tmp_path: Path) -> None:
    """The oldest say nothing of their kind, and `cat` puts archives together; zeros alone hold nothing."""
    old = bytearray(as_tar({"a.txt": TEXT.encode()}))
    old[257:265] = bytes(8)
    old[148:156] = b" " * 8
    old[148:156] = b"%06o\0 " % sum(old[:512])
    (tmp_path / "a.tar").write_bytes(bytes(old) + as_tar({"b.txt": TEXT.encode()}))
    (tmp_path / "z.tgz").write_bytes(gzip.compress(bytes(10_240)))
    found = read(tmp_path)
    assert [path for path, row in found.items() if row["verdict"] is None] == ["a.tar/a.txt", "a.tar/b.txt"]
    assert found["z.tgz"]["verdict"] == "read/empty"


def test_a_full_disk_is_no_damage_of_the_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends the reading with an error that names the folder; what lies in the archive is read another time."""

    class Full(io.BytesIO):
        def write(self, part: object) -> int:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.TemporaryFile", Full)
    (tmp_path / "a.tar").write_bytes(as_tar({"rows.jsonl": b'{"text": "x"}\n' * 9000}))
    with pytest.raises(NoRoom, match="No space left on device"):
        read(tmp_path, max_page_bytes=10_000)
