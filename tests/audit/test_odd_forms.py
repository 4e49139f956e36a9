"""Commands in forms that no shell would run as they stand, and in places that nothing names."""

from __future__ import annotations

import pytest

from catflap.audit.detect import find_kind
from catflap.audit.judge import judge
from catflap.audit.reader import read_text
from catflap.audit.sources.registry import find_source
from tests.support.readings import read_as, words_of

A, B = "TCP-LISTEN:7001,fork", "TCP:backend:7002"
PAIR = [A, B]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("dockerfile", f'FROM alpine\nCMD ["socat {A} {B}"]\n'),
        ("dockerfile", f'FROM alpine\nENTRYPOINT ["/usr/bin/socat {A}", "{B}"]\n'),
        ("compose", f'services:\n  a:\n    image: alpine\n    entrypoint: ["socat {A} {B}"]\n'),
        (
            "kubernetes",
            (
                "kind: Pod\nspec:\n  containers:\n  - name: a\n    image: alpine\n"
                f"    command:\n    - socat {A} {B}\n"
            ),
        ),
        ("shell", f'"socat {A} {B}"\n'),
    ],
)
def test_a_whole_line_in_the_place_of_a_program_is_meant_as_words(kind, text):
    (found,) = words_of(read_as(kind, text))
    assert found[1:] == PAIR


@pytest.mark.parametrize(
    "line",
    [
        f"tmux new -d -s relay -- socat {A} {B} \\; set remain-on-exit failed \\;",
        f"tmux new -d 'sleep 1' \\; split-window 'socat {A} {B}'",
        f"kubectl run relay alpine/socat -- {A} {B}",
        f"oc rsh -c web pod/relay socat {A} {B}",
        f"heroku run 'socat {A} {B}'",
        f"invoke_there 'socat {A} {B}'",
        f"expect -c 'set timeout 5; spawn socat {A} {B}; interact'",
    ],
)
def test_words_of_runners(line):
    (found,) = words_of(read_as("shell", line + "\n"))
    assert found[-2:] == PAIR


@pytest.mark.parametrize(
    "name", ["ok", "log_ok", "pass", "test_pass", "print_ok_line", "./lint", "audit_line"]
)
def test_what_tells_that_all_is_well_runs_nothing(name):
    assert not read_as("shell", f"{name} 'socat {A} {B}'\n").commands


def test_an_ended_command_of_tmux_is_not_gone_on_with():
    assert not read_as("shell", f"tmux new -d top \\; display-message 'socat {A} {B}'\n").commands


@pytest.mark.parametrize(
    "fields",
    [
        ['image = "alpine/socat"', 'name = "relay"', f'args = ["{A}", "{B}"]'],
        [f'args = [\n  "{A}",\n  "{B}",\n]', 'image = "alpine/socat:1.8"', 'name = "relay"'],
        ['image = "alpine/socat"', 'ports = ["http"]', f'args = ["-d", "{A}", "{B}"]'],
        [
            f'args = ["socat {A} {B}"]',
            'image = "alpine/socat"',
            'command = ["/bin/sh", "-c"]',
        ],
    ],
)
def test_a_container_in_hcl_has_its_fields_in_any_order(fields):
    text = "container {\n" + "\n".join(fields) + "\n  port {\n    number = 1\n  }\n}\n"
    reading = read_text(text, find_source("text"), "main.tf")
    (found,) = words_of(reading)
    assert found[-2:] == PAIR


def test_the_fields_of_another_container_are_not_its_own():
    text = f'a {{\n  image = "alpine/socat"\n}}\nb {{\n  args = ["{A}", "{B}"]\n}}\n'
    assert not read_text(text, find_source("text"), "main.tf").commands


@pytest.mark.parametrize(
    "text",
    [
        "import os\nsocat_bin = look()\nos.system('{{}} {} {}'.format(socat_bin))\n",
        "import os\nsocat_bin = look()\nline = '{{}} {} ' '{}'.format(socat_bin)\ndo(line)\n",
        "import os\ndef f(socat_bin):\n    os.system(f'{{socat_bin}} {} {}')\n",
    ],
)
def test_a_program_that_only_its_variable_names(text):
    (found,) = words_of(read_as("python", text.format(A, B)))
    assert found[-2:] == PAIR


