"""
A script that fails while it is executed.
"""

from twisted.web.resource import Resource

raise RuntimeError("this script is broken")

resource = Resource()
