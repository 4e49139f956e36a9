"""What bash itself hands to a program, and what is read out of the same text."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from catflap.audit.passage import Passage
from catflap.audit.sources.shell import read
from catflap.core.surroundings import Surroundings

if TYPE_CHECKING:
    from pathlib import Path

SNIPPETS = {
    "plain": "socat TCP-LISTEN:80,fork TCP:localhost:8080",
    "single quotes": "socat 'TCP-LISTEN:80' 'EXEC:ls -l,pty'",
    "double quotes": 'socat "TCP-LISTEN:80" "EXEC:\\"ls -l\\",pty"',
    "backslash in double quotes": r'socat "a\b\$c\`d\\e" x',
    "glued quotes": """socat TCP-LISTEN:"80",'fork',reuseaddr EXEC:"ls -l"',pty'""",
    "empty words": "socat '' \"\" x",
    "ansi c": r"socat $'EXEC:\x41\n\'\"\\\u00e9\101' x",
    "locale quotes": 'socat $"TCP:host:80" x',
    "backslashes": r"socat a\ b\,c\\d\"e x",
    "continued": "socat \\\n  TCP-LISTEN:80,fork \\\n  TCP:localhost:8080",
    "continued in a word": "socat TCP-LISTEN:80,\\\nfork,\\\nreuseaddr TCP:a:1",
    "continued in quotes": 'socat "TCP-LISTEN:80,\\\nfork" x',
    "comment after": "socat a b # c d",
    "hash in a word": "socat a#b c",
    "redirections": "socat a b 2>/dev/null 3>&1 <&- 4<>/dev/null",
    "redirection first": "2>/dev/null socat a b",
    "assignment before": "A=b C='d e' socat a $UNSET_",
    "brackets": "socat TCP6:[::1]:80 OPENSSL:[fe80::1]:443,verify=0",
    "two addresses": "socat 'a!!b' c!!d",
    "exclamation": "! socat a b",
    "equals and percent": "socat a=b,c=%d x+y@z",
    "variable": "P=80\nsocat TCP:host:$P x",
    "variable in braces": 'P=80; socat "TCP:host:${P}0" x',
    "variable of a variable": 'H=h; A="TCP:$H:80"; socat $A x',
    "variable with blanks": "O='-d -d'; socat $O a b",
    "variable with blanks, quoted": "O='-d -d'; socat \"$O\" a b",
    "variable glued to blanks": "O='a b'; socat x${O}y z",
    "empty variable": 'O=; socat $O a "$O" b',
    "default": 'socat TCP-L:${PORT_:-80} "x${HOST_-y z}"',
    "default of default": "socat a:${A_:-${B_:-7}} x",
    "default assigned": ': "${P:=99}"\nsocat a:$P x',
    "default unused": "P=1; socat a:${P:-2} x",
    "default with empty": "P=; socat a:${P:-2} b${P-3}",
    "alternative": "P=1; Q=; socat a${P:+,fork} b${Q:+,fork}",
    "last assignment counts": "P=1; P=2; socat $P x; P=3",
    "appended": "A=a; A+=,b; A=$A,c; socat $A x",
    "array": "C=(socat -d 'a b' c); \"${C[@]}\"",
    "array appended": "C=(a); C+=(b 'c d'); socat \"${C[@]}\" x",
    "array over lines": "C=(\n  # why\n  a\n  'b c' # that\n)\nsocat \"${C[@]}\"",
    "array unquoted": "C=('a b' c); socat ${C[@]}",
    "array glued": 'C=(a b c); socat x"${C[@]}"y',
    "set": "set -- a 'b c'; socat \"$@\" $1",
    "function": 'f() { socat "TCP:$1" "$2" $3; }\nf a \'b c\'',
    "function with local": 'f() { local p=$1 q="${2:-dflt}"; socat $p $q; }\nf a',
    "function all": "f() { socat \"$@\"; }\nf a 'b c'",
    "function keyword": "function f { socat $1 x; }\nf a",
    "program in a variable": "S=socat; $S a b",
    "command in a variable": "C='socat a b'; $C c",
    "eval": "P=7; eval 'socat a:$P' '\"b c\"'",
    "eval of a variable": 'C=\'socat "a b" c\'; eval "$C"',
    "sh -c": "sh -c 'socat \"a b\" c\\d'",
    "sh -c in double quotes": 'P=80; sh -c "socat \'a $P\' \\"b c\\""',
    "sh -c with arguments": "sh -c 'socat \"$1\" $0' zero 'o ne'",
    "nested": 'bash -c "sh -c \'socat a \\"b c\\"\'"',
    "env": 'env -i PATH="$PATH" OUT="$OUT" A=b socat a b',
    "wrapped": "nohup nice -n 5 timeout -k 1 5 setsid -w stdbuf -oL socat a b 2>/dev/null",
    "exec": "exec -a name socat a b",
    "subshell": "(cd /; socat a b)",
    "group": "{ socat a b; }",
    "substitution": "X=$(socat a 'b c'); printf %s \"$X\"",
    "substitution in quotes": 'printf %s "$(socat a "b c")"',
    "backticks": "X=`socat a 'b c'`; printf %s \"$X\"",
    "if": "if [ 1 -gt 0 ]; then socat a b; else socat() { :; }; fi",
    "if with branches": "if false; then P=1; fi; P=2; socat a:$P x",
    "case": "case x in a) ;; x) socat a b ;; esac",
    "loop": "while :; do socat a b; break; done",
    "pipeline": "echo hi | socat a b | cat",
    "and": "true && socat a b || false",
    "background": "socat a b & wait",
    "trap": "trap 'socat a \"b c\"' EXIT",
    "here document to sh": 'P=80\nsh <<EOF\nsocat a:$P "b c" d\\\\e\nEOF',
    "here document quoted": "sh <<'EOF'\nsocat 'a b' c\nEOF",
    "here document through cat": "cat <<EOF | sh\nsocat 'a b' c\nEOF",
    "here document, stripped": "sh <<-EOF\n\tsocat a b\n\tEOF",
    "here string": "sh <<< \"socat a 'b c'\"",
    "echo into sh": "echo \"socat a 'b c'\" | sh",
    "looked up": "S=$(command -v socat); $S a b",
    "xargs": "echo | xargs -n 1 socat a b",
    "tilde": "HOME=/h; socat a:~ x~y",
    "find": "find / -maxdepth 0 -exec socat a b \\;",
    "flock": "flock /tmp socat a b",
    "flock -c": "flock /tmp -c \"socat a 'b c'\"",
    "readonly and export": 'readonly A=1; export B=$A; declare C="$B"; socat $A $B $C',
    "braces without comma": "socat a{b} {} x",
    "dollars": "socat a$ $ '$x'",
    "glob": "socat a*b? [x]",
    "semicolon in quotes": "socat 'a;b|c&d' \"(e)\"",
    "command": "command socat a b",
    "time": "time socat a b",
    "carriage return": "socat a\rb c",
}


@pytest.fixture(scope="module")
def shell_environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A shell's environment in which ``socat`` writes down its argument vector."""
    folder: Path = tmp_path_factory.mktemp("bin")
    program = folder / "socat"
    program.write_text('#!/bin/sh\nprintf "%s\\0" socat "$@" END >> "$OUT"\n')
    program.chmod(0o755)
    return {"PATH": f"{folder}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8", "HOME": "/h"}


@pytest.mark.parametrize("name", SNIPPETS)
def test_bash_gives_the_same_words(
    name: str, shell_environment: dict[str, str], tmp_path: Path
) -> None:
    text = SNIPPETS[name]
    out = tmp_path / "argv"
    environment = shell_environment | {"OUT": str(out)}
    subprocess.run(
        ["bash", "-c", text], env=environment, timeout=60, check=False, capture_output=True
    )
    real = [line.split(b"\0")[1:-1] for line in out.read_bytes().split(b"END\0")[:-1]]
    reading = read(Passage(text), Surroundings(), "-")
    ours = [
        [
            "".join("/h" if piece.text == "~" else piece.text for piece in word.pieces).encode()
            for word in command.words[1:]
        ]
        for command in reading.commands
    ]
    # What bash finds empty because nothing sets it is not known to us, and may split away.
    ours = [[word for word in words if not word.startswith(b"$UNSET_")] for words in ours]
    assert ours == real
