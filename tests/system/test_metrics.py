"""Metrics: the same numbers as the log, in the format that Prometheus reads, on this host alone."""

from __future__ import annotations

import asyncio
import http.client
import json
import re
import socket
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from catflap.bridge.file.metrics_address import parse_metrics_address
from catflap.core.errors import UsageError
from catflap.relay.registry import Registry
from catflap.service.exposition import expose, samples_of
from catflap.service.http import BadRequestError, Reply, Watchers, parse_request
from catflap.service.measures import METRICS, OTHER, Sort
from catflap.service.recorder import Recorder, make_metrics_map
from tests.support.traffic_tls import TlsClient
from tests.support.waiting import PATIENCE, eventually
from tests.system.test_up import bridge, speaks, to

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.configured import Configured
    from tests.support.traffic import SocketEnd
    from tests.support.traffic_servers import EchoServer

    Up = Callable[..., Configured]
    Connect = Callable[..., SocketEnd]

DASHBOARD = Path(__file__).parents[2] / "contrib" / "grafana-dashboard.json"


class Page:
    """What a scrape brought."""

    def __init__(self, text: str) -> None:
        self.families = {each.name: each for each in text_string_to_metric_families(text)}
        self.samples = [each for family in self.families.values() for each in family.samples]

    def get(self, name: str, **labels: str) -> float:
        """Return the sum of the samples of a name that have these labels."""
        return sum(
            each.value
            for each in self.samples
            if each.name == name and labels.items() <= each.labels.items()
        )


def fetch(service: Configured, path: str = "/metrics", **headers: str) -> tuple[int, str]:
    """Return the status and the text of a page."""
    notice = next(
        each["message"] for each in service.find("notice") if "metrics" in each["message"]
    )
    port = int(notice.rpartition(":")[2])
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def scrape(service: Configured) -> Page:
    """Return what Prometheus would read."""
    status, text = fetch(service)
    assert status == 200
    return Page(text)


def test_scrape_equals_events(
    up: Up, connect: Connect, echo: EchoServer, certificates: Any
) -> None:
    listen = f"TLS-LISTEN:0,bind=127.0.0.1,cert={certificates.server},cafile={certificates.ca}"
    service = up(
        bridge("tls", listen, to(echo), "identities = ['dns:client.example']")
        + bridge("plain", "TCP-LISTEN:0", to(echo))
        + bridge("dead", "TCP-LISTEN:0", "TCP:127.0.0.1:1"),
        "--metrics",
        "127.0.0.1:0",
    )
    port = service.port_of("tls")
    for _ in range(3):
        with TlsClient(port, certificates.client) as client:
            assert speaks(client, b"x" * 1000)
    for bad in (certificates.client_other, certificates.client_expired):
        with pytest.raises(Exception), TlsClient(port, bad) as client:  # noqa: B017, PT012
            client.send(b"x")
            assert client.receive()
    with suppress(ConnectionError):
        connect(service.port_of("dead")).receive()
    live = connect(service.port_of("plain"))
    assert speaks(live, b"y" * 10)
    service.wait_for("closed", count=3)
    service.wait_for("handshake-failed", count=2)
    service.wait_for("connect-failed")
    service.wait_for("opened", bridge="plain")
    page = scrape(service)
    opened, closed = service.find("opened"), service.find("closed")
    for name in ("tls", "plain", "dead"):
        count = len([each for each in opened if each["bridge"] == name])
        assert page.get("catflap_sessions_opened_total", bridge=name) == count
    assert page.get("catflap_sessions", bridge="plain") == 1
    assert page.get("catflap_sessions", bridge="tls") == 0
    by_end = Counter(each["closed_by"] for each in closed)
    for who, count in by_end.items():
        assert page.get("catflap_sessions_closed_total", closed_by=who) == count
    failed = Counter(each["rule"] for each in service.find("handshake-failed"))
    for rule, count in failed.items():
        assert page.get("catflap_handshakes_total", outcome=rule) == count
    assert page.get("catflap_handshakes_total", outcome="completed") == 3
    assert page.get("catflap_handshake_seconds_count", bridge="tls") == 3
    seconds = sum(each["handshake"] for each in opened if "handshake" in each)
    assert page.get("catflap_handshake_seconds_sum") == pytest.approx(seconds, abs=1e-5)
    assert page.get("catflap_connect_failures_total", bridge="dead") == 1
    told = sum(each["sent"] for each in closed)
    assert page.get("catflap_bytes_total", bridge="tls", direction="sent") == told
    assert page.get("catflap_session_seconds_count", bridge="tls") == 3
    # What flows in a session that still lives is counted too, a moment later.
    eventually(
        lambda: scrape(service).get("catflap_bytes_total", bridge="plain", direction="sent") == 10
    )
    expires = page.get(
        "catflap_certificate_expires_timestamp_seconds", file=str(certificates.server)
    )
    assert expires > 1_700_000_000
    assert page.get("catflap_ready") == 1
    live.close()
    service.wait_for("closed", bridge="plain")
    after = scrape(service)
    assert after.get("catflap_bytes_total", bridge="plain", direction="sent") == 10
    assert after.get("catflap_bytes_total", bridge="plain", direction="received") == 10


