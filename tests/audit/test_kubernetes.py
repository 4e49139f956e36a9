"""Manifests of Kubernetes and templates of Helm."""

from __future__ import annotations

import pytest
from hypothesis import given

from catflap.audit.detect import find_kind
from catflap.core.surroundings import Publication
from tests.support.readings import mutated, read_as, words_of, written_in

TEMPLATE = """\
{{- if .Values.on }}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "x.name" . }}
spec:
  template:
    metadata:
      labels: {app: s}
    spec:
      hostPID: true
      securityContext: {runAsNonRoot: true}
      containers:
      - name: a
        image: "alpine/socat:{{ .Values.tag | default "1.7.4.4" }}"
        args:
        - TCP-LISTEN:{{ .Values.port | default 80 }},fork
        - "TCP:$(DB):{{ .Values.dbPort }}"
        {{- toYaml .x | nindent 8 }}
        env:
        - {name: DB, value: db.local}
        ports: [{name: web, containerPort: 80}]
        securityContext: {capabilities: {add: [NET_ADMIN]}}
        livenessProbe: {exec: {command: [socat, "-", "TCP:localhost:80"]}}
{{- end }}
---
kind: Service
apiVersion: v1
spec: {type: NodePort, selector: {app: s}, ports: [{port: 8080, targetPort: web}]}
"""


def pod(*lines, kind="Pod"):
    """Return a pod of one relay; lines stand in its ``spec``."""
    return (
        f"apiVersion: v1\nkind: {kind}\nmetadata: {{labels: {{app: s}}}}\nspec:\n"
        + "".join(f"  {line}\n" for line in lines)
        + "  containers:\n  - command: [socat, 'TCP-LISTEN:80', 'TCP:b:1']\n"
    )


def where(text):
    """Return where the first command of a manifest runs."""
    return read_as("kubernetes", text).commands[0].surroundings


def test_a_template_is_read_with_its_defaults_and_references():
    reading = read_as("kubernetes", TEMPLATE)

    assert words_of(reading) == [
        ["socat", "TCP-LISTEN:80,fork", "TCP:db.local:{{ .Values.dbPort }}"],
        ["socat", "-", "TCP:localhost:80"],
    ]
    assert written_in(TEMPLATE, reading)[0][1:] == [
        "TCP-LISTEN:{{ .Values.port | default 80 }},fork",
        '"TCP:$(DB):{{ .Values.dbPort }}"',
    ]
    assert not reading.problems


def test_what_is_followed_stands_where_it_was_said():
    words = read_as("kubernetes", TEMPLATE).commands[0].words
    pieces = [TEMPLATE[p.span.start : p.span.end] for word in words[1:] for p in word.pieces]

    assert pieces == ["TCP-LISTEN:", "80", ",fork", "TCP:", "db.local", ":", "{{ .Values.dbPort }}"]


def test_rights_and_ports_come_from_pod_container_and_service():
    found = where(TEMPLATE)

    assert found.published == (Publication("", "80"),)
    assert (found.user, found.version) == ("nonroot", "1.7.4.4")
    assert found.capabilities == ("NET_ADMIN",)
    assert found.privileged
    assert found.supervised_log


def test_without_a_service_the_cluster_reaches_a_pod_and_nobody_else():
    found = where(pod())

    assert found.published == ()
    assert not found.own_network


def test_a_policy_that_selects_the_pod_isolates_it():
    policy = "---\nkind: NetworkPolicy\nspec: {podSelector: {matchLabels: {app: s}}, ingress: %s}\n"

    assert where(pod() + policy % "[]").own_network
    assert not where(pod() + policy % "[{}]").own_network
    assert not where(pod() + policy.replace("app: s", "app: t") % "[]").own_network


@pytest.mark.parametrize("kind", ["ClusterIP", "LoadBalancer"])
def test_only_some_services_reach_out(kind):
    service = (
        f"---\nkind: Service\nspec: {{type: {kind}, selector: {{app: s}}, ports: [{{port: 80}}]}}\n"
    )
    expected = (Publication("", "80"),) if kind == "LoadBalancer" else ()

    assert where(pod() + service).published == expected


