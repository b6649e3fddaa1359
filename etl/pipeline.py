"""The order. A page is read, repaired, cut into pieces, labelled stage by stage, joined, judged.

Read this file first: every stage is one function, and here they stand in the order in which they run.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import polars as pl
import pyarrow as pa

from etl.arrow import to_arrow, to_frame
from etl.articles import find_articles, find_subheadings, join_pieces, list_documents
from etl.bylines.above import label_bylines
from etl.bylines.below import label_signatures
from etl.bylines.own_captions import label_own_captions
from etl.bylines.own_names import label_own_teasers, split_own_names
from etl.cues import count_leftovers, label_boxes, label_lines, label_zoned_lines, split_spans
from etl.dates.lines import label_dates
from etl.dates.today import date_by_lead
from etl.given_lines import label_given_lines
from etl.headlines import PAIRED, label_headlines
from etl.headlines.pairing import pair_headlines
from etl.knowledge import Knowledge, ship_knowledge
from etl.language import judge_foreign_pages, judge_language, measure_language
from etl.metadata import name_outlets, read_fields
from etl.page_heads import give_back_heads
from etl.pieces import label_space, to_pieces
from etl.places import label_contents, label_rest, label_sliders, label_tweets
from etl.printed_urls import read_urls
from etl.quality import judge_quality, measure_quality
from etl.repair import repair_pages
from etl.review import label_overrides
from etl.spaced_keywords import part_keywords
from etl.spliced import label_articles
from etl.tags import label_tags
from etl.templates.learn import label_templates
from etl.tickers import label_tickers
from etl.titles import label_titles, split_decks
from etl.titles.openings import label_openings
from etl.zones import judge_zones, label_zones
from schemas.doc import DOC

Stage = Callable[[pl.LazyFrame, Knowledge], pl.LazyFrame]

STAGES: tuple[Stage, ...] = (
    label_lines,  # phrases that give a line away anywhere: "see also", share widgets, end marks
    label_boxes,  # what stands between the lines that open a box and end it
    label_tickers,  # the headlines of a site on one line, with wide gaps between them
    label_templates,  # lines this outlet repeats on its pages, where a corpus has taught them
    label_tweets,  # the text above a tweet's attribution
    label_contents,  # a table of contents: its lines stand again further down
    label_sliders,  # headlines that slide by: each an item of a list, and once more below it
    label_zones,  # before, body, box, after: by the look of the lines and of their neighbours
    label_given_lines,  # what the markup of the page calls a caption, or its author
    label_zoned_lines,  # phrases that give a line away only outside the body
    label_articles,  # a second article after the first
    label_headlines,  # English headlines: this article's, a card's, a caption
    label_titles,  # title, deck, captions
    label_openings,  # the title of a page without one: what stands first in its text, or right above
    split_decks,  # a deck's call to read on, and its hashtags
    label_tags,  # tags below the body, by the words they share with it
    label_dates,  # a date near the title, however it is written
    label_bylines,  # a person's name between title and body
    label_signatures,  # the writer's name below the text
    give_back_heads,  # lines above the body of which none has a name
    label_own_teasers,  # a last line that opens with the page's own name, as the text or its byline did
    label_rest,  # what is left outside the body
    split_spans,  # parts of lines: a promo glued to the last sentence, a dateline
    split_own_names,  # the page's own name in the place of a byline or a dateline
    label_own_captions,  # captions in the text that close with that name
    label_overrides,  # what people decided on reading the cuts
    lambda pieces, know: label_space(pieces, know.marks),  # white space that the cuts leave
)


def label_pieces(pages: pl.DataFrame, know: Knowledge) -> pl.DataFrame:
    """Page -> Piece: cut the pages into pieces and run every stage over them."""
    pieces = to_pieces(pages.lazy())
    for stage in STAGES:
        if stage in (label_given_lines, label_zones, label_titles, label_openings):
            stage = partial(stage, given=pages)
        pieces = stage(pieces, know)
    return pieces.collect()


def clean_pages(pages: pl.DataFrame, know: Knowledge) -> pl.DataFrame:
    """Page -> Document: one row a page and one a second article, with text, fields, scores and verdict."""
    pieces = label_pieces(pages, know)
    articles = find_articles(pages, pieces, know.marks)
    joined = join_pieces(articles)
    urls = read_urls(articles)
    docs = pl.concat(
        [
            list_documents(articles).with_columns(outlet=name_outlets(articles, urls), url=pl.coalesce("url", urls)),
            joined,
            read_fields(articles, know.orders),
            pl.DataFrame({"subheadings": find_subheadings(joined["text"])}),
        ],
        how="horizontal",
    )
    # A page's own name is no person, whatever label stands before it.
    own = pl.col("author").eq(pl.col("outlet")).fill_null(False) | pl.col("author").eq(pl.col("source")).fill_null(
        False
    )
    docs = docs.with_columns(
        author=pl.when(~own).then("author"), source=pl.coalesce("source", pl.when(own).then("author"))
    )
    docs = part_keywords(date_by_lead(docs))
    pairs = pair_headlines(articles.pieces_with(PAIRED), know.params.headlines)
    docs = docs.join(pairs, on="id", how="left", maintain_order="left")
    docs = measure_language(docs, know.params.language)
    docs = measure_quality(docs, know.params.quality)
    docs = count_leftovers(docs, know)
    docs = judge_foreign_pages(docs, know.params.language)
    docs = judge_zones(docs, know.params.zones)
    docs = judge_language(docs, know.params.language)
    docs = judge_quality(docs, know.params.quality)
    return docs.select(list(DOC)).match_to_schema(DOC)


def clean_table(table: pa.Table, know: Knowledge | None = None) -> pa.Table:
    """Raw (or Page, or any table with a text or html column) -> Document, as Arrow tables: what an engine calls.

    Columns are matched as files' are (`read.columns` in the parameters). Ids repeat where batches hold the same page.
    """
    know = know or ship_knowledge()
    if not {"raw_sha256", "id"} <= set(table.column_names):
        from etl.read import read_table  # readers of HTML, which few engines need

        table = read_table(table, know.params.read)
    frame = to_frame(table)
    pages = frame if "page" in frame.columns else repair_pages(frame, know.params.repair)
    return to_arrow(clean_pages(pages, know))
