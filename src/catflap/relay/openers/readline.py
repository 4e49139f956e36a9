"""READLINE: the terminal at the standard input, with a line editor and a history.

Lines are edited here, not by GNU readline: that one waits for a whole line before it returns, and
so would everything else. While a line is typed, what the far side writes is shown at once, and the
line is drawn again behind it; the C program holds it back until the line is done.

What asks for a line is taken from the far side: the unfinished line that it wrote last. As the C
program does, it is written once more when the first key is pressed.
"""

from __future__ import annotations

import atexit
import os
import signal
from typing import TYPE_CHECKING, ClassVar

from catflap.bridge.effective import Dialect
from catflap.core.errors import OperationError
from catflap.relay.channel import Channel, is_pollable
from catflap.relay.editing.display import LineDisplay, width_of
from catflap.relay.editing.history import read_history, write_history
from catflap.relay.editing.keys import Keys
from catflap.relay.editing.line import Effect, Line
from catflap.relay.editing.regex import PosixRegex
from catflap.relay.editing.wire import PromptScan, Tamed
from catflap.relay.inherited import Inherited
from catflap.relay.opening import COMMON_OPTIONS, Opening
from catflap.relay.terminal import TERMINAL_OPTIONS, apply, edit_by_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from catflap.bridge.side import Side
    from catflap.relay.poller import Poller

__all__ = ("ReadlineOpener",)

_TERMINAL = 0
_KEYS_BYTES = 4096
_WRITE_BYTES = 4096
_COLUMNS = 80


class ReadlineOpener:
    """Edits lines on the terminal."""

    takes: ClassVar[frozenset[str]] = (
        COMMON_OPTIONS
        | TERMINAL_OPTIONS
        | {"history-file", "prompt", "noprompt", "noecho", "cloexec"}
    )

    def __init__(self, side: Side) -> None:
        """Read the options.

        Raises:
            OperationError: the expression of ``noecho`` is none.
        """
        self._side = side
        self._history_file = side.text("history-file").value
        said = side.last("prompt") is not None
        self._prompt = side.text("prompt").value if said else None
        self._scans = self._prompt is None and not side.flag("noprompt").value
        pattern = side.text("noecho").value
        self._hides = PosixRegex(pattern) if pattern else None
        self.target = "readline"

    async def open(self, opening: Opening) -> Channel:
        """Take the terminal.

        Raises:
            OperationError: the standard input is no terminal, or the history cannot be read.
        """
        if not os.isatty(_TERMINAL):
            message = "READLINE edits lines on a terminal, and the standard input is none"
            raise OperationError(message, "STDIO for a pipe or a file")
        history = read_history(self._history_file) if self._history_file else []
        undo: list[Callable[[], None]] = []
        try:
            terminal = Inherited(_TERMINAL, self.target)
            undo.append(terminal.release)
            output = terminal.writer("none").descriptor
            prompts = _Prompts(self._prompt, self._hides, asks=self._scans)
            safe = self._side.dialect is Dialect.CATFLAP
            editor = _Editor(opening.loop, output, Line(history), prompts, eager=safe)
            undo.append(editor.close)
            if opening.reads:
                undo.append(_keep_by_key(self._side, editor.draw_again))
                if self._history_file:
                    undo.append(lambda: self._save(opening, history))
            reader = (
                _Keyboard(terminal.reader("none").descriptor, editor) if opening.reads else None
            )
            writer = _Paper(os.dup(output), editor, Tamed() if safe else None)
            undo.append(lambda: os.close(writer.descriptor))
        except OSError as error:
            _run(undo)
            message = f"the terminal cannot be used: {error.strerror}"
            raise OperationError(message) from error
        except BaseException:
            _run(undo)
            raise
        editor.start()
        channel = Channel(
            reader, writer if opening.writes else None, self.target, lambda _abort: _run(undo)
        )
        channel.tells_end = False
        return channel

    def _save(self, opening: Opening, history: list[str]) -> None:
        try:
            write_history(self._history_file, history)
        except OperationError as error:
            opening.notice(str(error))

    def close(self) -> None:
        """Nothing is held between sessions."""


def _run(undo: list[Callable[[], None]]) -> None:
    while undo:
        undo.pop()()


