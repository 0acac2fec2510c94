"""
HTTP authentication: how long a Digest challenge holds, for how many answers, and with whom.
"""

from harness import (
    MAY,
    MUST,
    SHOULD,
    NotObservable,
    Window,
    digest,
    gather,
    rfc,
    spec,
    tutorial,
)
from specs.authentication import (
    CLIENT_ERRORS,
    WRONG,
    challenged,
    challenges_again,
    first,
)

#: Seconds beyond its lifetime after which a nonce is dead for certain: a server may count whole seconds, and
#: need more than the lifetime of them (Twisted does).
WHOLE_SECONDS = 1.1

#: The same where nobody is late: the second that is cut off when a time is rounded down.
SECOND = 1.0

LONG = "a server's default lifetime is a quarter of an hour"

INSTANCE = tutorial("http-auth", "Authentication will only succeed if the same instance is used to generate challenges")
UNIQUE = rfc(7616, "3.3", "which should be uniquely generated each time a 401 response is made")
COUNT = rfc(7616, "3.4", "if the same nc value is seen twice, then the request is a replay")
REQUESTS = rfc(2617, "3.2.2", "the hexadecimal count of the number of requests (including the current request)")
STALE = rfc(7616, "3.3", "the previous request from the client was rejected because the nonce value was stale")
ADDRESS = rfc(2617, "3.2.1", "limit the reuse of the nonce to the same client that originally got it")


def lifetime(target):
    """Seconds until a nonce of `digest_short` is dead for certain."""
    return target.http_auth.nonce_lifetime + WHOLE_SECONDS


def default_lifetime(target):
    """Seconds until a nonce of `digest` is dead for certain, in virtual time."""
    return target.http_auth.lifetime + SECOND + target.timing.slack


@spec("http-auth/digest-nonce-is-never-repeated", SHOULD, UNIQUE, needs=["digest"])
async def test_no_nonce_is_given_twice(page, wire):
    """
    Every challenge has a nonce of its own.

    Sends:      thirty GETs without credentials, at once.
    Observes:   the nonces of the challenges.
    Look at:    a nonce made of nothing but the time.
    """
    answers = await gather(*(wire.get(page.digest) for _ in range(30)))
    nonces = {digest.challenge(answer).nonce for answer in answers}

    assert len(nonces) == len(answers)


@spec("http-auth/digest-nonce-serves-a-second-request", MUST, REQUESTS, needs=["digest"])
async def test_a_nonce_serves_a_second_request(target, page, client):
    """
    Who got in once gets in again without being asked for the password: on the same nonce, or on a new one.

    Sends:      a GET without credentials; GETs with right answers to its challenge, with nonce counts 1 and
                2; if the second is refused, one with the answer to the new challenge.
    Observes:   200, then 200; or 401 with stale=true, then 200.
    Differs:    a server may let a nonce serve only once (RFC 7616 section 3.3), but must say that only the
                nonce was wrong.
    """
    visitor, login = await challenged(target, client, page, page.digest)
    once = await visitor.get(page.digest, fields=[login.field])
    assert once.status == 200

    again = await visitor.get(page.digest, fields=[login.evolve(count=2).field])
    if again.status == 401:
        challenge = digest.challenge(again)
        assert challenge.stale, "the second answer on a nonce is refused, and not as stale"
        again = await visitor.get(page.digest, fields=[login.answering(challenge).field])
    assert again.status == 200


@spec("http-auth/digest-refuses-a-repeated-nonce-count", MUST, COUNT, needs=["digest", "replay=refuse"])
async def test_a_repeated_nonce_count_is_refused(target, page, client):
    """
    The same nonce count on the same nonce is a replay: what was overheard opens nothing.

    Sends:      a GET with a right answer; the same again, byte for byte; another right answer with the same
                count; one with the next count, and the first once more.  To a new challenge, the same right answer
                three times at once.
    Observes:   200, then 4xx for each that came before; 200 for one of the three at most.
    Look at:    whether all counts are remembered or only the last; a count that is looked up at first, and
                remembered only after the password.
    """
    visitor, login = await challenged(target, client, page, page.digest)
    once = await visitor.get(page.digest, fields=[login.field])
    assert once.status == 200

    for replay in (login, login.evolve(cnonce="another-client-nonce")):
        answer = await visitor.get(page.digest, fields=[replay.field])
        assert answer.status in CLIENT_ERRORS

    await visitor.get(page.digest, fields=[login.evolve(count=2).field])
    answer = await visitor.get(page.digest, fields=[login.field])
    assert answer.status in CLIENT_ERRORS, "the first count is taken again after the second"

    visitor, login = await challenged(target, client, page, page.digest)
    answers = await gather(*(visitor.get(page.digest, fields=[login.field]) for _ in range(3)))
    assert [answer.status for answer in answers].count(200) <= 1, "the same answer opens the page more than once"


