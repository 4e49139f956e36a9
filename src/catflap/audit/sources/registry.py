"""The kinds of file that are read; a new one takes its file and one row here."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from catflap.audit.command import Reading
    from catflap.audit.passage import Passage
    from catflap.core.surroundings import Surroundings

__all__ = ("SOURCES", "Reader", "Source", "find_source")


class Reader(Protocol):
    """What every source's module gives as ``read``."""

    def __call__(self, passage: Passage, surroundings: Surroundings, path: str) -> Reading:
        """Return the commands in a text; whatever the text, this raises nothing.

        Args:
            passage: the text, whole files and parts of them alike.
            surroundings: where it stands, as far as whoever holds it knows.
            path: the file's, ``-`` for the standard input; its neighbours are not read.
        """


@dataclass(frozen=True, slots=True)
class Source:
    """A kind of file.

    Args:
        name: as ``--kind`` takes it.
        help: one line.
        module: that has ``read``.
        names: shell patterns of whole file names, matched without regard to case.
        paths: shell patterns of the end of a path.
        comments: what begins a comment to the end of the line.
        content: a regular expression that must match within the first 64 KiB of the text, where
            the name alone does not tell the kind.
    """

    name: str
    help: str
    module: str
    names: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    comments: tuple[str, ...] = ("#",)
    content: str = ""

    @property
    def read(self) -> Reader:
        """The function that reads it, imported now."""
        reader: Reader = importlib.import_module(f"catflap.audit.sources.{self.module}").read
        return reader


