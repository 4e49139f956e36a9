"""Which files of a tree are read, and that no file ends the audit of the others."""

from __future__ import annotations

import os
import subprocess
import time
from datetime import date

import pytest

from catflap.audit import work
from catflap.audit.command import Reading
from catflap.audit.engine import Request, audit_paths, audit_standard_input
from catflap.audit.git_index import is_tracked, paths_in_index
from catflap.audit.ignore import patterns_of
from catflap.audit.options import Options
from catflap.audit.sources import shell
from catflap.audit.tree import walk
from catflap.audit.workers import Workers
from catflap.findings.finding import Confidence, Severity

TODAY = date(2026, 6, 1)
BAD = "socat TCP-LISTEN:2375,fork UNIX-CONNECT:/var/run/docker.sock\n"


def put(top, name, content=BAD):
    path = top / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def audit(*paths, **more):
    options = Options(TODAY, **{key: more.pop(key) for key in ("kind", "largest") if key in more})
    return audit_paths(Request(tuple(str(path) for path in paths), options, **more))


def names(report, top):
    return [os.path.relpath(each, top) for each in dict.fromkeys(f.path for f in report.findings)]


def test_the_order_is_that_of_the_names(tmp_path):
    for name in ("b.sh", "a/z.sh", "a/b/c.sh", "c.sh", "a.sh"):
        put(tmp_path, name)
    report = audit(tmp_path)
    assert names(report, tmp_path) == ["a/b/c.sh", "a/z.sh", "a.sh", "b.sh", "c.sh"]
    assert (report.files, report.read, report.commands) == (5, 5, 5)


def test_what_the_kernel_showed_of_a_process_is_read_wherever_it_is_kept(tmp_path):
    put(tmp_path, "proc/812/cmdline", BAD.strip().replace(" ", "\0") + "\0")
    for jobs in (1, 2):
        assert names(audit(tmp_path, jobs=jobs), tmp_path) == ["proc/812/cmdline"]
    assert audit(tmp_path / "proc/812/cmdline").commands == 1


def test_a_fix_is_promised_where_there_is_one(tmp_path):
    line = "socat $V TCP-LISTEN:80,bind=127.0.0.1,fork UNIX:/run/a"
    put(tmp_path, "a.sh", f"V=-v\n{line}\n")
    put(tmp_path, "cmdline", line.replace("$V ", "").replace(" ", "\0") + "\0")
    told = {(os.path.relpath(f.path, tmp_path), f.rule): f.fix for f in audit(tmp_path).findings}
    assert told["a.sh", "unlimited-fork"] == "safe"
    assert told["a.sh", "payload-logged"] == ""
    assert told["cmdline", "unlimited-fork"] == ""


def test_paths_are_shown_as_they_were_asked_for(tmp_path, monkeypatch):
    put(tmp_path, "sub/run.sh")
    monkeypatch.chdir(tmp_path)
    assert {each.path for each in audit(".").findings} == {"sub/run.sh"}
    assert {each.path for each in audit("./sub").findings} == {"sub/run.sh"}
    assert {each.path for each in audit(tmp_path / "sub").findings} == {f"{tmp_path}/sub/run.sh"}
    assert audit("sub/run.sh", "sub", ".").files == 1


def test_what_git_leaves_out_is_not_looked_at(tmp_path):
    put(tmp_path, ".git/HEAD", "ref: refs/heads/main\n")
    put(tmp_path, ".git/hooks/post.sh")
    put(tmp_path, ".git/info/exclude", "private.sh\n")
    put(tmp_path, ".gitignore", "# ours\n/build/\n*.log.sh\n!keep.log.sh\n")
    put(tmp_path, "sub/.gitignore", "inner.sh\n!wanted.log.sh\n")
    for name in ("build/x.sh", "a.log.sh", "keep.log.sh", "private.sh", "sub/inner.sh", "inner.sh",
                 "sub/wanted.log.sh", "sub/build/x.sh"):  # fmt: skip
        put(tmp_path, name)
    kept = ["inner.sh", "keep.log.sh", "sub/build/x.sh", "sub/wanted.log.sh"]
    assert names(audit(tmp_path), tmp_path) == kept
    assert names(audit(tmp_path / "sub"), tmp_path) == kept[2:]
    assert len(names(audit(tmp_path, gitignore=False), tmp_path)) == 8
    # What is named is read, whoever leaves it out.
    assert names(audit(tmp_path / "build/x.sh"), tmp_path) == ["build/x.sh"]


