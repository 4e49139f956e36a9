"""What a row of the catalogue says: kinds, options, and their vocabulary.

The names, groups, phases and types are those of socat 1.8.1.3; rows with ``since`` "catflap" are
ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum, StrEnum

__all__ = (
    "BuiltIn",
    "Control",
    "ControlForm",
    "Direction",
    "Flag",
    "Group",
    "InodeFlag",
    "Kind",
    "Lock",
    "OpenFlag",
    "OptionRow",
    "Parameter",
    "ParameterType",
    "Phase",
    "Risk",
    "Role",
    "SocketForm",
    "SocketOption",
    "TermiosAction",
    "Transport",
    "ValueType",
)


class Group(StrEnum):
    """What an address can be asked: an option fits a kind when they share a group."""

    ALL = "(all)"
    APPL = "APPL"
    BLK = "BLK"
    CHILD = "CHILD"
    CHR = "CHR"
    DCCP = "DCCP"
    EXEC = "EXEC"
    FD = "FD"
    FIFO = "FIFO"
    FORK = "FORK"
    HTTP = "HTTP"
    INTERFACE = "INTERFACE"
    IP4 = "IP4"
    IP6 = "IP6"
    LISTEN = "LISTEN"
    NAMED = "NAMED"
    OPEN = "OPEN"
    OPENSSL = "OPENSSL"
    PARENT = "PARENT"
    POSIXMQ = "POSIXMQ"
    PROCESS = "PROCESS"
    PTY = "PTY"
    RANGE = "RANGE"
    READLINE = "READLINE"
    REG = "REG"
    RETRY = "RETRY"
    SCTP = "SCTP"
    SHELL = "SHELL"
    SOCKET = "SOCKET"
    SOCKS = "SOCKS"
    TCP = "TCP"
    TERMIOS = "TERMIOS"
    UDP = "UDP"
    UDPLITE = "UDPLITE"
    UNIX = "UNIX"
    VIA = "VIA"


class Phase(IntEnum):
    """When an option is applied, in this order whatever the order of writing."""

    OFFSET = 0
    INIT = 1
    EARLY = 2
    PREOPEN = 3
    OPEN = 4
    PASTOPEN = 5
    PRESOCKET = 6
    SOCKET = 7
    PASTSOCKET = 8
    PREBIGEN = 9
    BIGEN = 10
    PASTBIGEN = 11
    FD = 12
    PREBIND = 13
    BIND = 14
    PASTBIND = 15
    PRELISTEN = 16
    LISTEN = 17
    PASTLISTEN = 18
    CONNECT = 19
    ACCEPT = 20
    PASTACCEPT = 21
    CONNECTED = 22
    PREFORK = 23
    PASTFORK = 24
    FORK = 25
    LATE = 26
    LATE2 = 27
    PREEXEC = 28
    EXEC = 29
    SPECIFIC = 30


class ValueType(StrEnum):
    """How an option's value is written."""

    BOOL = "BOOL"
    BYTE = "BYTE"
    CONST = "CONST"
    GENERIC = "GENERIC"
    GID_T = "GID_T"
    INT = "INT"
    INT_3 = "INT[3]"
    INT_BIN = "INT:BIN"
    INT_INT = "INT:INT"
    INT_INTP = "INT:INTP"
    INT_INT_BIN = "INT:INT:BIN"
    INT_INT_INT = "INT:INT:INT"
    INT_INT_STRING = "INT:INT:STRING"
    INT_NULL = "INT/NULL"
    INT_STRING = "INT:STRING"
    INT_ULONG = "INT:ULONG"
    BIN = "BIN"
    IP4NAME = "IP4NAME"
    IP4SOCK = "IP4SOCK"
    IP_MREQ_SOURCE = "IP-MREQ-SOURCE"
    LONG = "LONG"
    MODE_T = "MODE_T"
    OFF_T = "OFF_T"
    OFF64_T = "OFF64_T"
    SIZE_T = "SIZE_T"
    STRING = "STRING"
    STRING_NULL = "STRING-NULL"
    STRUCT_IP_MREQN = "STRUCT-IP_MREQN"
    STRUCT_LINGER = "STRUCT-LINGER"
    STRUCT_TIMESPEC = "STRUCT-TIMESPEC"
    STRUCT_TIMEVAL = "STRUCT-TIMEVAL"
    UID_T = "UID_T"
    UNSIGNED_INT = "UNSIGNED-INT"
    UNSIGNED_SHORT = "UNSIGNED-SHORT"
    NAMES = "NAMES"


class ParameterType(StrEnum):
    """What a positional parameter holds."""

    HOST = "host"
    PORT = "port"
    PATH = "path"
    DESCRIPTOR = "descriptor"
    COMMAND = "command"
    TEXT = "text"
    NUMBER = "number"
    BINARY = "binary"
    INTERFACE = "interface"
    NETWORK = "network"
    QUEUE = "queue"


class Role(StrEnum):
    """How a kind comes to its peer."""

    CONNECT = "connect"
    LISTEN = "listen"
    SERVE = "serve"
    RECEIVE = "receive"
    DATAGRAM = "datagram"
    STREAM = "stream"
    FILE = "file"
    PROGRAM = "program"
    TERMINAL = "terminal"
    DEVICE = "device"


