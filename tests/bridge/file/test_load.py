"""A configuration file becomes bridges, and what is wrong with it comes all at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catflap.bridge.file.load import load
from catflap.bridge.file.problems import ConfigurationError, Notes
from catflap.bridge.file.toml import read_toml
from catflap.bridge.side import Side
from catflap.core.errors import OperationError
from catflap.core.facts import Facts
from catflap.rules.registry import RULES, judge_bridge

if TYPE_CHECKING:
    from pathlib import Path

NAMES = [rule.slug for rule in RULES]
GOOD = """\
[defaults]
allow = ['10.0.0.0/8']
[defaults.limits]
per-source = 50

[service]
workers = 2
drain = '1m'

[bridge.api]
listen = 'TLS-LISTEN:8443,cert=srv.pem,cafile=ca.pem'
connect = "UNIX:/run/\\u0061pi.sock"
identities = ['spiffe://acme/*', 'dns:*.ci.acme.example']
unsafe = [{ rule = 'no-timeout', reason = 'why', until = 2027-01-31 }]
hours = ['Mon-Fri 08:00-18:00']
zone = 'Europe/Berlin'
not-after = 2027-01-31
on-expiry = 'keep'
[bridge.api.limits]
sessions = 1000
bandwidth = '10MiB/s'
idle = '5m'
"""


def _load(folder: Path, text: str):
    path = folder / "catflap.toml"
    path.write_text(text)
    return load(str(path), NAMES)


def _problems(folder: Path, text: str):
    with pytest.raises(ConfigurationError) as caught:
        _load(folder, text)
    return [problem.render() for problem in caught.value.problems]


def test_everything_that_a_bridge_may_say(tmp_path):
    """The same model as from the command line, with policy and limits."""
    found = _load(tmp_path, GOOD)
    (bridge,) = found.bridges
    assert isinstance(bridge.first, Side)
    assert bridge.name == "api"
    assert bridge.first.text("openssl-certificate").value == "srv.pem"
    assert bridge.second.address.parameters[0].text == "/run/api.sock"
    assert [rule.text for rule in bridge.policy.networks] == ["10.0.0.0/8"]
    assert bridge.policy.identities[0].text == "spiffe://acme/*"
    assert bridge.policy.hours[0].zone == "Europe/Berlin"
    assert (bridge.limits.per_source, bridge.limits.sessions) == (50, 1000)
    assert (bridge.limits.bandwidth, bridge.limits.idle) == (10 * 1024 * 1024, 300.0)
    assert bridge.accepted[0].until == "2027-01-31"
    assert bridge.on_expiry == "keep"
    assert (found.service.workers, found.service.drain) == (2, 60.0)


def test_includes_are_merged_and_watched(tmp_path):
    """Files of a directory in their order; each is told, so that it can be watched."""
    (tmp_path / "conf.d").mkdir()
    for name in ("b", "a"):
        text = f"[bridge.{name}]\nlisten = 'TCP-LISTEN:0'\nconnect = 'TCP:127.0.0.1:80'\n"
        (tmp_path / "conf.d" / f"{name}.toml").write_text(text)
    found = _load(tmp_path, "include = ['conf.d/*.toml']\n")
    assert [bridge.name for bridge in found.bridges] == ["a", "b"]
    assert [path.rpartition("/")[2] for path in found.paths] == ["catflap.toml", "a.toml", "b.toml"]


def test_secrets_stand_elsewhere(tmp_path, monkeypatch):
    """A reference becomes data of the address, whatever characters it holds, and never shows."""
    monkeypatch.setenv("TOKEN", "a:b,c!!d")
    (tmp_path / "pass").write_text("s3cret\n")
    text = (
        "[bridge.api]\nlisten = 'TCP-LISTEN:0'\n"
        "connect = 'PROXY:proxy:host:80,proxyauth=${env:TOKEN}:${file:pass}'\n"
    )
    (bridge,) = _load(tmp_path, text).bridges
    assert bridge.second.text("proxy-authorization").value == "a:b,c!!d:s3cret"
    broken = _problems(tmp_path, text.replace("proxyauth", "proxyauht"))
    assert len(broken) == 1
    assert "s3cret" not in broken[0]
    (wrong,) = _problems(tmp_path, text.replace("proxyauth=${env:TOKEN}:", "retry="))
    assert "retry cannot be ${file:pass}" in wrong


def test_a_secret_that_a_reference_brings_in_is_no_argument(tmp_path, monkeypatch):
    """Nobody sees it in ps; a password that the file itself holds is told."""
    monkeypatch.setenv("TOKEN", "user:secret")
    text = (
        "[bridge.api]\nlisten = 'TCP-LISTEN:0'\n"
        "connect = 'PROXY:127.0.0.1:host:80,proxyauth=${env:TOKEN}'\n"
    )
    for form in ("${env:TOKEN}", "me:${env:TOKEN}"):
        (bridge,) = _load(tmp_path, text.replace("${env:TOKEN}", form)).bridges
        assert "secret-in-arguments" not in {each.rule for each in judge_bridge(bridge, Facts())}
    (bridge,) = _load(tmp_path, text.replace("${env:TOKEN}", "me:Trustno1")).bridges
    assert "secret-in-arguments" in {each.rule for each in judge_bridge(bridge, Facts())}


def test_a_file_that_is_not_there(tmp_path):
    """One line, and what to do."""
    with pytest.raises(OperationError) as caught:
        load(str(tmp_path / "none.toml"), NAMES)
    assert "catflap init" in caught.value.hint


def test_two_files_name_one_bridge(tmp_path):
    """Both places are told."""
    text = "[bridge.a]\nlisten = 'TCP-LISTEN:0'\nconnect = 'TCP:127.0.0.1:80'\n"
    (tmp_path / "more.toml").write_text(text)
    (problem,) = _problems(tmp_path, "include = ['more.toml']\n" + text)
    assert "more.toml:1:9" in problem
    assert "catflap.toml:2" in problem


def test_a_cycle_of_includes(tmp_path):
    """A file that includes itself is told where it does."""
    (problem, *_) = _problems(tmp_path, "include = ['catflap.toml']\n")
    assert "catflap.toml:1:12" in problem


@settings(max_examples=150)
@given(st.integers(0, len(GOOD)), st.integers(0, 30), st.text("[]{}='\"\\\n.#a1,é", max_size=6))
def test_mutated_files_are_read_or_refused(tmp_path_factory, at, cut, put):
    """Whatever is broken, each problem lies within the file and names its line."""
    text = GOOD[:at] + put + GOOD[at + cut :]
    folder = tmp_path_factory.getbasetemp()
    try:
        _load(folder, text)
    except ConfigurationError as error:
        for problem in error.problems:
            assert 0 <= problem.span.start <= problem.span.end <= len(text)
            assert problem.line >= 1
            assert problem.column >= 1


@given(st.text(max_size=80))
def test_any_text_is_read(text):
    """The reader never raises."""
    read_toml(text, Notes("x", text))
