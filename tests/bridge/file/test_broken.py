"""Forty and more broken files: every problem of each, with its line, column and a mend."""

from __future__ import annotations

import re

import pytest

from tests.support.invoking import invoke_here as invoke

_BRIDGE = "[bridge.api]\nlisten = 'TCP-LISTEN:7001'\nconnect = 'TCP:127.0.0.1:80'\n"
_LISTEN = "[bridge.api]\nconnect = 'TCP:127.0.0.1:80'\nlisten = "
_CONNECT = "[bridge.api]\nlisten = 'TCP-LISTEN:7001'\nconnect = "

CASES = [
    # The form of the file.
    ("", ["1:1: there is no bridge; expected .bridge.NAME."]),
    ("x", ["1:1: this is not TOML; expected KEY = VALUE"]),
    (_BRIDGE + "allow = = ['10.0.0.0/8']\n", ["4:9: = stands where a value belongs"]),
    (_BRIDGE + "allow = ['10.0.0.0/8'\n", ["4:9: the list that begins here is not closed; expected \\] at its end"]),
    (_BRIDGE + "allow = ['10.0.0.0/8'\n" + _BRIDGE.replace("api", "two").replace("7001", "7002") + "alow = []\n", ["4:9: the list that begins here is not closed", "8:1: \\[bridge.two\\] has no key alow"]),
    (_BRIDGE + "allow = [\n  '10.0.0.0/8',\n[service]\nworker = 2\n", ["4:9: the list that begins here is not closed", "7:1: .*no key worker; did you mean workers"]),
    (_BRIDGE + "allow = ['10.0.0.0/8' '11.0.0.0/8']\n", ["4:23: a comma is missing before this; expected , between two values"]),
    (_BRIDGE + "allow = [,'10.0.0.0/8']\n", ["4:10: a comma stands where a value belongs"]),
    (_BRIDGE + "allow = [10.0.0.0/8]\n", ["4:10: 10.0.0.0/8 is no value; expected quotes around a text: '10.0.0.0/8'"]),
    (_BRIDGE + "allow = ['10.0.0.0/8'}\n", ["4:22: } does not belong into a list"]),
    (_BRIDGE + "allow: ['10.0.0.0/8']\n", ["4:6: : stands in the place of =; expected KEY = VALUE"]),
    (_BRIDGE + "allow =\nalow = []\n", ["4:8: nothing stands after =; expected a value", "5:1: .*has no key alow"]),
    (_BRIDGE + "hours = 'x\n", ["4:9: the text that begins here is not closed; expected ' at its end"]),
    (_BRIDGE + 'zone = """UTC\n[service]\nworker = 1\n', ['4:8: the text that begins here is not closed; expected """ at its end', "6:1: .*no key worker"]),
    (_LISTEN + "'TCP-LISTEN:7001\nalow = []\n", ["3:10: the text that begins here is not closed", "4:1: .*has no key alow"]),
    (_LISTEN + "TCP-LISTEN:7001,backlog=5 # no quotes\n", ["3:10: TCP-LISTEN:7001,backlog=5 is no value; expected quotes around a text: 'TCP-LISTEN:7001,backlog=5'"]),
    (_CONNECT + '"UNIX:C:\\qapi"\n', ["3:19: \\\\q means nothing in a text in double quotes; expected \\\\\\\\, or single quotes"]),
    (_BRIDGE + "unsafe = [{ rule = 'no-timeout',\n  reason = 'x' }]\n[service]\nworker = 1\n", ["4:11: the table in braces that begins here does not end on its line; expected all of it on one line", "7:1: .*no key worker"]),
    (_BRIDGE + "unsafe = [{ rule = 'no-timeout', reason = 'x', }]\n", ["4:46: a comma stands before }; expected none after the last"]),
    (_BRIDGE + "unsafe = [{ rule = 'no-timeout' reason = 'x' }]\n", ["4:33: a comma is missing before this; expected , between two pairs"]),
    (_BRIDGE + "unsafe = [{ rule 'no-timeout' }]\n", ["4:13: this is not TOML; expected KEY = VALUE within braces"]),
    (_BRIDGE + "unsafe = [{ rule = 'no-timeout', reason = 'x'\n[service]\nworker = 1\n", ["4:11: the table in braces that begins here is not closed", "6:1: .*no key worker"]),
    (_BRIDGE + "limits.sessions = 5 limits.rate = 3\n", ["4:21: something follows the value; expected the line's end"]),
    (_BRIDGE + "[bridge.api.limits]\npenalties = True\n", ["5:13: True is no value; did you mean true\\?"]),
    (_BRIDGE + "[bridge.api.limits\nsesions = 5\n", ["4:19: the name of a table does not end; expected \\] after its name", "5:1: .*no key sesions"]),
    (_BRIDGE + "[bridge.api.limits] sessions = 5\n", ["4:21: something follows the name of a table"]),
    (_BRIDGE + "[bridge.größe]\nlisten = 'TCP-LISTEN:7002'\nconnekt = 'STDIO'\n", ["4:11: the name of a table cannot be read; expected letters, digits, _ and -; anything else in quotes", "6:1: \\[bridge.größe\\] has no key connekt; did you mean connect"]),
    (_BRIDGE + _BRIDGE, ["4:2: \\[bridge.api\\] is there twice, first in line 1; expected another name, or one table for both"]),
    ("[bridge.api]\nlisten = 'TCP-LISTEN:7001'\nconnekt = 'TCP:127.0.0.1:80'\n", ["3:1: \\[bridge.api\\] has no key connekt; did you mean connect"]),
    (_BRIDGE + "limits.idle = 3\n[bridge.api.limits]\nidle = 3\n", ["6:1: idle is there twice"]),
    ("bridge.api = { listen = 'TCP-LISTEN:7001', connect = 'STDIO' }\n[bridge.api.limits]\nidle = 3\n", ["2:1: this was given before, or in another form; expected it once"]),
    (_BRIDGE + "connect = 'STDIO'\n", ["4:1: connect is there twice; expected one value"]),
    (_BRIDGE + "bridge = 1\n[bridge.api.limits.x]\n", ["4:1: .*has no key bridge", "5:20: .*has no key x"]),
    ("bridge = 3\n", ["1:10: bridge is 3; expected tables by their names"]),
    (_BRIDGE.replace("api", "''"), ["1:9: a bridge without a name; expected \\[bridge.NAME\\]"]),
    ("\ufeff" + _BRIDGE + "alow = []\n", ["1:1: a byte order mark, .*expected a file saved without one", "4:1: .*no key alow"]),
    (_BRIDGE + "not-before = 2027-02-01\nnot-after = 2027-01-01\n", ["5:13: not-after comes before not-before, .*; expected a later not-after"]),
    ("[defaults]\nnot-after = 2027-01-01\n" + _BRIDGE + "not-before = 2027-02-01\n", ["6:14: not-after comes before"]),
    (_BRIDGE + "[bridge.any]\nlisten = 'TCP-LISTEN:7001,bind=0.0.0.0,range=10.0.0.0/8'\nconnect = 'STDIO'\n", ["5:11: the bridge api listens on 127.0.0.1 port 7001 already; expected another port"]),
    ("[bridge.any]\nlisten = 'TCP-LISTEN:7001,bind=0.0.0.0,range=10.0.0.0/8'\nconnect = 'STDIO'\n" + _BRIDGE, ["5:11: the bridge any listens on 0.0.0.0 port 7001 already; expected another port"]),
    ("[bridge.a]\nlisten = 'UNIX-LISTEN:x.sock'\nconnect = 'STDIO'\n[bridge.b]\nlisten = 'UNIX-LISTEN:./x.sock'\nconnect = 'STDIO'\n", ["5:11: the bridge a listens on x.sock already; expected another path"]),
    (_BRIDGE.replace("api", "x" * 65), ["1:9: the name of a bridge is too long; expected at most 64 bytes"]),
    (_CONNECT + "'UNIX:${env:}'\n", ["3:17: \\$.env:. names no variable"]),
    ("[bridge]\napi = 3\n", ["2:7: bridge.api is no table; expected \\[bridge.api\\]"]),
    ("[bridgee.api]\n", ["1:2: the file has no key bridgee; did you mean bridge?"]),
    (_BRIDGE + "not-after = 1979-13-01\n", ["4:13: 1979-13-01 is no day; expected a date such as"]),
    # Keys and their values.
    (_BRIDGE + "alow = []\n", ["4:1: \\[bridge.api\\] has no key alow; did you mean allow?"]),
    ("[bridge.api]\n", ["1:9: .*lacks listen; expected listen = an address", "1:9: .*lacks connect"]),
    (_LISTEN + "3\n", ["3:10: listen is 3; expected an address"]),
    (_LISTEN + "''\n", ["3:10: listen: nothing is written there; expected an address"]),
    (_LISTEN + "'TCP:127.0.0.1:99'\n", ["3:11: listen waits for nobody|3:10: listen waits for nobody"]),
    (_BRIDGE + "allow = '10.0.0.0/8'\n", ["4:9: allow: one text where a list is wanted; expected a list of networks"]),
    (_BRIDGE + "allow = [10]\n", ["4:9: allow: the list holds something that is no text"]),
    (_BRIDGE + "allow = ['10.0.0.0/33', 'ten', '!']\n", ["4:10: allow: /33", "4:25: allow: ", "4:32: allow: "]),
    (_BRIDGE + "identities = ['acme']\n", ["4:16: identities: 'acme' is not understood; expected a kind in front"]),
    (_BRIDGE + "identities = ['dns:*', '!uri:x']\n", ["4:20: .*expected a DNS name", "4:30: .*expected a URI"]),
    (_BRIDGE + "identities = ['spiffe://*/x']\n", ["4:16: .*trust domain is never a wildcard"]),
    (_BRIDGE + "hours = ['Mon 8-18']\n", ["4:11: .*expected hours such as"]),
    (_BRIDGE + "hours = ['Mon 08:00-18:00 Mars/X']\n", ["4:27: .*Mars/X is no zone"]),
    (_BRIDGE + "not-after = 'soon'\n", ["4:13: not-after: 'soon' is no day; expected a date such as"]),
    (_BRIDGE + "not-after = 08:00:00\n", ["4:13: not-after: a time of day is no day"]),
    (_BRIDGE + "on-expiry = 'kep'\n", ["4:13: on-expiry: kep is none of them; did you mean keep\\?; expected one of end, keep"]),
    (_BRIDGE + "unsafe = ['no-timeout']\n", ["4:10: unsafe is a list; expected a list of tables"]),
    (_BRIDGE + "unsafe = [{ rule = 'no-timeout' }]\n", ["4:11: an entry of unsafe lacks reason"]),
    (_BRIDGE + "unsafe = [{ rule = 'no-timeot', reason = 'x' }]\n", ["4:20: there is no rule no-timeot; .*did you mean no-timeout?"]),
    (_BRIDGE + "unsafe = [{ rule = 'no-timeout', reason = 'x', untill = 1 }]\n", ["4:48: .*has no key untill; did you mean until?"]),
    (_BRIDGE + "limits = 5\n", ["4:10: limits is 5; expected a table"]),
    (_BRIDGE + "[bridge.api.limits]\nsesions = 5\n", ["5:1: .*no key sesions; did you mean sessions?"]),
    (_BRIDGE + "[bridge.api.limits]\nsessions = -5\n", ["5:12: sessions: -5 is not between 0"]),
    (_BRIDGE + "[bridge.api.limits]\nsessions = 5.5\nidle = '10 parsecs'\n", ["5:12: sessions is 5.5; expected a whole number", "6:8: idle: '10 parsecs' is no duration; expected seconds"]),
    (_BRIDGE + "[bridge.api.limits]\nbandwidth = '10 stone'\n", ["5:13: bandwidth: '10 stone' is no number of bytes"]),
    (_BRIDGE + "[bridge.api.limits]\npenalties = 'yes'\n", ["5:13: penalties is 'yes'; expected true or false"]),
    (_BRIDGE + "[service]\nworkers = 0\nlog = 'sterr'\n", ["5:11: workers: 0 is not between 1 and 256", "6:7: log: sterr is none of them; did you mean stderr"]),
    (_BRIDGE + "[service]\nwokers = 2\n", ["5:1: \\[service\\] has no key wokers; did you mean workers?"]),
    (_BRIDGE + "[defaults]\nlisten = 'TCP-LISTEN:1'\n", ["5:1: \\[defaults\\] has no key listen"]),
    (_BRIDGE + "[defaults.limits]\nidle = true\n", ["5:8: idle is true"]),
    ("include = ['none.toml']\n" + _BRIDGE, ["1:12: none.toml is not there; expected a file"]),
    ("include = 'x.toml'\n" + _BRIDGE, ["1:11: include: one text where a list is wanted"]),
    (_BRIDGE + "zone = 'Europe/Berln'\n", ["4:8: zone: 'Europe/Berln' is no zone of the tz database; expected a name such as"]),
    (_BRIDGE + "idle = '1h'\n", ["4:1: \\[bridge.api\\] has no key idle; expected idle in \\[bridge.api.limits\\]"]),
    (_BRIDGE.replace("TCP-LISTEN:7001", "UNIX-LISTEN:x.sock") + "identities = ['user:root', 'dns:a.example']\n", ["4:29: identities: dns:a.example can never match: UNIX-LISTEN tells users and groups"]),
    (_BRIDGE + "identities = ['dsn:a.example']\n", ["4:16: .*kind in front: dns:.*did you mean dns:\\?"]),
    (_BRIDGE + "identities = ['uid:root']\n", ["4:20: .*expected a number after uid:; user: takes names too"]),
    (_BRIDGE + "identities = ['pin:abc']\n", ["4:20: .*expected pin:sha256: and the digest"]),
    (_BRIDGE + "[service]\nmetrics = '0.0.0.0:9'\n", ["5:11: metrics: 0.0.0.0 is not loopback.*; expected unix:PATH, or HOST:PORT"]),
    # Addresses, at the character.
    (_LISTEN + "'TCP-LISTEM:7001'\n", ["3:11: .*TCP-LISTEM.*did you mean TCP-LISTEN?"]),
    (_LISTEN + "'TCP-LISTEN:7001,backlogg=5'\n", ["3:27: backlogg is not an option; did you mean backlog?"]),
    (_LISTEN + "'TCP-LISTEN:99999'\n", ["3:22: "]),
    (_LISTEN + '"TCP-LISTEN:7001,\\u0062acklogg=5"\n', ["3:27: backlogg is not an option"]),
    (_LISTEN + "'''\nTCP-LISTEN:7001,modee=1'''\n", ["4:17: modee is not an option"]),
    (_CONNECT + "'TCP:127.0.0.1'\n", ["3:25: TCP lacks its port"]),
    (_CONNECT + "'TCP:${env:CATFLAP_NONE}:80'\n", ["3:16: the environment has no CATFLAP_NONE; expected a variable that is set"]),
    (_CONNECT + "'TCP:${file:none}:80'\n", ["3:16: none cannot be read: No such file or directory; expected a file with one line"]),
    (_BRIDGE + _BRIDGE.replace("api", "two"), ["5:11: the bridge api listens on 127.0.0.1 port 7001 already"]),
    # What only building shows.
    (_BRIDGE + "identities = ['spiffe://acme/*']\n", ["4:14: identities: whoever comes by TCP-LISTEN proves nothing"]),
    (_BRIDGE.replace("TCP-LISTEN:7001", "UNIX-LISTEN:x.sock") + "identities = ['user:no-ann', 'uid:0', 'group:no-ops', 'user:no-anna', 'cn:x']\n", ["4:16: there is no user no-ann$", "4:40: there is no group no-ops", "4:56: there is no user no-anna$", "4:72: identities: cn:x can never match"]),
    (_BRIDGE + "crls = ['x.crl']\n", ["4:8: crls: no peer of this bridge proves anything by a certificate"]),
    (_LISTEN + "'TLS-LISTEN:7001,cert=none.pem,cafile=none.pem'\n", ["3:27: none.pem", "3:41: none.pem"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), CASES, ids=range(len(CASES)))
def test_every_problem_has_its_place_and_a_mend(tmp_path, text, expected):
    """Each expected problem is told, and none besides."""
    path = tmp_path / "catflap.toml"
    path.write_text(text)
    result = invoke("check", str(path))
    told = [line for line in result.errors.splitlines() if line.partition(str(path))[1]]
    assert result.status == 2, result.errors
    for pattern in expected:
        full = "|".join(f"{re.escape(str(path))}:.*(?:{part})" for part in pattern.split("|"))
        assert any(re.search(full, line) for line in told), result.errors
    assert len(told) == len(expected), result.errors
    assert "Traceback" not in result.errors


def test_a_byte_that_is_no_text(tmp_path):
    """What is not UTF-8 has a place as well."""
    path = tmp_path / "catflap.toml"
    path.write_bytes(b"# ok\r\n[bridge.\xff]\n")
    result = invoke("check", str(path))
    assert result.status == 2
    assert f"{path}:2:9: this is not UTF-8, as TOML is; expected UTF-8" in result.errors


def test_an_acceptance_that_has_lapsed(tmp_path):
    """A finding that was accepted until a day in the past refuses, and says where that stands."""
    path = tmp_path / "catflap.toml"
    accepted = "unsafe = [{ rule = 'plaintext-exposed', reason = 'a test', until = 2020-01-31 }]\n"
    path.write_text(_BRIDGE.replace("7001", "7001,bind=0.0.0.0") + accepted)
    result = invoke("check", str(path))
    assert result.status == 4
    assert f"{path}:2:27: plaintext-exposed (high)" in result.errors
    assert "(it was accepted until 2020-01-31)" in result.errors
    told = "the acceptance of plaintext-exposed ended on 2020-01-31; expected a later day"
    assert f"{path}:4:68: {told}" in result.errors


def test_lists_of_revoked_certificates_are_read(tmp_path, certificates):
    """Each that cannot be used is told where it stands."""
    path = tmp_path / "catflap.toml"
    listen = f"TLS-LISTEN:7001,cert={certificates.server},cafile={certificates.ca}"
    path.write_text(f"{_LISTEN}'{listen}'\ncrls = ['none.crl', 'sub/none.crl', 'catflap.toml']\n")
    result = invoke("check", str(path))
    assert result.status == 2
    for column, wrong in (
        (10, "none.crl cannot be read: No such file"),
        (22, "sub/none.crl cannot be read: No such file"),
        (38, "catflap.toml holds no revocation list"),
    ):
        assert re.search(rf"{re.escape(str(path))}:4:{column}: .*{wrong}", result.errors)
    assert result.errors.count("catflap.toml:4:") == 3


def test_every_file_that_is_not_there(tmp_path, certificates):
    """All of them at once, each with the place of its option; what is broken, likewise."""
    path = tmp_path / "catflap.toml"
    listen = "TLS-LISTEN:7001,cert=no.pem,key=no.key,cafile=no-ca.pem"
    path.write_text(f"{_LISTEN}'{listen}'\n")
    result = invoke("check", str(path))
    assert result.status == 2
    for name, place in (("no.pem", 27), ("no.key", 39), ("no-ca.pem", 50)):
        assert f"{path}:3:{place}: {name} cannot be read: No such file" in result.errors
    assert result.errors.count("mend:    put the file there") == 3
    path.write_text(f"{_LISTEN}'TLS-LISTEN:7001,cert={certificates.ca},cafile=catflap.toml'\n")
    result = invoke("check", str(path))
    assert f"{path}:3:27: {certificates.ca} holds no private key" in result.errors
    assert "catflap.toml holds no certificate" in result.errors


def test_what_is_wrong_with_certificates_keys_and_suites_at_once(tmp_path, certificates):
    """None of them hides another, and each has its place."""
    path = tmp_path / "catflap.toml"
    listen = (
        f"TLS-LISTEN:7001,cert={certificates.server},key={certificates.client},"
        "cafile=catflap.toml,cipher=ECDHE-RSA-AES128-GCM-SHA256"
    )
    path.write_text(f"{_LISTEN}'{listen}'\n")
    result = invoke("check", str(path))
    assert result.status == 2
    line = path.read_text().splitlines()[2]
    for option, wrong in (
        ("key=", "does not belong to the certificate"),
        ("cafile=", "holds no certificate"),
        ("cipher=", "names TLS 1.2 suites"),
    ):
        place = f"{path}:3:{line.index(option) + 1}: "
        assert re.search(rf"{re.escape(place)}.*{wrong}", result.errors), result.errors
    assert result.errors.count(f"{path}:") == 3


def test_a_wrong_key_hides_no_wrong_file(tmp_path):
    """The ends of a bridge are built although something else in it is wrong."""
    path = tmp_path / "catflap.toml"
    connect = "TLS:localhost:1,cafile=none.pem"
    path.write_text(f"[bridge.api]\nlisten = 'TCP-LISTEM:7001'\nconnect = '{connect}'\nalow = []\n")
    result = invoke("check", str(path))
    assert result.status == 2
    assert f"{path}:2:11: TCP-LISTEM" in result.errors
    assert f"{path}:3:28: none.pem cannot be read" in result.errors
    assert f"{path}:4:1: [bridge.api] has no key alow" in result.errors


def test_the_gate_does_not_judge_what_nobody_meant(tmp_path):
    """A list that cannot be read is not one that is left out, wherever it stands."""
    path = tmp_path / "catflap.toml"
    for text in (
        _BRIDGE.replace("7001", "7001,bind=0.0.0.0") + "unsafe = [{ rule = 'plaintext-exposed',\n",
        "[defaults]\nunsafe = [{ rule = 3 }]\n" + _BRIDGE.replace("7001", "7001,bind=0.0.0.0"),
    ):
        path.write_text(text)
        result = invoke("check", str(path))
        assert result.status == 2
        assert "plaintext-exposed (high)" not in result.errors


def test_fit_to_start(tmp_path):
    """One line a bridge says what was understood."""
    path = tmp_path / "catflap.toml"
    path.write_text(_BRIDGE)
    result = invoke("check", str(path))
    assert (result.status, result.errors) == (0, "")
    assert result.output == "api: TCP-LISTEN:7001 on 127.0.0.1, ::1 -> TCP:127.0.0.1:80\n"


def test_the_gate_refuses(tmp_path):
    """What a start would refuse is refused here, with the words that accept it."""
    path = tmp_path / "catflap.toml"
    path.write_text(_BRIDGE.replace("7001", "7001,bind=0.0.0.0"))
    result = invoke("check", str(path))
    assert result.status == 4
    assert f"{path}:2:27: plaintext-exposed (high)" in result.errors
    accepted = "unsafe = [{ rule = 'plaintext-exposed', reason = 'a test' }]\n"
    path.write_text(path.read_text() + accepted)
    assert invoke("check", str(path)).status == 0


def test_as_json(tmp_path):
    """The same for a program."""
    path = tmp_path / "catflap.toml"
    path.write_text(_BRIDGE + "alow = []\n")
    result = invoke("check", "--json", str(path))
    assert result.status == 2
    assert '"column": 1' in result.output
    assert '"nearest": "allow"' in result.output
