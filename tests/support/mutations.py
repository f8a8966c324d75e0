"""Small changes of source text (mutants), made with the operators of cosmic-ray.

Left out are changes that no test can or need notice: annotations, decorators, log calls, checks
for the type checker, assertions, `is` instead of `==`, lengths of excerpts in messages, and one
more or less in a limit among the constants of a module.
"""

import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import attrs
import parso
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators import (
    binary_operator_replacement,
    boolean_replacer,
    break_continue,
    comparison_operator_replacement,
    exception_replacer,
    number_replacer,
    unary_operator_replacement,
    zero_iteration_for_loop,
)
from cosmic_ray.operators.operator import Operator

#: Replacements that mean something else without being a type error in most places.
_COMPARISONS: Final = {
    *("Eq_NotEq", "NotEq_Eq", "Is_IsNot", "IsNot_Is", "Lt_LtE", "Lt_GtE", "LtE_Lt", "LtE_Gt"),
    *("Gt_GtE", "Gt_LtE", "GtE_Gt", "GtE_Lt"),
}
_ARITHMETIC: Final = {
    *("Add_Sub", "Sub_Add", "Mul_Div", "Div_Mul", "FloorDiv_Div", "FloorDiv_Mul", "Mod_FloorDiv"),
    *("Pow_Mul", "RShift_LShift", "LShift_RShift", "BitOr_BitAnd", "BitAnd_BitOr", "BitXor_BitOr"),
}
_SIGNS: Final = {"Delete_Not", "Delete_USub", "Delete_Invert"}
#: Nodes of which no part is changed.
_LEFT_OUT: Final = {
    "decorator",
    "tfpdef",
    "assert_stmt",
    "import_from",
    "import_name",
    "param",
    "parameters",
}
#: Arguments of attrs about its own methods; those of private attributes are never passed.
_ATTRS: Final = {"init", "eq", "order", "hash", "kw_only"}
#: An assertion about arguments of `zip` that always have the same length.
_EQUAL_LENGTHS: Final = "strict=True"
_LOGS: Final = ("_log.", "log.", "logger.", "_logger.")
#: Numbers from here on in constants of a module are chosen for comfort: limits, waits, sizes.
_TUNING: Final = 2


class RemoveStatement(Operator):  # type: ignore[misc]
    """Replaces a call, a `raise` or the assignment of an attribute by `pass`."""

    def mutation_positions(self, node: Any) -> Iterator[tuple[Any, Any]]:
        """Yield the position of a statement that can be removed."""
        if node.type != "simple_stmt":
            return
        statement = node.children[0]
        target = statement.children[0].type if hasattr(statement, "children") else ""
        if (
            statement.type in {"atom_expr", "raise_stmt", "await_stmt", "power"}
            or (statement.type == "keyword" and statement.value == "raise")
            or (statement.type == "expr_stmt" and target == "atom_expr")
        ):
            yield (statement.start_pos, statement.end_pos)

    def mutate(self, node: Any, index: int) -> Any:
        """Replace the statement."""
        prefix = node.get_first_leaf().prefix
        node.children[0] = parso.parse(f"{prefix}pass")
        return node

    @classmethod
    def examples(cls) -> tuple[()]:
        """Return no examples, which are for the tests of cosmic-ray."""
        return ()


def _named(operators: Any, endings: set[str]) -> Iterator[Any]:
    for operator in operators:
        _, _, ending = operator.__name__.partition("_")
        if ending in endings:
            yield operator


_OPERATORS: Final = (
    *_named(comparison_operator_replacement.operators(), _COMPARISONS),
    *_named(binary_operator_replacement.operators(), _ARITHMETIC),
    *_named(unary_operator_replacement.operators(), _SIGNS),
    boolean_replacer.AddNot,
    boolean_replacer.ReplaceTrueWithFalse,
    boolean_replacer.ReplaceFalseWithTrue,
    boolean_replacer.ReplaceAndWithOr,
    boolean_replacer.ReplaceOrWithAnd,
    break_continue.ReplaceBreakWithContinue,
    break_continue.ReplaceContinueWithBreak,
    exception_replacer.ExceptionReplacer,
    number_replacer.NumberReplacer,
    zero_iteration_for_loop.ZeroIterationForLoop,
    RemoveStatement,
)


@attrs.frozen
class Mutant:
    """One change of one file.

    Attributes:
        file: The file below the workspace.
        line: The line of the change.
        before: The statement up to the end of the changed part, as lines.
        scope: The lines of the function or class around it, or of the file.
        is_imported: Whether the statement runs when its module is imported.
        operator: The name of the operator of cosmic-ray.
        old: The changed lines before.
        new: The changed lines after.
        text: The whole file with the change.
    """

    file: str
    line: int
    before: range
    scope: range
    is_imported: bool
    operator: str
    old: str
    new: str
    text: str = attrs.field(repr=False)


