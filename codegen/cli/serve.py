"""`chainrule serve`."""

from __future__ import annotations

import click

from chainrule.symbolic.index.failures import InvalidDescription


@click.command(name="serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at; 0.0.0.0 for every network of this machine.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0 for one that is free.")
@click.option("--public", is_flag=True, help="For everybody: how often an address may ask is limited.")
@click.option("--workers", type=click.IntRange(1, 64), metavar="N", help="Processes that derive. [default: one more than processors]")
def serve_command(host: str, port: int, public: bool, workers: int | None) -> None:
    """Show a page in the browser: write a network on the left, see its derivation on the right, ask about your own work.

    \b
    Examples:
      chainrule serve
      chainrule serve --port 8080
      chainrule serve --host 0.0.0.0 --public
    """
    try:
        from chainrule.codegen.page.serving import serve
    except ImportError as missing:
        if (missing.name or "").split(".")[0] not in ("starlette", "uvicorn", "anyio"):
            raise
        raise InvalidDescription("a page needs two more packages: pip install 'chainrule[page]'") from None
    serve(host, port, public, workers)
