"""Many people at one page at once, some of them hostile: how long an answer takes, what goes wrong, and how much memory the server takes.

python tests/benchmarks/page_clients.py [--clients 50] [--hostile 5] [--seconds 60] [--pause 3]
python tests/benchmarks/page_clients.py --first          the first derivation of mazur in Chromium, from the last key on

A person asks for a network of the gallery or for one of their own that nobody has asked for, looks at it for `--pause` seconds on average,
and asks again. A hostile one asks for what the held lists have, one after the other, without a pause. Each has an address of its own.
"""

from __future__ import annotations

import argparse
import http.client
import json
import random
import statistics
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(TESTS), *(str(TESTS / folder) for folder in ("codegen/page", "codegen/marking", "codegen/descriptions", "trust"))]

from hostile_texts import REFUSED  # noqa: E402
from hostile_works import FORMULAS, WORKS  # noqa: E402
from served import gallery, serving  # noqa: E402

from chainrule.codegen.page.examples import examples  # noqa: E402

OWN = """
name = "{name}"
title = "{name}"
input = {inputs}

[[layers]]
units = {units}
activation = "{activation}"

[cost]
kind = "quadratic"
"""
#: More than a page gives one derivation.
ENDLESS = 'name = "deep"\ninput = [7, 3]\n' + '[[layers]]\nkind = "gru"\nunits = 5\n' * 300 + '[cost]\nkind = "quadratic"\n'
TIMEOUT = 120


@dataclass
class Seen:
    """What all clients have met."""

    seconds: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    hostile: Counter[str] = field(default_factory=Counter)
    busy: int = 0
    most_memory: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass(frozen=True)
class Client:
    """Somebody at an address of their own."""

    number: int
    port: int
    until: float

    def ask(self, part: str, question: dict[str, object]) -> tuple[int, bytes]:
        source = (f"127.0.{1 + self.number // 200}.{1 + self.number % 200}", 0)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT, source_address=source)
        try:
            connection.request("POST", f"/part/{part}", json.dumps(question))
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()


def person(client: Client, pause: float, seen: Seen) -> None:
    """Asks and looks, and knows the title of what has to come."""
    draw = random.Random(client.number)
    known = [(example.title, example.text) for example in examples("en")]
    asked = 0
    time.sleep(draw.uniform(0, pause))
    while time.monotonic() < client.until:
        asked += 1
        name = f"own_{client.number}_{asked}"
        sizes = {"inputs": draw.randint(1, 7), "units": draw.randint(1, 7), "activation": draw.choice(["tanh", "sigmoid", "relu"])}
        title, text = (name, OWN.format(name=name, **sizes)) if draw.random() < 0.25 else draw.choice(known)
        begun = time.monotonic()
        try:
            status, body = client.ask(draw.choice(["derivation", "derivation", "picture", "numbers", "code"]), {"text": text})
        except OSError as failure:
            status, body = 0, str(failure).encode()
        with seen.lock:
            if status == 503:
                seen.busy += 1
            elif status != 200 or json.loads(body).get("title") != title:
                seen.wrong.append(f"{title}: {status} {body[:200]!r}")
            else:
                seen.seconds.append(time.monotonic() - begun)
        time.sleep(draw.expovariate(1 / pause))


def attempts(number: int) -> Iterator[tuple[str, dict[str, object]]]:
    """The held lists again and again, each hostile client from another place on."""
    works = [*((".py", work) for work in WORKS.values()), *FORMULAS.values()]
    every: list[tuple[str, dict[str, object]]] = [
        *(("derivation", {"text": attempt.text}) for attempt in REFUSED),
        ("derivation", {"text": f"# {number}\n{ENDLESS}"}),
        *(("marking", {"text": gallery("mazur"), "fields": {"work": work, "kind": kind}}) for kind, work in works),
    ]
    start = number * 37 % len(every)
    while True:
        yield from every[start:] + every[:start]