def test_denials_by_rule(up: Up, connect: Connect, echo: EchoServer) -> None:
    service = up(
        bridge("one", "TCP-LISTEN:0,bind=127.0.0.1", to(echo), "allow = ['10.0.0.0/8']"),
        "--metrics",
        "127.0.0.1:0",
    )
    for _ in range(5):
        with suppress(ConnectionError):
            connect(service.port_of("one"))
    service.wait_for("denied", count=5)
    events = Counter(each["rule"] for each in service.find("denied"))
    page = scrape(service)
    for rule, count in events.items():
        assert page.get("catflap_denials_total", bridge="one", rule=rule) == count


def test_health_and_readiness(up: Up, connect: Connect, echo: EchoServer) -> None:
    service = up(bridge("one", "TCP-LISTEN:0", to(echo)), "--metrics", "127.0.0.1:0")
    assert fetch(service, "/healthz") == (200, "ok\n")
    assert fetch(service, "/readyz") == (200, "ok\n")
    live = connect(service.port_of("one"))
    assert speaks(live)
    service.process.terminate()
    service.wait_for("draining")
    # Alive, and no longer to be sent newcomers.
    assert fetch(service, "/healthz")[0] == 200
    assert fetch(service, "/readyz") == (503, "draining\n")
    live.close()
    assert service.wait() == 0


def test_unix_socket(up: Up, echo: EchoServer, tmp_path: Path) -> None:
    path = tmp_path / "metrics.sock"
    service = up(bridge("one", "TCP-LISTEN:0", to(echo)), "--metrics", f"unix:{path}")
    assert path.stat().st_mode & 0o777 == 0o600
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(PATIENCE)
        sock.connect(str(path))
        sock.sendall(b"GET /readyz HTTP/1.1\r\nHost: whatever\r\n\r\n")
        assert b"200 OK" in sock.makefile("rb").read()
    assert service.stop() == 0
    assert not path.exists()


