"""Scripts and tables that a script writes, or hands to a program that reads them."""

from __future__ import annotations

import pytest

from tests.support.readings import read_as, words_of

_SOCAT = "socat TCP-LISTEN:1,fork TCP:a:1"
_WORDS = _SOCAT.split()


@pytest.mark.parametrize(
    "text",
    [
        f"printf '%s\\n' '#!/bin/sh' 'exec {_SOCAT}' > /run.sh",
        f"printf '#!/bin/sh\\nset -e\\nexec {_SOCAT}\\n' > /usr/local/bin/run",
        f"printf '#!/bin/sh\\nsocat %s %s\\n' {_WORDS[1]} {_WORDS[2]} > /run.sh",
        f'echo "#!/bin/sh\\n{_SOCAT}" > /usr/bin/run',
        f"{{ echo '#!/bin/sh'; echo '{_SOCAT}'; }} > /run.sh",
        f"{{ echo 'set -e'; echo 'exec {_SOCAT}'; }} | sh",
        f"( echo 'exec {_SOCAT}' ) | sudo tee /etc/x.sh",
        f"(crontab -l; echo '@reboot {_SOCAT}') | crontab -",
        f"crontab - <<EOF\n* * * * * {_SOCAT}\nEOF\n",
        f"python3 - <<'EOF'\nimport os\nos.system('{_SOCAT}')\nEOF\n",
        f"echo '{_SOCAT}' | at now",
        "kubectl apply -f - <<E\napiVersion: v1\nkind: Pod\nspec:\n  containers:\n"  # noqa: ISC004 -- one text
        f'  - name: a\n    command: ["socat", "{_WORDS[1]}", "{_WORDS[2]}"]\nE\n',
        f"cat <<EOF > $FILE\n[Service]\nExecStart={_SOCAT}\nEOF\n",
        f"cat > $DIR/start <<EOF\n#!/bin/sh\nexec {_SOCAT}\nEOF\n",
        f"cat > $DIR/notes <<EOF\n{_SOCAT}\nEOF\n",
        f"FILE=/etc/a.service\nsudo bash -c \"cat >$FILE\" <<'EOF'\n[Service]\nExecStart={_SOCAT}\nEOF\n",
        f"sudo sh -c 'tee /etc/a.sh' <<'EOF'\n{_SOCAT}\nEOF\n",
        f"install -m644 /dev/stdin /etc/systemd/system/a.service <<'U'\n[Service]\nExecStart={_SOCAT}\nU\n",
        f"write_file root 0755 $D/run <<'EOF'\n#!/bin/sh\nexec {_SOCAT}\nEOF\n",
        f"put_unit <<EOF\n[Service]\nExecStart={_SOCAT}\nEOF\n",
        f"sed -i '/^exit 0/i {_SOCAT} &' /etc/rc.local",
        f"sudo sed -i -e '$ a\\{_SOCAT} &' /etc/rc.local",
        f"sed -i 's/^exit 0/{_SOCAT} \\&\\nexit 0/' /etc/rc.local",
        f"sed -i 's|^ExecStart=.*|ExecStart={_SOCAT}|' /etc/systemd/system/a.service",
        f"R=$(cat <<'EOF'\n#!/bin/bash\nC='{_SOCAT}'\n$C\nEOF\n)\necho \"$R\" > run\n",
    ],
)
def test_what_is_written_or_handed_on_is_read_as_what_it_is(text):
    assert words_of(read_as("shell", text)) == [_WORDS]


@pytest.mark.parametrize(
    "text",
    [
        f"echo '{_SOCAT}'",
        f"printf 'try %s\\n' '{_SOCAT}' >&2",
        f"{{ echo '{_SOCAT}'; }} | less",
        f"crontab -l; echo '{_SOCAT}'",
        f"cat <<EOF\n{_SOCAT}\nEOF\n",
        f"echo '{_SOCAT}' >> $GITHUB_STEP_SUMMARY",
        f"echo 'R={_SOCAT}' >> \"$GITHUB_ENV\"",
        f'log_cmd() {{ echo "+ $*" >&2; }}\nlog_cmd {_SOCAT}',
        f"cat >/dev/null <<EOF\n{_SOCAT}\nEOF\n",
        f"log_info <<EOF\n#!/bin/sh\n{_SOCAT}\nEOF\n",
        f"describe <<EOF\n{_SOCAT}\nEOF\n",
        f"sed -i '/{_SOCAT}/d' /etc/rc.local",
        f"sed -n 's/{_SOCAT}/found/p' /etc/rc.local",
        f"sed 's/x/{_SOCAT}/' /etc/rc.local",
    ],
)
def test_what_is_only_shown_is_no_command(text):
    assert not read_as("shell", text).commands


