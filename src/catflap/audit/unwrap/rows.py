"""Programs that start the command which follows their options, one row each.

A row says which options take a value and how many operands come before the command; after the
programs' manual pages.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

__all__ = ("WRAPPERS", "Wrapper")


@dataclass(frozen=True, slots=True)
class Wrapper:
    """How a program starts another.

    Args:
        valued: options with a value, as they are written, parted by blanks.
        operands: how many operands come before the command.
        user: options that name the account.
        default_user: the account without that option.
        user_operand: whether the first operand names the account.
        assignments: whether ``NAME=value`` may come before the command.
        facts: what becomes of the surroundings.
    """

    valued: str = ""
    operands: int = 0
    user: tuple[str, ...] = ()
    default_user: str = ""
    user_operand: bool = False
    assignments: bool = False
    facts: dict[str, Any] = field(default_factory=dict)


_SUDO = Wrapper(
    "-u --user -g --group -h --host -p --prompt -C --close-from -r --role -t --type -D --chdir"
    " -R --chroot -T --command-timeout -U --other-user -a -c",
    user=("-u", "--user"),
    default_user="root",
    assignments=True,
)
_BOUNDED = {"bounded": True}
_PLAIN = Wrapper()

WRAPPERS: dict[str, Wrapper] = {
    "sudo": _SUDO,
    "sudo-rs": _SUDO,
    "doas": Wrapper("-u -C -a", user=("-u",), default_user="root"),
    "pkexec": Wrapper("--user", user=("--user",), default_user="root"),
    "gosu": Wrapper(operands=1, user_operand=True),
    "su-exec": Wrapper(operands=1, user_operand=True),
    "s6-setuidgid": Wrapper(operands=1, user_operand=True),
    "setuidgid": Wrapper(operands=1, user_operand=True),
    "setpriv": Wrapper(
        "--reuid --regid --groups --ruid --euid --rgid --egid --inh-caps --ambient-caps"
        " --bounding-set --securebits --pdeathsig --selinux-label --apparmor-profile"
        " --landlock-access --landlock-rule --seccomp-filter --ptracer",
        user=("--reuid", "--euid"),
    ),
    "chpst": Wrapper("-u -U -b -e -/ -C -n -l -L -m -d -o -p -f -c -t", user=("-u",)),
    "softlimit": Wrapper("-a -c -d -f -l -m -n -o -p -r -s -t"),
    "envdir": Wrapper(operands=1),
    "s6-envdir": Wrapper(operands=1),
    "nohup": _PLAIN,
    "npx": Wrapper("-p --package"),
    "bunx": Wrapper("-p --package"),
    "timeout": Wrapper("-s --signal -k --kill-after", operands=1, facts=_BOUNDED),
    "gtimeout": Wrapper("-s --signal -k --kill-after", operands=1, facts=_BOUNDED),
    "nice": Wrapper("-n --adjustment"),
    "ionice": Wrapper("-c --class -n --classdata -p -P -u"),
    "chrt": Wrapper("-T -P -D", operands=1),
    "taskset": Wrapper("", operands=1),
    "numactl": Wrapper("-C -N -m -i -p --physcpubind --cpunodebind --membind"),
    "prlimit": _PLAIN,
    "choom": Wrapper("-n -p"),
    "exec": Wrapper("-a"),
    "command": _PLAIN,
    "builtin": _PLAIN,
    "coproc": _PLAIN,
    "time": Wrapper("-o --output -f --format"),
    "!": _PLAIN,
    "then": _PLAIN,
    "do": _PLAIN,
    "else": _PLAIN,
    "if": _PLAIN,
    "while": _PLAIN,
    "until": _PLAIN,
    "{": _PLAIN,
    "noglob": _PLAIN,
    "nocorrect": _PLAIN,
    "setsid": _PLAIN,
    "setarch": Wrapper(operands=1),
    "stdbuf": Wrapper("-i --input -o --output -e --error"),
    "unbuffer": _PLAIN,
    "rlwrap": Wrapper("-a -b -C -D -e -f -g -H -l -m -M -N -O -p -P -q -s -S -t -w -W -z"),
    "chronic": _PLAIN,
    # Debian's installer, and Expect.
    "in-target": _PLAIN,
    "spawn": _PLAIN,
    "catchsegv": _PLAIN,
    "proxychains": Wrapper("-f"),
    "proxychains4": Wrapper("-f"),
    "torsocks": Wrapper("-u -p -a -P"),
    "torify": _PLAIN,
    "strace": Wrapper("-a -b -e -E -I -o -O -p -P -s -S -u -U -X", user=("-u",)),
    "ltrace": Wrapper("-a -A -D -e -F -l -n -o -p -s -u -w -x", user=("-u",)),
    "valgrind": _PLAIN,
    "perf": Wrapper("-e -o", operands=1),
    "cgexec": Wrapper("-g"),
    "faketime": Wrapper("-f", operands=1),
    "dbus-run-session": Wrapper("--config-file --dbus-daemon"),
    "dbus-launch": _PLAIN,
    "fakeroot": Wrapper("-l -s -i -b --lib --faked -u"),
    "firejail": _PLAIN,
    "caffeinate": Wrapper("-t -w"),
    "cronitor": Wrapper(operands=1),
    "daemon": Wrapper(
        "-n --name -P --pidfiles -F --pidfile -u --user -r -l --errlog -b --dbglog -o --output"
        " -O --stdout -E --stderr -X --command -D --chdir -m --umask -e --env -L --delay -A"
        " --attempts -M --limit -R --chroot -C --config -p -t -T -c -f",
        user=("-u", "--user"),
    ),
    "daemonize": Wrapper("-c -e -o -p -l -u -E", user=("-u",)),
    "tini": Wrapper("-p -e"),
    "docker-init": Wrapper("-p -e"),
    "dumb-init": Wrapper("-r --rewrite"),
    "catatonit": _PLAIN,
    "s6-svscan": _PLAIN,
    "with-contenv": _PLAIN,
    "busybox": _PLAIN,
    "toybox": _PLAIN,
    "unshare": Wrapper(
        "-S --setuid -G --setgid -R --root -w --wd --propagation --map-user --map-group"
        " --map-users --map-groups --setgroups --kill-child"
    ),
    "bwrap": _PLAIN,
    "chroot": Wrapper("--userspec --groups", operands=1),
    "schroot": Wrapper("-c --chroot -u --user -d --directory -s --shell -n --session-name"),
    "systemd-run": Wrapper(
        "-p --property -u --unit -M --machine -H --host -E --setenv -d -t --description --slice"
        " --uid --gid --nice --working-directory --on-active --on-boot --on-startup"
        " --on-unit-active --on-unit-inactive --on-calendar --timer-property --path-property"
        " --socket-property --service-type --background -C --capsule",
        user=("--uid",),
    ),
    "systemd-inhibit": Wrapper("--what --who --why --mode"),
    "systemd-cat": Wrapper("-t --identifier -p --priority --stderr-priority"),
    "systemd-nspawn": Wrapper("-D --directory -M --machine -u --user -i --image"),
    "nsenter": Wrapper("-t --target -S --setuid -G --setgid", facts={"elsewhere": True}),
    "vrf": Wrapper(operands=2),
    "sshpass": Wrapper("-f -d -p -P"),
    "autossh": Wrapper("-M"),
    "retry": Wrapper("-t -s -m -x --times --sleep --delay --until --while"),
    "wait-for-it": _PLAIN,
    "nodaemon": _PLAIN,
    "env": Wrapper("-u --unset -C --chdir -a --argv0 -P", assignments=True),
}
"""By the program's base name."""