def _keep_by_key(side: Side, draw_again: Callable[[], None]) -> Callable[[], None]:
    """Have the terminal give each key at once, and return what puts it back as it was.

    It is put back however the process ends, and while it is stopped (Ctrl-Z).
    """
    asked = apply(side, _TERMINAL)
    restore = [edit_by_key(_TERMINAL)]

    def back() -> None:
        """Put the terminal back, once."""
        atexit.unregister(back)
        if caught:
            signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        while restore:
            restore.pop()()
        if asked is not None:
            asked()

    def stop(_number: int, _frame: object) -> None:
        """Stop as asked, with the terminal as others want it; go on when told to."""
        while restore:
            restore.pop()()
        os.kill(os.getpid(), signal.SIGSTOP)
        restore.append(edit_by_key(_TERMINAL))
        draw_again()

    caught = signal.getsignal(signal.SIGTSTP) is signal.SIG_DFL
    if caught:
        signal.signal(signal.SIGTSTP, stop)
    atexit.register(back)
    return back


class _Prompts:
    """What stands before a line: said once, taken from the far side, or nothing.

    Args:
        fixed: what was said.
        hides: matches what asks for something secret.
        asks: whether the far side's unfinished line is the prompt.
    """

    __slots__ = ("_asks", "_hides", "fixed", "scan")

    def __init__(self, fixed: str | None, hides: PosixRegex | None, *, asks: bool) -> None:
        self.fixed = None if fixed is None else fixed.encode("utf-8", "surrogateescape")
        self.scan = PromptScan()
        self._hides = hides
        self._asks = asks

    def now(self) -> bytes | None:
        """Return the prompt for a line that begins now; ``None`` leaves the row as it is."""
        return self.scan.text if self._asks else self.fixed

    def hides(self) -> bool:
        """Whether what is typed now is not to be seen."""
        return self._hides is not None and self._hides.matches(self.scan.text)

    def answered(self) -> None:
        """Forget what was asked."""
        self.scan.text = b""


class _Editor:
    """The line, its look, and all that is written to the terminal.

    Args:
        eager: show a fixed prompt before anybody types, and again after each output.
    """

    def __init__(
        self, loop: Poller, output: int, line: Line, prompts: _Prompts, *, eager: bool
    ) -> None:
        self.ended = False
        self._loop = loop
        self._output = output
        self._line = line
        self._prompts = prompts
        self._eager = eager and prompts.fixed is not None
        self._display = LineDisplay()
        self._keys = Keys()
        self._typing = False
        self._hidden = False
        self._pending = bytearray()
        self._waits = False

    def start(self) -> None:
        """Show what is shown before the first key."""
        if self._eager:
            self._begin()

    def keys(self, data: bytes) -> bytes:
        """Follow what was typed and return the lines that are done."""
        done = b""
        for key in self._keys.feed(data):
            if self.ended:
                break
            if not self._typing:
                self._begin()
            done += self._key(key)
        return done

    def hang_up(self) -> None:
        """Hear that nothing will be typed any more."""
        self.ended = True

    def _begin(self) -> None:
        self._hidden = self._prompts.hides()
        prompt = None if self._hidden else self._prompts.now()
        self._line.begin()
        self._display.forget()
        self._typing = True
        if prompt is not None:
            self._put(b"\r" + prompt)

    def _key(self, key: str) -> bytes:
        effect = self._line.feed(key)
        if effect is Effect.ENDED:
            self.ended = True
            self._typing = False
        elif effect is Effect.ACCEPTED:
            return self._accept()
        elif effect is Effect.CLEARED and not self._hidden:
            self._put(b"\x1b[H\x1b[2J" + (self._prompts.now() or b""))
            self._display.forget()
            self._draw()
        elif effect is Effect.CHANGED and not self._hidden:
            self._draw()
        return b""

    def _accept(self) -> bytes:
        text = str(self._line)
        self._typing = False
        if not self._hidden:
            self._put(b"\n")
            if text:
                self._line.remember()
        self._prompts.answered()
        if self._eager:
            self._begin()
        return text.encode("utf-8", "surrogateescape") + b"\n"

    def _draw(self) -> None:
        text = self._display.draw(self._line.text, self._line.cursor, self._columns())
        self._put(text.encode("utf-8", "surrogateescape"))

    def draw_again(self) -> None:
        """Show prompt and line on a row of which nothing is known."""
        if self._typing and not self._hidden:
            self._display.forget()
            self._put(b"\r" + (self._prompts.now() or b""))
            self._draw()

    def _columns(self) -> int:
        prompt = (self._prompts.now() or b"").decode("utf-8", "replace")
        try:
            columns = os.get_terminal_size(self._output).columns or _COLUMNS
        except OSError:
            columns = _COLUMNS
        return columns - width_of(prompt)

    def show(self, data: bytes) -> None:
        """Write what the far side said; a line that is being typed stays below it."""
        shown = self._typing and not self._hidden
        if shown:
            self._put(self._display.erase().encode())
            if self._eager:
                width = width_of((self._prompts.fixed or b"").decode("utf-8", "replace"))
                self._put(b"\r" + b" " * width + b"\r")
        self._put(data)
        self._prompts.scan.see(data)
        # What is asked for in the middle of a line may be a secret; a secret stays one to its end.
        self._hidden = self._hidden or (self._typing and self._prompts.hides())
        if shown and not self._hidden:
            if self._eager:
                begun = not data.endswith((b"\n", b"\r"))
                self._put((b"\n" if begun else b"") + (self._prompts.fixed or b""))
            self._draw()

    @property
    def is_full(self) -> bool:
        """Whether the terminal does not take what was written last."""
        if self._pending:
            self._flush()
        return bool(self._pending)

    def _put(self, data: bytes) -> None:
        if data:
            self._pending += data
            self._flush()

    def _flush(self) -> None:
        """Write what the terminal takes; the rest goes when it takes more."""
        try:
            while self._pending:
                del self._pending[: os.write(self._output, self._pending)]
        except BlockingIOError:
            if not self._waits:
                self._waits = True
                self._loop.add_writer(self._output, self._flush)
            return
        except OSError:
            # A terminal that is gone tells so when it is read.
            self._pending.clear()
        if self._waits:
            self._waits = False
            self._loop.remove_writer(self._output)

    def close(self) -> None:
        """Leave the row to others, and write what the terminal still takes."""
        if self._typing and not self._hidden and (self._eager or self._line.text):
            self._put(b"\n")
        if self._waits:
            self._loop.remove_writer(self._output)


