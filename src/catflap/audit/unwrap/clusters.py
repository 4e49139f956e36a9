"""``kubectl`` and ``vagrant``: a command in a pod, on a virtual machine."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from catflap.audit.images import takes_addresses
from catflap.audit.unwrap.containers import image_command
from catflap.audit.unwrap.layers import base_name, unwrap
from catflap.audit.unwrap.options import options, tail
from catflap.audit.unwrap.readers import of_kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from catflap.audit.command import Argument, Command
    from catflap.audit.context import Context
    from catflap.core.spans import Span

__all__ = ("kubectl", "vagrant")

_KUBECTL = (
    "-n --namespace --context --kubeconfig --cluster --user --token -s --server --as --as-group"
    " --request-timeout -v -c --container -f --filename --pod-running-timeout --image --port -l"
    " --labels --env --restart --overrides --image-pull-policy --limits --requests"
    " --serviceaccount --target --profile --copy-to --annotations"
)
_TAKES_MANIFESTS = frozenset({"apply", "create", "replace"})
_WORKLOADS = frozenset({"deployment", "deploy", "job", "cronjob", "cj"})
_VERBS = frozenset({"exec", "run", "debug", "rsh"})


def kubectl(words: Sequence[Argument], span: Span, context: Context) -> Iterator[Command]:
    """Take off ``kubectl exec POD -- COMMAND`` and ``kubectl run NAME --image=IMAGE -- WORDS``."""
    if len(words) > 1 and words[1].text == "kubectl" and base_name(words[0]) != "kubectl":
        words = words[1:]
    at = options(words, _KUBECTL.split(), skip_unknown=True).rest
    if at < len(words) and words[at].text in _TAKES_MANIFESTS and context.stdin is not None:
        texts = [word.text for word in words[at:]]
        if {"-f-", "--filename=-"} & set(texts) or ("-f", "-") in pairwise(texts):
            yield from of_kind("kubernetes", context)
            return
    if at >= len(words):
        return
    given_whole = list(_given(words, context))
    if given_whole:
        yield from given_whole
        return
    verb = words[at].text
    if verb == "create" and at + 1 < len(words) and words[at + 1].text in _WORKLOADS:
        # ``kubectl create deployment NAME --image=IMAGE -- COMMAND``
        at += 1
    elif verb not in _VERBS:
        return
    end = next((i for i in range(at, len(words)) if words[i].text == "--"), None)
    before = list(words[at : len(words) if end is None else end])
    given = options(before, _KUBECTL.split())
    rest = words[end + 1 :] if end is not None else before[given.rest + 1 :]
    late = options(before, _KUBECTL.split(), min(given.rest + 1, len(before)))
    facts: dict[str, Any] = {"container": True, "user": "", "published": None, "bounded": False}
    inner = context.inside(**facts)
    image = late.value("--image") or given.value("--image")
    as_program = late.has("--command") or given.has("--command") or verb != "run"
    if image is not None and not as_program:
        yield from image_command((image, *rest), None, span, inner)
    elif verb == "run" and before and takes_addresses([word.text for word in rest]):
        # The image stands where the name does, or an alias gives it.
        yield from image_command((before[-1], *rest), None, span, inner)
    else:
        yield from unwrap(rest, span, inner)


def _given(words: Sequence[Argument], context: Context) -> Iterator[Command]:
    """Yield the commands of a manifest among the words: ``--overrides=JSON``, ``patch -p YAML``."""
    from catflap.audit.shell.foreign import read_as
    from catflap.audit.shell.words import as_passage

    verbs = {word.text for word in words[1:]}
    names = ("-p", "--patch", "--overrides") if "patch" in verbs else ("--overrides",)
    for position, word in enumerate(words):
        name, sign, value = word.text.partition("=")
        if name not in names:
            continue
        given = tail(word, len(name) + 1) if sign else None
        if given is None and not value and position + 1 < len(words):
            given = words[position + 1]
        if given is not None:
            yield from read_as("", as_passage(given.pieces), context)


def vagrant(words: Sequence[Argument], _span: Span, context: Context) -> Iterator[Command]:
    """Take off ``vagrant ssh NAME -c TEXT``."""
    from catflap.audit.unwrap.texts import shell_text

    if len(words) < 2 or words[1].text != "ssh":
        return
    given = options(words, ("-c", "--command", "-p"), 2)
    late = options(words, ("-c", "--command", "-p"), min(given.rest + 1, len(words)))
    text = given.value("-c", "--command") or late.value("-c", "--command")
    if text is not None:
        yield from shell_text((text,), context.inside(elsewhere=True, user="vagrant"))
