"""What every address can be asked: working directory, file mask, line ends, locks.

Sources: chdir(2), umask(2), socat's groups APPL and (all).
"""

from __future__ import annotations

from typing import Final

from catflap.address.rows import BuiltIn, Group, OptionRow, Phase, Risk, ValueType

__all__ = ("OPTIONS",)

OPTIONS: Final = (
    OptionRow(
        "chdir",
        (Group.ALL,),
        Phase.INIT,
        ValueType.STRING,
        "Change to this directory while the address is opened",
        aliases=("cd",),
        applies=BuiltIn(),
    ),
    OptionRow(
        "umask",
        (Group.ALL,),
        Phase.INIT,
        ValueType.MODE_T,
        "Mode bits (octal) that files and sockets made by this address never get",
        applies=BuiltIn(),
        risk=Risk.WEAKENS,
    ),
    OptionRow(
        "cr",
        (Group.APPL,),
        Phase.LATE,
        ValueType.CONST,
        "Write each line end as a carriage return; read a carriage return as a line end",
        applies=BuiltIn(),
    ),
    OptionRow(
        "crnl",
        (Group.APPL,),
        Phase.LATE,
        ValueType.CONST,
        "Write each line end as CR LF; drop carriage returns when reading",
        aliases=("crlf",),
        applies=BuiltIn(),
    ),
    OptionRow(
        "escape",
        (Group.APPL,),
        Phase.INIT,
        ValueType.INT,
        "Code of a typed character that ends the input, as a way out of a raw terminal",
        applies=BuiltIn(),
    ),
    OptionRow(
        "ignoreeof",
        (Group.APPL,),
        Phase.LATE,
        ValueType.BOOL,
        "Keep reading after end of file, as `tail -f` does",
        aliases=("ignoreof",),
        applies=BuiltIn(),
    ),
    OptionRow(
        "readbytes",
        (Group.APPL,),
        Phase.LATE,
        ValueType.SIZE_T,
        "Stop reading after this many bytes and treat that as the end",
        aliases=("bytes",),
        applies=BuiltIn(),
    ),
    OptionRow(
        "lockfile",
        (Group.APPL,),
        Phase.INIT,
        ValueType.STRING,
        "Make this lock file first; fail at once when it is there already",
        applies=BuiltIn(),
        risk=Risk.WRITES,
    ),
    OptionRow(
        "waitlock",
        (Group.APPL,),
        Phase.INIT,
        ValueType.STRING,
        "Make this lock file first; wait for as long as another process keeps it",
        applies=BuiltIn(),
        risk=Risk.WRITES,
    ),
)
