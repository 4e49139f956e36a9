"""What the rules of denials mean, for people who meet one in a log: read by ``explain``."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ("DECISIONS", "Meaning", "find_meaning")


@dataclass(frozen=True, slots=True)
class Meaning:
    """A rule by which peers are turned away.

    Args:
        slug: as events carry it.
        title: what is the case, one line.
        mend: what lets the peer in, when it ought to be.
    """

    slug: str
    title: str
    mend: str


DECISIONS: tuple[Meaning, ...] = (
    Meaning(
        "range",
        "The source is in no network that range= allows, or in one that it denies",
        "Add its address to range=, or put it before the entry that denies: the first one counts.",
    ),
    Meaning(
        "allow",
        "The source is in no network of allow, or in one that it denies",
        "Add its address to allow in the file, or put it before the entry that denies.",
    ),
    Meaning(
        "identities",
        "What the peer proved is not in the list of identities, or an entry denies it",
        "Add the name that the event's mend gives. Only the leaf certificate whose key did the "
        "handshake counts; names in the rest of the chain do not.",
    ),
    Meaning(
        "hours",
        "The bridge is closed at this hour",
        "Add a stretch to hours, with the zone that it is meant in.",
    ),
    Meaning("not-yet-open", "The bridge opens later (not-before)", "An earlier not-before."),
    Meaning("no-longer-open", "The bridge has closed (not-after)", "A later not-after."),
    Meaning("sourceport", "The peer comes from another port than sourceport= asks", "sourceport="),
    Meaning(
        "lowport",
        "The peer comes from a port that any user may take; lowport asks for one below 1024",
        "Start the client with CAP_NET_BIND_SERVICE and lowport, or remove lowport.",
    ),
    Meaning(
        "peer-unreadable",
        "The peer's address could not be read; what cannot be judged is not admitted",
        "Nothing by configuration: the connection was over before it was looked at.",
    ),
    Meaning(
        "proxy-from",
        "The connection comes from no proxy that is trusted",
        "Add the proxy to proxy-from=, or give direct clients a listener without it.",
    ),
    Meaning(
        "proxy-header-invalid",
        "A trusted proxy sent no PROXY header, or a broken one",
        "Let it send version 1 or 2: send-proxy in HAProxy, proxy_protocol on in nginx.",
    ),
    Meaning(
        "client-certificate-missing",
        "The client presented no certificate, and the listener demands one",
        "Give the client a certificate that the listener's cafile= or capath= vouches for.",
    ),
    Meaning("certificate-expired", "The certificate's time is over", "Renew it."),
    Meaning(
        "certificate-not-yet-valid",
        "The certificate's time has not begun",
        "Look at both clocks; else wait.",
    ),
    Meaning(
        "certificate-revoked",
        "The certificate is on the revocation list of its authority",
        "Issue a new one, to whom it still belongs.",
    ),
    Meaning(
        "revocation-unknown",
        "No revocation list that can be trusted says whether the certificate still holds",
        "Give crl= a current list of every authority in the chain, the root included.",
    ),
    Meaning(
        "revocation-list-expired",
        "The revocation list of the certificate's authority is out of date",
        "Fetch the authority's newest list; it is taken up without a restart.",
    ),
    Meaning(
        "certificate-untrusted",
        "No trusted authority vouches for the certificate",
        "Add its authority to cafile=, if its holders are to be let in; or issue one by yours.",
    ),
    Meaning(
        "certificate-self-signed",
        "The certificate vouches for itself",
        "Issue one by the authority that cafile= names.",
    ),
    Meaning(
        "certificate-wrong-name",
        "The certificate is good, but for another name than the one expected",
        "Expect the name it has (commonname=), or issue one with the name expected.",
    ),
    Meaning(
        "certificate-wrong-purpose",
        "The certificate may not be used by a client, or not by a server",
        "Issue one with the extended key usage clientAuth or serverAuth.",
    ),
    Meaning(
        "certificate-not-accepted",
        "The certificate did not pass verification",
        "The event's reason has the library's own words.",
    ),
    Meaning(
        "handshake-aborted",
        "The peer closed during the handshake",
        "Port scanners do; an honest client's own log says why.",
    ),
    Meaning(
        "handshake-failed",
        "The handshake failed in a way that has no name here",
        "The event's reason has the library's own words.",
    ),
    Meaning(
        "tls-protocol-version",
        "No TLS version is common to both ends",
        "Bring the older end up to TLS 1.3; min-proto-version=TLS1.2 takes it as it is.",
    ),
    Meaning(
        "tls-no-shared-cipher",
        "No cipher suite is common to both ends",
        "Bring the older end up to date; cipher= names suites.",
    ),
    Meaning(
        "tls-no-shared-group",
        "No key exchange group or signature is common to both ends",
        "Bring the older end up to date.",
    ),
    Meaning(
        "handshake-timeout",
        "The handshake was not finished in time",
        "A slow but honest client needs a longer handshake-timeout; the rest are scanners.",
    ),
    Meaning(
        "not-tls",
        "The peer does not speak TLS",
        "Let it: TLS: in place of TCP:, https in place of http.",
    ),
    Meaning(
        "peer-rejected",
        "The peer refused us during the handshake",
        "Its log says why; mostly it does not trust our certificate.",
    ),
    Meaning(
        "too-many-sessions",
        "As many sessions live as are allowed",
        "A higher limit of sessions, or of open files.",
    ),
    Meaning(
        "too-many-from-source",
        "One source has as many sessions as it may; an IPv6 /64 counts as one",
        "A higher per-source in limits; or proxy-from=, when it is a proxy that speaks for many.",
    ),
    Meaning(
        "too-many-of-identity",
        "One proven identity has as many sessions as it may",
        "A higher per-identity in limits, or a certificate for each of those who share this one.",
    ),
    Meaning(
        "too-many-handshakes",
        "As many handshakes are in flight as are allowed; the oldest give way after 2 s",
        "A higher number of handshakes in limits; most often it is a flood that should not get in.",
    ),
    Meaning(
        "too-many-handshakes-from-source",
        "One source has as many handshakes in flight as it may",
        "A higher handshakes-per-source in limits, for a source that honestly begins so many.",
    ),
    Meaning(
        "handshake-gave-way",
        "There were too many handshakes in flight, and this was the oldest of more than 2 s",
        "A higher number of handshakes in limits; an honest handshake is over long before.",
    ),
    Meaning(
        "connects-too-fast",
        "One source begins more connections a second than it may",
        "A higher rate, or burst, in limits; or connections that are kept.",
    ),
    Meaning(
        "penalised",
        "The source failed so often that it is kept out for a while",
        "Mend what fails there: its earlier events say what. The penalty fades by itself, and "
        "does not grow while it is kept out; penalties = false forgives everybody.",
    ),
    Meaning(
        "too-many-sources",
        "More sources have sessions at once than the workers can keep apart",
        "Fewer sources, by allow; or fewer workers.",
    ),
    Meaning(
        "log-full",
        "Events can no longer be written, and none about denials may be lost",
        "Make room for the log; --log-full drop serves on without it.",
    ),
)


def find_meaning(slug: str) -> Meaning | None:
    """Return what a rule of denials means."""
    return next((each for each in DECISIONS if each.slug == slug), None)