def test_other_unknown_programs_are_left_alone():
    text = f"import os\nos.system('{{}} {A} {B}'.format(tool))  # unlike socat\n"
    assert not read_as("python", text).commands


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("shell", 'socat "$PROTOCOL-listen:7001,fork" "$PROTOCOL:backend:7002"\n'),
        ("shell", "socat ${p}4-LISTEN:7001,fork ${p}4:backend:7002\n"),
        ("python", "subprocess.run(['socat', f'{p}-listen:{n},fork', f'{p}:{h}:{n}'])\n"),
    ],
)
def test_a_listener_of_an_unknown_protocol_is_judged_as_one(kind, text):
    found = judge(read_as(kind, text).commands, text)
    assert [each.finding.rule for each in found if each.finding.severity.name == "HIGH"] == [
        "plaintext-exposed"
    ]
    assert found[0].finding.confidence.name == "LOW"


@pytest.mark.parametrize(
    ("word", "rules"),
    [
        ("$KIND-listen:443,cert=a.pem,verify=0", {"anonymous-clients"}),
        ("$KIND-LISTEN:/run/relay.sock,fork", set()),
        ("${KIND}-RECVFROM:7001,fork", {"plaintext-exposed"}),
        ("$KIND:7001,fork", set()),
    ],
)
def test_what_follows_an_unknown_protocol_tells_which(word, rules):
    text = f"socat {word} TCP:127.0.0.1:9000\n"
    found = judge(read_as("shell", text).commands, text)
    assert {each.finding.rule for each in found if each.finding.severity.name == "HIGH"} == rules


def test_an_unknown_protocol_that_connects_is_no_listener():
    text = 'socat - "$PROTOCOL-connect:backend:7002"\n'
    assert not judge(read_as("shell", text).commands, text)


@pytest.mark.parametrize("prompt", ["$$ ", ">> "])
def test_doubled_prompts(prompt):
    text = f"```\n$ssh host\n{prompt}socat {A} {B}\n```\n"
    assert PAIR in [words[1:] for words in words_of(read_as("markdown", text))]


@pytest.mark.parametrize(
    "text",
    [
        f"| How |\n|---|\n| socat {A} {B} |\n",
        f"1. On the box: socat -d {A} {B}\n",
        f"Then, as root: sudo socat -d {A} {B} &\n",
    ],
)
def test_a_command_after_a_label(text):
    (found,) = words_of(read_as("markdown", text))
    assert found[-2:] == PAIR


@pytest.mark.parametrize(
    "text",
    [
        f"Note: socat {A} {B} is what we had.\n",
        "We replaced socat by TCP-LISTEN: and TCP: of catflap.\n",
        "Of socat TCP-LISTEN needs fork: see TCP:h there.\n",
        "- socat OPENSSL-LISTEN: and OPENSSL: check certificates\n",
    ],
)
def test_a_sentence_about_addresses_is_no_command(text):
    assert not read_as("markdown", text).commands


def test_a_part_of_a_manifest_is_no_playbook():
    text = (
        "containers:\n- name: relay\n  image: org/tools/socat:1\n  command:\n    - sh\n    - -c\n"
        f"    - socat {A} {B}\n"
    )
    source = find_kind("relay.yaml", text)
    assert words_of(read_text(text, source, "relay.yaml")) == [["socat", *PAIR]]
    assert find_kind("tasks.yaml", "tasks:\n- name: a\n  shell: socat a b\n").name == "ansible"


def test_blank_lines_before_a_playbook_cost_nothing():
    text = "# kept by hand\n---\n" + "\n" * 3000 + "- hosts: all\n  tasks: []\n"
    assert find_kind("site.yaml", text).name == "ansible"
    assert find_kind("site.yaml", "\n" * 3000 + text.replace("tasks", "roles")).name == "ansible"


