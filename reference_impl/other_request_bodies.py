"""
Other request bodies: a page that shows whatever was posted, form or not.
"""

from __future__ import annotations

import html

from twisted.web.server import Request

from reference_impl import handling_posts
from reference_impl.handling_posts import HEAD


class FormPage(handling_posts.FormPage):
    """
    The form; posted, the whole body as text, escaped.
    """

    def render_POST(self, request: Request) -> bytes:
        submitted = request.content.read().decode("utf-8") if request.content else ""
        return HEAD + b"You submitted: " + html.escape(submitted).encode("utf-8")
