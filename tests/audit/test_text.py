"""What the auditor sees in a text of which it knows no more than the name."""

from __future__ import annotations

import pytest
from hypothesis import given

from catflap.findings.finding import Confidence
from tests.support.readings import mutated, read_as, seconds_for, words_of

_WORDS = ["socat", "TCP-LISTEN:1,fork", "EXEC:sh"]
_LINE = " ".join(_WORDS)

_RUST = """\
fn main() {
    // Command::new("socat").arg("TCP-LISTEN:9").arg("EXEC:no").spawn();
    Command::new("socat")
        .args([&format!("TCP-LISTEN:{},fork", port), "EXEC:sh"])
        .stdin(Stdio::null());
}
"""


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.c", f'int f() {{ return system("{_LINE}"); }}'),
        ("a.c", 'system("socat TCP-LISTEN:1,fork "\n       "EXEC:sh");'),
        ("a.c", 'execlp("socat", "socat", "TCP-LISTEN:1,fork", "EXEC:sh", NULL);'),
        ("A.java", 'new ProcessBuilder("socat", "TCP-LISTEN:1,fork", "EXEC:sh").start();'),
        ("A.java", 'run(Arrays.asList("/usr/bin/socat", "TCP-LISTEN:1,fork", "EXEC:sh"));'),
        ("a.rs", 'Command::new("socat").arg("TCP-LISTEN:1,fork").arg("EXEC:sh").spawn();'),
        ("a.pl", "system('socat', 'TCP-LISTEN:1,fork', 'EXEC:sh');"),
        ("a.pl", f"my $out = `{_LINE}`;"),
        ("a.php", "exec('socat TCP-LISTEN:1,fork '.'EXEC:sh');"),
        ("a.lua", 'os.execute("socat TCP-LISTEN:1," .. "fork EXEC:sh")'),
        ("a.el", '(start-process "x" nil "socat" "TCP-LISTEN:1,fork" "EXEC:sh")'),
        ("a.qml", 'command: ["socat", "TCP-LISTEN:1,fork", "EXEC:sh"]'),
        ("a.cs", 'Process.Start("socat", "TCP-LISTEN:1,fork EXEC:sh");'),
        ("a.cs", 'new P { FileName = "socat", Arguments = "TCP-LISTEN:1,fork EXEC:sh" };'),
        ("a.nomad", 'command = "socat"\n  args = ["TCP-LISTEN:1,fork", "EXEC:sh"]'),
        ("Jenkinsfile", f"sh '{_LINE} &'"),
        ("a.pp", f"command => '/usr/bin/{_LINE}',"),
        ("a.txt", f"1. {_LINE}"),
        ("a.txt", f"attacker> {_LINE}"),
        ("a.txt", "socat TCP-LISTEN:1,fork \\\n    EXEC:sh"),
        ("a.upstart", f"exec {_LINE}"),
        ("a.tf", f"  nohup {_LINE} &"),
        ("a.patch", f"@@ -1 +1 @@\n-socat TCP-LISTEN:9 EXEC:no\n+{_LINE}"),
        ("a.html", f"<p>So:</p><pre><code>$ {_LINE}</code></pre>"),
        ("a.bat", f"wsl {_LINE}"),
        ("ssh_config", f"  ProxyCommand {_LINE}"),
        ("interfaces", f"  post-up {_LINE} &"),
        ("sway.conf", f"exec_always --no-startup-id {_LINE}"),
        ("ps.txt", f"root  812  0.0  0.1  12188  3004 ?  S  08:01  0:00 {_LINE}"),
        ("ps.txt", f"root  812  1  0 Nov30 ?  00:00:03  \\_ /usr/bin/{_LINE}"),
        ("pgrep.log", f"  812 {_LINE}"),
        ("a.hcl", f"inline = [\"(crontab -l; echo '@reboot {_LINE}') | crontab -\"]"),
        ("a.hcl", f"inline = [\"echo '{_LINE} &' | sudo tee -a /etc/rc.local\"]"),
        (
            "a.tf",
            'name = "socat"\nimage = "alpine/socat"\ncommand = ["TCP-LISTEN:1,fork", "EXEC:sh"]',
        ),
        ("preseed.cfg", f"d-i preseed/late_command string in-target {_LINE}"),
        ("login.exp", f"spawn {_LINE}"),
        ("a.ipynb", f'"source": ["!{_LINE} &\\n"]'),
        (
            "a.kt",
            'val p = ProcessBuilder(listOf("socat", "TCP-LISTEN:1,fork", "EXEC:sh"))\n"x".run()',
        ),
    ],
)
def test_a_command_is_found_in_any_language(path, text):
    reading = read_as("text", text, path)
    found = [[each.rpartition("/")[2] for each in words] for words in words_of(reading)]
    assert found == [_WORDS]
    assert {command.confidence for command in reading.commands} == {Confidence.MEDIUM}


