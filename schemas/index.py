"""INDEX: config `index` of a release, every released document without a word of its text."""

from __future__ import annotations

import pandera.polars as pa
import polars as pl

from schemas.columns import (
    ID,
    PATH,
    ROLE,
    ROLES,
    SENTENCES,
    SHA256,
    STUTTERS,
    WORDS,
    Strict,
    count,
    polars_schema,
    share,
)
from schemas.document import PRECISIONS


class Index(Strict):
    """Ids, addresses, hashes, dates, scores and clusters; also of outlets whose text is not passed on."""

    id: str = pa.Field(unique=True, str_matches=ID, description="Id of the document, the same as in `default`.")
    parent_id: str = pa.Field(
        nullable=True, str_matches=ID, description="The page that this second article was spliced into."
    )
    path: str = pa.Field(description=PATH)
    url: str = pa.Field(nullable=True, description="Address of the page: as it came, else as the page prints it.")
    outlet: str = pa.Field(nullable=True, description="Whose page it is.")
    split: str = pa.Field(
        isin=["train", "validation", "test"],
        description="The split it belongs to, `train`, `validation` or `test`, whether its text is released or not.",
    )
    text_released: bool = pa.Field(description="Whether its text is in `default`.")
    date: pl.Date = pa.Field(nullable=True, description="Date of publication.")
    date_precision: str = pa.Field(isin=PRECISIONS, description="`day`, `month`, `year`, `ambiguous` or `none`.")
    lang: str = pa.Field(nullable=True, description="Language of the body, a BCP-47 tag; `und` where undetermined.")
    lang_score: float = share("How sure the language is.")
    n_chars: int = count("Length of the body in code points, as it is or would be released (personal data masked).")
    n_words: int = count(WORDS.format("the body"))
    n_sentences: int = count(SENTENCES.format("the body"))
    cut_share: float = share("Share of the page's code points that rules cut.")
    arabic_share: float = share(
        "Share of the letters of the body that are Arabic: of its script, and not of a text or a line in another language."
    )
    sentence_end_share: float = share("Share of the lines of the body that end in a sentence's end.")
    duplicate_line_share: float = share("Share of the lines of the body that repeat an earlier one.")
    repeated_ngram_share: float = share("Share of the body in repeated word n-grams.")
    stop_word_share: float = share("Share of the words of the body that are function words.")
    mt_suspect: bool = pa.Field(description=STUTTERS.format("the body"))
    zone_score: float = pa.Field(
        nullable=True, lt=float("inf"), description="How sure the borders of the article in its page are."
    )
    cluster_id: str = pa.Field(description="The cluster of near-duplicates it belongs to.")
    cluster_size: int = pa.Field(ge=1, description="Documents in the cluster, those left out included.")
    cluster_outlets: int = count("Outlets in the cluster.")
    cluster_role: str = pa.Field(isin=ROLES, description=ROLE)
    similarity: float = share("Estimated similarity to the cluster's representative (word `5`-grams).")
    shared_paragraph_share: float = share("Share of its paragraphs that other stories print too.")
    raw_sha256: str = pa.Field(str_matches=SHA256, description="sha256 of the raw page as UTF-8.")
    text_sha256: str = pa.Field(
        str_matches=SHA256,
        description="sha256 of the body as UTF-8, as it is or would be released (personal data masked).",
    )


INDEX = polars_schema(Index)
"""The same as a polars schema: names and types, in order."""
