"""The import contract: a wing imports only from wings above it, and each library has its wings."""

from __future__ import annotations

import ast
import graphlib
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "converter"

WINGS = (
    *(
        "version",
        "logs",
        "text",
        "json_text",
        "lines",
        "file_lock",
        "exit_codes",
        "model",
        "message",
        "errors",
        "messages",
        "report",
    ),
    *("mapping", "settings"),
    *(
        "ooxml",
        "sheet",
        "profiles",
        "layout",
        "checks",
        "products",
        "orders",
        "repairs",
        "provider",
        "journal",
        "sending",
    ),
    *(
        "results",
        "sheet_template",
        "profile_workbook",
        "runs",
        "authoring",
        "unattended",
        "api",
        "__init__",
        "web",
        "cli",
        "__main__",
    ),
)
"""In the order of the road; `api` and `__init__` are the Python API. The sandbox stands apart."""

STARTS_THE_SANDBOX = {"runs", "authoring", "cli"}

LIBRARIES = {
    "anyio": {"web"},
    "babel": {"messages", "mapping", "checks", "sheet_template"},  # names of countries
    "click": {"cli"},
    "httpcore": {"provider"},
    "httpx": {"provider"},
    "jinja2": {"web"},
    "jmespath": {"mapping", "provider"},  # mapping: an expression is refused when it is loaded
    "jsonschema": {"sandbox"},
    # mapping: for types alone
    "numpy": {"mapping", "sheet", "profiles", "layout", "checks", "products", "orders", "repairs"},
    "keyring": {"settings"},
    "openpyxl": {"sheet_template", "profile_workbook"},
    # JSON of ours alone; numbers of payloads and answers are exact by way of json_text
    "orjson": {"json_text", "sheet", "provider", "journal", "runs", "cli"},
    "pandas": {"sheet", "profiles", "layout", "checks", "orders"},
    "pandera": {"checks", "orders"},
    "phonenumbers": {"orders"},
    "platformdirs": {"settings"},
    "procrastinate": {"unattended"},
    "psycopg": {"journal", "unattended"},
    "pydantic": {"mapping", "settings", "profiles"},
    "pypdf": {"runs"},  # labels in one file
    "python_calamine": {"sheet"},
    "rapidfuzz": {"layout", "checks"},
    "rich": {"cli"},
    "sqlite3": {"journal"},
    "starlette": {"sandbox", "web"},
    "uvicorn": {"sandbox", "web"},
    "xlrd": {"sheet"},
    "xlsxwriter": {"results"},
    "yaml": {
        "mapping",
        "layout",
        "authoring",
    },  # authoring: OpenAPI files; layout: the list of columns that a person corrects
}
"""The wings that may import a library. Every other library is refused until it is named here."""


def module_name(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def wing_of(module: str) -> str:
    _, *inside = module.split(".")
    return inside[0] if inside else "__init__"


@cache
def imports(module: str) -> frozenset[str]:
    """Everything a module imports, inside functions and for type checkers too."""
    tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
    return frozenset(name for node in ast.walk(tree) for name in imported_names(node))


def imported_names(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        for alias in node.names:
            inner = f"{node.module}.{alias.name}"
            yield inner if inner in MODULES else f"{node.module}"


def allowed(wing: str) -> set[str]:
    if wing == "sandbox":
        return set()
    started = {"sandbox"} if wing in STARTS_THE_SANDBOX else set()
    return {*WINGS[: WINGS.index(wing)], *started}


def test_every_wing_is_in_the_list() -> None:
    assert {wing_of(module) for module in MODULES} - {*WINGS, "sandbox"} == set()


@pytest.mark.parametrize("module", MODULES)
def test_a_wing_imports_only_from_wings_above_it(module: str) -> None:
    wing = wing_of(module)
    others = {wing_of(name) for name in imports(module) & MODULES.keys()} - {wing}

    assert others <= allowed(wing)


def test_no_files_import_each_other_in_a_circle() -> None:
    graph = {module: imports(module) & MODULES.keys() for module in MODULES}

    graphlib.TopologicalSorter(graph).prepare()  # raises CycleError, which names the circle


@pytest.mark.parametrize("module", MODULES)
def test_a_library_is_imported_only_in_its_wings(module: str) -> None:
    roots = {name.partition(".")[0] for name in imports(module)}
    libraries = {root for root in roots if root == "sqlite3" or root not in sys.stdlib_module_names}

    misplaced = {
        library
        for library in libraries - {"converter"}
        if wing_of(module) not in LIBRARIES.get(library, set())
    }

    assert misplaced == set()