@pytest.mark.parametrize(
    ("path", "text", "words"),
    [
        ("a.rs", _RUST, ["socat", "TCP-LISTEN:{},fork", "EXEC:sh"]),
        (
            "a.php",
            "exec('socat TCP-LISTEN:' . escapeshellarg($port) . ',fork -');",
            ["socat", "TCP-LISTEN:escapeshellarg($port),fork", "-"],
        ),
        ("A.java", 'e("socat", "TCP:" + host + ":1", "-")', ["socat", "TCP:host:1", "-"]),
        ("a.cs", 'S("socat", $"TCP:{host}:1 -");', ["socat", "TCP:{host}:1", "-"]),
        ("a.c", 'sprintf(b, "socat TCP-LISTEN:%d -", p)', ["socat", "TCP-LISTEN:%d", "-"]),
        ("a.pl", 'exec("socat TCP-LISTEN:1 " . $to)', ["socat", "TCP-LISTEN:1", "$to"]),
        (
            "A.java",
            'new GenericContainer("alpine/socat:1.8.0.0")\n  .withCommand("tcp-listen:1,fork", "tcp:a:2");',
            ["socat", "tcp-listen:1,fork", "tcp:a:2"],
        ),
        (
            "A.java",
            'new GenericContainer("alpine/socat").withCommand("tcp-listen:1,fork tcp:a:2");',
            ["socat", "tcp-listen:1,fork", "tcp:a:2"],
        ),
    ],
)
def test_what_a_program_fills_in_is_unknown(path, text, words):
    assert words_of(read_as("text", text, path)) == [words]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.c", f"/* usage:\n   {_LINE} */"),
        ("a.c", f'puts("{_LINE}");'),
        ("a.c", f'fprintf(stderr, "usage: {_LINE}\\n");'),
        ("a.c", f'fprintf(stderr, "{_LINE}\\n");'),
        ("A.java", f'// system("{_LINE}")'),
        ("A.java", f'log.info("{_LINE}");'),
        ("a.rs", f'println!("{_LINE}");'),
        ("a.rs", 'let socat = Path::new("/usr/bin/socat");'),
        ("a.pl", f"# {_LINE}"),
        ("a.pl", f"run(); # {_LINE}"),
        ("a.bas", f"10 REM {_LINE}"),
        ("a.conf", f"; {_LINE}"),
        ("a.txt", f"You may use {_LINE} for it."),
        ("a.hcl", f"inline = [\"echo 'try {_LINE}'\"]"),
        ("a.txt", "socat, TCP-LISTEN and EXEC are words."),
        ("a.txt", "socat - a relay"),
        ("a.html", f"<!-- <pre>{_LINE}</pre> -->"),
        ("a.yaml.unknown", "packages: [socat, curl]"),
        ("a.scm", '(packages "socat" "curl" "make")'),
        ("ps.txt", f"root  1  0.0  0.1  1  3 ?  S  08:01  0:00 grep {_LINE}"),
        ("a.txt", f"Jan  1 12:00:00 host relay: {_LINE} has ended"),
        ("a.plist", "<key>socat</key><string>socat</string>"),
    ],
)
def test_what_is_only_said_is_no_command(path, text):
    assert words_of(read_as("text", text, path)) == []


