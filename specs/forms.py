"""
What the specs of forms and of other bodies have in common: how fields are posted, and what a page shows of them.
"""

import html
import json
from html.parser import HTMLParser
from urllib.parse import quote_plus

from harness import gather
from specs import exchanges

#: The type of a form, as its field line.
FORM = ("Content-Type", "application/x-www-form-urlencoded")

#: Between the parts; it occurs in no value that a spec sends.
BOUNDARY = "web60-between-parts"

#: The type of a form that is sent in parts.
PARTS = ("Content-Type", f"multipart/form-data; boundary={BOUNDARY}")

#: How many are busy at once where requests must not be mixed up.
AT_ONCE = 16

#: More than Twisted keeps of a body in memory (100,000 bytes), and than others do (64 KiB).
LARGE = 300_000

#: More than some servers take without being told to (the limits of werkzeug, aiohttp and nginx are 500 kB to 1 MiB).
HUGE = 1_000_000

#: Markup and references: what is shown of it raw is markup on the page, what is unescaped twice is another text.
MARKUP = "<script>alert('web60')</script><b class=\"w60\">&lt;i&gt; &amp; &copy; &#60; & < > \" '"


def numbered(length):
    """So much text in which every place is different."""
    return "".join(f"{at:09d}." for at in range(0, length, 10))


def encoded(*pairs):
    """Fields as a form sends them."""
    return "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in pairs).encode()


def part(name, value, *lines, more="", boundary=BOUNDARY):
    """
    One field as a part, with the delimiter before it; text is sent as UTF-8.

    `more` follows the name on its line, `lines` are further field lines.
    """
    head = "\r\n".join((f'Content-Disposition: form-data; name="{name}"{more}', *lines))
    value = value.encode() if isinstance(value, str) else value
    return f"--{boundary}\r\n{head}\r\n\r\n".encode() + value + b"\r\n"


def end(boundary=BOUNDARY):
    """What follows the last part."""
    return f"--{boundary}--\r\n".encode()


def in_parts(*pairs):
    """Fields as a form sends them in parts."""
    return b"".join(part(name, value) for name, value in pairs) + end()


def chunked(body, *sizes):
    """A body in chunks of these sizes, the last one of what is left, and the end."""
    chunks, at = [], 0
    for size in (*sizes, len(body)):
        piece = body[at : at + size]
        at += len(piece)
        if piece:
            chunks.append(piece)
    return exchanges.chunked(*chunks)


async def in_segments(wire, clock, data, count=12):
    """The answer to a POST whose bytes leave in so many pieces, a moment between them."""
    conversation = await wire.open()
    step = max(1, len(data) // count)
    for at in range(0, len(data), step):
        conversation.send(data[at : at + step])
        await clock.sleep(0.01, "the next piece's turn")
    return await conversation.answer(method="POST")


def shown(page, value):
    """What stands on the page of a value, once it is unescaped."""
    return page.shows.replace("{value}", value)


def unescaped(answer):
    """The text of a page that was made of the request, as a browser shows it; whatever else came fails the spec."""
    assert answer.complete, answer.problem
    assert answer.status == 200
    return html.unescape(answer.text)


def fields_of(answer):
    """All fields as the profile's `fields` answers them; whatever else came fails the spec."""
    assert answer.complete, answer.problem
    assert answer.status == 200
    try:
        found = json.loads(answer.body)
    except ValueError:
        message = f"not the JSON that [handling-posts] fields promises: {answer.body[:200]!r}"
        raise AssertionError(message) from None
    assert isinstance(found, dict), f"no JSON object: {answer.body[:200]!r}"
    return found


async def answered(wire, path, type_, **bodies):
    """
    Each of these bodies is answered, and with no error of the server's own; the server answers its ping afterwards.

    Gives the status of each by its name, spaces for underlines; "closed" where there was no answer.
    """
    statuses = await gather(*(_status(wire, path, type_, body) for body in bodies.values()))
    outcomes = {name.replace("_", " "): status for name, status in zip(bodies, statuses, strict=True)}
    for name, status in outcomes.items():
        assert status != "closed", f"{name}: the connection ended without an answer"
        assert status < 500, f"{name}: answered {status}, an error of the server's own"
    await wire.ping()
    return outcomes


async def _status(wire, path, type_, body):
    conversation = await wire.open()
    conversation.request("POST", path, fields=[type_], body=body)
    answer = await conversation.answer_if_any()
    return "closed" if answer is None else answer.status


class Forms(HTMLParser):
    """The forms of a page: of each its attributes, and those of its controls."""

    def __init__(self, text):
        super().__init__()
        self.forms = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        """See `HTMLParser`."""
        given = {name: value or "" for name, value in attributes}
        if tag == "form":
            self.forms.append((given, []))
        elif tag in ("input", "textarea", "select", "button") and self.forms:
            self.forms[-1][1].append(given)

    def handle_startendtag(self, tag, attributes):
        """See `HTMLParser`."""
        self.handle_starttag(tag, attributes)

    def with_field(self, name):
        """The attributes of the form that has this field, and those of its controls; (None, []) where none has."""
        for attributes, controls in self.forms:
            if any(control.get("name") == name for control in controls):
                return attributes, controls
        return None, []