def test_git_agrees_about_what_it_leaves_out(tmp_path):
    patterns = ["*.a", "/b", "c/", "d/**/e", "!x.a", "f?.[ch]", "\\#g", "h/*", "!h/keep", "", "# i"]
    put(tmp_path, ".gitignore", "\n".join(patterns))
    put(tmp_path, "s/.gitignore", "*.z\n!q.z\n/c\n")
    for name in ("y.a", "x.a", "b", "s/b", "c/1", "s/c", "d/e", "d/1/2/e", "f1.c", "f.c", "#g", "h/1",
                 "h/keep", "s/1.z", "s/q.z", "s/t/2.z", "s/t/x.a"):  # fmt: skip
        put(tmp_path, name)
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    listed = subprocess.run(
        ["git", "-C", str(tmp_path), "ls-files", "--others", "--exclude-standard"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    walked = walk([str(tmp_path)], trouble=lambda path, error: pytest.fail(f"{path}: {error}"))
    assert sorted(os.path.relpath(each.file, tmp_path) for each in walked) == sorted(
        listed.stdout.split("\n")[:-1]
    )


def test_paths_that_the_settings_exclude_are_not_looked_at(tmp_path):
    for name in ("a.sh", "vendor/b.sh", "c/vendor/d.sh"):
        put(tmp_path, name)
    excluded = patterns_of(["/vendor/"], str(tmp_path))
    assert names(audit(tmp_path, excluded=excluded), tmp_path) == ["a.sh", "c/vendor/d.sh"]


def test_links_are_not_followed_and_nothing_waits(tmp_path):
    outside = put(tmp_path, "outside/secret.sh")
    top = tmp_path / "top"
    put(top, "run.sh")
    (top / "link.sh").symlink_to(outside)
    (top / "folder").symlink_to(outside.parent)
    (top / "loop").symlink_to(top)
    os.mkfifo(top / "pipe.sh")
    assert names(audit(top), top) == ["run.sh"]
    assert names(audit(top / "link.sh"), top) == ["link.sh"]


def test_what_is_no_text_is_passed_by(tmp_path):
    put(tmp_path, "program", b"\x7fELF\0\0" + BAD.encode())
    put(tmp_path, "notes.unknown", b"socat is a relay\n")
    put(tmp_path, "empty.sh", b"")
    report = audit(tmp_path)
    assert (report.files, report.read, report.findings, report.troubles) == (3, 1, (), ())


def test_a_text_of_no_known_kind_is_looked_through(tmp_path):
    put(tmp_path, "notes.unknown")
    report = audit(tmp_path)
    assert [each.kind for each in report.findings][:1] == ["text"]


def test_a_file_that_is_named_is_read_whatever_it_is(tmp_path):
    report = audit(put(tmp_path, "notes"))
    assert report.findings
    assert ["read as a shell script" in each.message for each in report.troubles] == [True]
    report = audit(put(tmp_path, "binary", b"\0" + BAD.encode()))
    assert [each.message for each in report.troubles] == ["a binary file, not read"]


def test_a_large_file_is_told_when_it_holds_the_word(tmp_path):
    put(tmp_path, "large.sh", "# nothing\n" * 200 + BAD)
    put(tmp_path, "other.sh", "# nothing\n" * 200)
    report = audit(tmp_path, largest=1024)
    assert [(each.path.rpartition("/")[2], each.message) for each in report.troubles] == [
        ("large.sh", "larger than 1.0 KiB, not read")
    ]


@pytest.mark.parametrize(
    "data",
    [
        f"# é日𝄞\n{BAD}".encode(),
        b"\xef\xbb\xbf" + f"# x\n{BAD}".encode(),
        b"\xff\xfe" + f"# é\n{BAD}".encode("utf-16-le"),
        b"\xfe\xff" + f"# é\n{BAD}".encode("utf-16-be"),
        b"# \xff\xfe\x80\n" + BAD.encode(),
        f"# x\r\n{BAD}".replace("\n", "\r\n").encode(),
    ],
)
def test_places_are_exact_in_every_encoding(tmp_path, data):
    (found,) = [
        f for f in audit(put(tmp_path, "a.sh", data)).findings if f.rule == "docker-socket-exposed"
    ]
    assert (found.place.line, found.place.column) == (2, BAD.index("TCP-LISTEN") + 1) or (
        found.place.line,
        found.place.column,
    ) == (2, BAD.index("UNIX") + 1)
    assert found.excerpt == (BAD.strip(),)


def test_a_character_before_the_command_moves_its_column_by_one(tmp_path):
    plain, wide = (
        audit(put(tmp_path, f"{n}.sh", f"echo {char}; {BAD}")).findings[0]
        for n, char in enumerate("x𝄞")
    )
    assert plain.place.column == wide.place.column


def test_a_pipe_that_is_named_is_read_once(tmp_path):
    read, write = os.pipe()
    os.write(write, BAD.encode())
    os.close(write)
    report = audit(f"/dev/fd/{read}", kind="shell")
    os.close(read)
    assert report.findings


def test_the_standard_input_has_a_name():
    report = audit_standard_input(BAD.encode(), Options(TODAY, kind="shell"))
    assert {each.path for each in report.findings} == {"-"}


def test_more_processes_find_the_same_in_the_same_order(tmp_path):
    for number in range(60):
        put(tmp_path, f"d{number % 7}/run{number}.sh", f"# {number}\n{BAD}")
    alone, shared = audit(tmp_path, jobs=1), audit(tmp_path, jobs=2)
    assert alone == shared
    assert alone.commands == 60


def test_a_fault_in_a_reader_is_a_trouble_of_one_file(tmp_path, monkeypatch):
    def broken(passage, surroundings, path):
        if path.endswith("b.sh"):
            raise ValueError("no such luck")
        return real(passage, surroundings, path)

    real = shell.read
    monkeypatch.setattr(shell, "read", broken)
    for name in ("a.sh", "b.sh", "c.sh"):
        put(tmp_path, name)
    report = audit(tmp_path)
    assert names(report, tmp_path) == ["a.sh", "c.sh"]
    (trouble,) = report.troubles
    assert "fault of catflap's: ValueError: no such luck" in trouble.message


def test_a_file_that_takes_too_long_is_a_trouble(tmp_path, monkeypatch):
    def slow(passage, surroundings, path):
        while True:
            pass

    monkeypatch.setattr(shell, "read", slow)
    monkeypatch.setattr(work, "_SECONDS", 0.1)
    report = audit(put(tmp_path, "a.sh"))
    assert "took more than 0.1s" in report.troubles[0].message


def test_a_worker_that_breaks_down_takes_one_file_with_it():
    def task(item):
        if item == 13:
            os.kill(os.getpid(), 9)
        return item * 2

    workers = Workers(task, lambda item, why: why, 2)
    results = {}
    for number in range(40):
        results.update(workers.add(number, number))
    results.update(workers.finish())
    assert results.pop(13) == "its reader was ended by SIGKILL"
    assert results == {number: number * 2 for number in range(40) if number != 13}


def test_a_directory_that_cannot_be_read_is_told(tmp_path, monkeypatch):
    put(tmp_path, "run.sh")
    put(tmp_path, "closed/run.sh")
    real = os.scandir

    def scandir(path):
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    report = audit(tmp_path)
    assert names(report, tmp_path) == ["run.sh"]
    assert [each.message for each in report.troubles] == ["cannot be read: Permission denied"]


def test_a_reader_that_finds_the_same_twice_finds_it_once(tmp_path, monkeypatch):
    real = shell.read

    def twice(passage, surroundings, path):
        reading = real(passage, surroundings, path)
        return Reading(reading.commands * 2, reading.problems)

    path = put(tmp_path, "a.sh")
    once = audit(path)
    monkeypatch.setattr(shell, "read", twice)
    assert audit(path) == once


@pytest.mark.parametrize("version", ["2", "3", "4"])
def test_the_index_of_git_is_read_in_all_versions(tmp_path, version):
    paths = ["a", "keys/server.key", "keys/server.pem", "y" * 200 + "/" + "x" * 200, "é/日.sh"]
    for path in paths:
        put(tmp_path, path, "x")
    put(tmp_path, "not-kept", "x")
    git = ["git", "-C", str(tmp_path)]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "add", *paths], check=True)
    subprocess.run([*git, "update-index", "--index-version", version], check=True)
    if version == "3":
        put(tmp_path, "later", "x")
        subprocess.run([*git, "add", "-N", "later"], check=True)
        paths.append("later")
    data = (tmp_path / ".git/index").read_bytes()
    assert sorted(each.decode() for each in paths_in_index(data)) == sorted(paths)
    assert is_tracked(f"{tmp_path}/keys/server.key", str(tmp_path))
    assert not is_tracked(f"{tmp_path}/not-kept", str(tmp_path))
    for cut in range(0, len(data), 7):
        assert paths_in_index(data[:cut]) <= paths_in_index(data)


