"""
Access logging: each request leaves a line.
"""

import io


def test_a_request_leaves_a_line(connect, site):
    """In the combined log format."""
    site.startFactory()
    site.logFile = io.StringIO()
    connect().request("/access-logging?id=1", "User-Agent: web60", "Referer: here")
    assert site._logFile.getvalue().endswith(
        '"GET /access-logging?id=1 HTTP/1.1" 200 28 "here" "web60"\n',
    )