# Of several that fit, the first counts: by path, then by name, then by name and content.
SOURCES: tuple[Source, ...] = (
    Source(
        "github-actions",
        "workflows and actions of GitHub",
        "github_actions",
        names=("action.yml", "action.yaml"),
        paths=("*.github/workflows/*.yml", "*.github/workflows/*.yaml"),
    ),
    Source(
        "gitlab-ci",
        "pipelines of GitLab",
        "gitlab_ci",
        names=(".gitlab-ci.yml", ".gitlab-ci.yaml", "*.gitlab-ci.yml", "*.gitlab-ci.yaml"),
    ),
    Source(
        "compose",
        "services of Docker and Podman compose",
        "compose",
        names=("*compose*.yml", "*compose*.yaml", "*compose*.yml.j2", "*compose*.yaml.j2"),
        content=r"(?m)^[ \t]*services[ \t]*:",
    ),
    Source(
        "dockerfile",
        "Dockerfiles and Containerfiles",
        "dockerfile",
        names=(
            "dockerfile",
            "dockerfile.*",
            "*.dockerfile",
            "containerfile",
            "containerfile.*",
            "*.containerfile",
        ),
    ),
    Source(
        "systemd",
        "units of systemd and their drop-ins",
        "systemd",
        names=(
            "*.service",
            "*.socket",
            "*.timer",
            "*.service.in",
            "*.service.j2",
            "*.service.tmpl",
            "*.container",
        ),
        paths=("*.service.d/*.conf", "*.socket.d/*.conf"),
        comments=("#", ";"),
    ),
    Source(
        "makefile",
        "Makefiles",
        "makefile",
        names=("makefile", "gnumakefile", "*.mk", "*.mak", "*.make", "*.makefile", "makefile.*"),
    ),
    Source("justfile", "recipes of just", "justfile", names=("justfile", ".justfile", "*.just")),
    Source(
        "crontab",
        "tables of cron",
        "crontab",
        names=("crontab", "crontab.*", "*.crontab", "*.cron"),
        paths=("*/cron.d/*", "*/crontabs/*"),
    ),
    Source(
        "ini",
        "supervisord and other INI files, Procfiles, inittab",
        "ini",
        names=(
            "*.ini",
            "supervisord.conf",
            "supervisor*.conf",
            "procfile",
            "procfile.*",
            "inittab",
            "*.desktop",
            "xinetd.conf",
            "inetd.conf",
        ),
        paths=(
            "*/supervisor/*.conf",
            "*/supervisor.d/*.conf",
            "*/supervisord.d/*.conf",
            "*/xinetd.d/*",
        ),
        comments=("#", ";"),
    ),
    Source(
        "ini",
        "programs of supervisord and circus under another name",
        "ini",
        names=("*.conf", "*.cfg"),
        comments=("#", ";"),
        content=r"(?m)^\s*\[(program|eventlistener|fcgi-program|watcher):",
    ),
    Source(
        "ansible",
        "playbooks, roles and tasks of Ansible",
        "ansible",
        names=("*.yml", "*.yaml"),
        # A list at the top, which manifests and compose files are not; nor is one list of another
        # document that is not indented under its key.
        content=r"(?ms)\A(?!(?:(?:---|[ \t#%])[^\n]*\n|\r?\n)*+"
        r"(?!(?:(?:pre_|post_)?tasks|handlers|block|rescue|always|roles|plays|playbook)[ \t]*:)"
        r"[A-Za-z_][\w.-]*[ \t]*:(?:[ \t]|\r?$))"
        r"(?=.*^-[ \t])(?=.*^[ \t]*(-[ \t]+)?(hosts|tasks|handlers|become|"
        r"gather_facts|import_tasks|include_tasks|(ansible\.(builtin|legacy)\.)?"
        r"(shell|command|raw|script|systemd|service|template|copy))[ \t]*:)",
    ),
    Source(
        "kubernetes",
        "manifests of Kubernetes and templates of Helm",
        "kubernetes",
        names=("*.yml", "*.yaml", "*.tpl", "*.yml.j2", "*.yaml.j2", "*.gotmpl"),
        # Drone's pipelines have a kind too, in small letters.
        # A part of a chart need not name a kind; its lines of control show what it is.
        content=r"(?m)^[ \t]*kind[ \t]*:(?![ \t]*(?:pipeline|secret|signature)[ \t]*\r?$)"
        r"|^[ \t]*\{\{-?[ \t]*(?:define|if|range|with)[ \t]",
    ),
    Source(
        "compose",
        "services of compose under another name",
        "compose",
        names=("*.yml", "*.yaml"),
        # A list of services is another tool's, Drone's for one.
        content=r"(?m)^services[ \t]*:(?!\s*-[ \t])",
    ),
    Source("yaml", "other YAML", "yaml", names=("*.yml", "*.yaml", "*.yml.j2", "*.yaml.j2")),
    Source(
        "json",
        "JSON: devcontainers, packages, tasks",
        "json_file",
        names=("*.json", "*.jsonc", "*.json5", ".devcontainer"),
        comments=("//",),
    ),
    Source("notebook", "notebooks of Jupyter", "notebook", names=("*.ipynb",)),
    Source("toml", "TOML", "toml_file", names=("*.toml",)),
    Source(
        "python", "Python", "python", names=("*.py", "*.pyw", "sconstruct", "wscript"), content=""
    ),
    Source(
        "javascript",
        "JavaScript and TypeScript",
        "javascript",
        names=("*.js", "*.mjs", "*.cjs", "*.jsx", "*.ts", "*.mts", "*.cts", "*.tsx"),
        comments=("//",),
    ),
    Source("go", "Go", "go", names=("*.go",), comments=("//",)),
    Source(
        "ruby", "Ruby and Vagrantfiles", "ruby", names=("*.rb", "vagrantfile", "rakefile", "*.rake")
    ),
    Source("nix", "Nix", "nix", names=("*.nix",), comments=("#", "/*")),
    Source(
        "markdown",
        "code blocks of Markdown",
        "markdown",
        names=("*.md", "*.markdown", "*.mdx", "*.rmd"),
        comments=("<!--", "#"),
    ),
    Source(
        "rst",
        "code blocks of reStructuredText and AsciiDoc",
        "rst",
        names=("*.rst", "*.adoc", "*.asciidoc"),
        comments=("..", "//", "#"),
    ),
    Source(
        "shell",
        "shell scripts",
        "shell",
        names=(
            "*.sh",
            "*.bash",
            "*.zsh",
            "*.ksh",
            "*.ash",
            "*.dash",
            "*.bats",
            "*.envrc",
            ".bashrc",
            ".profile",
            ".bash_profile",
            ".zshrc",
            ".bash_aliases",
            "*.sh.in",
            "*.sh.j2",
            "*.init",
            "*.initd",
            "*.openrc",
            "apkbuild",
            "pkgbuild",
            "*.ebuild",
            "configure.ac",
            "*.hook",
            "rc.local",
        ),
        paths=("*/init.d/*", "*/rc.d/*", "*/profile.d/*", "*/.githooks/*", "*/hooks/*"),
    ),
    # Files without a telling name: the first line decides, or that nothing else did.
    Source("python", "Python by its first line", "python", names=("*",), content=r"\A#!.*\bpython"),
    Source("ruby", "Ruby by its first line", "ruby", names=("*",), content=r"\A#!.*\bruby"),
    Source(
        "javascript",
        "JavaScript by its first line",
        "javascript",
        names=("*",),
        content=r"\A#!.*\b(node|deno|bun)\b",
        comments=("//",),
    ),
    Source(
        "makefile", "Make by its first line", "makefile", names=("*",), content=r"\A#!.*\bmake\b"
    ),
    Source(
        "shell",
        "a shell script by its first line",
        "shell",
        names=("*",),
        content=r"\A#!.*\b((ba|z|k|a|da|mk)?sh|openrc-run|runscript)\b",
    ),
    Source(
        "yaml", "cloud-init by its first line", "yaml", names=("*",), content=r"\A#cloud-config\b"
    ),
    Source(
        "cmdline",
        "an argument vector as /proc/PID/cmdline has it",
        "cmdline",
        names=("cmdline",),
        comments=(),
    ),
    # The last resort: whatever is text.
    Source(
        "text",
        "other text: programs in other languages, notes, web pages",
        "text",
        names=("*",),
        comments=("#", "//", ";", "--", "<!--", "<#", "::", "rem", "REM", "Rem"),
    ),
)


def find_source(name: str) -> Source | None:
    """Return the first source of this name."""
    return next((source for source in SOURCES if source.name == name), None)
