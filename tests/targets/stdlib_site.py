"""
Pages on Python's own http.server, a thread for each connection: `python stdlib_site.py --port 8080`.

It logs as http.server does, to standard error.
"""
# ruff: noqa: D102 - a page's method says which page it is

from __future__ import annotations

import argparse
import re
from calendar import HTMLCalendar
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

#: Longer numbers are nobody's year; Python itself refuses to convert more than 4,300 digits.
DIGITS = 9

PAGE = "<!DOCTYPE html>\n<html><head><meta charset='utf-8'><title>{title}</title></head><body>{body}</body></html>\n"


class Handler(BaseHTTPRequestHandler):
    """The tutorial's pages about paths, statuses and the log."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if self.headers.get("Content-Length", "0") != "0" or "Transfer-Encoding" in self.headers:
            self.close_connection = True  # nobody here reads a body
        if path == "/ping":
            self._answer(HTTPStatus.OK, "pong\n", "text/plain; charset=utf-8")
        elif path == "/buy":
            self._page(HTTPStatus.PAYMENT_REQUIRED, "Payment required", "Please swipe your credit card.")
        elif path == "/access-logging":
            self._answer(HTTPStatus.OK, "This visit has been logged.\n", "text/plain; charset=utf-8")
        elif found := re.fullmatch(r"/(?:dynamic-dispatch|error-handling)/([^/]+)", path):
            self._year(unquote(found[1], errors="replace"))
        else:
            self.send_error(HTTPStatus.NOT_FOUND)

    do_HEAD = do_GET  # noqa: N815 - http.server's name

    def _year(self, segment: str) -> None:
        if not re.fullmatch(rf"[0-9]{{1,{DIGITS}}}", segment):
            self.send_error(HTTPStatus.NOT_FOUND, explain=f"{segment} is no year.")
            return
        year = int(segment)
        self._page(HTTPStatus.OK, f"Calendar of {year}", HTMLCalendar().formatyear(year))

    def _page(self, status: HTTPStatus, title: str, body: str) -> None:
        self._answer(status, PAGE.format(title=title, body=body), "text/html; charset=utf-8")

    def _answer(self, status: HTTPStatus, text: str, type_: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", type_)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


class Server(ThreadingHTTPServer):
    """Takes as many clients at once as come."""

    request_queue_size = 128


def main() -> None:
    """Serve at the port that the command line gives."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=8080)
    with Server(("127.0.0.1", parser.parse_args().port), Handler) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()