def test_hashes_are_prompts_where_dollars_are():
    session = f"// as root\n# {_LINE}\n// then\n$ ls\nclient$ make it\n"
    assert words_of(read_as("text", session, "EXAMPLES")) == [_WORDS]
    assert not read_as("text", session, "a.conf").commands
    assert not read_as("text", session.replace("$ ls", "ls"), "EXAMPLES").commands
    assert not read_as("text", session.replace("# s", "# why: s"), "EXAMPLES").commands


def test_code_within_a_sentence_of_a_page_may_be_a_command():
    page = (
        "<p>The <code>socat</code> of <code>TCP-LISTEN</code>:</p><dl><dt><code><b>"
        "socat TCP-LISTEN:1,fork \\</b><br>\n<b>EXEC:sh</b></code></dl>"
        "<pre><code>socat - TCP:a:1</code></pre>"
    )
    found = words_of(read_as("text", page, "socat.html"))
    assert found == [_WORDS, ["socat", "-", "TCP:a:1"]]


_LIST = """\
<array>
    <string>/bin/sh</string> <!-- why -->
    <string>-c</string>
    <string>socat TCP-LISTEN:1,fork EXEC:&quot;sh -i&quot;</string>
</array>
<array>
    <string>/usr/local/bin/socat</string>
    <string>TCP-LISTEN:2,fork</string>
    <string>TCP:a:2</string>
</array>
"""


@pytest.mark.parametrize(
    ("kind", "before", "after", "path"),
    [
        ("text", "", "", "com.example.relay.plist"),
        ("markdown", "```xml\n", "```\n", "a.md"),
        ("shell", "cat > ~/Library/x.plist <<EOF\n", "EOF\n", "run.sh"),
    ],
)
def test_a_list_of_launchd_is_a_command(kind, before, after, path):
    found = words_of(read_as(kind, before + _LIST + after, path))
    assert found == [
        ["socat", "TCP-LISTEN:1,fork", "EXEC:sh -i"],
        ["/usr/local/bin/socat", "TCP-LISTEN:2,fork", "TCP:a:2"],
    ]


@pytest.mark.parametrize(
    ("path", "kept"),
    [("ssh_config", True), ("main.tf", True), ("notes.txt", False), ("README", False)],
)
def test_a_program_or_a_setting_is_no_document(path, kept):
    (command,) = read_as("text", f"ProxyCommand {_LINE}", path).commands
    assert command.surroundings.document is not kept


def test_a_manifest_within_a_string_is_read_as_one():
    text = """pod yaml: \'\'\'
apiVersion: v1
kind: Pod
spec:
  containers:
  - image: alpine/socat
    args: [tcp-listen:1, "unix-connect:/a"]
\'\'\'
run(socat)
"""
    (command,) = read_as("text", text, "Jenkinsfile").commands
    assert [word.text for word in command.words] == ["socat", "tcp-listen:1", "unix-connect:/a"]


def test_a_string_goes_on_after_a_backslash():
    text = 'format!("nohup socat TCP-LISTEN:{port} \\\n    EXEC:sh &", port = 1);'
    assert words_of(read_as("text", text, "a.rs")) == [["socat", "TCP-LISTEN:{port}", "EXEC:sh"]]


@given(mutated(_RUST))
def test_whatever_the_text_it_is_read(text):
    read_as("text", text, "a.rs")


@pytest.mark.parametrize("piece", ['"socat", ', "socat - ", '"socat" + ', "(", "socat \\\n", "'"])
def test_a_text_that_goes_on_and_on_is_read_in_time(piece):
    assert seconds_for("text", '"socat" ' + piece * (60_000 // len(piece)), "a.c") < 1.5
