"""MHTML: a page that a browser saved as one file, a mail of its parts, of which the first of HTML is the page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message
from hashlib import sha256

from etl.read.files import File
from etl.read.html import declared_charset, read_markup
from etl.read.params import ReadParams
from etl.read.row import Fault, Page
from etl.read.streams import Opened, read_whole
from etl.read.text import begin_page, decode_page

_ADDRESSES = ("Snapshot-Content-Location", "Content-Location")


def read_mhtml(file: File, opened: Opened, params: ReadParams) -> Iterator[Page]:
    """Page that was saved as a mail -> its one page, with the address that it was saved from."""
    page = begin_page(file)
    try:
        data = read_whole(opened, file.path, params.max_page_bytes)
        mail = message_from_bytes(data)
        part = next((part for part in mail.walk() if part.get_content_type() == "text/html"), None)
        html = part.get_payload(decode=True) if part is not None else None
        if part is None or not isinstance(html, bytes):
            raise Fault("unsupported", f"{file.path}: a mail without a page in it; save the page as HTML or text")
        text = decode_page(page, html, params, part.get_content_charset() or declared_charset(html))
        page.source_sha256 = sha256(data).hexdigest()
        page.url = page.url or _find_address(mail, part)
        read_markup(page, text, params)
        page.fault = opened.fault
    except Fault as fault:
        page.fault = fault
    yield page


def _find_address(*parts: Message) -> str | None:
    """A mail and its part of HTML -> the address of the web that the page was saved from."""
    told = (str(part.get(name, "")) for name in _ADDRESSES for part in parts)
    return next((address for address in told if re.match(r"https?://", address)), None)
