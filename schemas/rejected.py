"""REJECTED: config `rejected` of a release, one row a document that was left out."""

from __future__ import annotations

import pandera.polars as pa

from schemas.columns import ID, PATH, ROLE, ROLES, RULE, SHA256, WORDS, Strict, count, polars_schema, prose, share


class Rejected(Strict):
    """What was left out and why, duplicates included; the page is here where it may be passed on."""

    id: str = pa.Field(unique=True, str_matches=ID, description="Id of the document.")
    parent_id: str = pa.Field(
        nullable=True, str_matches=ID, description="The page that this second article was spliced into."
    )
    path: str = pa.Field(description=PATH)
    url: str = pa.Field(nullable=True, description="Address of the page: as it came, else as the page prints it.")
    outlet: str = pa.Field(nullable=True, description="Whose page it is.")
    verdict: str = pa.Field(
        str_matches=RULE, description="Why it was left out; Ghirbal's `docs/schema.md` lists all verdicts."
    )
    verdict_value: float = pa.Field(
        nullable=True, lt=float("inf"), description="The measured value behind the verdict; of `duplicate/exact` 1."
    )
    title: str = prose("Headline, where one was found.", nullable=True)
    text: str = prose(
        "The body that was judged, personal data masked; null where the outlet does not pass its text on.",
        nullable=True,
    )
    raw: str = prose(
        "The page's text as it came, of HTML as the extractor gave it, personal data masked; null for a second "
        "article, where the outlet does not pass its text on, and where damage hides personal data from the mask.",
        nullable=True,
    )
    lang: str = pa.Field(nullable=True, description="Language of the body, a BCP-47 tag; `und` where undetermined.")
    lang_score: float = share("How sure the language is.")
    arabic_share: float = share(
        "Share of the letters of the body that are Arabic: of its script, and not of a text or a line in another language."
    )
    damage_share: float = share("Share of the characters of the body that are still damaged.")
    zone_score: float = pa.Field(
        nullable=True, lt=float("inf"), description="How sure the borders of the article in its page are."
    )
    n_chars: int = count("Length of the body in code points, as it is or would be released (personal data masked).")
    n_words: int = count(WORDS.format("the body"))
    cluster_id: str = pa.Field(
        nullable=True,
        description="The cluster of near-duplicates; null where it was not compared.",
    )
    cluster_size: int = pa.Field(ge=1, nullable=True, description="Documents in the cluster, also those left out.")
    cluster_outlets: int = pa.Field(ge=0, nullable=True, description="Outlets in the cluster.")
    cluster_role: str = pa.Field(nullable=True, isin=ROLES, description=ROLE)
    similarity: float = share("Estimated similarity to the cluster's representative (word `5`-grams).")
    shared_paragraph_share: float = share("Share of its paragraphs that other stories print too.")
    raw_sha256: str = pa.Field(
        nullable=True, str_matches=SHA256, description="sha256 of the raw page as UTF-8; null where none could be read."
    )


REJECTED = polars_schema(Rejected)
"""The same as a polars schema: names and types, in order."""