def hostile(client: Client, seen: Seen) -> None:
    """Whatever is tried is refused, ended, or answered as what it is: words."""
    for part, question in attempts(client.number):
        if time.monotonic() > client.until:
            return
        try:
            status, body = client.ask(part, question)
        except OSError as failure:
            status, body = 0, str(failure).encode()
        with seen.lock:
            if status == 200:
                seen.hostile[next(iter(json.loads(body)))] += 1
            elif status in (413, 429, 503):
                seen.hostile[str(status)] += 1
            else:
                seen.wrong.append(f"hostile {part}: {status} {body[:200]!r}")


def memory(root: int) -> int:
    """Bytes that a process and all that it started hold."""
    parents: dict[int, list[int]] = {}
    held: dict[int, int] = {}
    for place in Path("/proc").glob("[0-9]*"):
        try:
            parents.setdefault(int((place / "stat").read_text().rpartition(")")[2].split()[1]), []).append(int(place.name))
            held[int(place.name)] = int((place / "statm").read_text().split()[1]) * 4096
        except (OSError, ValueError):
            continue
    found, waiting = 0, [root]
    while waiting:
        process = waiting.pop()
        found += held.get(process, 0)
        waiting += parents.get(process, [])
    return found


def crowd(clients: int, hostiles: int, seconds: float, pause: float) -> Seen:
    """So many at once, some of them hostile; what they have met."""
    seen = Seen()
    with serving() as server:
        port = int(server.url.rpartition(":")[2])
        # The processes are there.
        assert "title" in server.part("picture", "2-2")
        until = time.monotonic() + seconds
        everybody = [Client(number, port, until) for number in range(clients)]
        threads = [threading.Thread(target=hostile, args=(client, seen)) for client in everybody[:hostiles]]
        threads += [threading.Thread(target=person, args=(client, pause, seen)) for client in everybody[hostiles:]]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            seen.most_memory = max(seen.most_memory, memory(server.process.pid))
            time.sleep(0.5)
        assert json.loads(server.get("/health")[2])["waiting"] == 0
    return seen


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--hostile", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--pause", type=float, default=3)
    parser.add_argument("--first", action="store_true")
    chosen = parser.parse_args()
    if chosen.first:
        print("seconds from the last key to the first derivation of mazur:", *(f"{seconds:.2f}" for seconds in first_derivations(5)))
        return
    seen = crowd(chosen.clients, chosen.hostile, chosen.seconds, chosen.pause)
    ordered = sorted(seen.seconds)
    print(f"{len(ordered)} answers: median {statistics.median(ordered):.2f} s, of 20 the slowest {ordered[len(ordered) * 19 // 20]:.2f} s")
    print(f"refused for want of room: {seen.busy}; wrong: {len(seen.wrong)}; hostile: {dict(seen.hostile)}")
    print(f"most memory: {seen.most_memory / 1e6:.0f} MB")
    for line in seen.wrong[:10]:
        print(" ", line)


def first_derivations(times: int) -> list[float]:
    """From the last key to the derivation on the screen, each time on a server that has just begun."""
    from playwright.sync_api import sync_playwright

    found = []
    for _ in range(times):
        with serving() as server, sync_playwright() as driver:
            browser = driver.chromium.launch(args=["--no-sandbox"], executable_path="/usr/bin/chromium")
            page = browser.new_page()
            page.set_default_timeout(120_000)
            page.goto(server.url)
            page.wait_for_selector("#panel-derivation .document")
            page.click("#text")
            page.keyboard.press("Control+A")
            page.keyboard.insert_text(gallery("mazur").replace("mazur", "typed").replace("Two layers of two neurons", "Typed"))
            begun = time.perf_counter()
            page.wait_for_selector("#status:has-text('Typed')")
            found.append(time.perf_counter() - begun)
            browser.close()
    return found


if __name__ == "__main__":
    main()
