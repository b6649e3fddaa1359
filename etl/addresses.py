"""The one form of a web address by which its page is known."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import polars as pl

from etl.arrow import hash_texts, to_arrow

_TRACKERS = re.compile(
    r"(?:utm_\w*|mtm_\w*|pk_\w+|hsa_\w+|fbclid|gclid|gclsrc|dclid|wbraid|gbraid|msclkid|yclid|twclid|ttclid|"
    r"igshid|igsh|mc_cid|mc_eid|_ga|_gl|ref_src|ref_url|cmpid|ocid|at_(?:medium|campaign|custom\w*)|"
    r"__twitter_impression|amp)$",
    re.IGNORECASE,
)
_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_UNSAFE = re.compile(rb"[^!-~]|[\"<>\\^`{|}]")
_PORTS = {"http": 80, "https": 443}
# An address that is in its one form but for what every address has: scheme, www, slash at the end, fragment.
_PLACE = "[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?"
_SAFE = "[A-Za-z0-9._~!$'()*+,;=:@-]|%[89A-F][0-9A-F]"
_PLAIN = rf"^https?://(?:www\.)?({_PLACE})((?:/+(?:{_SAFE}|&)+)*)/*(\?(?:{_SAFE})(?:{_SAFE}|[/&])*)?(?:#[!-~]*)?$"
_MAY_CHANGE = rf"(?i)[?&](?:&|{_TRACKERS.pattern.removesuffix('$')})|&$|&#"
_HEX_PAIRS = [first + second for first in "89abcdefABCDEF" for second in "0123456789abcdefABCDEF"]
_LOWER = [f"%{pair}" for pair in _HEX_PAIRS if pair != pair.upper()]
"""Escapes of Arabic as many sites write them, in lower case."""


def _escape(part: str) -> str:
    """Percent-encode one way only (RFC 3986, 6.2.2): unreserved characters bare, hex in capitals."""

    def one(match: re.Match[bytes]) -> bytes:
        byte = int(match[1], 16)
        return bytes([byte]) if byte in _UNRESERVED else b"%" + match[1].upper()

    bare = _ESCAPE.sub(one, part.encode("utf-8", "replace"))
    return _UNSAFE.sub(lambda match: b"%%%02X" % match[0][0], bare).decode("ascii")


def _host(name: str) -> str:
    name = name.rstrip(".").lower()
    try:
        name = name if name.isascii() else name.encode("idna").decode("ascii")
    except UnicodeError:
        name = _escape(name)
    return name.removeprefix("www.")


def canonical_url(url: str) -> str | None:
    """Return the one form of a web address by which its page is known, or None where it is not a web address.

    https for http, no `www.`, no fragment, no campaign parameters, no slash at the end; one way of escaping.
    """
    url = "".join(url.split())
    if url.startswith("//"):
        url = "https:" + url
    try:
        parts = urlsplit(url)
        host, port, scheme = parts.hostname, parts.port, parts.scheme.lower()
    except ValueError:
        return None
    if scheme not in _PORTS or not host:
        return None
    place = (f"[{host}]" if ":" in host else _host(host)) + (f":{port}" if port and port != _PORTS[scheme] else "")
    query = "&".join(pair for pair in parts.query.split("&") if pair and not _TRACKERS.match(pair.partition("=")[0]))
    path = _escape(parts.path).rstrip("/")
    return f"https://{place}{path}" + (f"?{_escape(query)}" if query else "")


def canonical_urls(urls: pl.Series) -> pl.Series:
    """Column of web addresses -> their one form, as `canonical_url` gives it; one by one only where it must look closely."""
    if urls.str.contains("%", literal=True).any():
        urls = urls.str.replace_many(_LOWER, [escape.upper() for escape in _LOWER])
    plain = (urls.str.contains(_PLAIN) & ~urls.str.contains(_MAY_CHANGE)).fill_null(False)
    made = urls.str.replace(_PLAIN, "https://${1}${2}${3}").zip_with(plain, pl.Series([None], dtype=pl.String))
    odd = (~plain & urls.is_not_null()).arg_true()
    return made.scatter(odd, [canonical_url(url) for url in urls.gather(odd)]) if len(odd) else made


def is_address(canonical: pl.Series) -> pl.Series:
    """Column of addresses in their one form -> whether each is a page's: that of a site's front page is no page's."""
    return canonical.str.contains("^https://[^/]*/|[?]").fill_null(False)


def key_of(canonical: pl.Series) -> pl.Series:
    """Column of addresses in their one form (or of other names) -> the id of each one's page, 16 hex digits of its sha256."""
    return hash_texts(to_arrow(canonical)).str.slice(0, 16)


def keep_given(ids: pl.Series, urls: pl.Series) -> pl.Series:
    """Ids of pages, their addresses -> the addresses that came with the pages, which the ids are made of, in their one form; null for
    printed ones."""
    canonical = canonical_urls(urls)
    return canonical.set(ids.str.slice(0, 16).ne_missing(key_of(canonical)), None)