@spec(
    "http-auth/digest-refuses-the-challenge-of-another-instance",
    MUST,
    INSTANCE,
    needs=["digest", "digest_short", "separate"],
)
async def test_a_challenge_of_another_instance_is_refused(target, page, client):
    """
    A challenge is good only for the instance that made it.

    Sends:      GETs without credentials of both pages behind Digest; then to each page a right answer for it
                to the challenge of the other.
    Observes:   4xx both times.
    Differs:    401 with or without stale=true.  Pages that share one key are one instance (Apache httpd's are).
    Look at:    in Twisted, that the pages have a DigestCredentialFactory each, with a key of its own.
    """
    visitor, here = await challenged(target, client, page, page.digest)
    visitor_there, there = await challenged(target, client, page, page.digest_short)
    crossed = there.evolve(challenge=here.challenge)
    answer = await visitor.get(page.digest_short, fields=[crossed.field])
    assert answer.status in CLIENT_ERRORS

    crossed = here.evolve(challenge=there.challenge)
    answer = await visitor_there.get(page.digest, fields=[crossed.field])
    assert answer.status in CLIENT_ERRORS


@spec(
    "http-auth/digest-nonce-lives-its-lifetime",
    MUST,
    STALE,
    needs=["digest_short"],
    lasts=lambda target: target.http_auth.nonce_lifetime / 2,
)
async def test_a_nonce_lives_its_lifetime(target, page, client, clock):
    """
    A nonce is still good after half of its lifetime, whoever has asked for nonces since.

    Sends:      a GET without credentials, and ten more that are others'; half a lifetime later, a GET with the right
                answer to the challenge of the first.
    Observes:   status 200, if we were quick enough ourselves.
    Tolerance:  the answer must be there before the whole lifetime is over.
    Look at:    where nonces are kept, that there is room for more than a few.
    """
    since = clock.now()
    visitor, login = await challenged(target, client, page, page.digest_short)
    await gather(*(client.visitor().get(page.digest_short) for _ in range(10)))
    await clock.sleep(page.nonce_lifetime / 2, "half of the nonce's lifetime")
    answer = await visitor.get(page.digest_short, fields=[login.field])

    if answer.status != 200:
        # An answer that we sent too late ourselves shows nothing: that is a failure on time alone.
        assert answer.last_at - since in Window.until(page.nonce_lifetime)
    assert answer.status == 200


@spec("http-auth/digest-refuses-an-expired-nonce", MUST, STALE, needs=["digest_short"], lasts=lifetime)
async def test_an_expired_nonce_is_refused(target, page, client, clock):
    """
    After its lifetime a nonce is dead: even the right password does not open the page with it.

    Sends:      a GET without credentials; a lifetime later, a GET with the right answer.
    Observes:   401, and a new challenge.
    Tolerance:  a second beyond the lifetime: servers may count whole seconds.
    """
    visitor, login = await challenged(target, client, page, page.digest_short)
    await clock.sleep(lifetime(target), "the nonce to expire")

    late = await visitor.get(page.digest_short, fields=[login.field])
    challenges_again(late)
    assert digest.challenge(late).nonce != login.challenge.nonce


@spec("http-auth/digest-lets-in-with-a-new-nonce", MUST, STALE, needs=["digest_short"], lasts=lifetime)
async def test_the_new_nonce_opens_the_page(target, page, client, clock):
    """
    Who comes with an expired nonce gets a new one with the refusal, and in with it.

    Sends:      a GET without credentials; a lifetime later, a GET with the right answer; at once, a GET with
                the right answer to the challenge that came with the refusal.
    Observes:   401, then 200.
    """
    visitor, login = await challenged(target, client, page, page.digest_short)
    await clock.sleep(lifetime(target), "the nonce to expire")
    late = await visitor.get(page.digest_short, fields=[login.field])
    assert late.status == 401

    retry = login.answering(digest.challenge(late))
    answer = await visitor.get(page.digest_short, fields=[retry.field])
    assert answer.status == 200


@spec(
    "http-auth/digest-says-stale-to-who-knows-the-password",
    SHOULD,
    STALE,
    needs=["digest_short"],
    lasts=lifetime,
)
async def test_an_expired_nonce_is_called_stale(target, page, client, clock):
    """
    The refusal of an expired nonce says stale=true when the password was right, so that nobody is asked for
    it again.

    Sends:      a GET without credentials; a lifetime later, a GET with the right answer.
    Observes:   the parameter `stale` of the new challenge.
    """
    visitor, login = await challenged(target, client, page, page.digest_short)
    await clock.sleep(lifetime(target), "the nonce to expire")
    late = await visitor.get(page.digest_short, fields=[login.field])

    assert late.status == 401
    assert digest.challenge(late).stale


