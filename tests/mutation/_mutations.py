"""
The mutations of a module: in which places it is changed, and how.

Texts are left alone (docstrings, messages, IDs, what is sent), and so is what cannot matter to a verdict; see `_idle`.
"""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import parso
from attrs import frozen
from cosmic_ray.ast import ast_nodes
from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.operator import Operator
from cosmic_ray.plugins import get_operator
from parso.python.tree import Keyword
from parso.tree import BaseNode, NodeOrLeaf

#: Of cosmic-ray's, one or two for each operator: the others (`+` to `<<`) fail in every test or are the same again.
COSMIC = (
    "ReplaceComparisonOperator_Eq_NotEq",
    "ReplaceComparisonOperator_NotEq_Eq",
    "ReplaceComparisonOperator_Lt_LtE",
    "ReplaceComparisonOperator_Lt_GtE",
    "ReplaceComparisonOperator_LtE_Lt",
    "ReplaceComparisonOperator_LtE_Gt",
    "ReplaceComparisonOperator_Gt_GtE",
    "ReplaceComparisonOperator_Gt_LtE",
    "ReplaceComparisonOperator_GtE_Gt",
    "ReplaceComparisonOperator_GtE_Lt",
    "ReplaceComparisonOperator_Is_IsNot",
    "ReplaceComparisonOperator_IsNot_Is",
    "ReplaceBinaryOperator_Add_Sub",
    "ReplaceBinaryOperator_Sub_Add",
    "ReplaceBinaryOperator_Mul_Add",
    "ReplaceBinaryOperator_Div_Mul",
    "ReplaceBinaryOperator_FloorDiv_Mul",
    "ReplaceBinaryOperator_Mod_Mul",
    "ReplaceBinaryOperator_BitOr_BitAnd",
    "ReplaceBinaryOperator_BitAnd_BitOr",
    "ReplaceUnaryOperator_USub_UAdd",
    "ReplaceUnaryOperator_Delete_Not",
    "AddNot",
    "ReplaceTrueWithFalse",
    "ReplaceFalseWithTrue",
    "ReplaceAndWithOr",
    "ReplaceOrWithAnd",
    "ReplaceBreakWithContinue",
    "ReplaceContinueWithBreak",
    "ExceptionReplacer",
    "NumberReplacer",
    "ZeroIterationForLoop",
)

#: What turns an assert around.
TURNS = {
    "AddNot",
    "ReplaceInWithNotIn",
    "ReplaceComparisonOperator_Eq_NotEq",
    "ReplaceComparisonOperator_NotEq_Eq",
    "ReplaceComparisonOperator_Is_IsNot",
    "ReplaceComparisonOperator_IsNot_Is",
    "ReplaceUnaryOperator_Delete_Not",
}


@frozen
class Mutation:
    """One change of the module at `path`: the `line`, and the `function` or class of the module, in which it stands."""

    path: Path
    text: str
    line: int
    function: str
    name: str
    occurrence: int

    @property
    def mutated(self) -> str:
        """The module with the change; as it was where there is nothing to change."""
        try:
            changed = mutate_code(self.text, operators()[self.name], self.occurrence) or self.text
            return self.text if ast.dump(ast.parse(changed)) == ast.dump(ast.parse(self.text)) else changed
        except (AttributeError, SyntaxError):
            # cosmic-ray 8.7 stumbles over `except module.Name`.
            return self.text

    @property
    def diff(self) -> str:
        """What is changed, without the lines around it."""
        lines = difflib.unified_diff(self.text.splitlines(), self.mutated.splitlines(), lineterm="", n=0)
        return "\n".join(f"    {line}" for line in list(lines)[3:])


class _Ours(Operator):  # type: ignore[misc]
    """An operator that changes each node of its kind in one way."""

    @classmethod
    def examples(cls) -> tuple[Any, ...]:
        return ()


class RemoveStatement(_Ours):
    """Put `pass` in place of an assert, call, `return`, `raise`, `yield`, or of an assignment that is no new name."""

    def mutation_positions(self, node: NodeOrLeaf) -> Iterator[Any]:
        """Where the statement stands."""
        if node.type == "simple_stmt" and _acts(node.children[0]):
            yield node.children[0].start_pos, node.children[0].end_pos

    def mutate(self, node: BaseNode, index: int) -> BaseNode:
        """Put `pass` there."""
        first = node.children[0].get_first_leaf()
        node.children[0] = Keyword("pass", first.start_pos, first.prefix)
        return node


def _acts(statement: NodeOrLeaf) -> bool:
    if statement.type == "expr_stmt":
        target, sign = statement.children[:2]
        return target.type in ("atom_expr", "power") or (sign.type == "operator" and sign.value not in ("=", ":"))
    kinds = ("assert_stmt", "atom_expr", "power", "return_stmt", "raise_stmt", "yield_expr", "del_stmt", "await")
    return statement.type in kinds or getattr(statement, "value", "") in ("return", "raise", "yield")


