"""The commands on profiles: make one for a layout, keep it, and tell what it says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from converter import messages
from converter.cli import options
from converter.cli.command_line import quoted
from converter.cli.output import echo, print_json, print_line
from converter.cli.translated import TranslatedGroup
from converter.message import COMMA, N_, join, t
from converter.messages import translate

if TYPE_CHECKING:
    from converter.mapping.model import FieldSpec, ProviderMapping
    from converter.profiles.model import Profile

WROTE = N_(
    "Wrote {file}: say there which column is which field, and what is always the same. "
    "Next: {command}"
)
SUGGESTED = N_("{count} fields have a column already, by its title.")
OPEN = N_("Required and still open: {fields}.")
OPEN_YET = N_(
    "The profile is kept, but has neither column nor value for required fields: {fields}."
)
KEPT = N_("Profile '{name}' is kept. It is used by itself when these titles come again.")
DELETED = N_("Profile '{name}' is deleted.")
NONE_KEPT = N_("No profile is kept yet. `converter profile new SHEET -p PROVIDER` makes one.")
LISTED = N_("{name}  {provider}  {columns} columns, {fixed} fixed values")

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)
_lang = click.option(
    "--lang", type=click.Choice(messages.languages()), help="Language of the messages."
)


@click.group(cls=TranslatedGroup)
def profile() -> None:
    """Keep what makes a sheet of another layout work for a provider.

    \b
    Examples:
      converter profile new shopify.csv -p scexpress
      converter profile keep shopify.profile.xlsx
    """


@profile.command()
@click.argument("sheet", type=_FILE)
@click.option("-p", "--provider", required=True, metavar="NAME|FILE.yaml",
              shell_complete=options.complete_providers,
              help="The provider, or the path of a mapping file.")  # fmt: skip
@click.option(
    "--name",
    metavar="NAME",
    help="What to call the profile; a kept one of this name is where it starts.",
)
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE",
              help="Where to write; by default SHEET.profile.xlsx beside the sheet.")  # fmt: skip
@click.option("--account", metavar="NAME",
              help="Which account of the provider, where the settings have several.")  # fmt: skip
@click.option("--sheet", "only", metavar="NAME", help="Which sheet of the workbook.")
@click.option("--encoding", metavar="NAME",
              help="Of a text file, such as gb18030; found by itself where it can be.")  # fmt: skip
@options.mappings
@options.as_json
@_lang
def new(sheet: Path, provider: str, lang: str | None, as_json: bool, **chosen: Any) -> None:
    """Write a workbook in which to say which column of SHEET is which field.

    It has a line for each field, required ones first, with the columns of the sheet to choose from,
    and those chosen already whose titles are known.

    \b
    Examples:
      converter profile new shopify.csv -p scexpress --name "Shopify UK"
      converter profile new orders.xlsx -p oms -o orders.profile.xlsx
    """
    from converter.runs.profiles import new_profile

    language = lang or messages.default_language()
    made = new_profile(sheet, provider, lang=language, **chosen)
    if as_json:
        print_json({
            "schema_version": 1,
            "file": str(made.path),
            "profile": _document(made.profile),
            "open": [spec.path for spec in made.open],
        })  # fmt: skip
        return
    following = quoted(["converter", "profile", "keep", str(made.path)])
    said = [t(SUGGESTED, count=made.columns)]
    said += [t(OPEN, fields=_titles(made.open, language))] if made.open else []
    for line in (*said, t(WROTE, file=made.path, command=following)):
        echo(translate(line, language))


@profile.command()
@click.argument("file", type=_FILE)
@click.option("--name", metavar="NAME", help="Another name than the one in the file.")
@options.mappings
@options.as_json
@_lang
def keep(
    file: Path, name: str | None, mappings: Path | None, as_json: bool, lang: str | None
) -> None:
    """Keep the profile in FILE, in place of one of the same name.

    FILE is a workbook that `profile new` wrote and somebody filled in, or a profile that somebody
    else has kept. Cells that cannot be used are named, and then nothing is kept.

    \b
    Examples:
      converter profile keep shopify.profile.xlsx
      converter profile keep shopify.profile.xlsx --name "Shopify DE"
    """
    from converter.runs.profiles import keep_profile

    language = lang or messages.default_language()
    kept, left = keep_profile(file, name=name, mappings=mappings)
    if as_json:
        left_paths = [spec.path for spec in left]
        print_json({"schema_version": 1, "profile": _document(kept), "open": left_paths})
        return
    echo(translate(t(KEPT, name=kept.name), language))
    if left:
        echo(translate(t(OPEN_YET, fields=_titles(left, language)), language))


@profile.command("list")
@options.as_json
@_lang
def list_profiles(as_json: bool, lang: str | None) -> None:
    """List the kept profiles.

    \b
    Examples:
      converter profile list
      converter profile list --json
    """
    from converter.runs.profiles import kept_profiles

    language = lang or messages.default_language()
    found, faults = kept_profiles()
    if as_json:
        print_json({"schema_version": 1, "profiles": [_document(one) for one in found]})
    for one in () if as_json else found:
        account = f" ({one.account})" if one.account else ""
        facts = {"columns": len(one.columns), "fixed": len(one.fixed)}
        line = t(LISTED, name=one.name, provider=f"{one.provider}{account}", **facts)
        print_line(translate(line, language))
    for fault in faults:
        echo(translate(fault.message, language))
    if not found and not as_json:
        echo(translate(t(NONE_KEPT), language))


@profile.command()
@click.argument("name")
@options.mappings
@options.as_json
@_lang
def show(name: str, mappings: Path | None, as_json: bool, lang: str | None) -> None:
    """Tell what the profile NAME says, field by field.

    \b
    Examples:
      converter profile show "Shopify UK"
      converter profile show "Shopify UK" --json
    """
    from converter.mapping.load import find_mapping, load_mapping
    from converter.runs.profiles import profile_named

    language = lang or messages.default_language()
    found = profile_named(name)
    if as_json:
        print_json({"schema_version": 1, "profile": _document(found)})
        return
    mapping = load_mapping(find_mapping(found.provider, mappings))
    for line in _told(found, mapping, language):
        print_line(line)


@profile.command()
@click.argument("name")
@_lang
def delete(name: str, lang: str | None) -> None:
    """Delete the profile NAME.

    \b
    Examples:
      converter profile delete "Shopify UK"
      converter profile delete "Shopify UK" --lang zh
    """
    from converter.runs.profiles import delete_profile

    language = lang or messages.default_language()
    echo(translate(t(DELETED, name=delete_profile(name).name), language))


def _document(profile: Profile) -> dict[str, Any]:
    """A profile in a JSON document: what is kept in its file, and its hash."""
    from converter.profiles.store import sha256, to_dict

    return {**to_dict(profile), "sha256": sha256(profile)}


def _titles(specs: Sequence[FieldSpec], lang: str) -> str:
    return ", ".join(spec.title.get(lang) for spec in specs)


def _told(profile: Profile, mapping: ProviderMapping, lang: str) -> Iterator[str]:
    """What a profile says: where each field comes from, and then the sheet as a whole."""
    from converter.profiles.store import sha256
    from converter.profiles.sums import is_sum, shown_value

    yield f"{profile.name}  {profile.provider}  {sha256(profile)[:12]}"
    for spec in mapping.fields:
        columns = profile.columns.get(spec.path)
        fixed = profile.fixed.get(spec.path)
        words = profile.words.get(spec.path, {})
        parts = []
        if columns and columns.alternatives:
            mark = ", " if columns.numbered else t(" or, where blank, ")
            joined = [" + ".join(map(str, choices)) for choices in columns.alternatives]
            parts.append(translate(mark, lang).join(joined))
        if fixed is not None:
            said = N_("where blank, {value}") if columns else N_("always {value}")
            shown = shown_value(fixed, spec, mapping, lang)
            value = shown if is_sum(fixed) else repr(fixed)
            parts.append(translate(t(said, value=value), lang))
        parts += [f"{word} = {means}" for word, means in words.items()]
        if parts:
            yield f"  {spec.title.get(lang)}: {'; '.join(parts)}"
    facts = {
        N_("Row with the titles"): str(profile.header_row or ""),
        N_("Dates"): profile.date_order,
        N_("Product table"): profile.product_table,
        N_("Sheets with orders"): ", ".join(profile.sheets),
    }
    for title, value in facts.items():
        if value:
            yield f"  {translate(t(title), lang)}: {value}"
    for one in profile.leave_out:
        line = t("Rows left out: {column} is {words}", column=str(one.column),
                 words=join(COMMA, one.words))  # fmt: skip
        yield f"  {translate(line, lang)}"
