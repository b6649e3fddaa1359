"""`croissant.json`: the release in the Croissant format (1.0, with the responsible-AI fields), for any host.

Each file is named with its sha256; each config with rows is a record set over its files.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from etl.licence import tell_rights
from etl.manifest import list_files
from etl.release_params import find_home
from schemas.columns import Table, columns_table, polars_schema

CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
"""The context of Croissant 1.0, as its specification prints it."""
_TYPES: dict[type[pl.DataType], str] = {
    pl.String: "sc:Text",
    pl.Boolean: "sc:Boolean",
    pl.Date: "sc:Date",
    pl.Int32: "sc:Integer",
    pl.Int64: "sc:Integer",
    pl.Float64: "sc:Float",
}


def make_croissant(manifest: dict[str, Any], models: dict[str, Table], about: dict[str, str]) -> dict[str, Any]:
    """Manifest, model by config, and the texts of the card -> the Croissant description."""
    params = manifest["params"]
    rights = tell_rights(params)
    files = [
        {
            "@type": "cr:FileObject",
            "@id": name,
            "name": name,
            "contentUrl": name,
            "contentSize": f"{told['bytes']} B",
            "encodingFormat": "application/x-parquet",
            "sha256": told["sha256"],
        }
        for name, told in sorted(manifest["outputs"].items())
        if name.endswith(".parquet") and told["rows"]
    ]
    held = {file["@id"] for file in files}
    sets: list[dict[str, Any]] = []
    records: list[dict[str, Any]] = []
    for config in manifest["configs"]:
        mine = [name for name in list_files(manifest["configs"], config) if name in held]
        if not mine:
            continue
        folder = mine[0].split("/")[0]
        sets.append(
            {
                "@type": "cr:FileSet",
                "@id": f"files-{config}",
                "name": f"files-{config}",
                "encodingFormat": "application/x-parquet",
                "includes": f"{folder}/*.parquet",
            }
        )
        records.append(_record_set(config, models[config]))
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": params["name"],
        "alternateName": params["pretty_name"],
        "description": about["description"],
        "version": manifest["version"],
        "license": rights.address or rights.text,
        # A name in one string is a person's or a body's, and says not which.
        **(
            {"creator": [{"@type": ["sc:Person", "sc:Organization"], "name": name} for name in params["authors"]]}
            if params["authors"]
            else {}
        ),
        "citeAs": about["citation"],
        "inLanguage": "ar",
        "isAccessibleForFree": True,
        **({"url": home} if (home := find_home(params)) else {}),
        **({"datePublished": params["published"]} if params["published"] else {}),
        "rai:dataCollection": about["collection"],
        "rai:dataPreprocessingProtocol": about["processing"],
        "rai:personalSensitiveInformation": about["personal"],
        "rai:dataLimitations": about["limits"],
        "rai:dataReleaseMaintenancePlan": about["maintenance"],
        "distribution": [*files, *sets],
        "recordSet": records,
    }


def _record_set(config: str, model: Table) -> dict[str, Any]:
    dtypes = polars_schema(model)
    fields = []
    for column in columns_table(model):
        dtype = dtypes[column.name]
        inner = dtype.inner if isinstance(dtype, pl.List) else dtype
        kind = next((told for dtype_class, told in _TYPES.items() if inner == dtype_class), None)
        # A list of structs is described in the card; Croissant 1.0 has no reader for it.
        if kind is None:
            continue
        fields.append(
            {
                "@type": "cr:Field",
                "@id": f"{config}/{column.name}",
                "name": column.name,
                "description": column.description,
                "dataType": kind,
                **({"repeated": True} if isinstance(dtype, pl.List) else {}),
                "source": {"fileSet": {"@id": f"files-{config}"}, "extract": {"column": column.name}},
            }
        )
    doc = (model.__doc__ or "").split("\n")[0]
    return {"@type": "cr:RecordSet", "@id": config, "name": config, "description": doc, "field": fields}
