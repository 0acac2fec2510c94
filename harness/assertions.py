"""
What a failed `assert` of a spec says.

Specs use plain `assert`; the runner knows no pytest and so has nobody who rewrites them.  Instead the failing
statement is read again from its source and the two sides of its comparison are evaluated once more in the frame
where it failed.  That is sound because a spec asserts on frozen values, and is why one assert has one comparison.
"""

from __future__ import annotations

import ast
import gc
import linecache
from functools import lru_cache
from types import CodeType, FrameType, TracebackType

from attrs import evolve, frozen

from harness.timing import Window

#: Characters of one value in a reason.
LONGEST_VALUE = 200

_SAID = {
    ast.Eq: "!=",
    ast.NotEq: "==",
    ast.Lt: ">=",
    ast.LtE: ">",
    ast.Gt: "<=",
    ast.GtE: "<",
    ast.In: "not in",
    ast.NotIn: "in",
    ast.Is: "is not",
    ast.IsNot: "is",
}


@frozen
class Failed:
    """
    A failed assertion: the reason in words, and whether only a measured time missed its window.

    `missed_by` is by how many seconds it did, None where that cannot be said.
    """

    reason: str
    on_time_alone: bool
    missed_by: float | None = None


def failed(error: AssertionError) -> Failed:
    """Why this assertion failed, with the values of both sides, and the notes that Hypothesis left on it."""
    why = _explained(error)
    return evolve(why, reason=noted(why.reason, error))


def noted(reason: str, error: BaseException) -> str:
    """The reason, and below it the notes that Hypothesis left on the error."""
    return "\n".join((reason, *getattr(error, "__notes__", ())))


def is_ours(error: AssertionError) -> bool:
    """Whether the assert that failed is the harness's own, which says nothing about a target."""
    frame, _ = _where(error.__traceback__)
    return frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] == __name__.partition(".")[0]


def _explained(error: AssertionError) -> Failed:
    frame, line = _where(error.__traceback__)
    said = str(error)
    statement = _statement(frame.f_code, line) if frame is not None else None
    if frame is None or statement is None:
        return Failed(said or "an assertion failed, and its source cannot be read", on_time_alone=False)
    test = statement.test
    if statement.msg is None and _value(test, frame) is True:
        return Failed(f"not so when it was checked: {ast.unparse(test)}", on_time_alone=False)
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        left, right = _value(test.left, frame), _value(test.comparators[0], frame)
        measured = isinstance(test.ops[0], ast.In) and isinstance(right, Window)
        reason = said if statement.msg is not None else _compared(test, left, right)
        missed_by = right.missed_by(left) if isinstance(right, Window) and isinstance(left, int | float) else None
        return Failed(reason, measured, missed_by if measured else None)
    if statement.msg is not None:
        return Failed(said, on_time_alone=False)
    text = ast.unparse(test)
    value = _value(test, frame)
    return Failed(f"{text}: {_short(value)}" if value is not _UNKNOWN else f"not so: {text}", on_time_alone=False)


_UNKNOWN = object()


def _where(traceback: TracebackType | None) -> tuple[FrameType | None, int]:
    """The innermost frame, where the assert stands, and its line."""
    frame, line = None, 0
    while traceback is not None:
        frame, line = traceback.tb_frame, traceback.tb_lineno
        traceback = traceback.tb_next
    return frame, line


def _statement(code: CodeType, line: int) -> ast.Assert | None:
    """The assert statement that covers this line of the code's file."""
    covering = [node for node in _asserts(code.co_filename) if node.lineno <= line <= (node.end_lineno or node.lineno)]
    return covering[-1] if covering else None


@lru_cache
def _asserts(name: str) -> tuple[ast.Assert, ...]:
    """The assert statements of a file; none where its source cannot be had."""
    # Collecting garbage may log a forgotten failure, whose traceback is parsed as well, and Python 3.11 does not parse
    # within parsing: "AST constructor recursion depth mismatch" (3.11.7; github.com/python/cpython/issues/106905).
    collecting = gc.isenabled()
    gc.disable()
    try:
        tree = ast.parse("".join(linecache.getlines(name)))
    except SyntaxError:
        return ()
    finally:
        if collecting:
            gc.enable()
    return tuple(node for node in ast.walk(tree) if isinstance(node, ast.Assert))


def _value(expression: ast.expr, frame: FrameType) -> object:
    """The expression's value in the frame, or `_UNKNOWN` where it cannot be had again (it awaits, say)."""
    try:
        code = compile(ast.Expression(expression), frame.f_code.co_filename, "eval")
        # The expression is the spec's own text, evaluated where it just was; nothing that a target sent is code.
        # Locals among the globals: a comprehension has a scope of its own and would not see them.
        return eval(code, {**frame.f_globals, **frame.f_locals})  # noqa: S307
    except Exception:  # noqa: BLE001 - whatever stands in the way, there is then no value to show
        return _UNKNOWN


def _compared(test: ast.Compare, left: object, right: object) -> str:
    """Both sides of the comparison: their text, and their values where they are not literals themselves."""
    if isinstance(right, Window) and isinstance(left, int | float):
        return f"{ast.unparse(test.left)} was {left:.3f} s; allowed: {right}"
    relation = _SAID[type(test.ops[0])]
    if left is _UNKNOWN or right is _UNKNOWN:
        return f"not so: {ast.unparse(test)}"
    names = [ast.unparse(side) for side in (test.left, test.comparators[0]) if not isinstance(side, ast.Constant)]
    reason = f"{_short(left)} {relation} {_short(right)}"
    return f"{' and '.join(names)}: {reason}" if names else reason


def _short(value: object) -> str:
    text = repr(value)
    if len(text) <= LONGEST_VALUE:
        return text
    return f"{text[: LONGEST_VALUE // 2]} … {text[-LONGEST_VALUE // 4 :]} ({len(text)} characters)"