def test_a_key_that_git_keeps_is_a_finding(tmp_path):
    put(tmp_path, "server.pem", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
    put(
        tmp_path,
        "run.sh",
        "socat OPENSSL-LISTEN:8443,cert=server.pem,cafile=ca.pem,fork TCP:127.0.0.1:80\n",
    )
    rules = {each.rule for each in audit(tmp_path).findings}
    assert "key-in-repository" not in rules
    subprocess.run(["git", "-C", str(tmp_path), "init", "-q"], check=True)
    subprocess.run(["git", "-C", str(tmp_path), "add", "server.pem"], check=True)
    from catflap.audit import git_index

    git_index._index.cache_clear()
    rules = {each.rule for each in audit(tmp_path).findings}
    assert "key-in-repository" in rules
    assert "private-key-exposed" not in rules


def test_nothing_outside_of_the_tree_is_looked_at(tmp_path):
    put(
        tmp_path, "outside.pem", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"
    ).chmod(0o644)
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree/link.pem").symlink_to(tmp_path / "outside.pem")
    for path in ("../outside.pem", "link.pem", str(tmp_path / "outside.pem")):
        put(
            tmp_path,
            "tree/run.sh",
            f"socat OPENSSL-LISTEN:8443,cert={path},cafile=ca.pem,fork TCP:127.0.0.1:80\n",
        )
        assert "private-key-exposed" not in {
            each.rule for each in audit(tmp_path / "tree").findings
        }


@pytest.mark.parametrize(
    "words",
    [
        "TCP-LISTEN:1,fork EXEC:sh, pty",
        "TCP-LISTEN:1,fork EXEC:sh -li",
        "TCP-LISTEN:1,fork, reuseaddr EXEC:sh",
        "- TCP-LISTEN:1 EXEC:sh",
    ],
)
def test_a_blank_too_many_hides_nothing(tmp_path, words):
    report = audit(put(tmp_path, "a.sh", f"socat {words}\n".encode()))
    worst = report.findings[0]
    assert worst.severity >= Severity.HIGH
    assert worst.confidence is Confidence.LOW


def test_words_that_follow_without_end_are_a_sentence(tmp_path):
    text = b"socat TCP-LISTEN:1 EXEC:sh gives you a shell\n"
    assert not audit(put(tmp_path, "a.sh", text)).findings


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        ("SSL-LISTEN:1,cert=a.pem,verify=0 PIPE", "anonymous-clients"),
        ("ssl-connect:a:1,verify=0 -", "tls-verify-off"),
        ("TCP_LISTEN:1,fork EXEC:sh", "remote-shell"),
        ("TCP-SERVER:1 EXEC:sh", "remote-shell"),
        ('TCP-LISTEN:1 EXEC="sh"', "remote-shell"),
    ],
)
def test_a_kind_that_is_misspelt_is_judged_as_it_is_meant(tmp_path, words, rule):
    report = audit(put(tmp_path, "a.sh", f"socat {words}\n".encode()))
    assert not report.troubles
    assert (report.findings[0].rule, report.findings[0].confidence) == (rule, Confidence.LOW)
    assert "deprecated-or-misspelt" in [each.rule for each in report.findings]


