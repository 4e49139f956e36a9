"""The feed finds the event that speaks about a peer, and keeps what is no event."""

from __future__ import annotations

import asyncio

from catflap.prove.eventfeed import EventFeed

DENIED = (
    b'{"event":"denied","time":"2026-01-01T00:00:00Z","session":"1",'
    b'"peer":"127.0.0.66:9","rule":"range","reason":"no"}\n'
)
LISTENING = (
    b'{"event":"listening","time":"2026-01-01T00:00:00Z","address":"TCP-LISTEN",'
    b'"on":["127.0.0.1:80"]}\n'
)


def test_a_verdict_is_found_by_its_peer() -> None:
    async def story() -> None:
        feed = EventFeed()
        reader = asyncio.StreamReader()
        following = asyncio.create_task(feed.follow(reader))
        waiting = asyncio.create_task(feed.verdict("127.0.0.66:9", 5))
        reader.feed_data(LISTENING + DENIED)
        verdict = await waiting
        assert verdict is not None
        assert verdict.rule == "range"
        listening = await feed.listening(5)
        assert listening is not None
        assert listening.on == ("127.0.0.1:80",)
        reader.feed_eof()
        await following
        assert await feed.verdict("127.0.0.1:1", 5) is None  # over: no need to wait

    asyncio.run(story())


def test_waiting_for_nobody_ends_in_time() -> None:
    assert asyncio.run(EventFeed().verdict("127.0.0.1:1", 0.01)) is None


def test_what_is_no_event_is_a_complaint_and_an_unknown_event_is_not() -> None:
    feed = EventFeed()
    feed.take(b"catflap: the port is taken\n")
    feed.take(b"  hint: take another\n")
    feed.take(b'{"event":"of-the-future","time":"2026-01-01T00:00:00Z"}\n')
    assert feed.complaint == "catflap: the port is taken; hint: take another"
