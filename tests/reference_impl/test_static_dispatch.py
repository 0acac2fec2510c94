"""
Static dispatch: three directories at three URLs.
"""

import pytest

from reference_impl.static_dispatch import NAMES


@pytest.fixture
def dispatched(assets):
    """Three directories, each with a directory in it of its own name and an end."""
    for name in NAMES:
        (assets / "static-dispatch" / name / f"{name}-below").mkdir(parents=True)
    return assets


@pytest.mark.parametrize("name", NAMES)
def test_each_name_lists_its_own_directory(dispatched, connect, name):
    """And none of the others'."""
    body = connect().request(f"/static-dispatch/{name}/").body
    assert [other for other in NAMES if f"{other}-below".encode() in body] == [name]


def test_any_other_name_is_not_found(dispatched, connect):
    """A part of a name is another one."""
    for name in ("fo", "foobar", "FOO", "qux"):
        assert connect().request(f"/static-dispatch/{name}/").status == 404
