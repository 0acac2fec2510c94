"""
Facts that two runs on the same server have in common: what names a run, and not the server, is put into words.
"""

import re
import sys

#: Characters of a body that a fact has.
SHOWN = 600

#: What is different in each run, by what stands for it.
_VARIES = (
    (r"w60-[0-9a-f]{16}", "(token)"),
    (r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\w*,? [ \w-]{5,12} [\d:]{8}(?: GMT| \d{4})?(?: GMT)?", "(date)"),
    (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?", "(date)"),
    (r"\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}", "(date)"),
    (r"(?<=REMOTE_PORT)(\W+)\d+", r"\1(port)"),
    (r"\b0x[0-9a-fA-F]{6,}\b", "(address)"),
    (r"/\S*?/web60-[^/\s]+", "(workspace)"),
)


def steady(value, target):
    """Bytes or text as text, with the target's own address, tokens, dates, and places on disk put into words."""
    text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
    authority = target.url.split("/")[2]
    host, _, port = authority.rpartition(":")
    if target.assets is not None:
        text = text.replace(str(target.assets), "(assets)")
    text = text.replace(authority, "(authority)")
    if port.isdigit() and host:
        text = re.sub(rf"(?<!\d){port}(?!\d)", "(port)", text)
    for pattern, word in _VARIES:
        text = re.sub(pattern, word, text)
    # The answer's own field, where all of it was taken as it came.
    return re.sub(r"(?im)^server: .*$", lambda line: software(line[0]), text)


def software(text):
    """The name of software without its version, which is another in every comparison of two versions."""
    return re.sub(r"/\d\S*", "/(version)", text)


def fields(answer, target):
    """The field lines of an answer in their order, each steady; of the software its name, not its version."""
    shown = []
    for name, value in answer.fields.raw:
        text = steady(value, target)
        if name.lower() == b"server":
            text = software(text)
        if name.lower() == b"allow":
            # A list without order (RFC 9110 section 10.2.1); werkzeug writes it in that of a set.
            text = ", ".join(sorted(text.split(", ")))
        shown.append(f"{name.decode('latin-1')}: {text}")
    return shown


def body(answer, target):
    """The beginning of a body as text, steady."""
    text = steady(answer.body, target)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}… ({len(answer.body)} bytes)"


#: What is different each time in a line that a command prints, by what stands for it.
_PRINTED = (
    (rf"{re.escape(sys.executable)}|(?<![\w/])/[^\s()]*/python[\d.]*(?![\w/])", "(python)"),
    # A signal may come while a connection is served: then the line about it has the connection's name.
    (r"\[\w+,\d+,[\d.:a-f]+\]", "[-]"),
    (r"(?<![\w.])\d+\.\d+\.\d+\w*(?!\.?\w)", "(version)"),
)


def printed(started, lines=None):
    """What a command has printed, or these lines of it: steady, without versions and the place of its Python."""
    shown = []
    for line in lines or started.lines:
        text = steady(line, started)
        for pattern, word in _PRINTED:
            text = re.sub(pattern, word, text)
        shown.append(text)
    return shown
