"""
The tutorial's digest login.

The credential factory that made a challenge is the one that examines its answer, thanks to cache().
User alice, password secret.
"""

cache()

from twisted.cred.checkers import InMemoryUsernamePasswordDatabaseDontUse
from twisted.cred.portal import IRealm, Portal
from twisted.web.guard import DigestCredentialFactory, HTTPAuthSessionWrapper
from twisted.web.resource import IResource
from twisted.web.static import Data
from zope.interface import implementer


@implementer(IRealm)
class PersonalRealm(object):
    def requestAvatar(self, avatarId, mind, *interfaces):
        if IResource in interfaces:
            return (IResource, Data(b"Hello, " + avatarId + b"!", "text/plain"), lambda: None)
        raise NotImplementedError()


portal = Portal(PersonalRealm(), [InMemoryUsernamePasswordDatabaseDontUse(alice=b"secret")])
credentialFactory = DigestCredentialFactory(b"md5", b"web60")
resource = HTTPAuthSessionWrapper(portal, [credentialFactory])
