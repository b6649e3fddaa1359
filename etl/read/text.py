"""Text: bytes in whatever encoding -> text, and files of one page each."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

from etl.decode import BinaryData, Decoded, decode, is_clear
from etl.read.fields import take_sidecar
from etl.read.files import File
from etl.read.params import ReadParams
from etl.read.row import Fault, Page
from etl.read.sidecars import read_sidecar
from etl.read.streams import Opened, read_whole


def decode_bytes(data: bytes, path: str, declared: str | None = None) -> Decoded:
    """Decode bytes; raise Fault where they are not text."""
    try:
        return decode(data, declared)
    except UnicodeError:  # declared is a codec of Python's that is no charset, such as "undefined"
        return decode(data)
    except BinaryData as error:
        raise Fault("binary", f"{path}: not text ({error}); take it out of the source or convert it") from error


def decode_page(page: Page, data: bytes, params: ReadParams, declared: str | None = None) -> str:
    """Decode the bytes of a page, note their encoding in it, return the text; raise Fault if it cannot be."""
    page.source_sha256 = sha256(data).hexdigest()
    decoded = decode_bytes(data, page.path, declared)
    page.encoding, page.encoding_score = decoded.encoding, decoded.score
    if decoded.lossy:
        lost = decoded.text.count("\ufffd") / max(len(decoded.text), 1)
        if lost > params.max_lost:
            page.raw = decoded.text
            reason = f"{page.path}: {lost:.1%} of its characters can be read in no encoding; fetch it again"
            raise Fault("undecodable", reason, lost)
    text: str = decoded.text
    return text


def begin_page(file: File) -> Page:
    """Return the page of a file of one page, with what its sidecar says."""
    page = Page(file.path)
    for where in file.sidecars:
        record = read_sidecar(where)
        if record is not None:
            take_sidecar(page, record)
            break
    return page


def read_text(file: File, opened: Opened, params: ReadParams) -> Iterator[Page]:
    """Text file -> its one page."""
    page = begin_page(file)
    try:
        data = read_whole(opened, file.path, params.max_page_bytes)
        if is_clear(data):
            page.source_sha256, page.data = sha256(data).hexdigest(), data
        else:
            page.raw = decode_page(page, data, params)
        page.fault = opened.fault
    except Fault as fault:
        page.fault = fault
    yield page
