"""One operation, or several of every entry, as loops of C."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sympy import Symbol

from chainrule.codegen.backends.fast.ir.gathers import BY_LABEL
from chainrule.codegen.backends.fast.ir.operations import ArrayOperand, ElementType, Operand, Operation, Scalar
from chainrule.codegen.backends.fast.passes.array_layout import sides
from chainrule.codegen.formulas.equations_with_shapes import equation_with_shape
from chainrule.symbolic.index.affine_index import AffineIndex
from chainrule.symbolic.system.system import Equation

from .code import Block, Code, ForLoop, VectorLoop, looped, scoped
from .comments import comment
from .entries import EntryCode
from .expressions import ExpressionCode, in_range, larger
from .names import Names
from .nests import Nest, renamed
from .panels import Panels
from .places import Places
from .products import ONE, Kernel, call, inner, kernel, merged, product_kernel
from .row_products import is_row_product
from .vector_code import VectorCode


class OperationCode(EntryCode):
    """Prints the operations of one program. `held` says which values have arrays."""

    def __init__(self, places: Places, real: str, names: Names, held: set[str], equations: Mapping[str, Equation]) -> None:
        super().__init__(places, real, names)
        self.held, self.equations = held, equations
        #: What is put in panels before a loop over blocks of rows.
        self.panels: Panels | None = None
        #: The equation that the lines before belong to.
        self.equation = ""

    def nest(self, nest: Nest) -> list[Code]:
        """With the equations above."""
        if nest.is_entrywise:
            return self.entrywise(nest)
        (operation,) = nest.operations
        heading = self.heading(operation)
        if nest.factor is None and not nest.is_added:
            return [*heading, *self.one(operation)]
        found = product_kernel(operation, self.places)
        assert found is not None
        return [*heading, *self.called(found, nest.factor, nest.is_added)]

    def heading(self, operation: Operation) -> list[str]:
        """The equation for which something is computed, above the first of its lines."""
        if operation.equation == self.equation or operation.equation not in self.equations:
            return []
        self.equation = operation.equation
        return ["", *comment(equation_with_shape(self.places.system, self.equations[operation.equation]))]

    # Functions of every entry.

    def entrywise(self, nest: Nest) -> list[Code]:
        variables = self.variables(nest.letters)
        heading = self.heading(nest.operations[0])
        body: list[str] = []
        for operation in nest.operations:
            own = {letter: variables[other] for letter, other in renamed(nest, operation, self.places).items()}
            body += [line for line in self.heading(operation) if line]
            value = self.value(operation, own, nest.made)
            name = operation.result.name
            is_test = self.places.values[name].kind is ElementType.TEST
            is_read = any(entry.name == name for other in nest.operations for entry in other.entries)
            if name not in self.held:
                body.append(f"const {'int' if is_test else self.real} {self.local(name)} = {value};")
            elif is_read:
                body.append(f"const {'int' if is_test else self.real} {self.local(name)} = {value};")
                body.append(f"{self.entry(operation.result, own)} = {self.local(name)};")
            else:
                body.append(f"{self.entry(operation.result, own)} = {value};")
        loops = self.loops(nest.letters, variables)
        if not loops or loops[-1][0] != variables[nest.letters[-1]]:
            return [*heading, *looped(loops, body)]
        names = {operation.result.name: self.local(operation.result.name) for operation in nest.operations}
        vectors = VectorCode(self, nest, names, self.held).body(variables)
        inner = VectorLoop(*loops[-1], tuple(vectors), tuple(body)) if vectors else ForLoop(*loops[-1], tuple(body))
        return [*heading, *looped(loops[:-1], [inner])]

    def local(self, name: str) -> str:
        return self.names.of(("value", name), name)

    def value(self, operation: Operation, variables: Mapping[Symbol, str], made: set[str]) -> str:
        """What a function of every entry gives."""
        operands = [self.operand(operand, variables, made) for operand in operation.operands]
        kinds = [self.kind(operand) for operand in operation.operands]
        if operation.function == "erf" and len(operands) == 2:
            operands = [f"{operands[1]} * {operands[0]}"]
        if operation.function == "copy" and kinds[0] is not ElementType.FLOAT:
            return f"({self.real}){operands[0]}"
        return self.function(operation.function, operands, [kind is ElementType.TEST for kind in kinds])

    def kind(self, operand: Operand) -> ElementType:
        return self.places.values[operand.name].kind if isinstance(operand, ArrayOperand) else ElementType.FLOAT

    def operand(self, operand: Operand, variables: Mapping[Symbol, str], made: set[str] | frozenset[str] = frozenset()) -> str:
        if isinstance(operand, Scalar):
            return self.number(operand.array)
        if operand.name in made:
            return self.local(operand.name)
        return self.entry(operand, variables)

    # The other operations, one at a time.

    def one(self, operation: Operation) -> list[Code]:
        match operation.function:
            case "product":
                return self.product(operation)
            case "sum" | "max":
                return self.reduction(operation)
            case "inner":
                return self.inner(operation)
            case "pad" | "spread" | "placed":
                return self.placed(operation)
            case "gather":
                return self.gather(operation)
            case "scatter":
                return self.scatter(operation)
            case "plain":
                return ExpressionCode(self, operation).code()
        raise self.refused(operation)

    def product(self, operation: Operation) -> list[Code]:
        """A call of the module's kernel; else rows to which rows of an operand are added, or one entry after the other."""
        found = kernel(operation, self.places)
        if found is not None:
            return self.called(found)
        meeting, (left, right), result = sides(operation), operation.entries, operation.result
        stored = self.places.layouts.stored(result)
        over = operation.over
        variables = self.variables((*stored, *over))
        if is_row_product(operation, self.places):
            self.brought.add("inner")
            rows = ", ".join(f"&{self.entry(entry, {**variables, over[0]: '0'})}" for entry in (left, right))
            count = self.places.sizes.of_letter(over[0])
            return list(looped(self.loops(stored, variables), [f"{self.entry(result, variables)} = inner_of({rows}, {count});"]))
        inner = stored[-1] if stored else None
        if inner is not None and inner in meeting.rows:
            left, right = right, left
        factors = f"{self.entry(left, variables)} * {self.entry(right, variables)}"
        out = self.entry(result, variables)
        if inner is None or inner in meeting.shared or self.places.apart(right, inner) != ONE or not over:
            outer = self.loops(stored, variables)
            if not over:
                return list(looped(outer, [f"{out} = {factors};"]))
            total = self.names.of("total", "total")
            sums = looped(self.loops(over, variables), [f"{total} += {factors};"])
            return list(scoped(outer, [f"{self.real} {total} = 0;", *sums, f"{out} = {total};"]))
        outer, last = self.loops(stored[:-1], variables), self.loops((inner,), variables)
        cleared = looped(last, [f"{out} = 0;"])
        added = looped([*self.loops(over, variables), *last], [f"{out} += {factors};"])
        return list(looped(outer, [*cleared, *added]))

    def called(self, found: Kernel, factor: Scalar | None = None, is_added: bool = False) -> list[Code]:
        """The kernel, whose sums are multiplied by a number, and added to what is there."""
        self.brought.add("product")
        variables = self.variables(found.loops)
        times = "1" if factor is None else self.number(factor.array)
        panels = self.panels.of(found) if self.panels is not None else ""
        if panels:
            self.brought.add("panels")
        return list(looped(self.loops(found.loops, variables), [call(found, self.places, variables, times, is_added, panels)]))

    def reduction(self, operation: Operation) -> list[Code]:
        """Sums or maxima: of entries that lie side by side one after the other, else of rows."""
        (entry,), result = operation.entries, operation.result
        lies, stored = self.places.layouts.stored(entry), self.places.layouts.stored(result)
        over = tuple(letter for letter in lies if letter in operation.over)
        variables = self.variables((*lies, *(letter for letter in stored if letter not in lies)))
        value, out = self.entry(entry, variables), self.entry(result, variables)
        is_sum = operation.function == "sum"
        start = "0" if is_sum else "-INFINITY"
        if not stored or lies[-1] in operation.over:
            total_name = "total" if is_sum else "largest"
            total = self.names.of(total_name, total_name)
            step = f"{total} += {value};" if is_sum else larger(total, value)
            *before, last = merged(over, (entry,), self.places)
            is_in_a_row = (is_sum or not before) and last.apart == (ONE,) and self.places.values[entry.name].kind is ElementType.FLOAT
            if is_in_a_row:
                self.brought.add(total_name)
                start_of_row = self.entry(entry, {**variables, **dict.fromkeys(last.letters, "0")})
                of_row = f"{total_name}_of(&{start_of_row}, {self.places.sizes.count(last.size)})"
                step = f"{total} += {of_row};" if is_sum else f"{total} = {of_row};"
                over = tuple(letter for axis in before for letter in axis.letters)
            steps = looped(self.loops(over, variables), [step])
            return list(scoped(self.loops(stored, variables), [f"{self.real} {total} = {start};", *steps, f"{out} = {total};"]))
        cleared = looped(self.loops(stored, variables), [f"{out} = {start};"])
        step = f"{out} += {value};" if is_sum else larger(out, value)
        return [*cleared, *looped(self.loops(lies, variables), [step])]

    def inner(self, operation: Operation) -> list[Code]:
        found = inner(operation, self.places)
        if found is not None:
            return self.called(found)
        left, right = operation.entries
        variables = self.variables(self.places.layouts.stored(left))
        total = self.names.of("total", "total")
        added = f"{total} += {self.entry(left, variables)} * {self.entry(right, variables)};"
        loops = looped(self.loops(self.places.layouts.stored(left), variables), [added])
        return [Block((f"{self.real} {total} = 0;", *loops, f"{self.entry(operation.result, {})} = {total};"))]

    def placed(self, operation: Operation) -> list[Code]:
        """Each entry of the operand at its place of the result."""
        (entry,), result = operation.entries, operation.result
        own = dict(zip(result.letters, entry.letters, strict=True)) if operation.function == "pad" else {}
        places = [
            AffineIndex(((own[letter], 1),), place.start) if own else place
            for letter, place in zip(result.letters, operation.places, strict=True)
        ]
        stored = self.places.layouts.stored(result)
        by_letter = dict(zip(result.letters, places, strict=True))
        letters = tuple(letter for each in stored for letter in by_letter[each].letters)
        variables = self.variables((*letters, *result.letters))
        where, tests = [], []
        for letter, place in zip(result.letters, places, strict=True):
            text = self.affine(place, variables)
            where.append(text)
            if not self.is_inside(place, letter):
                tests += in_range(text, self.places.sizes.of_letter(letter))
        target = self.places.at_index(self.places.of(result.name), where)
        value = self.entry(entry, variables)
        if operation.function != "placed":
            return list(looped(self.loops(letters, variables), [f"{target} = {value};"]))
        cleared = looped(self.loops(stored, variables), [f"{self.entry(result, variables)} = 0;"])
        return [*cleared, *looped(self.loops(letters, variables), self.where(tests, f"{target} += {value};"))]

    def labelled(self, operation: Operation, table: ArrayOperand, labels: Sequence[ArrayOperand], variables: Mapping[Symbol, str]) -> str:
        """An entry of a table at the places that labels say."""
        waiting = iter(labels)
        indices = [
            self.entry(next(waiting), variables) if place == BY_LABEL else self.affine(place, variables) for place in operation.places
        ]
        return self.places.at_index(self.places.of(table.name), indices)

    def gather(self, operation: Operation) -> list[Code]:
        table, *labels = operation.entries
        stored = self.places.layouts.stored(operation.result)
        variables = self.variables(stored)
        line = f"{self.entry(operation.result, variables)} = {self.labelled(operation, table, labels, variables)};"
        return list(looped(self.loops(stored, variables), [line]))

    def scatter(self, operation: Operation) -> list[Code]:
        """Zeros, to which single entries are added."""
        values, *labels = operation.entries
        result = operation.result
        stored, lies = self.places.layouts.stored(values), self.places.layouts.stored(result)
        variables = self.variables((*stored, *lies))
        cleared = looped(self.loops(lies, variables), [f"{self.entry(result, variables)} = 0;"])
        line = f"{self.labelled(operation, result, labels, variables)} += {self.entry(values, variables)};"
        return [*cleared, *looped(self.loops(stored, variables), [line])]
