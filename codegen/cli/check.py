"""`chainrule check`."""

from __future__ import annotations

from collections.abc import Sequence

import click

from chainrule.symbolic.index.failures import CheckFailed, InvalidDescription

from .options import SPEC_HELP, Spec, derivatives_option, input_gradients_option, spec_options


@click.command(name="check", epilog=SPEC_HELP)
@spec_options
@derivatives_option
@input_gradients_option
@click.option("--deep", is_flag=True, help="Try everything: steps, rewrites, both styles of the module, in extended precision.")
@click.option("--seed", type=click.IntRange(0), metavar="N", help="For --deep: of the random tensors. [default: 0]")
def check_command(spec: Spec, derivatives: tuple[str, ...], input_gradients: bool, deep: bool, seed: int | None) -> None:
    """Check every gradient against numeric ones; exit status 1 where one differs, or is 0 wherever it is tried.

    Second derivatives are checked against differences of the gradient. With --deep, every step is evaluated on several random tensors,
    every rewrite alone, and the module in both styles is compared with differences in extended precision whose own error is stated.

    \b
    Examples:
      chainrule check mazur.toml
      chainrule check 64-32-10 --activation gelu
      chainrule check 4-5-3 --derivatives hvp,hessian
      chainrule check mazur.toml --input-gradients
      chainrule check mazur.toml --derivatives vjp,jvp --per-example
      chainrule check mazur.toml --deep
      chainrule check 784-16-16-10 --deep --seed 7
    """
    from rich.console import Console
    from rich.table import Table

    from chainrule.codegen.backends.numpy_module import GRADIENT_TOLERANCE
    from chainrule.codegen.checking.gradient_check import ineffective, never_moved, try_module
    from chainrule.codegen.descriptions.remarks import remarks_on_effect
    from chainrule.symbolic.checking.verification import verify
    from chainrule.symbolic.derivation.chain_rule import derive

    from .progress import shown_progress

    if seed is not None and not deep:
        raise InvalidDescription("--seed goes with --deep alone")
    if deep:
        _check_deep(spec, derivatives, input_gradients, seed or 0)
        return
    with shown_progress() as progress:
        progress("deriving")
        description = spec.description(input_gradients)
        derivation = derive(description.network, description.wrt)
        progress("checking every step")
        verified = verify(derivation)
        progress("checking the gradients")
        checked = try_module(derivation, derivatives=derivatives)
        not_checked, in_vain = never_moved(derivation, checked.module), ineffective(derivation, checked.module)
        if checked.further:
            progress("checking every step of the further derivatives")
            verified = verified.together(checked.further.verified())
    spec.warn(remarks_on_effect(description, in_vain))
    table = Table(title=f"{description.network.name}: gradients against numeric ones")
    table.add_column("parameter")
    table.add_column("largest relative error", justify="right")
    table.add_column("")
    for name, error in checked.errors.items():
        verdict = "wrong" if name in checked.failed else "not checked" if name in not_checked else "right"
        table.add_row(name, "" if verdict == "not checked" else f"{error:.1e}", verdict)
    Console().print(table)
    vacuous = f"; in {verified.vacuous} of them 0 was compared with 0 alone" if verified.vacuous else ""
    print(f"{verified.equations} equations of the derivation hold, errors up to {verified.largest_error:.1e}{vacuous}.")
    if checked.failed:
        raise CheckFailed(f"wrong at more than {GRADIENT_TOLERANCE:.0e}: {', '.join(checked.failed)}")
    if not_checked:
        raise CheckFailed(f"not checked, as the cost does not depend on it at any numbers that were tried: {', '.join(not_checked)}")


def _check_deep(spec: Spec, derivatives: Sequence[str], input_gradients: bool, seed: int) -> None:
    from rich.console import Console

    from chainrule.codegen.checking.deep_check import deep_check
    from chainrule.codegen.descriptions.remarks import remarks_on_effect
    from chainrule.symbolic.checking.without_effect import without_effect
    from chainrule.symbolic.derivation.chain_rule import derive

    from .deep_check_table import failure_lines, findings_table, kink_lines, summary
    from .progress import shown_progress

    with shown_progress() as progress:
        progress("deriving")
        description = spec.description(input_gradients)
        derivation = derive(description.network, description.wrt)
        found = deep_check(derivation, seed, derivatives, progress)
        in_vain = without_effect(derivation)
    spec.warn(remarks_on_effect(description, in_vain))
    Console().print(findings_table(found, description.network.name))
    for line in (*kink_lines(found), *failure_lines(found)):
        print(line)
    print(summary(found))
    if found.failed:
        raise CheckFailed(f"the deep check fails: {', '.join(dict.fromkeys(finding.check for finding in found.failed))}")
