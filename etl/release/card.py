"""The card: README.md of a release, rendered from its manifest, with plots, citation and Croissant file.

Every number in it stands in `manifest["numbers"]`; nothing is counted or measured here.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from etl.licence import end_sentence, tell_rights
from etl.manifest import note_outputs, read_manifest
from etl.release.croissant import make_croissant
from etl.release.hub_parquet import features_of
from etl.release.plots import draw_plots, largest_outlets
from etl.release_params import find_home
from schemas.columns import columns_table
from schemas.configs import CONFIGS

_LAYOUTS = Path(__file__).parent
_AROUND = 60
"""Code points of an example shown on each side of the cut."""
_CUT = 200
"""Code points of a cut that an example shows; of a longer one its middle is left out."""
_RULES = 60
"""Rules whose cuts the card shows, the largest first; the manifest has them all."""
# The Hub's classes of size, by number of rows.
_SIZES = (
    (10**3, "n<1K"),
    (10**4, "1K<n<10K"),
    (10**5, "10K<n<100K"),
    (10**6, "100K<n<1M"),
    (10**7, "1M<n<10M"),
    (10**8, "10M<n<100M"),
    (10**9, "100M<n<1B"),
)


def write_card(release: Path) -> Path:
    """Release -> its README.md, with all that is rendered beside it; the manifest is brought up to date."""
    manifest = read_manifest(release)
    plots = draw_plots(manifest["numbers"], release / "plots")
    about = _about(manifest)
    citation = release / "CITATION.cff"
    citation.write_text(_citation(manifest), "utf-8")
    licence = release / "LICENSE"
    licence.write_text(_licence(manifest), "utf-8")
    card = release / "README.md"
    card.write_text(render_card(manifest, about), "utf-8")
    croissant = release / "croissant.json"
    described = make_croissant(manifest, CONFIGS, about)
    croissant.write_text(json.dumps(described, ensure_ascii=False, indent=1) + "\n", "utf-8")
    note_outputs(release, manifest, [*plots, citation, licence, card, croissant])
    return card


def render_card(manifest: Mapping[str, Any], about: Mapping[str, str]) -> str:
    """Manifest and texts -> the card, YAML and prose."""
    numbers = manifest["numbers"]
    examples = {example["rule"]: example for example in manifest["examples"]}
    cuts = sorted(
        (rule for rule in numbers["rules"] if rule["action"] == "cut"), key=lambda r: (-r["chars"], r["rule"])
    )
    body = (
        _environment()
        .get_template("card.md.j2")
        .render(
            m=manifest,
            p=manifest["params"],
            numbers=numbers,
            totals=numbers["totals"],
            about=about,
            rights=tell_rights(manifest["params"]),
            repository=manifest["params"]["repository"] or f"OWNER/{manifest['params']['name']}",
            front=_front_matter(manifest),
            outlets=largest_outlets(numbers),
            cuts=cuts[:_RULES],
            all_shown=len(cuts) <= _RULES,
            examples=examples,
            shorten=shorten,
            tables=[
                (config, model, columns_table(model)) for config, model in CONFIGS.items() if numbers["rows"][config]
            ],
            empty=[config for config in CONFIGS if not numbers["rows"][config]],
        )
    )
    return re.sub(r"\n{3,}", "\n\n", body)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_LAYOUTS),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # Markdown: `cell` escapes what comes from pages
    )
    environment.filters |= {"n": format_count, "share": format_share, "score": format_score, "cell": cell}
    return environment


def format_count(value: int) -> str:
    """Number -> as the card prints it: 1,234."""
    return f"{value:,}"


def format_share(value: float) -> str:
    """Share -> as the card prints it: 12.3%."""
    return f"{value:.1%}"


def format_score(value: float) -> str:
    """Score -> as the card prints it: 0.987."""
    return f"{value:.3f}"


def cell(text: str | None) -> str:
    """Text of a page -> text for one cell of a Markdown table."""
    plain = html.escape((text or "").replace("\n", " "), quote=False)
    return re.sub(r"([|\\`*_\[\]#~])", r"\\\1", plain)


def shorten(text: str) -> str:
    """Example -> the same with no more than a little on each side of the cut."""
    if "⟦" not in text:
        return text if len(text) <= 2 * _AROUND else text[: 2 * _AROUND] + "…"
    before, _, rest = text.partition("⟦")
    cut, _, after = rest.rpartition("⟧")
    cut = cut if len(cut) <= _CUT else f"{cut[: _CUT // 2]} … {cut[-_CUT // 4 :]}"
    before = before if len(before) <= _AROUND else "…" + before[-_AROUND:]
    after = after if len(after) <= _AROUND else after[:_AROUND] + "…"
    return f"{before}⟦{cut}⟧{after}"


def _about(manifest: Mapping[str, Any]) -> dict[str, str]:
    """Manifest -> the sentences that the card and the Croissant file share."""
    params = manifest["params"]
    personal = (
        "E-mail addresses, phone numbers, IBANs and national ids whose form is certain are masked in every "
        "text, with the kind in place: ⟨email⟩, ⟨phone⟩, ⟨iban⟩, ⟨id⟩. This is a courtesy, not anonymity: "
        "people are named in the news, the pages are public, and a hash of a page can confirm a guess."
        if params["mask_personal"]
        else "Personal data in the texts is not masked: addresses and phone numbers stand as printed."
    )
    return {
        "description": "Arabic news articles cleaned out of scraped pages: the article alone, its fields, "
        "and a row for every character that was cut from a page's text.",
        "citation": "".join(f"{name}. " for name in [", ".join(params["authors"])] if name)
        + f"{params['pretty_name']}, version {manifest['version']}. Made with Ghirbal.",
        "bibtex": _bibtex(manifest),
        "collection": "Pages that were scraped from Arabic news sites, as plain text or HTML; nothing was "
        "written or annotated for this dataset.",
        "processing": "Encoding repair, cutting by rules, by place in the page and by lines that an "
        "outlet repeats, reading of fields, language, quality scores, near-duplicates, verdicts. Every cut, "
        "mark and repair is a row.",
        "personal": personal,
        "limits": "News of the outlets listed, in the language of news; what outlets print is not checked "
        "for truth. Some boilerplate stays and some body text is cut; the audit lets a reader see where.",
        "splits": "By hash of the cluster of near-duplicates: a document stays in its split when others are added, "
        "unless its cluster grows or a split becomes large enough to be there."
        if params["splits"]["by"] == "cluster"
        else "By date: a cluster of near-duplicates goes where its earliest document does, what has no date to train.",
        "maintenance": "Documents are withdrawn on request, from the next version on. To have one withdrawn: "
        + end_sentence(params["contact"]),
    }


def _front_matter(manifest: Mapping[str, Any]) -> str:
    """Manifest -> the YAML that the Hub and `datasets` read."""
    from datasets import DatasetInfo, SplitDict, SplitInfo
    from huggingface_hub import DatasetCardData

    params, rows = manifest["params"], manifest["numbers"]["rows"]
    configs, infos = [], []
    for config, model in CONFIGS.items():
        if not rows[config]:
            continue
        splits = {name: told for name, told in manifest["configs"][config].items() if told["rows"]}
        folder = "data" if config == "default" else config
        configs.append(
            {
                "config_name": config,
                **({"default": True} if config == "default" else {}),
                "data_files": [{"split": name, "path": f"{folder}/{name}-*.parquet"} for name in splits],
            }
        )
        info = DatasetInfo(
            features=features_of(model),
            splits=SplitDict({name: SplitInfo(name, told["bytes"], told["rows"]) for name, told in splits.items()}),
            download_size=sum(manifest["outputs"][file]["bytes"] for told in splits.values() for file in told["files"]),
            dataset_size=sum(told["bytes"] for told in splits.values()),
        )
        infos.append({"config_name": config, **info._to_yaml_dict()})
    rights = tell_rights(params)
    data = DatasetCardData(
        language=["ar"],
        license=rights.id,
        license_name=rights.label,
        license_link="LICENSE" if rights.label else None,
        pretty_name=params["pretty_name"],
        annotations_creators=["no-annotation"],
        language_creators=["found"],
        multilinguality=["monolingual"],
        source_datasets=["original"],
        task_categories=["text-generation", "fill-mask"],
        size_categories=[next((name for bound, name in _SIZES if rows["default"] < bound), "n>1B")],
        configs=configs,
        dataset_info=infos,
    )
    return data.to_yaml(line_break="\n").strip()


def _bibtex(manifest: Mapping[str, Any]) -> str:
    params = manifest["params"]
    told = {
        "title": f"{{{params['pretty_name']}}}",
        **({"author": " and ".join(f"{{{name}}}" for name in params["authors"])} if params["authors"] else {}),
        **({"year": params["published"][:4]} if params["published"] else {}),
        "version": manifest["version"],
        **({"url": home} if (home := find_home(params)) else {}),
        "note": "Made with Ghirbal",
    }
    lines = [f"  {name} = {{{value}}}," for name, value in told.items()]
    return "\n".join([f"@misc{{{params['name']},", *lines, "}"])


def _citation(manifest: Mapping[str, Any]) -> str:
    """Manifest -> CITATION.cff, version 1.2."""
    params = manifest["params"]
    rights = tell_rights(params)
    told = {
        "cff-version": "1.2.0",
        "message": "If you use this dataset, please cite it.",
        "type": "dataset",
        "title": params["pretty_name"],
        "version": manifest["version"],
        # The format asks for one.
        "authors": [{"name": name} for name in params["authors"] or ["Anonymous"]],
        **({"license": rights.spdx} if rights.spdx else {}),
        **({"url": home} if (home := find_home(params)) else {}),
        **({"date-released": params["published"]} if params["published"] else {}),
    }
    return yaml.safe_dump(told, allow_unicode=True, sort_keys=False)


def _licence(manifest: Mapping[str, Any]) -> str:
    params = manifest["params"]
    lines = [params["pretty_name"], "", tell_rights(params).text]
    lines += [f"{outlet}: {licence}" for outlet, licence in sorted(params["outlet_licences"].items())]
    return "\n".join([*lines, "", f"To have a text withdrawn: {end_sentence(params['contact'])}", ""])
