"""Playbooks, tasks and the files that tasks write."""

from __future__ import annotations

from hypothesis import given

from catflap.core.surroundings import Publication
from tests.support.readings import mutated, read_as, words_of, written_in

PLAYBOOK = """\
- hosts: all
  become: true
  vars: {port: 8080}
  tasks:
  - name: run socat TCP-LISTEN:9 TCP:x:9
    ansible.builtin.shell: socat TCP-LISTEN:{{ port }},fork TCP:{{ host | default('db') }}:{{ x }} & chdir=/tmp
  - command:
      argv: [socat, "TCP-LISTEN:{{ port }}", "TCP:x:1"]
  - command: socat "TCP-LISTEN:1" TCP:x:1 creates=/a
    become: yes
    become_user: bob
  - block:
    - copy:
        dest: /etc/systemd/system/a.service
        content: |
          [Service]
          User=relay
          ExecStart=/usr/bin/socat TCP-LISTEN:1,fork TCP:a:{{ port }}
    - cron: {job: "socat TCP-LISTEN:2 TCP:x:1", user: www}
    - docker_container:
        image: alpine/socat
        command: tcp-listen:80,fork tcp:x:{{ port }}
        published_ports: ["127.0.0.1:80:80"]
  - debug: {msg: "socat TCP-LISTEN:9 TCP:x:9"}
  - package: {name: socat}
"""


def test_modules_that_run_or_write_commands_are_read():
    reading = read_as("ansible", PLAYBOOK)

    assert words_of(reading) == [
        ["socat", "TCP-LISTEN:8080,fork", "TCP:db:{{ x }}"],
        ["socat", "TCP-LISTEN:8080", "TCP:x:1"],
        ["socat", "TCP-LISTEN:1", "TCP:x:1"],
        ["/usr/bin/socat", "TCP-LISTEN:1,fork", "TCP:a:8080"],
        ["socat", "TCP-LISTEN:2", "TCP:x:1"],
        ["socat", "tcp-listen:80,fork", "tcp:x:8080"],
    ]
    assert not reading.problems


def test_words_stand_where_they_are_written_expressions_included():
    written = written_in(PLAYBOOK, read_as("ansible", PLAYBOOK))

    assert written[0][1:] == [
        "TCP-LISTEN:{{ port }},fork",
        "TCP:{{ host | default('db') }}:{{ x }}",
    ]
    assert written[3][2] == "TCP:a:{{ port }}"


def test_the_user_is_who_a_task_becomes():
    users = [command.surroundings.user for command in read_as("ansible", PLAYBOOK).commands]

    assert users == ["root", "root", "bob", "relay", "www", ""]


def test_a_container_has_its_ports():
    assert read_as("ansible", PLAYBOOK).commands[-1].surroundings.published == (
        Publication("127.0.0.1", "80"),
    )


def test_tasks_without_a_play_and_the_older_form_are_read():
    text = "- local_action: command socat - TCP:x:1\n- action: shell socat - TCP:x:2\n- raw: socat - TCP:x:3\n"

    assert [words[2] for words in words_of(read_as("ansible", text))] == [
        "TCP:x:1",
        "TCP:x:2",
        "TCP:x:3",
    ]


@given(mutated(PLAYBOOK))
def test_whatever_the_text_its_places_lie_in_it(text):
    read_as("ansible", text)


def test_a_variable_may_hold_the_whole_command():
    text = "- hosts: a\n  vars: {c: socat - TCP:x:1}\n  tasks:\n  - shell: '{{ c }}'\n"

    assert words_of(read_as("ansible", text)) == [["socat", "-", "TCP:x:1"]]
