"""What each rule's fix makes of its own bad example, and which rules have none."""

from __future__ import annotations

import pytest

from catflap.audit.fix.registry import FIXES
from catflap.rules.registry import RULES, find_rule
from tests.support.fixing import fixed


def test_every_rule_has_a_fix_or_says_why_not() -> None:
    for rule in RULES:
        assert rule.is_fixable == (rule.slug in FIXES), rule.slug
        assert rule.is_fixable or len(rule.fixable.split()) > 3, rule.slug


STORIES = {
    "abstract-socket-no-permissions": (
        "socat ABSTRACT-LISTEN:app,fork TCP:127.0.0.1:9",
        "socat UNIX-LISTEN:/run/CHANGE-ME.sock,fork TCP:127.0.0.1:9",
    ),
    "anonymous-clients": (
        "socat OPENSSL-LISTEN:8443,cert=s.pem,verify=0,fork TCP:127.0.0.1:9",
        "socat OPENSSL-LISTEN:8443,cert=s.pem,cafile=CHANGE-ME-CLIENT-CA.pem,fork TCP:127.0.0.1:9",
    ),
    "broad-allowlist": (
        "socat OPENSSL-LISTEN:8443,bind=10.0.0.5,range=0.0.0.0/0,cert=s.pem,cafile=c.pem TCP:a:9",
        (
            "socat OPENSSL-LISTEN:8443,bind=10.0.0.5,range=CHANGE-ME-NETWORK/BITS,cert=s.pem,"
            "cafile=c.pem TCP:a:9"
        ),
    ),
    "deprecated-or-misspelt": (
        "socat TCP-LISTEN:8080,bnd=127.0.0.1,reuseadr TCP:a:9",
        "socat TCP-LISTEN:8080,bind=127.0.0.1,reuseaddr TCP:a:9",
    ),
    "docker-socket-exposed": (
        "socat TCP-LISTEN:2375,fork,reuseaddr UNIX:/var/run/docker.sock",
        "socat UNIX-LISTEN:/run/CHANGE-ME.sock,fork,mode=0600 UNIX:/var/run/docker.sock",
    ),
    "gopen-creates-file": (
        "socat -u ./settings.bin UNIX:/run/app.sock",
        "socat -u OPEN:./settings.bin,rdonly UNIX:/run/app.sock",
    ),
    "half-close-data-loss": (
        "socat - UNIX:/run/app.sock",
        "socat -t 60 - UNIX:/run/app.sock",
    ),
    "mode-after-bind-race": (
        "socat -u UNIX-RECV:/run/log.sock,mode=0620 STDOUT",
        "socat -u UNIX-RECV:/run/log.sock,mode=0620,umask=0157 STDOUT",
    ),
    "no-allowlist": (
        "socat OPENSSL-LISTEN:8443,cert=s.pem,cafile=c.pem TCP:a:9",
        "socat OPENSSL-LISTEN:8443,cert=s.pem,cafile=c.pem,range=CHANGE-ME-NETWORK/BITS TCP:a:9",
    ),
    "no-connection-log": (
        "socat -d OPENSSL-LISTEN:8443,bind=10.0.0.5,cert=s.pem,cafile=c.pem TCP:a:9",
        "socat -d -d OPENSSL-LISTEN:8443,bind=10.0.0.5,cert=s.pem,cafile=c.pem TCP:a:9",
    ),
    "no-timeout": (
        "catflap run TLS-LISTEN:1,bind=10.0.0.5,idle-timeout=0,cert=s.pem,cafile=c.pem TCP:a:9",
        "catflap run TLS-LISTEN:1,bind=10.0.0.5,cert=s.pem,cafile=c.pem TCP:a:9",
    ),
    "payload-logged": (
        "socat -d -d -r /tmp/traffic TCP-LISTEN:8080,bind=127.0.0.1 TCP:127.0.0.1:9",
        "socat -d -d TCP-LISTEN:8080,bind=127.0.0.1 TCP:127.0.0.1:9",
    ),
    "plaintext-exposed": (
        "socat TCP-LISTEN:8080,bind=0.0.0.0,fork TCP:127.0.0.1:9",
        "socat TCP-LISTEN:8080,bind=127.0.0.1,fork TCP:127.0.0.1:9",
    ),
    "privileged-port": (
        "socat TCP-LISTEN:80,bind=127.0.0.1 TCP:127.0.0.1:9",
        "socat TCP-LISTEN:80,bind=127.0.0.1,su=nobody TCP:127.0.0.1:9",
    ),
    "ptys-and-devices-exposed": (
        "socat PTY,link=/dev/modem,mode=0666 TCP:127.0.0.1:9",
        "socat PTY,link=/dev/modem,mode=0660 TCP:127.0.0.1:9",
    ),
    "runs-as-root": (
        "sudo socat TCP-LISTEN:8080,bind=127.0.0.1 TCP:127.0.0.1:9",
        "sudo socat TCP-LISTEN:8080,bind=127.0.0.1,su=nobody TCP:127.0.0.1:9",
    ),
    "secret-in-arguments": (
        "socat - PROXY:127.0.0.1:api.example:443,proxyport=3128,proxyauth=me:secret",
        (
            "socat - PROXY:127.0.0.1:api.example:443,proxyport=3128,"
            "proxy-authorization-file=CHANGE-ME-PASSWORD-FILE"
        ),
    ),
    "sensitive-service-exposed": (
        "socat TCP-LISTEN:6379,fork UNIX:/run/redis/redis.sock",
        "socat TCP-LISTEN:6379,fork,bind=127.0.0.1 UNIX:/run/redis/redis.sock",
    ),
    "setuid-keeps-groups": (
        "socat TCP-LISTEN:8080,bind=127.0.0.1,setuid=nobody TCP:127.0.0.1:9",
        "socat TCP-LISTEN:8080,bind=127.0.0.1,su=nobody TCP:127.0.0.1:9",
    ),
    "shell-interpolation": (
        'socat TCP-LISTEN:7000,bind=127.0.0.1 SYSTEM:"./greet $NAME"',
        'socat TCP-LISTEN:7000,bind=127.0.0.1 EXEC:"./greet $NAME"',
    ),
    "tls-any-name": (
        "socat - OPENSSL:api.internal:8443,commonname=,cafile=c.pem",
        "socat - OPENSSL:api.internal:8443,cafile=c.pem",
    ),
    "tls-no-ca": (
        "socat OPENSSL-LISTEN:8443,cert=s.pem TCP:127.0.0.1:9",
        "socat OPENSSL-LISTEN:8443,cert=s.pem,cafile=CHANGE-ME-CLIENT-CA.pem TCP:127.0.0.1:9",
    ),
    "tls-old-protocol": (
        "socat - OPENSSL:a.example:443,min-proto-version=TLS1.0,max-proto-version=TLS1.1",
        "socat - OPENSSL:a.example:443,min-proto-version=TLS1.2",
    ),
    "tls-verify-off": (
        "socat - OPENSSL:a.example:443,verify=0",
        "socat - OPENSSL:a.example:443",
    ),
    "udp-amplifier": (
        "socat UDP-LISTEN:53,fork UDP:8.8.8.8:53",
        "socat UDP-LISTEN:53,fork,bind=127.0.0.1 UDP:8.8.8.8:53",
    ),
    "unix-socket-world-accessible": (
        "socat UNIX-LISTEN:/run/a.sock,mode=777 TCP:127.0.0.1:9",
        "socat UNIX-LISTEN:/run/a.sock,mode=0770 TCP:127.0.0.1:9",
    ),
    "unlimited-fork": (
        "socat TCP-LISTEN:80,bind=127.0.0.1,fork TCP:127.0.0.1:9",
        "socat TCP-LISTEN:80,bind=127.0.0.1,fork,max-children=100 TCP:127.0.0.1:9",
    ),
    "vulnerable-version": (
        "docker run alpine/socat:1.7.3.0 TCP-LISTEN:80,range=10.0.0.0/8 TCP:a:9",
        "docker run alpine/socat:CHANGE-ME-NEWER-VERSION TCP-LISTEN:80,range=10.0.0.0/8 TCP:a:9",
    ),
    "weak-cipher": (
        "socat - OPENSSL:a.example:443,cipher=NULL-SHA256,cafile=c.pem",
        "socat - OPENSSL:a.example:443,cafile=c.pem",
    ),
    "wildcard-bind": (
        "socat OPENSSL-LISTEN:1,bind=0.0.0.0,range=10.0.0.0/8,cert=s.pem,cafile=c.pem TCP:a:9",
        (
            "socat OPENSSL-LISTEN:1,bind=CHANGE-ME-ADDRESS,range=10.0.0.0/8,cert=s.pem,cafile=c.pem "
            "TCP:a:9"
        ),
    ),
}


