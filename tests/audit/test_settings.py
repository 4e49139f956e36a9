"""Settings of a project: where they are found, what they say, how their mistakes are told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catflap.audit.settings import Settings, find_settings, read_settings
from catflap.audit.toml_places import TomlPlaces
from catflap.core.errors import OperationError, UsageError
from catflap.findings.finding import Severity

GOOD = """\
[bridge.api]
first = "TLS-LISTEN:8443"

[audit]
exclude = ["vendor/", "*.min.js"]
fail-on = "high"
baseline = "known.json"

[audit.severity]
no-timeout = "off"
wildcard-bind = "low"
"""


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return str(path)


def test_what_a_project_says(tmp_path):
    found = read_settings(write(tmp_path / "catflap.toml", GOOD))
    assert found.fail_on is Severity.HIGH
    assert found.baseline == str(tmp_path / "known.json")
    assert found.severities == {"no-timeout": None, "wildcard-bind": Severity.LOW}
    assert found.excluded.says(f"{tmp_path}/vendor", directory=True)
    assert found.excluded.says(f"{tmp_path}/a/b.min.js", directory=False)
    assert not found.excluded.says(f"{tmp_path}/a/b.js", directory=False)


def test_the_same_in_pyproject(tmp_path):
    path = write(tmp_path / "pyproject.toml", '[tool.catflap.audit]\nfail-on = "low"\n')
    assert read_settings(path).fail_on is Severity.LOW


def test_the_nearest_counts_and_the_repository_is_the_end(tmp_path):
    write(tmp_path / "catflap.toml", '[audit]\nfail-on = "info"\n')
    (tmp_path / "repository/.git").mkdir(parents=True)
    inner = tmp_path / "repository/a/b"
    inner.mkdir(parents=True)
    assert find_settings(str(inner)) == Settings()
    outer = write(tmp_path / "repository/catflap.toml", '[audit]\nfail-on = "low"\n')
    assert find_settings(str(inner)).path == outer
    # A file without a table of ours is passed by.
    write(inner / "pyproject.toml", '[project]\nname = "audit"\n')
    assert find_settings(str(inner)).path == outer
    nearest = write(inner / "pyproject.toml", "[tool.catflap.audit]\n")
    assert find_settings(str(inner / "run.sh")).path == nearest


@pytest.mark.parametrize(
    ("text", "place", "says"),
    [
        ('[audit]\nfail_on = "high"\n', "2:1", "there is no setting fail_on; did you mean fail-on?"),
        ("[audit]\nzzz = 1\n", "2:1", "expected one of exclude, severity, fail-on, baseline"),
        ('[audit]\nfail-on = "hihg"\n', "2:11", "did you mean high?"),
        ('[audit]\nfail-on = "off"\n', "2:11", "one of info, low, medium, high, critical"),
        ('[audit]\nexclude = "vendor"\n', "2:11", "a list of patterns"),
        ('[audit]\nexclude = ["a", 3]\n', "2:17", "a pattern"),
        ("[audit]\nbaseline = 7\n", "2:12", "the path of a file"),
        ('[audit.severity]\nremote-shel = "low"\n', "2:1", "no rule remote-shel; did you mean remote-shell?"),
        ('[audit]\nseverity = {no-timeout = "of"}\n', "2:26", "did you mean off?"),
        ('[audit]\n"severity" = 3\n', "2:14", "a table"),
        ("audit = 1\n", "1:9", "audit must be a table"),
        ("[audit]\nfail-on = \n", "2:11", "Invalid value"),
        ('# é\n[audit]\nx = "', "3:6", ""),
    ],
)  # fmt: skip
def test_a_mistake_is_told_at_its_place(tmp_path, text, place, says):
    path = write(tmp_path / "catflap.toml", text)
    with pytest.raises(UsageError) as told:
        read_settings(path)
    assert told.value.message.startswith(f"{path}:{place}: "), told.value.message
    assert says in told.value.message


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(OperationError, match="cannot be read"):
        read_settings(str(tmp_path / "none.toml"))


def test_bytes_that_are_no_text(tmp_path):
    path = tmp_path / "catflap.toml"
    path.write_bytes(b"[audit]\n\xff")
    with pytest.raises(UsageError, match=":2:1: is not UTF-8"):
        read_settings(str(path))


keys = st.from_regex(r"[a-z]{1,3}", fullmatch=True)


@given(st.dictionaries(keys, st.lists(st.integers(0, 9), max_size=3), max_size=4))
def test_every_key_and_element_has_its_place(values):
    text = "# é\n[t.u]\n" + "".join(f"{key} = {value}\n" for key, value in values.items())
    places = TomlPlaces(text)
    for key, value in values.items():
        span = places.key("t", "u", key)
        assert text[span.start : span.end] == key
        for number, each in enumerate(value):
            span = places.value("t", "u", key, str(number))
            assert text[span.start : span.end] == str(each)