@pytest.mark.parametrize(
    ("request_text", "status"),
    [
        (b"GET /metrics HTTP/1.1\r\nHost: evil.example\r\n\r\n", 403),
        (b"GET /metrics HTTP/1.1\r\n\r\n", 400),
        (b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n", 400),
        (b"POST /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n", 405),
        (b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\n", 400),
        (b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        (b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n folded\r\n\r\n", 400),
        (b"GET http://localhost/metrics HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        (b"GET /metrics HTTP/1.1\nHost: localhost\r\n\r\n", 400),
        (b"GET /../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n", 404),
        (b"GET /metrics HTTP/1.1\r\nHost: [::1]:9\r\n\r\n", 200),
        (b"GET /metrics HTTP/1.0\r\n\r\n", 200),
        (b"GET /metrics HTTP/1.1\r\nHost:  localhost\t \r\n\r\n", 200),
        (b"\x16\x03\x01\x02\x00\r\n\r\n", 400),
        (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 431),
    ],
)
def test_strict_about_requests(up: Up, echo: EchoServer, request_text: bytes, status: int) -> None:
    service = up(bridge("one", "TCP-LISTEN:0", to(echo)), "--metrics", "127.0.0.1:0")
    message = next(
        each["message"] for each in service.find("notice") if "metrics" in each["message"]
    )
    with socket.create_connection(("127.0.0.1", int(message.rpartition(":")[2])), PATIENCE) as sock:
        sock.sendall(request_text)
        answer = sock.makefile("rb").read()
    assert answer.startswith(f"HTTP/1.1 {status} ".encode())
    head, _, body = answer.partition(b"\r\n\r\n")
    found = re.search(rb"Content-Length: (\d+)", head)
    assert found is not None
    assert int(found[1]) == len(body)


@pytest.mark.parametrize("blanks", [b" ", b"\t", b" \t", b"a ", b": "])
def test_a_request_costs_time_by_its_length_alone(blanks: bytes) -> None:
    """Whoever may ask for metrics must not stop the loop by one odd header of 8 KiB.

    Processor time, because a busy machine says nothing of us; a cubic search takes minutes.
    """
    head = b"GET / HTTP/1.1\r\nHost: localhost\r\nA:" + blanks * (8000 // len(blanks)) + b"\0"
    began = time.process_time()
    with pytest.raises(BadRequestError):
        parse_request(head, any_host=False)
    assert time.process_time() - began < 1.0


def test_a_file_in_the_place_of_the_metrics_socket_stays(tmp_path: Path, up: Up) -> None:
    """Connecting to a plain file is refused like connecting to a dead socket; it is no socket."""
    path = tmp_path / "precious"
    path.write_text("data")
    service = up(bridge("one", "TCP-LISTEN:0", "PIPE"), "--metrics", f"unix:{path}", until="")
    assert service.wait() == 1
    assert any("metrics cannot be served" in each for each in service.messages)
    assert path.read_text() == "data"


def test_who_asks_nothing_keeps_nobody_from_an_answer(up: Up, echo: EchoServer) -> None:
    """A hundred silent connections from this host: the health check is still answered."""
    service = up(bridge("one", "TCP-LISTEN:0", to(echo)), "--metrics", "127.0.0.1:0")
    message = next(
        each["message"] for each in service.find("notice") if "metrics" in each["message"]
    )
    address = ("127.0.0.1", int(message.rpartition(":")[2]))
    silent = [socket.create_connection(address, PATIENCE) for _ in range(100)]
    for _ in range(3):
        with socket.create_connection(address, PATIENCE) as sock:
            sock.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert sock.makefile("rb").read().startswith(b"HTTP/1.1 200 ")
    for sock in silent:
        sock.close()


class _Ignored:
    """The transport and the writer of somebody who asks nothing."""

    def __init__(self) -> None:
        self.transport = self
        self.ended = False

    def abort(self) -> None:
        """Be sent away."""
        self.ended = True

    close = abort

    def write(self, data: bytes) -> None:
        """Take an answer, which none of them gets."""


def test_many_who_come_in_one_turn_do_not_stay() -> None:
    """Each beyond the limit sends another one away, also before those had a turn to leave."""

    async def come() -> int:
        watchers = Watchers({}, any_host=True)
        guests = [_Ignored() for _ in range(200)]
        loop = asyncio.get_running_loop()
        readers = [asyncio.StreamReader(limit=8192) for _ in guests]
        tasks = [
            loop.create_task(watchers.serve(reader, cast("Any", guest)))
            for reader, guest in zip(readers, guests, strict=True)
        ]
        await asyncio.sleep(0)
        stay = sum(not guest.ended for guest in guests)
        assert not guests[-1].ended
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return stay

    assert asyncio.run(come()) <= 32


@given(st.binary(max_size=300))
def test_no_request_breaks_the_parser(head: bytes) -> None:
    try:
        method, path = parse_request(head, any_host=False)
    except BadRequestError as error:
        assert error.reply.status in {400, 403, 405}  # noqa: PT017
    else:
        assert method in {"GET", "HEAD"}
        assert path.startswith("/")


@pytest.mark.parametrize(
    "where",
    [
        "0.0.0.0:9",
        "[::]:9",
        "10.0.0.1:9",
        "example.com:9",
        "9",
        "unix:",
        "127.0.0.1:x",
        "127.0.0.1:99999",
    ],
)
def test_metrics_stay_on_this_host(where: str) -> None:
    with pytest.raises(UsageError):
        parse_metrics_address(where)


def test_cardinality_is_bounded() -> None:
    counters = make_metrics_map(0, 0)
    recorder = Recorder(counters, Registry(1))
    for number in range(5000):
        recorder._add("catflap_denials_total", "bridge", f"rule-{number}")
    page = Page(expose(samples_of(counters)).decode())
    named = [each for each in page.samples if each.name == "catflap_denials_total"]
    assert len(named) <= counters.rows
    assert page.get("catflap_denials_total", rule=OTHER) == 5000 - (len(named) - 1)
    counters.close()


def test_labels_are_escaped() -> None:
    counters = make_metrics_map(0, 1)
    Recorder(counters, Registry(1))._add("catflap_denials_total", 'a"b\\c\nd', "rule")
    page = Page(expose(samples_of(counters)).decode())
    assert page.get("catflap_denials_total", bridge='a"b\\c\nd') == 1
    counters.close()


def test_every_metric_of_the_dashboard_exists() -> None:
    text = DASHBOARD.read_text()
    json.loads(text)
    known = set()
    for metric in METRICS:
        known.add(metric.name)
        if metric.sort is Sort.HISTOGRAM:
            known |= {f"{metric.name}_{suffix}" for suffix in ("bucket", "sum", "count")}
    used = set(re.findall(r"catflap_[a-z_]+", text))
    assert used
    assert used <= known
    # And every one is of use to somebody who looks at it.
    names = {re.sub(r"_(bucket|sum|count)$", "", each) for each in used}
    assert {metric.name for metric in METRICS} <= names | used


def test_reply_to_head_has_no_body() -> None:
    assert (
        Reply(200, b"abc")
        .encode(head=True)
        .endswith(
            b"Content-Length: 3\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n"
        )
    )


def test_a_bridge_brings_metrics_to_another_host(up: Up, certificates: Any, tmp_path: Path) -> None:
    path = tmp_path / "m.sock"
    listen = f"TLS-LISTEN:0,bind=127.0.0.1,cert={certificates.server},cafile={certificates.ca}"
    service = up(bridge("metrics", listen, f"UNIX:{path}"), "--metrics", f"unix:{path}")
    with TlsClient(service.port_of("metrics"), certificates.client) as client:
        client.send(b"GET /metrics HTTP/1.1\r\nHost: gateway.acme.example\r\n\r\n")
        page = b""
        while b"catflap_build_info{" not in page:
            page += client.receive()
    assert b"200 OK" in page
