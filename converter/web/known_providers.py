"""The providers that the page knows, read anew only where a mapping has changed."""

from __future__ import annotations

from functools import lru_cache

from converter import settings
from converter.mapping import listing
from converter.mapping.listing import ListedProvider
from converter.mapping.load import available_mappings


def providers() -> list[ListedProvider]:
    """Every provider, without the states of its settings."""
    files = available_mappings().values()
    return _read(tuple((str(path), path.stat().st_mtime_ns) for path in files))


@lru_cache(maxsize=1)
def _read(_: tuple[tuple[str, int], ...]) -> list[ListedProvider]:
    found, _faults = listing.read_folder()
    return [*found.values()]


def provider_named(name: str) -> ListedProvider | None:
    """The provider that the command line calls so."""
    return next((one for one in providers() if one.name == name), None)


def providers_with_states() -> list[ListedProvider]:
    """Every provider, with what is set for its usual account. Raises SettingsError."""
    found = providers()
    known = [one.provider for one in found]
    return [settings.with_states(one, known=known) for one in found]
