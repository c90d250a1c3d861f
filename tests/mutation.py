"""Draw mutants of the program at random, and show which of them no test notices.

    python -m tests.mutation --seed 7 --count 60
    python -m tests.mutation --seed 7 --count 20 --files 'converter/layout/*.py'

A mutant is the program with one small change: a comparison flipped, a number changed, a condition
negated, a statement left out, another value returned. The tests of its wing and the golden cases
run against it in a copy of the project. What survives is a hole in the tests, or a change that
makes no difference; a person has to tell which. The exit code is 1 when anything survived.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import os
import random
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from queue import SimpleQueue

ROOT = Path(__file__).parent.parent
COPIED = ("converter", "mappings", "templates", "tests", "docs", "pyproject.toml", "README.md")
SLOWEST = 10
"""A mutant that takes so many times what the unchanged program takes will never end."""

FLIPPED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}


class Verdict(StrEnum):
    KILLED = "killed"
    SURVIVED = "survived"


@dataclass(frozen=True)
class Mutant:
    """One change of one file; start and end are offsets into its bytes."""

    path: str
    line: int
    start: int
    end: int
    before: str
    after: str

    @property
    def wing(self) -> str:
        return Path(self.path).parts[1].removesuffix(".py")

    def apply(self, source: bytes) -> bytes:
        return source[: self.start] + self.after.encode() + source[self.end :]

    def __str__(self) -> str:
        before = " ".join(self.before.split())
        return f"{self.path}:{self.line}: {before[:70]}  ->  {self.after[:70]}"


# -- the changes -----------------------------------------------------------------------------------


def mutants(path: str, source: bytes) -> list[Mutant]:
    """Every mutant of a file, in the order of its lines."""
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    found = []
    for node, after in _changes(ast.parse(source)):
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        start = starts[node.lineno - 1] + node.col_offset
        end = starts[node.end_lineno - 1] + node.end_col_offset
        before = source[start:end].decode()
        found.append(Mutant(path, node.lineno, start, end, before, after))
    return sorted(found, key=lambda mutant: (mutant.start, mutant.end, mutant.after))


def _changes(node: ast.AST) -> Iterator[tuple[ast.expr | ast.stmt, str]]:
    """Nodes with the code that takes their place, the inner ones too."""
    if isinstance(node, ast.expr):
        yield from ((node, f"({ast.unparse(changed)})") for changed in _of_expression(node))
    elif isinstance(node, ast.stmt):
        yield from ((node, after) for after in _of_statement(node))
    if isinstance(node, ast.If | ast.While | ast.IfExp):
        yield node.test, f"(not ({ast.unparse(node.test)}))"
    for child in _run(node):
        yield from _changes(child)


def _run(node: ast.AST) -> Iterator[ast.AST]:
    """The children that do something: no annotations, decorators or parts of f-strings."""
    passed_over = {"annotation", "returns", "decorator_list", "type_params", "bases", "keywords"}
    if isinstance(node, ast.Call):
        passed_over -= {"keywords"}
    if isinstance(node, ast.JoinedStr):
        return
    for name, value in ast.iter_fields(node):
        if name not in passed_over:
            children = value if isinstance(value, list) else [value]
            yield from (child for child in children if isinstance(child, ast.AST))


def _of_expression(node: ast.expr) -> Iterator[ast.expr]:
    match node:
        case ast.Compare(left=left, ops=[op], comparators=right):
            yield ast.Compare(left, [FLIPPED[type(op)]()], right)
        case ast.BoolOp(op=op, values=values):
            yield ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), values)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield operand
        case ast.BinOp(left=left, op=ast.Add(), right=right) if not _is_text(left, right):
            yield ast.BinOp(left, ast.Sub(), right)
        case ast.BinOp(left=left, op=ast.Sub(), right=right):
            yield ast.BinOp(left, ast.Add(), right)
        case ast.Constant(value=bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(value=int(value)):
            yield ast.Constant(value + 1)


def _is_text(*nodes: ast.expr) -> bool:
    return any(
        isinstance(node, ast.JoinedStr)
        or (isinstance(node, ast.Constant) and isinstance(node.value, str))
        for node in nodes
    )


def _of_statement(node: ast.stmt) -> Iterator[str]:
    match node:
        case ast.Expr(value=ast.Constant()):
            return  # a docstring
        case ast.Expr() | ast.AugAssign() | ast.Continue() | ast.Break() | ast.Raise():
            yield "pass"
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript()]):
            yield "pass"
        case ast.Return(value=ast.expr() as value) if ast.unparse(value) != "None":
            yield "return None"


# -- the tests -------------------------------------------------------------------------------------


def tests_of(path: str, root: Path) -> list[str]:
    """The tests of a file, then those of its wing, then the golden cases."""
    _, wing, *inside = Path(path).with_suffix("").parts
    own = f"tests/{wing}/test_{inside[-1]}.py" if inside else f"tests/test_{wing}.py"
    wished = [own, f"tests/{wing}", "tests/test_cases.py"]
    return [name for name in wished if (root / name).exists()]


class Copy:
    """A copy of the project in which one mutant at a time is tested."""

    def __init__(self, folder: Path) -> None:
        self._root = folder
        unwanted = shutil.ignore_patterns("__pycache__", ".*", "benchmarks")
        for name in COPIED:
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, folder / name, ignore=unwanted)
            elif (ROOT / name).exists():
                shutil.copy2(ROOT / name, folder / name)

    def verdict(self, mutant: Mutant, seconds: float | None) -> Verdict:
        """Whether a test fails, or none ends in time."""
        file = self._root / mutant.path
        source = file.read_bytes()
        try:
            self._write(file, mutant.apply(source))
            passed = self.passes(tests_of(mutant.path, self._root), seconds)
        finally:
            self._write(file, source)
        return Verdict.SURVIVED if passed else Verdict.KILLED

    def passes(self, tests: Sequence[str], seconds: float | None) -> bool:
        options = ("-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-o", "addopts=")
        process = subprocess.Popen(
            [sys.executable, "-m", "pytest", *options, "--import-mode=importlib", *tests],
            cwd=self._root,
            env={**os.environ, "PYTHONPATH": str(self._root)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            return process.wait(seconds) == 0
        except subprocess.TimeoutExpired:
            return False
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    @staticmethod
    def _write(file: Path, source: bytes) -> None:
        """Without its compiled form, which a change within one second would not outdate."""
        file.write_bytes(source)
        for compiled in (file.parent / "__pycache__").glob(f"{file.stem}.*"):
            compiled.unlink()


def judge(drawn: Sequence[Mutant], jobs: int) -> Iterator[tuple[Mutant, Verdict]]:
    """Each mutant with its verdict, in the order drawn."""
    with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
        free: SimpleQueue[Copy] = SimpleQueue()
        for number in range(jobs):
            free.put(Copy(Path(folder, str(number))))

        def unchanged(tests: tuple[str, ...]) -> float:
            copy, began = free.get(), time.monotonic()
            try:
                if not copy.passes(tests, None):
                    raise SystemExit(f"{' '.join(tests)}: the unchanged program does not pass")
            finally:
                free.put(copy)
            return time.monotonic() - began

        def mutated(mutant: Mutant) -> Verdict:
            copy = free.get()
            try:
                return copy.verdict(
                    mutant, 60 + SLOWEST * usual[tuple(tests_of(mutant.path, ROOT))]
                )
            finally:
                free.put(copy)

        with ThreadPoolExecutor(jobs) as pool:
            selections = list({tuple(tests_of(mutant.path, ROOT)) for mutant in drawn})
            usual = dict(zip(selections, pool.map(unchanged, selections), strict=True))
            yield from zip(drawn, pool.map(mutated, drawn), strict=True)


# -- the table -------------------------------------------------------------------------------------


def table(judged: Sequence[tuple[Mutant, Verdict]]) -> str:
    """A line for each wing, and one for all of them."""
    counts = Counter((mutant.wing, verdict) for mutant, verdict in judged)
    rows = [
        (wing, counts[wing, Verdict.KILLED], counts[wing, Verdict.SURVIVED])
        for wing in sorted({mutant.wing for mutant, _ in judged})
    ]
    if len(rows) != 1:
        rows.append(("all", sum(row[1] for row in rows), sum(row[2] for row in rows)))
    lines = [f"{'wing':<12} {'drawn':>6} {'killed':>7} {'survived':>9} {'share':>7}"]
    for wing, killed, survived in rows:
        drawn = killed + survived
        share = f"{killed / drawn:.1%}" if drawn else "-"
        lines.append(f"{wing:<12} {drawn:>6} {killed:>7} {survived:>9} {share:>7}")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000))
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--files", default="converter/**/*.py", metavar="GLOB")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--list", action="store_true", help="only show what would be tested")
    chosen = parser.parse_args(arguments)
    print(f"seed {chosen.seed}", flush=True)
    sources = {str(p.relative_to(ROOT)): p.read_bytes() for p in sorted(ROOT.glob(chosen.files))}
    possible = [mutant for path, source in sources.items() for mutant in mutants(path, source)]
    drawn = random.Random(chosen.seed).sample(possible, min(chosen.count, len(possible)))
    drawn.sort(key=lambda mutant: (mutant.path, mutant.line))
    if chosen.list:
        print(*drawn, sep="\n")
        return 0
    judged = []
    for mutant, verdict in judge(drawn, chosen.jobs):
        print(f"{verdict:<8} {mutant}", flush=True)
        judged.append((mutant, verdict))
    print(f"\n{table(judged)}")
    return int(any(verdict is Verdict.SURVIVED for _, verdict in judged))


if __name__ == "__main__":
    sys.exit(main())