class ReplaceInWithNotIn(_Ours):
    """Turn `in` around, and `not in`."""

    def mutation_positions(self, node: NodeOrLeaf) -> Iterator[Any]:
        """Where the sign of the comparison stands."""
        if node.type == "comparison" and node.children[1].get_code().split() in (["in"], ["not", "in"]):
            yield node.children[1].start_pos, node.children[1].end_pos

    def mutate(self, node: BaseNode, index: int) -> BaseNode:
        """Put the other sign there."""
        sign = " in" if "not" in node.children[1].get_code() else " not in"
        node.children[1] = parso.parse(sign)
        return node


@cache
def operators() -> dict[str, Operator]:
    """All operators, by name."""
    cosmic = {name: get_operator(f"core/{name}")() for name in COSMIC}
    return {**cosmic, "RemoveStatement": RemoveStatement(), "ReplaceInWithNotIn": ReplaceInWithNotIn()}


def mutations(path: Path, text: str) -> list[Mutation]:
    """All mutations of the module at `path`, which may be of the same effect, in the order of its text."""
    tree = ast.parse(text)
    spec = path.parts[0] == "specs"
    idle, turns = set(_idle(tree, spec=spec)), set(_turns(tree) if spec else ())
    functions = dict(_functions(tree))
    nodes = list(ast_nodes(parso.parse(text)))
    found = []
    for name, operator in operators().items():
        places = [start for node in nodes for start, _ in operator.mutation_positions(node)]
        for occurrence, (line, column) in enumerate(places):
            where = (line, column)
            if where in idle or (name in TURNS and where in turns) or (spec and line not in functions):
                continue
            found.append(Mutation(path, text, line, functions.get(line, ""), name, occurrence))
    return sorted(found, key=lambda one: (one.line, one.name))


def _turns(tree: ast.Module) -> Iterator[tuple[int, int]]:
    """The places where an assert, turned around, would fail on the reference: there is nothing to learn from that."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assert):
            yield from _spans([node.test])


def _functions(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """The lines inside of functions and classes, each with the name of the outermost."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            for line in range(node.lineno, (node.end_lineno or node.lineno) + 1):
                yield line, node.name


def _idle(tree: ast.Module, *, spec: bool) -> Iterator[tuple[int, int]]:
    """
    The places that are left alone.

    Annotations, decorators, and what only type checkers or attrs read; the measured numbers of constants, which have
    their evidence beside them; the harness's own asserts, which are for type checkers too.  Of specs: those that
    record a fact and judge nothing, and those that only the real clock can show.
    """
    for node in ast.walk(tree):
        yield from _spans(_idle_of(node))
        if isinstance(node, ast.Assert):
            yield from _spans([node.msg if spec else node])
    for node in tree.body:
        if isinstance(node, ast.Assign):
            yield from _spans([node.value] if _is_number(node.value) else filter(_is_number, ast.walk(node.value)))


def _is_number(node: ast.AST) -> bool:
    """Whether this is a number, or some, or is calculated from nothing else."""
    match node:
        case ast.Constant():
            return not isinstance(node.value, str | bytes)
        case ast.BinOp():
            return _is_number(node.left) and _is_number(node.right)
        case ast.Tuple():
            return all(map(_is_number, node.elts))
    return False


def _idle_of(node: ast.AST) -> list[Any]:
    """The parts of a node that are left alone."""
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            arguments = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
            body = node.body if any(_judges_nothing(one) for one in node.decorator_list) else []
            return [*node.decorator_list, *body, node.returns, *(one.annotation for one in arguments)]
        case ast.ClassDef():
            return [*node.decorator_list]
        case ast.AnnAssign():
            return [node.annotation]
        case ast.keyword(arg="init" | "repr" | "eq" | "kw_only" | "strict"):
            return [node.value]
        case ast.If(test=ast.Name(id="TYPE_CHECKING")):
            return [node]
    return []


def _judges_nothing(decorator: ast.expr) -> bool:
    if not isinstance(decorator, ast.Call) or ast.unparse(decorator.func) != "spec":
        return False
    return ast.unparse(decorator.args[1]) == "MAY" or any(one.arg == "only_real" for one in decorator.keywords)


def _spans(nodes: Iterable[ast.AST | None]) -> Iterator[tuple[int, int]]:
    """Where these nodes, and all in them, begin; also the signs between them."""
    for node in nodes:
        if node is not None:
            first, last = node.lineno, node.end_lineno or node.lineno
            for line in range(first, last + 1):
                start = node.col_offset if line == first else 0
                end = node.end_col_offset if line == last else 1000
                yield from ((line, column) for column in range(start, end or 1000))