@attrs.frozen
class _Place:
    """A position in a file that operators can change, each in one way."""

    file: Path
    position: tuple[Any, Any]
    before: range
    scope: range
    is_imported: bool
    ways: list[tuple[Any, int]] = attrs.field(factory=list)


def sampled(files: Sequence[Path], root: Path, size: int, seed: int) -> list[Mutant]:
    """Return mutants of files, the same for the same sources, size and seed.

    Every place has the same chance, in however many ways it can be changed.
    """
    places = [place for file in files for place in _places(file)]
    chance = random.Random(seed)
    chance.shuffle(places)
    found: list[Mutant] = []
    for place in places:
        if len(found) == size:
            break
        mutant = _mutant(place, *chance.choice(place.ways), root=root)
        if mutant is not None:
            found.append(mutant)
    return found


def _places(file: Path) -> list[_Place]:
    tree = get_ast(file.read_text(encoding="utf-8"))
    counts = dict.fromkeys(_OPERATORS, 0)
    places: dict[tuple[Any, Any], _Place] = {}
    operators = [operator() for operator in _OPERATORS]
    for node in ast_nodes(tree):
        for operator in operators:
            kind = type(operator)
            for position in operator.mutation_positions(node):
                occurrence = counts[kind]
                counts[kind] += 1
                leaf = _leaf(tree, position[0])
                if _matters(leaf, kind):
                    place = _Place(
                        file,
                        position,
                        _statement(leaf, position),
                        _scope(leaf),
                        not _is_in_function(leaf),
                    )
                    places.setdefault(position, place).ways.append((kind, occurrence))
    return [places[position] for position in sorted(places)]


def _mutant(place: _Place, operator: Any, occurrence: int, *, root: Path) -> Mutant | None:
    """Make a mutant; None if it is the same program or none at all."""
    source = place.file.read_text(encoding="utf-8")
    text = mutate_code(source, operator(), occurrence)
    if text is None or text == source:
        return None
    try:
        compile(text, str(place.file), "exec")
    except SyntaxError:
        return None
    (line, _), (last, _) = place.position
    surplus = len(text.splitlines()) - len(source.splitlines())
    file = str(place.file.relative_to(root))
    old = "\n".join(source.splitlines()[line - 1 : last])
    new = "\n".join(text.splitlines()[line - 1 : last + surplus])
    name = operator.__name__
    return Mutant(file, line, place.before, place.scope, place.is_imported, name, old, new, text)


def _leaf(tree: Any, start: Any) -> Any:
    leaf = tree.get_leaf_for_position(start)
    return leaf if leaf.start_pos >= start else leaf.get_next_leaf()


def _ancestors(leaf: Any) -> Iterator[Any]:
    while leaf is not None:
        yield leaf
        leaf = leaf.parent


def _matters(leaf: Any, operator: Any) -> bool:
    """Check if a change can be noticed by a test."""
    child = None
    for node in _ancestors(leaf):
        if _is_left_out(node, child):
            return False
        child = node
    return not (operator is number_replacer.NumberReplacer and _is_tuning(leaf))


def _is_left_out(node: Any, child: Any) -> bool:
    """Check if nothing below a child of a node is to be changed."""
    match node.type:
        case "annassign":
            return bool(child is node.children[1])
        case "funcdef":
            return bool(child is node.annotation)
        case "argument":
            name = node.children[0].get_code().strip()
            return name in _ATTRS or node.get_code(include_prefix=False) == _EQUAL_LENGTHS
        case "if_stmt":
            return bool(node.children[1].get_code().strip() == "TYPE_CHECKING")
        case "simple_stmt":
            return bool(node.get_code(include_prefix=False).startswith(_LOGS))
        case kind:
            return kind in _LEFT_OUT


def _is_tuning(leaf: Any) -> bool:
    """Check for a limit among the constants of a module, or the length of an excerpt in a text."""
    if any(node.type in {"fstring", "raise_stmt"} for node in _ancestors(leaf)):
        return True
    return not _is_in_function(leaf) and float(eval(leaf.value)) >= _TUNING  # noqa: S307 - a literal


def _is_in_function(leaf: Any) -> bool:
    return any(node.type in {"funcdef", "lambdef"} for node in _ancestors(leaf))


def _statement(leaf: Any, position: tuple[Any, Any]) -> range:
    """Return the lines from the start of the statement to the end of the changed part."""
    start = leaf
    for node in _ancestors(leaf):
        if node.type in {"suite", "file_input"}:
            break
        start = node
    return range(start.start_pos[0], position[1][0] + 1)


def _scope(leaf: Any) -> range:
    """Return the lines of the innermost function or class, or of the file."""
    for node in _ancestors(leaf):
        if node.type in {"funcdef", "classdef", "file_input"}:
            return range(node.start_pos[0], node.end_pos[0] + 1)
    raise AssertionError("a leaf without a file")
