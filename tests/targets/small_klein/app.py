"""
Somebody's own site, as small as they come: `python app.py 8080`.
"""
# ruff: noqa: D103 - a handler is named for its page

from __future__ import annotations

import sys

from klein import Klein
from twisted.internet import reactor
from twisted.internet.task import deferLater

app = Klein()


@app.route("/")
def home(_request):
    return "hello\n"


@app.route("/report")
def report(_request):
    return deferLater(reactor, 0.5, lambda: "The report is ready.\n")


if __name__ == "__main__":
    app.run("127.0.0.1", int(sys.argv[1]))
