import re

LINE = re.compile(r"socat\[\d+\] [EWN] (.*)")
KINDS = {"socat": "relay", "nc": "netcat"}


def parse(text):
    if text.startswith("socat"):
        return LINE.match(text)
    raise ValueError(f"not a socat line: {text}, expected e.g. 'socat TCP-LISTEN:1,fork TCP:x:1'")
