"""
Handling POSTs: a form, and a page that shows what was submitted.
"""

from __future__ import annotations

import html
import json
from typing import Type

from twisted.web.resource import Resource
from twisted.web.server import Request

HEAD = b"<!DOCTYPE html><html><head><meta charset='utf-8'><title></title></head><body>"


class FormPage(Resource):
    """
    The form; posted, its first value of `the-field`, escaped.
    """

    def render_GET(self, request: Request) -> bytes:
        return HEAD + b"<form method='POST'><input name='the-field'></form>"

    def render_POST(self, request: Request) -> bytes:
        submitted = request.args[b"the-field"][0].decode("utf-8")
        return HEAD + b"You submitted: " + html.escape(submitted).encode("utf-8")


class FieldsPage(Resource):
    """
    All values of all fields, as a JSON object of lists; bytes that are no UTF-8 are replaced.
    """

    isLeaf = True

    def render_POST(self, request: Request) -> bytes:
        request.setHeader(b"content-type", b"application/json")
        fields = {
            name.decode("utf-8", "replace"): [value.decode("utf-8", "replace") for value in values]
            for name, values in request.args.items()
        }
        return json.dumps(fields).encode("ascii")


def page(form: Type[FormPage] = FormPage) -> Resource:
    """
    The form, with `fields` below it.
    """
    resource = form()
    resource.putChild(b"fields", FieldsPage())
    return resource