@pytest.mark.parametrize("slug", sorted(FIXES))
def test_a_fix_does_what_it_says(slug: str) -> None:
    before, after = STORIES[slug]
    outcome = fixed(before, slug)
    assert outcome.text == after
    (applied,) = outcome.applied
    assert applied.rule == slug
    rule = find_rule(slug)
    assert rule is not None
    assert rule.fixable == "safe" or not applied.safe, "no safer than the rule's page says"


@pytest.mark.parametrize(
    ("slug", "text"),
    [
        ("deprecated-or-misspelt", "socat TCP-LISTEN:80,bind=127.0.0.1,reuse TCP:a:9"),
        ("setuid-keeps-groups", "socat TCP-LISTEN:1,bind=127.0.0.1,setuid=65534 TCP:a:9"),
        ("setuid-keeps-groups", "socat TCP-LISTEN:1,bind=127.0.0.1,setuid=a,setgid=b TCP:a:9"),
        ("tls-old-protocol", "socat - OPENSSL:a.example:443,min-proto-version=TLS1.0"),
        ("mode-after-bind-race", "socat -u UNIX-RECV:/run/l,mode=0600 OPEN:/var/l,creat"),
    ],
)
def test_a_fix_that_may_be_a_surprise_is_not_safe(slug: str, text: str) -> None:
    outcome = fixed(text, slug, unsafe=False)
    assert outcome.text == text
    assert all(each.unsafe for each in outcome.left), outcome.left
    assert outcome.left


def test_one_root_cause_after_the_other() -> None:
    outcome = fixed("socat TCP-LISTEN:8080,fork TCP:127.0.0.1:9\n")
    assert outcome.text == (
        "socat -T 3600 TCP-LISTEN:8080,fork,bind=127.0.0.1,max-children=100 TCP:127.0.0.1:9\n"
    )
    assert next(each.rule for each in outcome.applied) == "plaintext-exposed"


def test_in_a_container_a_port_is_encrypted_rather_than_hidden() -> None:
    text = 'FROM debian\nCMD ["socat", "TCP4-LISTEN:80,fork", "TCP:a:1"]\n'
    outcome = fixed(text, "plaintext-exposed", kind="dockerfile")
    assert outcome.text == (
        'FROM debian\nCMD ["socat", "OPENSSL-LISTEN:80,fork,pf=ip4,cert=CHANGE-ME-SERVER.pem,'
        'cafile=CHANGE-ME-CLIENT-CA.pem,openssl-min-proto-version=TLS1.2", "TCP:a:1"]\n'
    )
    assert [hole.name for hole in outcome.applied[0].placeholders] == [
        "CHANGE-ME-SERVER.pem",
        "CHANGE-ME-CLIENT-CA.pem",
    ]