def test_a_host_port_and_the_host_network_are_told():
    with_port = pod() + "    ports: [{containerPort: 80, hostPort: 8080, hostIP: 10.0.0.1}]\n"

    assert where(with_port).published == (Publication("10.0.0.1", "80"),)
    assert where(pod("hostNetwork: true")).host_network


def test_a_cron_job_deep_in_a_list_is_found():
    text = (
        "kind: List\nitems:\n- kind: CronJob\n  spec:\n    jobTemplate:\n      spec:\n        template:\n"
        "          spec:\n            initContainers:\n            - args: [socat, -, 'TCP:b:1']\n"
    )

    assert words_of(read_as("kubernetes", text)) == [["socat", "-", "TCP:b:1"]]


def test_a_script_follows_the_environment_of_its_container():
    text = (
        "kind: Pod\nspec:\n  containers:\n  - command: [sh, -c]\n    args:\n    - |\n"
        "      set -e\n      socat TCP-LISTEN:$PORT TCP:b:1\n"
        "    envFrom: [{configMapRef: {name: c}}]\n"
        "---\nkind: ConfigMap\nmetadata: {name: c}\ndata: {PORT: '90'}\n"
    )

    assert words_of(read_as("kubernetes", text)) == [["socat", "TCP-LISTEN:90", "TCP:b:1"]]


def test_a_config_map_holds_scripts_and_units():
    text = (
        "kind: ConfigMap\ndata:\n  run.sh: |\n    socat TCP-LISTEN:1 TCP:b:1\n"
        "  x.service: |\n    [Service]\n    ExecStart=/usr/bin/socat TCP-LISTEN:2 TCP:b:1\n"
        "  readme: socat TCP-LISTEN:3 TCP:b:1\n"
    )

    assert [words[1] for words in words_of(read_as("kubernetes", text))] == [
        "TCP-LISTEN:1",
        "TCP-LISTEN:2",
    ]


@given(mutated(TEMPLATE))
def test_whatever_the_text_its_places_lie_in_it(text):
    read_as("kubernetes", text)


def test_a_comment_of_a_template_is_no_command_though_expressions_stand_in_it() -> None:
    text = (
        "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - image: alpine\n    command:\n"
        "    - sh\n    - -c\n    - |\n"
        "      {{- /* socat TCP-LISTEN:{{ $old }},fork TCP:{{ $host }}:80 */ -}}\n"
        "      {{/* socat TCP-LISTEN:1 EXEC:sh */}}\n"
        "      socat TCP-LISTEN:{{ $new }},fork TCP:a:80\n"
    )
    found = words_of(read_as("kubernetes", text, "templates/pod.yaml"))
    assert found == [["socat", "TCP-LISTEN:{{ $new }},fork", "TCP:a:80"]]


_NAMED_TEMPLATE = """\
{{- define "relay.container" -}}
- name: {{ .name }}
  image: {{ .image | default "alpine/socat:1.8.0.3" | quote }}
  args:
    {{- if .tls }}
    - OPENSSL-LISTEN:1,fork,verify=0
    {{- else }}
    - TCP-LISTEN:1,fork
    {{- end }}
    - TCP:{{ .target }}
{{- end -}}
"""


@pytest.mark.parametrize("path", ["templates/_helpers.tpl", "templates/_relay.yaml"])
def test_a_part_of_a_chart_needs_no_kind(path):
    source = find_kind(path, _NAMED_TEMPLATE)
    assert source is not None
    assert source.name == "kubernetes"
    (words,) = words_of(read_as("kubernetes", _NAMED_TEMPLATE, path))
    assert words[1:] == ["OPENSSL-LISTEN:1,fork,verify=0", "TCP-LISTEN:1,fork", "TCP:{{ .target }}"]


def test_manifests_that_a_chart_keeps_as_text_count_beside_its_containers():
    text = """\
sidecars:
- image: alpine/socat
  args: ["tcp-listen:1,bind=127.0.0.1", "tcp:a:1"]
extraDeploy:
- |
  apiVersion: v1
  kind: Pod
  spec:
    containers:
    - image: alpine/socat
      args: ["tcp-listen:2", "tcp:a:2"]
"""
    assert [words[2] for words in words_of(read_as("kubernetes", text))] == ["tcp:a:1", "tcp:a:2"]