@pytest.mark.parametrize(
    "address",
    [
        'EXEC:"/bin/echo ' + "a b " * 8_000 + '"',
        "SYSTEM:'" + "echo a; " * 4_000 + "'",
        "EXEC:echo" + ",stderr" * 4_500,
    ],
    ids=["exec", "system", "options"],
)
def test_a_command_as_long_as_a_book_is_judged_in_its_time(tmp_path, address):
    text = f"socat TCP-LISTEN:80,fork {address}\n".encode()
    began = time.process_time()
    report = audit(put(tmp_path, "a.sh", text))
    assert time.process_time() - began < 1.5
    assert [each.rule for each in report.findings][:1] == ["plaintext-exposed"]
    assert not report.troubles


def test_a_grammar_that_does_not_come_to_an_end_is_stopped_and_others_are_read(tmp_path):
    # Found by mutation: a string without an end, and empty lines.
    broken = '  start(a) {\n    const b = ["-T' + "\n" * 60 + "socat " + "\n" * 120 + "}}\n"
    put(tmp_path, "a.ts", broken.encode())
    put(
        tmp_path,
        "b.ts",
        b'import { spawn } from "child_process";\nspawn("socat", ["TCP-LISTEN:1", "-"]);\n',
    )
    began = time.process_time()
    report = audit(tmp_path)
    assert time.process_time() - began < 5
    assert [each.path.rpartition("/")[2] for each in report.findings][:1] == ["b.ts"]
    assert ["took more than" in each.message for each in report.troubles] == [True]
