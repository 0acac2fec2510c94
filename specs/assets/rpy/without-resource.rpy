"""
A script that ends without having said what its resource is.
"""

from twisted.web.resource import Resource

my_resource = Resource()
