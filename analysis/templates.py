"""Templates of pages: what they are given is escaped, and a name that is missing is an error."""

from pathlib import Path


def environment(*folders, **filters):
    """The Environment of the templates in some folders, with more filters."""
    import jinja2

    found = jinja2.Environment(
        loader=jinja2.FileSystemLoader([Path(folder) for folder in folders]), autoescape=True,
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    found.filters |= filters
    return found
