"""A line editor with history on the terminal.

Sources: readline(3), history(3).
"""

from __future__ import annotations

from typing import Final

from catflap.address.rows import BuiltIn, Group, OptionRow, Phase, Risk, ValueType

__all__ = ("OPTIONS",)

OPTIONS: Final = (
    OptionRow(
        "history-file",
        (Group.READLINE,),
        Phase.LATE,
        ValueType.STRING,
        "File from which typed lines are recalled and to which they are saved",
        aliases=("history",),
        applies=BuiltIn(),
        risk=Risk.DISCLOSES,
    ),
    OptionRow(
        "noecho",
        (Group.READLINE,),
        Phase.LATE,
        ValueType.STRING,
        "Regular expression of prompts, such as one for a password, after which echo is off",
        applies=BuiltIn(),
    ),
    OptionRow(
        "noprompt",
        (Group.READLINE,),
        Phase.LATE,
        ValueType.BOOL,
        "Do not take unfinished output lines for a prompt",
        applies=BuiltIn(),
    ),
    OptionRow(
        "prompt",
        (Group.READLINE,),
        Phase.LATE,
        ValueType.STRING,
        "Text to show before each line",
        applies=BuiltIn(),
    ),
)
