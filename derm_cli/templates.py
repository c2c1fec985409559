"""Pages from templates: what is put into one is text, none of it markup, wherever it comes from."""

from __future__ import annotations

from importlib.resources import files
from typing import Any


def rendered(package: str, template: str, /, **facts: Any) -> str:
    """Return the page of a ``template``, a file beside the modules of ``package``, which is given ``facts``.

    It may include other files of that package.  Raises jinja2.UndefinedError for a fact that it needs and is not given.
    """
    import jinja2

    # Names of classes, cases and files may hold anything: all of it is text.
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(lambda name: files(package).joinpath(name).read_text(encoding="utf-8")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page: str = environment.get_template(template).render(**facts)
    return page
