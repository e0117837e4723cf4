"""Small faults in a module, made by its syntax tree: a comparison, a boundary, a condition, a statement.

Only what runs is mutated: bodies of functions, and constants of modules. Annotations, docstrings, decorators,
defaults and the texts of errors are left alone. The order is that of the source, and always the same.
"""

import ast
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from types import CodeType
from typing import Any

SWAPPED: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
    ast.And: ast.Or, ast.Or: ast.And,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult,
    ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd, ast.Mod: ast.Mult,
}  # fmt: skip
NAMES = {"min": "max", "max": "min", "any": "all", "all": "any", "sorted": "list"}
METHODS = {"is_": "is_not", "is_not": "is_"}
DROPPED_CALLS = {"where", "order_by", "desc", "limit"}
DROPPED_KEYWORDS = {"key", "reverse", "default"}
REMOVED = (ast.AugAssign, ast.Continue, ast.Break, ast.Raise)
LEFT_ALONE = (
    ast.JoinedStr,
    ast.Raise,
    ast.AnnAssign,
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.Import,
    ast.ImportFrom,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One fault: the code of the outermost function that it stands in, or a constant's value.

    ``where`` is the function or the constant; ``first_line`` is the function's, 0 for a constant. A test
    that runs one of its ``lines`` can see it.
    """

    path: str
    line: int
    lines: range
    where: str
    first_line: int
    was: str
    becomes: str
    code: CodeType

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What it is, whatever line it has moved to."""
        return self.path, self.where, self.was, self.becomes


def mutants_of(root: Path, path: str) -> Iterator[Mutant]:
    """All of a module, in the order of its lines."""
    tree = ast.parse((root / path).read_text("utf-8"))
    file = str(root / path)
    for where, function in _functions(tree):
        first = min([function.lineno, *(one.lineno for one in function.decorator_list)])
        for line, was, becomes in _edited(function, list(function.body)):
            code = _code_of(compile(tree, file, "exec"), where, first)
            lines = range(function.body[0].lineno, (function.end_lineno or 0) + 1)
            yield Mutant(
                path=path,
                line=line,
                lines=lines,
                where=where,
                first_line=first,
                was=was,
                becomes=becomes,
                code=code,
            )
    last = max(one.end_lineno or 0 for one in tree.body) if tree.body else 0
    for statement in tree.body:
        if isinstance(statement, ast.Assign) and isinstance(name := statement.targets[0], ast.Name):
            for line, was, becomes in _edited(statement, [statement.value]) if name.id.isupper() else ():
                code = compile(ast.Expression(statement.value), file, "eval")
                lines = range(1, last + 1)
                yield Mutant(
                    path=path,
                    line=line,
                    lines=lines,
                    where=name.id,
                    first_line=0,
                    was=was,
                    becomes=becomes,
                    code=code,
                )


def _functions(tree: ast.AST, outer: str = "") -> Iterator[tuple[str, ast.FunctionDef]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef):
            yield outer + node.name, node
        elif isinstance(node, ast.ClassDef):
            yield from _functions(node, f"{outer}{node.name}.")


def _code_of(code: CodeType, name: str, first_line: int) -> CodeType:
    for one in code.co_consts:
        if isinstance(one, CodeType):
            if (one.co_qualname, one.co_firstlineno) == (name, first_line):
                return one
            if name.startswith(f"{one.co_qualname}."):
                return _code_of(one, name, first_line)
    raise LookupError(name)


def _edited(top: ast.AST, begin: list[ast.AST]) -> Iterator[tuple[int, str, str]]:
    """Every edit below a node, made while it is yielded and taken back afterwards."""
    for parent, field, at, node in _slots(top, begin):
        for new in (
            *_of_condition(node),
            *_of_choice(node),
            *_of_call(node),
            *_of_constant(node, parent),
            *_of_statement(node),
        ):
            ast.copy_location(new, node)
            ast.fix_missing_locations(new)
            was, becomes = _short(node), _short(new)
            _put(parent, field, at, new)
            yield (node.target if isinstance(node, ast.comprehension) else node).lineno, was, becomes
            _put(parent, field, at, node)


Slot = tuple[ast.AST, str, int | None, ast.AST]


def _slots(parent: ast.AST, only: list[ast.AST] | None = None) -> Iterator[Slot]:
    for field, value in ast.iter_fields(parent):
        for at, node in enumerate(value) if isinstance(value, list) else ((None, value),):
            if (
                not isinstance(node, ast.AST)
                or (only is not None and node not in only)
                or _is_docstring(node)
            ):
                continue
            yield parent, field, at, node
            if not isinstance(node, LEFT_ALONE):
                yield from _slots(node)
            elif isinstance(node, ast.AnnAssign) and node.value is not None:
                yield node, "value", None, node.value
                yield from _slots(node.value)
            elif isinstance(node, ast.FunctionDef):
                yield from _slots(node, list(node.body))


def _put(parent: ast.AST, field: str, at: int | None, node: ast.AST) -> None:
    if at is None:
        setattr(parent, field, node)
    else:
        getattr(parent, field)[at] = node


def _of_condition(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Compare(ops=ops):
            for at, op in enumerate(ops):
                yield _with(node, ops=[*ops[:at], SWAPPED[type(op)](), *ops[at + 1 :]])
        case ast.BoolOp(values=values):
            yield _with(node, op=SWAPPED[type(node.op)]())
            for rest in _without_one(values):
                yield rest[0] if len(rest) == 1 else _with(node, values=rest)
        case ast.UnaryOp(op=ast.Not() | ast.Invert(), operand=operand):
            yield operand
        case ast.BinOp(op=op) if type(op) in SWAPPED:
            yield _with(node, op=SWAPPED[type(op)]())
            yield from (node.left, node.right) if isinstance(op, ast.BitAnd) else ()


def _without_one(nodes: list[Any]) -> Iterator[list[Any]]:
    yield from ([*nodes[:at], *nodes[at + 1 :]] for at in range(len(nodes)))


def _of_choice(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.IfExp(body=body, orelse=orelse):
            yield from (body, orelse)
        case ast.comprehension(ifs=ifs):
            yield from (_with(node, ifs=rest) for rest in _without_one(ifs))


def _of_call(node: ast.AST) -> Iterator[ast.AST]:
    if not isinstance(node, ast.Call):
        return
    match node.func:
        case ast.Name(id=name) if name in NAMES:
            kept = [] if name == "sorted" else node.keywords
            yield _with(node, func=ast.Name(NAMES[name], ast.Load()), keywords=kept)
        case ast.Attribute(attr=name, value=value) if name in METHODS:
            yield _with(node, func=ast.Attribute(value, METHODS[name], ast.Load()))
        case ast.Attribute(attr=name, value=value) if name in DROPPED_CALLS:
            yield value
            for rest in _without_one(node.args) if len(node.args) > 1 else ():
                yield _with(node, args=rest)
    for at, keyword in enumerate(node.keywords):
        if keyword.arg in DROPPED_KEYWORDS:
            yield _with(node, keywords=[*node.keywords[:at], *node.keywords[at + 1 :]])


def _of_constant(node: ast.AST, parent: ast.AST) -> Iterator[ast.AST]:
    value = node.value if isinstance(node, ast.Constant) else None
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int | float):
        yield ast.Constant(value + 1)
    elif (
        isinstance(value, str)
        and " " not in value
        and isinstance(parent, ast.Compare | ast.keyword | ast.Set | ast.IfExp)
    ):
        yield ast.Constant(f"{value}_")


def _of_statement(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Expr(value=ast.Call() | ast.Yield() | ast.YieldFrom()):
            yield ast.Pass()
        case ast.Assign(targets=[ast.Subscript() | ast.Attribute()]):
            yield ast.Pass()
        case ast.If(orelse=[]):
            yield ast.Pass()
        case ast.If():
            yield _with(node, test=ast.Constant(True))
        case _ if isinstance(node, REMOVED):
            yield ast.Pass()


def _with(node: ast.AST, **fields: object) -> ast.AST:
    new = copy(node)
    for name, value in fields.items():
        setattr(new, name, value)
    return new


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _short(node: ast.AST) -> str:
    """The code in one line."""
    first, *more = ast.unparse(node).strip().splitlines()
    text = f"{first} ..." if more else first
    return text if len(text) <= 90 else f"{text[:87]}..."
