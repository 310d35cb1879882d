"""The server's addresses: the page in each language, its style sheets and scripts, the parts of a network, and its health."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

import chainrule
from chainrule.codegen.descriptions.published_schema import published_schema
from chainrule.codegen.templating.own_templates import source_of
from chainrule.codegen.words.translation import LANGUAGES

from .completion import completion
from .headers import WithHeaders
from .limits import MOST_ASKED
from .page import PARTS, page
from .pool import Pool, QueueFull
from .rates import Rates
from .results import Results

SCRIPTS = ("page.js", "page_editor.js", "page_completion.js", "page_link.js")
JSON, HTML = "application/json", "text/html; charset=utf-8"


@dataclass
class Server:
    """What answers: processes, answers that are kept, and, where it is public, how often each address may ask."""

    pool: Pool
    rates: Rates | None = None
    results: Results = field(default_factory=Results)

    async def page(self, request: Request) -> Response:
        """The page in the language of its address, or else in the first that the browser speaks."""
        tag = request.path_params.get("language") or _spoken(request.headers.get("accept-language", ""))
        if tag not in LANGUAGES:
            return _refused(404, "no such page")
        return _cached(request, page(tag), HTML)

    async def static(self, request: Request) -> Response:
        """Style sheets by language, and scripts."""
        name = request.path_params["name"]
        if name in SCRIPTS:
            return _cached(request, source_of(name).encode(), "text/javascript; charset=utf-8")
        tag, _, ending = name.rpartition(".")
        if ending == "css" and tag in LANGUAGES:
            return _cached(request, _style_sheet(tag), "text/css; charset=utf-8")
        return _refused(404, "no such file")

    async def part(self, request: Request) -> Response:
        """A part of a network, as `answer` of the parts makes it."""
        name = request.path_params["part"]
        if name not in PARTS:
            return _refused(404, "no such part")
        address = request.client.host if request.client else ""
        if self.rates is not None and (wait := self.rates.wait(address)):
            return _refused(429, "too many questions from this address", wait)
        asked = await _body(request)
        if asked is None:
            return _refused(413, f"a question may have {MOST_ASKED} bytes")
        try:
            found = await self._answered(request, name, asked, address)
        except QueueFull:
            return _refused(503, "too many questions wait already", 2)
        return _refused(499, "nobody waits for the answer") if found is None else Response(found, media_type=JSON)

    async def _answered(self, request: Request, name: str, asked: bytes, address: str) -> bytes | None:
        """The answer; None where the browser went away before anything was begun for it."""

        async def make() -> bytes:
            return await self.pool.answer(name, asked, sha256(asked).hexdigest(), address)

        waiting = asyncio.ensure_future(self.results.answer(name, asked, make))
        gone = asyncio.ensure_future(request.receive())
        await asyncio.wait((waiting, gone), return_when=asyncio.FIRST_COMPLETED)
        gone.cancel()
        if not waiting.done():
            waiting.cancel()
            return None
        return waiting.result()

    async def schema(self, request: Request) -> Response:
        return JSONResponse(published_schema())

    async def completion(self, request: Request) -> Response:
        """What an editor offers."""
        return _cached(request, _completion(), JSON)

    async def health(self, request: Request) -> Response:
        """200 while questions are taken: how many run, how many wait."""
        return JSONResponse({"version": chainrule.__version__, "running": self.pool.running, "waiting": self.pool.waiting})


def application(workers: int, rates: Rates | None = None) -> Starlette:
    """The application, with so many worker processes."""
    server = Server(Pool(workers), rates)

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        server.pool.begin()
        try:
            yield
        finally:
            server.pool.close()

    return Starlette(
        routes=[
            Route("/", server.page),
            Route("/health", server.health),
            Route("/schema.json", server.schema),
            Route("/completion.json", server.completion),
            Route("/static/{name}", server.static),
            Route("/part/{part}", server.part, methods=["POST"]),
            Route("/{language}", server.page),
        ],
        middleware=[Middleware(WithHeaders)],
        lifespan=lifespan,
    )


def _spoken(accepted: str) -> str:
    """The first language of a header such as "zh-Hant-TW,zh;q=0.9" that the page has; English where there is none."""
    for written in accepted[:200].split(","):
        tag = written.partition(";")[0].strip().lower()
        if tag.startswith("zh"):
            return "zh-TW" if {"tw", "hant", "hk"} & set(tag.split("-")) else "zh-CN"
        if tag.startswith("en"):
            return "en"
    return "en"


@cache
def _completion() -> bytes:
    return json.dumps(completion(), ensure_ascii=False).encode()


@cache
def _style_sheet(tag: str) -> bytes:
    names = ["handout.css", *(["handout_chinese.css"] if LANGUAGES[tag].is_chinese else []), "page.css"]
    return "\n".join(map(source_of, names)).encode()


def _cached(request: Request, content: bytes, media_type: str) -> Response:
    """What does not change while the server runs; a browser that has it is told so."""
    mark = f'"{sha256(content).hexdigest()[:32]}"'
    headers: Mapping[str, str] = {"ETag": mark, "Cache-Control": "no-cache"}
    if request.headers.get("if-none-match") == mark:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=media_type, headers=headers)


async def _body(request: Request) -> bytes | None:
    """What was sent, None where it is too much."""
    found = bytearray()
    with contextlib.suppress(ClientDisconnect):
        async for chunk in request.stream():
            found += chunk
            if len(found) > MOST_ASKED:
                return None
    return bytes(found)


def _refused(status: int, why: str, wait: float = 0) -> Response:
    headers = {"Retry-After": str(int(wait) + 1)} if wait else None
    return PlainTextResponse(f"{why}\n", status, headers) if status < 429 else JSONResponse({"refused": why}, status, headers)
