"""The commands on mapping files: draft one, check it, and try its cases."""

from __future__ import annotations

import re
from pathlib import Path

import click

from converter import messages
from converter.cli import options
from converter.cli.output import echo, print_json, print_line
from converter.cli.translated import TranslatedGroup
from converter.exit_codes import Exit
from converter.message import N_, t
from converter.messages import translate
from converter.messages.system import of_system

NO_FAULTS = N_("{file}: no faults.")
ONE_TODO = N_("{place}: to be decided: {text}")
ALIKE = N_("{case}: as expected")
DIFFERS = N_("{case}: {difference}")
UPDATED = N_("{case}: written. Read what changed before you keep it.")
MANY_DIFFER = N_("{count} of {all} cases are not as expected.")

CONTRADICTS = N_("The document contradicts itself: {problem}.")
DRAFTED = N_(
    "Wrote {file}, with {count} lines to be decided. Next: look for TODO in it, then run converter "
    "mapping lint {file}"
)
TRUSTED = N_("{file} may send now, as it stands.")

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.group(cls=TranslatedGroup)
def mapping() -> None:
    """Write the mapping file of a provider: draft it, check it, and try it.

    \b
    Examples:
      converter mapping new acme --from order-api.txt
      converter mapping lint acme.yaml
      converter mapping test acme.yaml
    """


@mapping.command()
@click.argument("name", metavar="NAME")
@click.option("--from", "sources", type=_FILE, multiple=True, required=True, metavar="FILE",
              help="A JSON sample, a cURL command, an OpenAPI file, or a page's text.")  # fmt: skip
@click.option("--call", default="", metavar="CALL",
              help="Which call of an OpenAPI file, such as 'POST /orders'.")  # fmt: skip
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE",
              help="Where to write; by default NAME.yaml in this folder.")  # fmt: skip
@click.option("--lang", type=click.Choice(messages.languages()), help="Language of the messages.")
def new(
    name: str, sources: tuple[Path, ...], call: str, output: Path | None, lang: str | None
) -> None:
    """Draft the mapping of a provider from its documents.

    The draft loads at once. What is doubtful in it is marked with TODO, and contradictions
    between a table and its sample are listed.

    \b
    Examples:
      converter mapping new acme --from order-api.txt
      converter mapping new acme --from openapi.json --call "POST /orders"
      converter mapping new acme --from sample.json --from call.sh -o mappings/acme.yaml
    """
    from converter.authoring.draft import draft
    from converter.errors import UsageError

    language = lang or messages.default_language()
    if not re.fullmatch(r"[a-z][a-z0-9_-]*", name):
        problem = N_("{name} cannot be a provider's name: write small letters and digits.")
        raise UsageError(t(problem, name=repr(name)))
    target = output or Path(f"{name}.yaml")
    drafted = draft(name, sources, call=call)
    try:
        with target.open("x", encoding="utf-8") as file:
            file.write(drafted.text)
    except FileExistsError:
        problem = N_("{file} exists already. Name another file with -o.")
        raise UsageError(t(problem, file=target)) from None
    except OSError as error:
        problem = N_("{file} cannot be written: {problem}.")
        raise UsageError(t(problem, file=target, problem=of_system(error))) from error
    for said in drafted.contradictions:
        echo(translate(t(CONTRADICTS, problem=said), language))
    echo(translate(t(DRAFTED, file=target, count=drafted.todos), language))


@mapping.command()
@click.argument("files", nargs=-1, required=True, type=_FILE, metavar="FILE...")
@options.as_json
@click.option("--lang", type=click.Choice(messages.languages()), help="Language of the messages.")
def lint(files: tuple[Path, ...], as_json: bool, lang: str | None) -> None:
    """Check mapping files: every fault with line, column and what to write instead.

    Sample answers are read as a real answer would be. Comments that say TODO are listed.

    \b
    Examples:
      converter mapping lint acme.yaml
      converter mapping lint mappings/*.yaml --json
    """
    from converter.authoring.lint import lint as check

    language = lang or messages.default_language()
    found = [check(path) for path in files]
    has_faults = any(one.faults for one in found)
    if as_json:
        print_json({"schema_version": 1, "mappings": [one.to_dict() for one in found]})
    for one in () if as_json else found:
        for fault in one.faults:
            print_line(translate(fault.message, language))
        for line, text in one.todos:
            print_line(translate(t(ONE_TODO, place=f"{one.file}:{line}", text=text), language))
        if not one.faults:
            echo(translate(t(NO_FAULTS, file=one.file), language))
    if has_faults:
        click.get_current_context().exit(int(Exit.UNUSABLE))


@mapping.command()
@click.argument("file", type=_FILE)
@click.option("--update", is_flag=True,
              help="Write what the mapping makes today into the files of the cases.")  # fmt: skip
@options.as_json
@click.option("--lang", type=click.Choice(messages.languages()), help="Language of the messages.")
def test(file: Path, update: bool, as_json: bool, lang: str | None) -> None:
    """Try the cases beside a mapping: its requests and rows, against those that are expected.

    The cases of acme.yaml are the folders in acme.cases. Each holds an order sheet, and may hold
    requests.json, answers.json and rows.json. Nothing leaves this machine.

    \b
    Examples:
      converter mapping test acme.yaml
      converter mapping test acme.yaml --update
    """
    from converter.authoring.cases import folders_of, run_case
    from converter.authoring.lint import lint as check
    from converter.errors import MappingError

    language = lang or messages.default_language()
    if faults := check(file).faults:
        raise MappingError.of(faults)
    cases = [run_case(file, folder) for folder in folders_of(file)]
    if update:
        for case in cases:
            if not case.problems:
                case.update()
    found = {case.folder.name: [translate(one, language) for one in case.differences()]
             for case in cases}  # fmt: skip
    if as_json:
        listed = [{"case": name, "differences": said} for name, said in found.items()]
        print_json({"schema_version": 1, "cases": listed})
    for name, differences in () if as_json else found.items():
        for said in differences:
            print_line(translate(t(DIFFERS, case=name, difference=said), language))
        if not differences:
            template = UPDATED if update else ALIKE
            echo(translate(t(template, case=name), language))
    differing = sum(map(bool, found.values()))
    if differing:
        facts = {"count": differing, "all": len(found)}
        echo(translate(t(MANY_DIFFER, **facts), language))
        click.get_current_context().exit(int(Exit.SOME_FAILED))


@mapping.command()
@click.argument("file", type=_FILE)
@click.option("--allow", "allowed", multiple=True, metavar="NAME",
              help="A setting of another name that it may read.")  # fmt: skip
@options.config
@click.option("--lang", type=click.Choice(messages.languages()), help="Language of the messages.")
def trust(file: Path, allowed: tuple[str, ...], config: Path | None, lang: str | None) -> None:
    """Agree that a mapping, as it now stands, sends its settings to the hosts that it names.

    It is shown which host gets which settings. After any change of the file you are asked again.

    \b
    Examples:
      converter mapping trust acme.yaml
      converter mapping trust acme.yaml --allow OMS_API_TOKEN
    """
    from converter import settings
    from converter.mapping.load import load_mapping
    from converter.runs import approval

    language = lang or messages.default_language()
    found = load_mapping(file)
    origin = approval.origin_of(file, found)
    unread = approval.unread(origin, found) - {*allowed}
    values = settings.load(found, config=config, known=[found.provider], unread=unread)
    if not origin.is_shipped:
        approval.approve(origin, found, values, allowed)
    for line in approval.uses_of(found, values).lines:
        print_line(translate(line, language))
    echo(translate(t(TRUSTED, file=file), language))
