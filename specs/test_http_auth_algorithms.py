"""
HTTP authentication: the algorithms of Digest that the profile claims.
"""

from harness import MUST, NotOffered, digest, rfc, spec, tutorial
from specs.authentication import WRONG, challenges_again, first

SHA = tutorial("http-auth", 'The only other valid hash algorithm is "sha"')
ALGORITHM = rfc(7616, "3.3")


async def works_with(algorithm, target, page, client):
    """The algorithm is on offer, if the profile claims it, and tells right passwords from wrong ones."""
    if algorithm.upper() not in (claimed.upper() for claimed in page.algorithms):
        raise NotOffered(f"the profile's algorithms are {', '.join(page.algorithms)}")
    visitor = client.visitor()
    offered = digest.challenges(await visitor.get(page.digest))
    found = [one for one in offered if one.scheme == "digest" and one.algorithm.upper() == algorithm.upper()]
    assert len(found) == 1, f"no single challenge is for {algorithm}: {offered}"
    login = digest.Login(found[0], *first(page), target.path(page.digest))
    answer = await visitor.get(page.digest, fields=[login.field])
    assert answer.status == 200
    challenges_again(await visitor.get(page.digest, fields=[login.evolve(count=2, password=WRONG).field]))


@spec("http-auth/digest-works-with-md5", MUST, ALGORITHM, needs=["digest", "algorithms"])
async def test_md5_is_on_offer_and_works(target, page, client):
    """
    The algorithm MD5, which is also meant by a challenge that names none, is on offer and works.

    Sends:      a GET without credentials; GETs with a right and a wrong answer in this algorithm.
    Observes:   a challenge for the algorithm, then 200, then 401.
    """
    await works_with("MD5", target, page, client)


@spec("http-auth/digest-works-with-md5-sess", MUST, ALGORITHM, needs=["digest", "algorithms"])
async def test_md5_sess_is_on_offer_and_works(target, page, client):
    """
    The algorithm MD5-sess, whose secret is made for the session, is on offer and works.

    Sends:      a GET without credentials; GETs with a right and a wrong answer in this algorithm.
    Observes:   a challenge for the algorithm, then 200, then 401.
    """
    await works_with("MD5-sess", target, page, client)


@spec("http-auth/digest-works-with-sha", MUST, SHA, needs=["digest", "algorithms"])
async def test_sha_is_on_offer_and_works(target, page, client):
    """
    The algorithm "sha" of the tutorial, which is SHA-1 and stands in no RFC of Digest, is on offer and works.

    Sends:      a GET without credentials; GETs with a right and a wrong answer in this algorithm.
    Observes:   a challenge for the algorithm, then 200, then 401.
    """
    await works_with("SHA", target, page, client)


@spec("http-auth/digest-works-with-sha-256", MUST, ALGORITHM, needs=["digest", "algorithms"])
async def test_sha_256_is_on_offer_and_works(target, page, client):
    """
    The algorithm SHA-256 is on offer and works.

    Sends:      a GET without credentials; GETs with a right and a wrong answer in this algorithm.
    Observes:   a challenge for the algorithm, then 200, then 401.
    """
    await works_with("SHA-256", target, page, client)


@spec("http-auth/digest-works-with-sha-256-sess", MUST, ALGORITHM, needs=["digest", "algorithms"])
async def test_sha_256_sess_is_on_offer_and_works(target, page, client):
    """
    The algorithm SHA-256-sess, whose secret is made for the session, is on offer and works.

    Sends:      a GET without credentials; GETs with a right and a wrong answer in this algorithm.
    Observes:   a challenge for the algorithm, then 200, then 401.
    """
    await works_with("SHA-256-sess", target, page, client)
