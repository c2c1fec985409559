"""Recipes and the components that they are made of."""

from __future__ import annotations

from derm_cli.markdown import markdown_table
from derm_cli.plugin import RecipeSpec
from generated.builtin import registry
from generated.markdown import wrapped


def component_tables() -> str:
    """Return a section for each kind of component: every built-in one with its source and its options."""
    from derm_cli.plugin.component_specs import ComponentSpec
    from derm_cli.plugin.options import shown

    parts = []
    for kind in registry().kinds.values():
        if not issubclass(kind, ComponentSpec):
            continue
        rows = [
            [
                f"`{spec.name}`",
                spec.title + (f" ({spec.source})" if spec.source else ""),
                "<br>".join(
                    f"`{each.name}={shown(each.default)}`: {each.title}; {each.wanted}" for each in spec.options
                ),
            ]
            for spec in registry().all(kind).values()
        ]
        parts.append(
            f"### {kind.kind.capitalize()}\n\n{markdown_table(['name', 'what', 'options, with their defaults'], rows)}"
        )
    return "\n\n".join(parts)


def recipe_tables() -> str:
    """Return a section for each built-in recipe: what it is for, where it comes from, and what it sets."""
    parts = []
    for spec in registry().all(RecipeSpec).values():
        values = [
            [f"`--{key} {each}`" if not isinstance(each, bool) else f"`--{key}`"]
            for key, value in spec.values.items()
            for each in (value if isinstance(value, tuple) else (value,))
        ]
        what = wrapped(f"{spec.title[0].upper()}{spec.title[1:]}. Source: {spec.source}.")
        parts.append(f"### {spec.name}\n\n{what}" + (f"\n\n{markdown_table(['sets'], values)}" if values else ""))
    return "\n\n".join(parts)