class Transport(StrEnum):
    """What carries the bytes."""

    TCP = "tcp"
    TLS = "tls"
    UDP = "udp"
    DTLS = "dtls"
    UDPLITE = "udplite"
    SCTP = "sctp"
    DCCP = "dccp"
    UNIX = "unix"
    ABSTRACT = "abstract"
    IP = "ip"
    LINK = "link"
    VSOCK = "vsock"
    QUEUE = "queue"
    SOCKET = "socket"
    LOCAL = "local"


class Direction(Enum):
    """Which ways bytes can flow through a kind."""

    BOTH = "both"
    READ = "read"
    WRITE = "write"


class Risk(StrEnum):
    """What using a kind or an option can cost; nothing where it costs nothing."""

    NONE = ""
    EXPOSES = "exposes a service to the network"
    PLAINTEXT = "sends bytes that anybody on the way can read"
    EXECUTES = "runs a program"
    SHELL = "hands text to a shell"
    WEAKENS = "weakens protection when used wrongly"
    WRITES = "writes or removes files"
    RAW = "bypasses the normal network stack"
    DISCLOSES = "can disclose a secret or payload"
    PRIVILEGE = "changes what the process may do"


class SocketForm(Enum):
    """How a socket option's value is packed."""

    INT = "int"
    BYTE = "byte"
    TIMEVAL = "timeval"
    LINGER = "linger"
    STRING = "string"
    BINARY = "binary"
    HOST = "host"
    GROUP = "group"
    SOURCE_GROUP = "source-group"
    GROUP6 = "group6"
    SOURCE_GROUP6 = "source-group6"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class SocketOption:
    """Applied by setsockopt(2): level, number and form of the value.

    With the form ``ANY`` level and number are part of the value.
    """

    level: int
    number: int
    form: SocketForm = SocketForm.INT


@dataclass(frozen=True, slots=True)
class OpenFlag:
    """Applied by a flag of open(2)."""

    flag: int


class Flag(Enum):
    """Which termios(3) word a terminal option changes."""

    INPUT = 0
    OUTPUT = 1
    CONTROL = 2
    LOCAL = 3
    CHARACTER = 4
    SPEED = 5
    WHOLE = 6


@dataclass(frozen=True, slots=True)
class TermiosAction:
    """Applied by tcsetattr(3).

    Args:
        word: which of the termios words.
        value: the bits to set (flag options), the index (characters) or the speed constant.
        mask: the bits to clear first, for options that choose one of several.
    """

    word: Flag
    value: int
    mask: int = 0


@dataclass(frozen=True, slots=True)
class InodeFlag:
    """Applied by setting a bit of the inode's attributes (ioctl_iflags(2), chattr(1))."""

    flag: int


@dataclass(frozen=True, slots=True)
class Lock:
    """Applied by locking the open file.

    Args:
        whole_file: by flock(2), which knows nothing but whole files; else by fcntl(2).
        exclusive: nobody else may hold one, not even a shared one.
        waits: until it is free.
    """

    whole_file: bool
    exclusive: bool
    waits: bool


class ControlForm(Enum):
    """What is handed to ioctl(2) as its third argument."""

    NOTHING = "nothing"
    NUMBER = "number"
    POINTER = "pointer"
    BINARY = "binary"
    STRING = "string"


@dataclass(frozen=True, slots=True)
class Control:
    """Applied by ioctl(2).

    Args:
        form: what the third argument is.
        request: which one; 0 where it is the first part of the value.
    """

    form: ControlForm
    request: int = 0


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """Applied by code of ours that reads this option by its name."""


Applies = SocketOption | OpenFlag | TermiosAction | InodeFlag | Lock | Control | BuiltIn


@dataclass(frozen=True, slots=True)
class Parameter:
    """One positional parameter of a kind."""

    name: str
    type: ParameterType
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """One address kind.

    Args:
        name: canonical, upper case.
        syntax: what follows the name, as socat's help shows it.
        groups: which options fit.
        role: how it comes to its peer.
        transport: what carries the bytes.
        family: the address family it is bound to: ``4``, ``6``, or nothing.
    """

    name: str
    syntax: str
    groups: tuple[Group, ...]
    role: Role
    transport: Transport
    help: str
    parameters: tuple[Parameter, ...] = ()
    aliases: tuple[str, ...] = ()
    family: str = ""
    direction: Direction = Direction.BOTH
    risk: Risk = Risk.NONE
    since: str = "1.0"

    @property
    def listens(self) -> bool:
        """Whether it waits for peers rather than going to one."""
        return self.role in {Role.LISTEN, Role.RECEIVE}


@dataclass(frozen=True, slots=True)
class OptionRow:
    """One option.

    Args:
        name: canonical, lower case.
        groups: which kinds take it.
        phase: when it is applied.
        type: how its value is written.
        help: one line.
        applies: what applies it; ``None`` means known, but not built here yet.
        refused: why it never will be applied, when that is so.
    """

    name: str
    groups: tuple[Group, ...]
    phase: Phase
    type: ValueType
    help: str
    aliases: tuple[str, ...] = ()
    applies: Applies | None = None
    risk: Risk = Risk.NONE
    refused: str = ""
    since: str = "1.0"

    def fits(self, kind: Kind) -> bool:
        """Whether ``kind`` takes this option."""
        if Group.ALL in self.groups or Group.APPL in self.groups or Group.PROCESS in self.groups:
            return True
        return any(group in kind.groups for group in self.groups)
