"""Workflows of GitHub and pipelines of GitLab."""

from __future__ import annotations

import pytest
from hypothesis import given

from catflap.core.surroundings import Publication
from tests.support.readings import mutated, read_as, words_of, written_in

WORKFLOW = """\
on: push
env: {PORT: 8080}
jobs:
  a:
    runs-on: x
    services:
      s: {image: alpine/socat, command: "tcp-listen:80 tcp:x:1", ports: ["1:80"]}
    steps:
    - run: socat TCP-LISTEN:$PORT,fork "TCP:${{ secrets.X }}:${{ env.PORT }}"
      name: socat TCP-LISTEN:9 TCP:x:9
    - run: |
        # a comment: socat TCP-LISTEN:9 TCP:x:9
        sudo socat TCP-LISTEN:1,fork TCP:x:${{ inputs.port || '90' }} &
    - shell: python
      run: import subprocess; subprocess.run(["socat", "-", "TCP:x:1"])
    - uses: docker://alpine/socat:1.8.0.0
      with: {args: "tcp-listen:80 tcp:x:2"}
"""
PIPELINE = """\
variables: {P: "80"}
.base: {before_script: ["Q=90"]}
job:
  extends: .base
  image: foo
  script:
  - echo "hi"
  - - socat TCP-LISTEN:$P,fork TCP:x:$Q &
    - !reference [.x, script]
  - |
    socat \\
      TCP-LISTEN:1 TCP:x:1
  services: [{name: "alpine/socat:1.7.4.1", command: ["tcp-listen:1", "tcp:a:1"]}]
"""


def test_steps_follow_the_environment_and_leave_expressions_unknown():
    reading = read_as("github_actions", WORKFLOW)

    assert words_of(reading) == [
        ["socat", "tcp-listen:80", "tcp:x:1"],
        ["socat", "TCP-LISTEN:8080,fork", "TCP:${{ secrets.X }}:8080"],
        ["socat", "TCP-LISTEN:1,fork", "TCP:x:90"],
        ["socat", "-", "TCP:x:1"],
        ["socat", "tcp-listen:80", "tcp:x:2"],
    ]
    assert reading.commands[1].words[2].literal is None
    assert written_in(WORKFLOW, reading)[1] == [
        "socat",
        "TCP-LISTEN:$PORT,fork",
        '"TCP:${{ secrets.X }}:${{ env.PORT }}"',
    ]


def test_a_step_runs_as_runner_a_service_in_a_container():
    service, step, with_sudo, *_, image = (
        command.surroundings for command in read_as("github_actions", WORKFLOW).commands
    )

    assert service.published == (Publication("", "80"),)
    assert service.container
    assert (step.user, with_sudo.user) == ("runner", "root")
    assert not step.container
    assert image.version == "1.8.0.0"


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("--privileged", lambda where: where.privileged),
        ("--network host", lambda where: where.host_network),
        ("--user 0", lambda where: where.user == "0"),
        ("--cap-add=NET_ADMIN", lambda where: where.capabilities == ("NET_ADMIN",)),
    ],
)
def test_options_of_a_jobs_container_count(options, said):
    text = (
        f"jobs:\n  a:\n    container: {{image: x, options: {options}}}\n"
        "    steps: [{run: 'socat - TCP:x:1'}]\n"
    )

    assert said(read_as("github_actions", text).commands[0].surroundings)


def test_a_composite_action_is_read():
    text = "runs:\n  using: composite\n  steps:\n  - {shell: bash, run: 'socat - TCP:x:1'}\n"

    assert words_of(read_as("github_actions", text)) == [["socat", "-", "TCP:x:1"]]


def test_lists_of_a_job_are_one_script_after_what_it_extends():
    reading = read_as("gitlab_ci", PIPELINE)

    assert words_of(reading) == [
        ["socat", "TCP-LISTEN:80,fork", "TCP:x:90"],
        ["socat", "TCP-LISTEN:1", "TCP:x:1"],
        ["socat", "tcp-listen:1", "tcp:a:1"],
    ]
    assert written_in(PIPELINE, reading)[0] == ["socat", "TCP-LISTEN:$P,fork", "TCP:x:$Q"]
    assert reading.commands[2].surroundings.version == "1.7.4.1"
    assert all(command.surroundings.container for command in reading.commands)


@given(mutated(WORKFLOW))
def test_whatever_the_workflow_its_places_lie_in_it(text):
    read_as("github_actions", text)


@given(mutated(PIPELINE))
def test_whatever_the_pipeline_its_places_lie_in_it(text):
    read_as("gitlab_ci", text)
