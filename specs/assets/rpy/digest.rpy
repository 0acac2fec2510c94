"""
The digest login without cache().

Each request makes a credential factory of its own, which knows nothing of the challenge that it examines:
so nobody ever gets in. User alice, password secret.
"""

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
