"""What a document is, whether still in the house (Doc) or released (Record)."""

from __future__ import annotations

import pandera.polars as pa
import polars as pl

from schemas.columns import (
    EMBED_KINDS,
    EMBEDS,
    ID,
    PATH,
    RELATED,
    SENTENCES,
    SHA256,
    STUTTERS,
    WORDS,
    Strict,
    count,
    nested,
    prose,
    prose_list,
    share,
)

PRECISIONS = ["day", "month", "year", "ambiguous", "none"]


class Document(Strict):
    """One article: its text, what is known of it, and its scores."""

    id: str = pa.Field(
        unique=True,
        str_matches=ID,
        description="First `16` hex digits of the sha256 of the canonical address or, without one, of the "
        "raw page; `-2` and up for later records of the same key; `.1` and up for a second article of it.",
    )
    parent_id: str = pa.Field(
        nullable=True,
        str_matches=ID,
        description="The page that this second article was spliced into; null for a page's own article.",
    )
    path: str = pa.Field(description=PATH)
    url: str = pa.Field(nullable=True, description="Address of the page: as it came, else as the page prints it.")
    outlet: str = pa.Field(nullable=True, description="Whose page it is; null where nothing names it.")
    title: str = prose("Headline of the article; null where the page has none.", nullable=True)
    title_long: str = prose("A second, longer headline of the same article.", nullable=True)
    summary: str = prose("The page's own summary of the article.", nullable=True)
    headline_en: str = prose("English headline of this article.", nullable=True)
    text: str = prose("The body: paragraphs and subheadings, one a line.")
    subheadings: pl.List = prose_list("The lines of `text` that are subheadings, in order.")
    date: pl.Date = pa.Field(
        nullable=True,
        description="Date of publication, the first of the month or year where it is coarser; null in doubt. Of a date such as "
        "5/2/2020 the page or its outlet's other pages say which day it is; where no line states one, it is the day that the text calls "
        "today in its first lines.",
    )
    date_raw: str = prose(
        "The date as the page writes it, in a line of its own or, where there is none, in the text.", nullable=True
    )
    date_precision: str = pa.Field(isin=PRECISIONS, description="`day`, `month`, `year`, `ambiguous` or `none`.")
    source: str = prose("Agency or paper that the page names as its source.", nullable=True)
    author: str = prose("Author or authors of the article.", nullable=True)
    dateline: str = prose("Place and agency that open the body, as written; they stay in `text`.", nullable=True)
    category: str = prose("Section of the site.", nullable=True)
    keywords: pl.List = prose_list(
        "Keywords; one string where nothing parts them, neither signs nor how the text has their words."
    )
    keywords_raw: str = prose("The keyword line as the page writes it.", nullable=True)
    captions: pl.List = prose_list("Captions of images and videos.")
    embeds: pl.List = nested(
        EMBEDS,
        f"Embedded posts: kind ({' or '.join(map('`{}`'.format, EMBED_KINDS))}), text, address, author, handle, date.",
    )
    related: pl.List = nested(
        RELATED, "Other articles that the page points to: Arabic headline, English headline, teaser."
    )
    lang: str = pa.Field(nullable=True, description="Language of `text`, a BCP-47 tag; `und` where undetermined.")
    lang_score: float = share("How sure the language is.")
    arabic_share: float = share(
        "Share of the letters of `text` that are Arabic: of its script, and not of a text or a line in another language that "
        "is written in it, as Persian is."
    )
    latin_share: float = share("Share of the letters of `text` that are Latin script.")
    other_share: float = share(
        "Share of the letters of `text` in other scripts, or in other languages in Arabic script."
    )
    encoding: str = pa.Field(nullable=True, description="Encoding the source bytes were read in.")
    encoding_score: float = share("How sure the choice of encoding is; null where there was no choice.")
    repaired: bool = pa.Field(
        description="Whether anything in the page was repaired, an encoding or a no-break space; the repairs are in the config `repairs`."
    )
    suspect_share: float = share(
        "Share of the page's characters that are lost, or look misread but too little to be sure; they are left alone."
    )
    has_editor_note: bool = pa.Field(description="Whether the page carries an editor's note.")
    has_correction: bool = pa.Field(description="Whether the page carries a correction.")
    n_chars: int = count("Length of `text` in code points.")
    n_words: int = count(WORDS.format("`text`"))
    n_sentences: int = count(SENTENCES.format("`text`"))
    cut_share: float = share("Share of the page's code points that rules cut.")
    sentence_end_share: float = share("Share of the lines of `text` that end in a sentence's end.")
    duplicate_line_share: float = share("Share of the lines of `text` that repeat an earlier one.")
    repeated_ngram_share: float = share("Share of `text` in repeated word n-grams.")
    stop_word_share: float = share("Share of the words of `text` that are function words.")
    mean_word_length: float = pa.Field(
        nullable=True, ge=0, lt=float("inf"), description="Mean length of a word in code points."
    )
    damage_share: float = share("Share of the characters of `text` that are still damaged.")
    leftover: int = count("Lines of `text` that still open like boilerplate.")
    list_share: float = share("Share of the lines of `text` that look like list items.")
    mt_suspect: bool = pa.Field(description=STUTTERS.format("`text`"))
    likely_truncated: bool = pa.Field(description="Whether `text` seems to break off.")
    zone_score: float = pa.Field(
        nullable=True, lt=float("inf"), description="How sure the borders of the article in its page are."
    )
    raw_sha256: str = pa.Field(
        str_matches=SHA256, description="sha256 of the raw page as UTF-8; a second article's is its page's."
    )
    source_sha256: str = pa.Field(
        nullable=True,
        str_matches=SHA256,
        description="sha256 of the file, or of the HTML in a record, that the raw page was read from; null for a text in a record.",
    )
    extractor: str = pa.Field(
        nullable=True,
        description="What made the raw page from HTML, with its version; null for other sources. Where it ends in `full`, the "
        "page is all that a reader of it sees; else it is what was taken for the article, and the rest is in no table, nor are "
        "articles that the page shows below its own (`first of 3 articles, …`).",
    )
