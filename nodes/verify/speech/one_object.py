"""Reads a model's pieces of a program as meant for one object, however often it makes or adds it anew."""

from __future__ import annotations

import ast
from collections.abc import Collection


def on_one_object(expression: str, name: str, constructor: str, aliases: Collection[str]) -> str:
    """The expression with every other way of writing the object replaced by its name.

    A small model makes the object once more in front of a gate (``Circuit(5).h(3)``), adds what it made to the object
    (``c + Circuit(5).h(3)``), or names what a gate gives and runs the sum of them. Each means the object.

    Args:
        expression: a Python expression; what does not parse is returned as it is.
        name: of the object.
        constructor: the expression that made it.
        aliases: names that stand for it because a gate was assigned to them.
    """
    try:
        tree = ast.parse(expression.strip(), mode="eval")
    except SyntaxError:
        return expression.strip()
    meant = _OneObject(name, ast.dump(ast.parse(constructor, mode="eval").body), aliases).visit(tree)
    return ast.unparse(meant)


class _OneObject(ast.NodeTransformer):
    def __init__(self, name: str, constructor: str, aliases: Collection[str]) -> None:
        self.name = name
        self.constructor = constructor
        self.aliases = aliases

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.Name(self.name, node.ctx) if node.id in self.aliases else node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if ast.dump(node) == self.constructor:
            return ast.Name(self.name, ast.Load())
        return self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.left, ast.Name) and node.left.id == self.name and self._root(node.right) == self.name:
            return node.right
        return node

    def _root(self, node: ast.expr) -> str | None:
        """The name that a chain of calls and attributes begins with."""
        while isinstance(node, ast.Call | ast.Attribute):
            node = node.func if isinstance(node, ast.Call) else node.value
        return node.id if isinstance(node, ast.Name) else None
