"""The command `chainrule serve` in a process of its own, and what a client asks it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from places import ROOT, SOURCE


def gallery(name: str) -> str:
    return (ROOT / "generated" / name / f"{name}.toml").read_text(encoding="utf-8")


@dataclass
class Served:
    """A server, by its address."""

    url: str
    process: subprocess.Popen[str]

    def get(self, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        return self._sent(urllib.request.Request(self.url + path, headers=headers))

    def post(self, path: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
        return self._sent(urllib.request.Request(self.url + path, data=body, method="POST"))

    def part(self, part: str, text: str, **others: Any) -> dict[str, Any]:
        status, _, body = self.post(f"/part/{part}", json.dumps({"text": text, **others}).encode())
        assert status == 200, body
        found: dict[str, Any] = json.loads(body)
        return found

    def _sent(self, request: urllib.request.Request) -> tuple[int, dict[str, str], bytes]:
        try:
            with urllib.request.urlopen(request, timeout=300) as response:
                return response.status, {key.lower(): value for key, value in response.headers.items()}, response.read()
        except urllib.error.HTTPError as refused:
            return refused.code, {key.lower(): value for key, value in refused.headers.items()}, refused.read()


@contextmanager
def serving(*options: str, port: int = 0) -> Iterator[Served]:
    """A server at a port that is free, until the end of the block; then it has to end by itself on Ctrl-C."""
    command = [sys.executable, "-m", "chainrule", "serve", "--port", str(port), *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(SOURCE)})
    try:
        assert process.stdout is not None
        said = process.stdout.readline()
        found = re.search(r"http://\S+", said)
        assert found, said
        yield Served(found[0], process)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            assert process.wait(90) == 0
