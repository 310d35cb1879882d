"""The SymPy symbol of an index letter: SymPy itself prints k_ as k, so that δ(k, k_) would read δ(k, k) in a notebook."""

from __future__ import annotations

import sympy
from sympy.printing.latex import LatexPrinter
from sympy.printing.pretty.pretty import PrettyPrinter

#: What a letter is told from another one of its axis by.
PRIME = "_"


class Symbol(sympy.Symbol):  # type: ignore[misc]
    """A symbol whose underscores at the end are primes; SymPy sorts it among its own symbols, by the name of its class."""

    def _latex(self, printer: LatexPrinter) -> str:
        stem = str(self.name).rstrip(PRIME)
        written: str = printer._print(sympy.Symbol(stem))
        primes = r"\prime" * (len(self.name) - len(stem))
        return f"{{{written}}}^{{{primes}}}" if primes else written

    def _pretty(self, printer: PrettyPrinter) -> object:
        return printer._print(sympy.Symbol(self._primed()))

    def _primed(self) -> str:
        stem = str(self.name).rstrip(PRIME)
        return stem + "′" * (len(self.name) - len(stem))
