"""`python -m chainrule`, where the command itself is not on the path."""

from chainrule.codegen.cli.start import main

main()
