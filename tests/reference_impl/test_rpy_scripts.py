"""
rpy scripts: run for every request, unless they ask to be kept.
"""

SCRIPT = """
from twisted.web.static import Data
{first}
resource = Data(str(id(object())).encode() + str(__import__("time").perf_counter_ns()).encode(), "text/plain")
"""


def test_a_script_is_run_for_every_request(connect, assets):
    """Two requests, two results."""
    (assets / "rpy" / "run.rpy").write_text(SCRIPT.format(first=""))
    assert connect().request("/rpy/run.rpy").body != connect().request("/rpy/run.rpy").body


def test_a_script_with_cache_is_run_once(connect, assets):
    """`cache()` keeps the resource."""
    (assets / "rpy" / "run.rpy").write_text(SCRIPT.format(first="cache()"))
    assert connect().request("/rpy/run.rpy").body == connect().request("/rpy/run.rpy").body


def test_a_broken_script_is_an_error_of_its_own(connect, assets):
    """500 without the traceback, and the server lives."""
    (assets / "rpy" / "broken.rpy").write_text("1/0")
    asked = connect().request("/rpy/broken.rpy")
    assert asked.status == 500
    assert b"ZeroDivisionError" not in asked.body
    assert connect().request("/ping").status == 200