def test_a_call_in_a_sum_may_stand_apart_from_its_arguments():
    text = f'Cmd : constant String := "socat TCP-LISTEN:" & Fixed.Trim (Port) & ",fork {B}";\n'
    (found,) = words_of(read_text(text, find_source("text"), "relay.adb"))
    assert found[-1] == B


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("shell", f"uci set socat.web.SocatOptions='-d -d {A} {B}'\nuci commit socat\n"),
        ("shell", f'uci -q set "socat.@socat[-1].SocatOptions={A} {B}"\n'),
        ("text", f"config socat 'web'\n\toption enable '1'\n\toption SocatOptions '{A} {B}'\n"),
        ("markdown", f"```\nconfig socat 'web'\n\toption SocatOptions '{A} {B}'\n```\n"),
    ],
)
def test_the_service_of_openwrt_is_given_words_without_the_program(kind, text):
    reading = read_as(kind, text)
    (found,) = words_of(reading)
    assert found[0] == "socat"
    assert found[-2:] == PAIR
    assert reading.commands[0].surroundings.user == "root"


@pytest.mark.parametrize(
    "line",
    [
        f"uci get socat.web.SocatOptions='{A} {B}'",
        f"uci set socat.web.note='{A} {B}'",
        f"option SocatNotes '{A} {B}'",
    ],
)
def test_other_options_of_openwrt_are_no_commands(line):
    assert not read_as("shell", line + "\n").commands


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("python", f'T = {{"examples": [{{"command": "socat {A} {B}", "title": "x"}}]}}\n'),
        ("javascript", f'export const t = {{examples: {{a: {{cmd: "socat {A} {B}"}}}}}};\n'),
        ("yaml", f"tools:\n- name: socat\n  examples:\n  - code: socat {A} {B}\n    title: x\n"),
    ],
)
def test_examples_whose_field_is_a_command_are_shown_to_be_run(kind, text):
    (found,) = words_of(read_as(kind, text))
    assert found[-2:] == PAIR


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("python", f'T = {{"examples": ["socat {A} {B}"]}}\n'),
        ("python", f'T = {{"command": {{"help": "socat {A} {B}"}}}}\n'),
        ("javascript", f'export const t = {{examples: {{a: {{title: "socat {A} {B}"}}}}}};\n'),
        ("yaml", f"examples:\n- title: socat {A} {B}\n"),
    ],
)
def test_other_fields_of_examples_are_for_people(kind, text):
    assert not read_as(kind, text).commands


def test_a_list_of_commands_to_choose_from():
    text = f'lines=(\n  "sleep 1"\n  "socat {A} {B}"\n)\neval "${{lines[$n]}}"\n'
    reading = read_as("shell", text)
    assert words_of(reading) == [["socat", *PAIR]]
    assert reading.commands[0].confidence.name == "LOW"


@pytest.mark.parametrize("name", ["BLOCKED", "suspicious_lines", "patterns"])
def test_a_list_of_what_is_looked_for(name):
    text = f'{name}=("socat {A} {B}")\nfor each in "${{{name}[@]}}"; do grep -q "$each" f; done\n'
    assert not read_as("shell", text).commands


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("dockerfile", f'FROM alpine/socat\nCMD ["{A} {B}"]\n'),
        ("compose", f'services:\n  a:\n    image: alpine/socat\n    command: ["-d -d {A} {B}"]\n'),
        ("shell", f"socat -d '{A} {B}'\n"),
    ],
)
def test_both_addresses_in_one_word_are_judged_as_two(kind, text):
    found = judge(read_as(kind, text).commands, text)
    rules = {each.finding.rule: each.finding.confidence.name for each in found}
    assert rules["plaintext-to-remote"] == "LOW"


def test_one_address_with_blanks_is_one():
    text = "socat 'EXEC:echo tcp:h:80'\n"
    assert not judge(read_as("shell", text).commands, text)