@pytest.mark.parametrize(
    "line", [f"RUN echo '{_SOCAT}' >> /start.sh", f"RUN printf '#!/bin/sh\\n{_SOCAT}\\n' > /start"]
)
def test_a_script_that_an_image_is_given_runs_when_the_container_does(line):
    (command,) = read_as("dockerfile", f"FROM alpine\n{line}\n").commands
    assert not command.surroundings.bounded
    assert command.surroundings.published is None


def test_a_manifest_goes_into_a_file_whose_name_is_not_known():
    text = """cat <<EOF > ${MANIFEST}
apiVersion: v1
kind: Pod
spec:
  hostNetwork: true
  containers:
  - image: alpine/socat
    args: [tcp-listen:1, "tcp:a:2"]
EOF
"""
    (command,) = read_as("shell", text).commands
    assert [word.text for word in command.words] == ["socat", "tcp-listen:1", "tcp:a:2"]
    assert command.surroundings.container


@pytest.mark.parametrize(
    "text",
    [
        f"#!/bin/sh\nif a; then C='{_SOCAT}'; fi\nstart_it $C",
        f"#!/bin/sh\n[ $N = 2 ] && C='{_SOCAT}'\nprintf %s \"$C\" > $1",
    ],
)
def test_a_command_in_a_variable_counts_once_where_nothing_is_seen_to_run_it(text):
    assert words_of(read_as("shell", text)) == [_WORDS]


@pytest.mark.parametrize(
    "text",
    [
        f"#!/bin/sh\nC='{_SOCAT}'\n",
        f"#!/bin/sh\nUSAGE='{_SOCAT}'\necho \"$USAGE\"",
        "#!/bin/sh\nC='socat is missing'\ndie $C",
        "#!/bin/sh\nC='socat curl'\nfor p in $C; do need $p; done",
    ],
)
def test_what_no_command_is_made_of_is_none(text):
    assert not read_as("shell", text).commands


_POD = """apiVersion: v1
kind: Pod
spec:
  containers:
  - image: alpine/socat
    args: ["tcp-listen:1", "tcp:a:2"]
"""


@pytest.mark.parametrize(
    "line",
    [
        "k create -f - <<EOF",
        '"${kubectl[@]}" apply -f - >/dev/null <<EOF',
        "cat <<EOF | run-kubectl apply -f -",
    ],
)
def test_the_cluster_s_tool_may_have_another_name(line):
    (command,) = read_as("shell", f"{line}\n{_POD}EOF\n").commands
    assert [word.text for word in command.words] == ["socat", "tcp-listen:1", "tcp:a:2"]


def test_each_value_that_a_file_can_be_given_is_looked_at():
    text = """case $MODE in
tcp) from=TCP-LISTEN:1 ;;
udp) from=UDP-LISTEN:2 ;;
esac
cat > "$UNIT" <<EOF
[Service]
ExecStart=/usr/bin/socat $from TCP:a:3
EOF
"""
    found = [command.words[1].text for command in read_as("shell", text).commands]
    assert sorted(set(found) - {"$from"}) == ["TCP-LISTEN:1", "UDP-LISTEN:2"]


def test_a_function_that_adds_a_service_is_given_a_command():
    text = f'add_service "socat-web" "/usr/bin/{_SOCAT}"\ninfo "run {_SOCAT}"\n'
    assert words_of(read_as("shell", text)) == [["/usr/bin/socat", *_WORDS[1:]]]


def test_a_container_group_of_another_cloud_is_read_though_it_has_no_kind():
    text = """cat > "$MANIFEST" <<EOF
apiVersion: '2021-10-01'
properties:
  containers:
  - name: relay
    properties:
      image: alpine/socat
      command: ["socat", "TCP-LISTEN:1,fork", "TCP:a:1"]
type: Microsoft.ContainerInstance/containerGroups
EOF
"""
    assert words_of(read_as("shell", text)) == [_WORDS]