class _Keyboard:
    """The half that gives lines."""

    __slots__ = ("_done", "_editor", "bare", "boundaries", "closes", "descriptor", "pollable")

    def __init__(self, descriptor: int, editor: _Editor) -> None:
        self.descriptor = descriptor
        self.pollable = is_pollable(descriptor)
        self.bare = False
        self.closes = False
        self.boundaries = False
        self._editor = editor
        self._done = bytearray()

    def read_into(self, buffer: memoryview) -> int:
        """Give lines that are done; until one is, there is nothing to read."""
        if not self._done and not self._editor.ended:
            try:
                typed = os.read(self.descriptor, _KEYS_BYTES)
            except OSError as error:
                if isinstance(error, BlockingIOError):
                    raise
                # Whoever held the terminal has hung up (EIO, pty(7)).
                typed = b""
            if typed:
                self._done += self._editor.keys(typed)
            else:
                self._editor.hang_up()
        if not self._done:
            if self._editor.ended:
                return 0
            raise BlockingIOError
        count = min(len(buffer), len(self._done))
        buffer[:count] = self._done[:count]
        del self._done[:count]
        return count

    def buffered(self) -> bool:
        """Whether a line waits, or the end."""
        return bool(self._done) or self._editor.ended


class _Paper:
    """The half that is shown; it has a descriptor of its own, for its readiness alone."""

    __slots__ = (
        "_editor",
        "_tamed",
        "bare",
        "boundaries",
        "closes",
        "descriptor",
        "pollable",
    )

    def __init__(self, descriptor: int, editor: _Editor, tamed: Tamed | None) -> None:
        self.descriptor = descriptor
        self.pollable = is_pollable(descriptor)
        self.bare = False
        self.closes = False
        self.boundaries = False
        self._editor = editor
        self._tamed = tamed

    def write(self, data: memoryview | bytes) -> int:
        """Show some of it."""
        if self._editor.is_full:
            raise BlockingIOError
        piece = bytes(data[:_WRITE_BYTES])
        self._editor.show(piece if self._tamed is None else self._tamed(piece))
        return len(piece)

    def end(self) -> None:
        """A terminal cannot be told."""
