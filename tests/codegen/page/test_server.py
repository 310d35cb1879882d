"""The server: headers, languages, sizes, rates, health, and that it ends with all of its processes."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from served import Served, gallery, serving

from chainrule.codegen.page.limits import MOST_ASKED


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    with serving("--workers", "2") as served:
        yield served


def test_every_answer_has_the_headers(server: Served) -> None:
    for path in ("/", "/zh-TW", "/static/en.css", "/static/page.js", "/health", "/schema.json", "/completion.json", "/no/such", "/part/x"):
        _, headers, _ = server.get(path)
        policy = dict(part.strip().partition(" ")[::2] for part in headers["content-security-policy"].split(";"))
        assert policy["default-src"] == "'none'", path
        assert policy["script-src"] == policy["connect-src"] == "'self'"
        assert policy["frame-ancestors"] == "'none'"
        assert "unsafe-eval" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert "set-cookie" not in headers
        assert "server" not in headers


@pytest.mark.parametrize(
    ("accepted", "tag"),
    [
        ("", "en"),
        ("zh-TW,zh;q=0.9", "zh-TW"),
        ("zh-Hant-HK", "zh-TW"),
        ("zh", "zh-CN"),
        ("de, zh-Hans;q=0.5", "zh-CN"),
        ("en-GB, zh", "en"),
    ],
)
def test_the_page_speaks_the_language_of_the_browser(server: Served, accepted: str, tag: str) -> None:
    _, _, body = server.get("/", **{"Accept-Language": accepted})
    assert f'<html lang="{tag}">'.encode() in body


def test_what_has_not_changed_is_not_sent_again(server: Served) -> None:
    _, headers, body = server.get("/static/page.js")
    status, _, again = server.get("/static/page.js", **{"If-None-Match": headers["etag"]})
    assert body
    assert (status, again) == (304, b"")


@pytest.mark.parametrize(
    "path", ["/static/..%2f..%2fpyproject.toml", "/static/handout.js", "/static/en.js", "/xx", "/static/", "/examples/../x"]
)
def test_nothing_else_is_there(server: Served, path: str) -> None:
    assert server.get(path)[0] == 404


def test_a_part_is_asked_for_by_its_name(server: Served) -> None:
    assert server.part("picture", gallery("mazur"))["title"] == "Two layers of two neurons, step by step"
    assert server.part("picture", gallery("mazur"), language="zh-CN")["title"] == "两层各两个神经元，一步一步算"
    assert server.post("/part/passwords", b"{}")[0] == 404
    assert server.get("/part/picture")[0] == 405


def test_a_question_that_is_too_large_is_refused(server: Served) -> None:
    assert server.post("/part/picture", b" " * (MOST_ASKED + 1))[0] == 413
    assert server.part("picture", "x" * 100_000)["problem"]


def test_health(server: Served) -> None:
    status, _, body = server.get("/health")
    assert status == 200
    assert json.loads(body) == {"version": "0.1.0", "running": 0, "waiting": 0}


def test_the_schema_is_the_one_that_is_printed(server: Served) -> None:
    _, _, body = server.get("/schema.json")
    assert json.loads(body)["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_the_public_are_answered_so_often() -> None:
    with serving("--public", "--workers", "2") as public:
        statuses = [public.post("/part/picture", b"{}") for _ in range(40)]
    allowed, refused = [[each for each in statuses if each[0] == status] for status in (200, 429)]
    assert len(allowed) >= 30
    assert refused
    assert len(allowed) + len(refused) == 40
    assert int(refused[0][1]["retry-after"]) >= 1


def test_a_port_that_is_taken_is_a_message(server: Served, capsys: pytest.CaptureFixture[str]) -> None:
    from click.testing import CliRunner

    from chainrule.codegen.cli.main import main_group

    port = server.url.rpartition(":")[2]
    failure = CliRunner().invoke(main_group, ["serve", "--port", port]).exception
    assert f"127.0.0.1:{port}: cannot listen there" in str(failure)
