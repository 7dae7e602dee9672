"""References to assets, as inlets and outlets of tasks have them."""

from metadb.serialized import bare

Reference = tuple[str, str | None, str | None]
"""A reference to an asset: what it goes by, a name, a URI."""

_KINDS = {
    "asset": "ASSET",
    "dataset": "ASSET",
    "asset_alias": "ALIAS",
    "dataset_alias": "ALIAS",
}


def references(stored: object) -> tuple[Reference, ...]:
    """References to assets, as inlets and outlets have them; 2.x has no names."""
    stored = bare(stored)
    if not isinstance(stored, list):
        return ()
    return tuple(_reference(item) for item in stored)


def _reference(item: object) -> Reference:
    wrapping = item.get("__type") if isinstance(item, dict) else None
    body = bare(item)
    name = body.get("name") if isinstance(body, dict) else None
    uri = body.get("uri") if isinstance(body, dict) else None
    name = name if isinstance(name, str) else None
    uri = uri if isinstance(uri, str) else None
    if wrapping == "asset_ref":
        return ("NAME_REF" if name is not None else "URI_REF"), name, uri
    kind = _KINDS.get(wrapping, "OTHER") if isinstance(wrapping, str) else "OTHER"
    if kind == "ASSET" and name is None:
        name = uri
    return kind, name, uri
