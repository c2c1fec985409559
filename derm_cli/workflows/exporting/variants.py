"""Which variants of which formats are asked for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from derm_cli.errors import RequestError, did_you_mean
from derm_cli.plugin import FLOAT_INPUT, ExporterSpec, ExporterVariant

NO_VARIANT = "none"
"""The format as it is."""


def variant_name(quantization: str, *, float_input: bool) -> str:
    """Return the variant of ``--quantize`` and ``--float-input``: ``none``, ``int8``, ``float-input`` …"""
    if not float_input:
        return quantization
    return FLOAT_INPUT if quantization == NO_VARIANT else f"{quantization}-{FLOAT_INPUT}"


def quantizations(exporters: Iterable[ExporterSpec]) -> list[str]:
    """Return what ``--quantize`` takes: ``none``, and the exporters' variants with a photograph's own input."""
    names = [each.name for spec in exporters for each in spec.variants if not each.name.endswith(FLOAT_INPUT)]
    return list(dict.fromkeys([NO_VARIANT, *names]))


def requested_variants(
    exporters: Sequence[ExporterSpec], variants: Sequence[str]
) -> list[tuple[ExporterSpec, ExporterVariant | None]]:
    """Return each exporter with each of its variants that is asked for, None for the format as it is.

    An exporter without any variant is left as it is.  Raises RequestError for a variant that none of the others has.
    """
    wanted = list(dict.fromkeys(variants))
    known = list(dict.fromkeys(each.name for spec in exporters for each in spec.variants))
    for name in wanted:
        if name not in (NO_VARIANT, *known):
            formats = ", ".join(f"'{spec.name}'" for spec in exporters)
            raise RequestError(
                f"There is no variant '{name}' of {formats}: ask for one of "
                f"{', '.join([NO_VARIANT, *known])}.{did_you_mean(name, known)}"
            )
    found: list[tuple[ExporterSpec, ExporterVariant | None]] = []
    for spec in exporters:
        own = {each.name: each for each in spec.variants}
        if not own:
            found.append((spec, None))
        found += [(spec, own.get(name)) for name in wanted if own and (name == NO_VARIANT or name in own)]
    return found