@spec(
    "http-auth/digest-does-not-say-stale-to-who-guesses",
    SHOULD,
    STALE,
    needs=["digest_short"],
    lasts=lifetime,
)
async def test_a_wrong_password_is_not_called_stale(target, page, client, clock):
    """
    The refusal of a wrong password never says stale=true, for that says that the password was right.

    Sends:      a GET without credentials; at once, and a lifetime later, a GET with an answer computed with a
                wrong password, the later one after somebody else's GET with the right one.
    Observes:   the parameter `stale` of both new challenges.
    Look at:    where the server notes that a password was right: a note that outlives the request is told to others.
    """
    visitor, login = await challenged(target, client, page, page.digest_short)
    wrong = login.evolve(password=WRONG)
    fresh = await visitor.get(page.digest_short, fields=[wrong.field])
    assert fresh.status == 401
    assert not digest.challenge(fresh).stale

    visitor, login = await challenged(target, client, page, page.digest_short)
    another_visitor, another_login = await challenged(target, client, page, page.digest_short)
    await clock.sleep(lifetime(target), "the nonce to expire")
    await another_visitor.get(page.digest_short, fields=[another_login.field])
    late = await visitor.get(page.digest_short, fields=[login.evolve(password=WRONG).field])
    assert late.status == 401
    assert not digest.challenge(late).stale


@spec("http-auth/digest-challenge-may-be-bound-to-an-address", MAY, ADDRESS, needs=["digest"])
async def test_whether_a_challenge_is_bound_to_an_address(target, page, wire, facts):
    """
    Whether a challenge may be answered from another address than it was given to is a fact.

    Sends:      a GET without credentials from our usual address; a GET with the right answer from 127.0.0.2.
    Observes:   the status of the second.
    Differs:    binding to the address stops thieves, and users behind several proxies.
    """
    if "//127.0.0.1" not in target.url:
        raise NotObservable("only a target on 127.0.0.1 can be reached from two addresses of ours")
    login = digest.Login(digest.challenge(await wire.get(page.digest)), *first(page), target.path(page.digest))
    answer = await wire.get(page.digest, fields=[login.field], source="127.0.0.2")

    facts["from another address"] = answer.status
    assert answer.status in (200, *CLIENT_ERRORS)


@spec(
    "http-auth/digest-default-nonce-lives-its-lifetime",
    MUST,
    STALE,
    needs=["digest", "lifetime"],
    lasts=default_lifetime,
    only_virtual=LONG,
)
async def test_a_nonce_of_the_default_lifetime_is_good_until_its_end(target, page, client, clock):
    """
    A nonce is still good just before its lifetime is over.

    Sends:      a GET without credentials; a lifetime later, less `early`, a GET with the right answer.
    Observes:   status 200.
    Tolerance:  the profile's `early`.
    Differs:    who has another default than Twisted's 900 seconds says it in `lifetime` of [http-auth]; who promises
                none leaves it out.
    """
    asked = clock.now()
    visitor, login = await challenged(target, client, page, page.digest)
    await clock.until(asked + page.lifetime - target.timing.early, "the last moment of the nonce")

    answer = await visitor.get(page.digest, fields=[login.field])
    age = answer.sent_at - asked
    assert answer.status == 200, (
        f"a right answer to a nonce {age:.6f} s old got {answer.status}; it is to live {page.lifetime:g} s"
    )


@spec(
    "http-auth/digest-refuses-an-expired-default-nonce",
    MUST,
    STALE,
    needs=["digest", "lifetime"],
    lasts=default_lifetime,
    only_virtual=LONG,
)
async def test_a_nonce_of_the_default_lifetime_is_refused_after_it(target, page, client, clock):
    """
    A nonce whose lifetime is over opens nothing; a new one comes with the refusal, and opens the page.

    Sends:      a GET without credentials; a lifetime and a second later, a GET with the right answer; at once, one with
                the right answer to the new challenge.
    Observes:   401, then 200.
    Tolerance:  the profile's `slack`, and a second: servers may count whole seconds, and need more than the lifetime of
                them (Twisted does).
    """
    visitor, login = await challenged(target, client, page, page.digest)
    given = clock.now()
    await clock.until(given + default_lifetime(target), "the nonce to expire")

    late = await visitor.get(page.digest, fields=[login.field])
    age = late.sent_at - given
    assert late.status == 401, f"a nonce {age:.6f} s old got {late.status}; it is to live {page.lifetime:g} s"
    retry = login.answering(digest.challenge(late))
    answer = await visitor.get(page.digest, fields=[retry.field])
    assert answer.status == 200


@spec(
    "http-auth/digest-says-stale-of-an-expired-default-nonce",
    SHOULD,
    STALE,
    needs=["digest", "lifetime"],
    lasts=default_lifetime,
    only_virtual=LONG,
)
async def test_an_expired_nonce_of_the_default_lifetime_is_called_stale(target, page, client, clock):
    """
    The refusal of a nonce whose lifetime is over says stale=true when the password was right.

    Sends:      a GET without credentials; a lifetime and a second later, a GET with the right answer.
    Observes:   401, and the parameter `stale` of the new challenge.
    Tolerance:  as for `http-auth/digest-refuses-an-expired-default-nonce`.
    """
    visitor, login = await challenged(target, client, page, page.digest)
    await clock.until(clock.now() + default_lifetime(target), "the nonce to expire")
    late = await visitor.get(page.digest, fields=[login.field])

    assert late.status == 401
    assert digest.challenge(late).stale, "the password was right and only the nonce too old, but stale=true is missing"
