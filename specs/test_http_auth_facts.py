"""
HTTP authentication: how challenges, refusals and pages look here, and what is taken for credentials besides.
"""

import re
from base64 import b64encode

from harness import MAY, digest, gather, rfc, spec
from specs.authentication import WRONG, challenged, first, shown
from specs.facts import body, fields

CHALLENGE = rfc(9110, "11.6.1")
CREDENTIALS = rfc(9110, "11.6.2")
BASIC = rfc(7617, "2")
PARAMETERS = rfc(7616, "3.3")
ANSWER = rfc(7616, "3.4")

#: The alphabets that a nonce may be made of, the smallest first.
ALPHABETS = {
    "digits": r"[0-9]+",
    "hexadecimal digits in small letters": r"[0-9a-f]+",
    "hexadecimal digits in capitals": r"[0-9A-F]+",
    "letters and digits": r"[0-9A-Za-z]+",
    "base64": r"[0-9A-Za-z+/]+=*",
    "hexadecimal digits, a hyphen, base64": r"[0-9a-f]+-[0-9A-Za-z+/]+=*",
    "base64url": r"[0-9A-Za-z_-]+=*",
}

#: Challenges that are looked at for how long theirs are, and of which alphabet.
MANY = 8

#: What names one challenge.
OWN = ("nonce", "opaque")


def alphabet(values):
    """The smallest alphabet that these are all made of, in words; none is nothing, and others are more."""
    if not any(values):
        return "none"
    return next((name for name, form in ALPHABETS.items() if all(re.fullmatch(form, one) for one in values)), "more")


def challenge_line(answer):
    """The fields WWW-Authenticate as they stand, but for what names one challenge."""
    own = "|".join(OWN)
    return [
        re.sub(rf'(?i)\b({own})=("?)[^",\s]*\2', r"\1=\2(its own)\2", line)
        for line in answer.fields.all("www-authenticate")
    ]


def refusal(answer, target):
    """Status, reason, fields and body of a refusal."""
    shown_fields = [line for line in fields(answer, target) if not line.lower().startswith("www-authenticate:")]
    order = [name.decode("latin-1") for name, _ in answer.fields.raw]
    return {
        "status": answer.status,
        "reason": answer.reason.decode("latin-1"),
        "order of fields": order,
        "fields": shown_fields,
        "challenges": challenge_line(answer),
        "body": body(answer, target),
        "framing": answer.framing,
    }


async def statuses(facts, asked):
    """The statuses that these requests are answered with, by name; none is the server's mistake, or it is a fact."""
    answers = await gather(*asked.values())
    for name, answer in zip(asked, answers, strict=True):
        facts[name] = answer.status


@spec("http-auth/basic-refusal-looks-its-own-way", MAY, CHALLENGE, needs=["basic"])
async def test_what_a_refusal_of_basic_looks_like(target, page, wire, facts):
    """
    How a refusal looks is a fact: status line, fields in their order, challenges as they are spelled, body.

    Sends:      a GET and a HEAD without credentials, a GET with a wrong password, a GET of a page below.
    Observes:   all of the first; of the others, whether they look the same.
    """
    first_one = refusal(await wire.get(page.basic), target)
    facts.update(first_one)
    head = refusal(await wire.head(page.basic), target)
    facts["of HEAD, what is different"] = sorted(name for name in first_one if head[name] != first_one[name])
    wrong = refusal(await wire.get(page.basic, fields=[digest.basic(first(page)[0], WRONG)]), target)
    facts["of a wrong password, what is different"] = sorted(name for name in wrong if wrong[name] != first_one[name])
    below = refusal(await wire.get(page.basic.rstrip("/") + "/below/it"), target)
    facts["of a page below, what is different"] = sorted(name for name in below if below[name] != first_one[name])
    await wire.ping()


@spec("http-auth/digest-refusal-looks-its-own-way", MAY, CHALLENGE, needs=["digest"])
async def test_what_a_refusal_of_digest_looks_like(target, page, wire, facts):
    """
    How a refusal looks is a fact: status line, fields in their order, challenges as they are spelled, body.

    Sends:      eight GETs and a HEAD without credentials.
    Observes:   the first; what HEAD has otherwise; the lengths and alphabets of nonces and opaques.
    """
    answers = await gather(*(wire.get(page.digest) for _ in range(MANY)))
    first_one = refusal(answers[0], target)
    facts.update(first_one)
    head = refusal(await wire.head(page.digest), target)
    facts["of HEAD, what is different"] = sorted(name for name in first_one if head[name] != first_one[name])
    challenges = [digest.challenge(answer) for answer in answers]
    nonces = [one.nonce or "" for one in challenges]
    facts["lengths of nonces"] = sorted({len(nonce) for nonce in nonces})
    facts["alphabet of nonces"] = alphabet(nonces)
    facts["alphabet of opaques"] = alphabet([one.opaque or "" for one in challenges])
    facts["opaques differ"] = len({one.opaque for one in challenges}) > 1
    facts["charset"] = challenges[0].get("charset")
    facts["userhash"] = challenges[0].get("userhash")
    facts["domain"] = challenges[0].get("domain")
    facts["stale without credentials"] = challenges[0].get("stale")
    await wire.ping()


@spec("http-auth/opened-page-looks-its-own-way", MAY, CREDENTIALS, needs=["basic"])
async def test_what_an_opened_page_looks_like(target, page, wire, facts):
    """
    How a page looks that was opened, and what is below it, is a fact.

    Sends:      GETs with right credentials of the page and of a page below; HEAD, POST and OPTIONS of the page.
    Observes:   fields and body of the first, statuses of the others.
    """
    login = digest.basic(*first(page))
    answer = await wire.get(page.basic, fields=[login])
    facts["fields"] = fields(answer, target)
    facts["body"] = body(answer, target)
    facts["framing"] = answer.framing
    await statuses(
        facts,
        {
            "below": wire.get(page.basic.rstrip("/") + "/below/it", fields=[login]),
            "HEAD": wire.head(page.basic, fields=[login]),
            "POST": wire.post(page.basic, b"a=b", fields=[login]),
            "OPTIONS": wire.request("OPTIONS", page.basic, fields=[login]),
            "OPTIONS without credentials": wire.request("OPTIONS", page.basic),
            "POST without credentials": wire.post(page.basic, b"a=b"),
            "a method that does not exist, without credentials": wire.request("GETX", page.basic),
        },
    )
    await wire.ping()


@spec("http-auth/credentials-are-read-its-own-way", MAY, CREDENTIALS, needs=["basic"])
async def test_how_credentials_are_read(target, page, wire, facts):
    """
    What is made of Authorization in unusual places and numbers is a fact.

    Sends:      right and wrong credentials on a page that is open; twice in two fields, and joined by a comma; with a
                comma behind; in a field that goes on in a second line; in the target.
    Observes:   the statuses; whether the page is one user's.
    Differs:    RFC 9110 has one Authorization; several are refused, or the first or the last counts.
    """
    user, password = first(page)
    name, right = digest.basic(user, password)
    _, wrong = digest.basic(user, WRONG)
    await statuses(
        facts,
        {
            "right, on an open page": wire.get(target.alive.path, fields=[(name, right)]),
            "wrong, on an open page": wire.get(target.alive.path, fields=[(name, wrong)]),
            "garbage, on an open page": wire.get(target.alive.path, fields=[(name, b"\xff")]),
            "right, then wrong": wire.get(page.basic, fields=[(name, right), (name, wrong)]),
            "wrong, then right": wire.get(page.basic, fields=[(name, wrong), (name, right)]),
            "right twice": wire.get(page.basic, fields=[(name, right), (name, right)]),
            "right, wrong, joined": wire.get(page.basic, fields=[(name, f"{right}, {wrong}")]),
            "a comma behind": wire.get(page.basic, fields=[(name, f"{right},")]),
            "a blank behind": wire.get(page.basic, fields=[(name, f"{right} ")]),
            "a parameter behind": wire.get(page.basic, fields=[(name, f"{right} charset=utf-8")]),
            "a blank before": wire.get(page.basic, fields=[(name, f"  {right}")]),
            "a scheme of another name before": wire.get(page.basic, fields=[(name, f"Other x, {right}")]),
            "a line that goes on": wire.get(page.basic, fields=[(name, right.replace(" ", "\r\n "))]),
            "in quotes": wire.get(page.basic, fields=[(name, right.replace(" ", ' "') + '"')]),
        },
    )
    others = [login for login in page.users.items() if login[0] != user]
    if others:
        both = await wire.get(page.basic, fields=[(name, right), digest.basic(*others[0])])
        facts["two users"] = [both.status, [one for one in page.users if shown(page, one) in both.text]]
    await wire.ping()


@spec("http-auth/basic-is-refused-its-own-way", MAY, BASIC, needs=["basic"])
async def test_how_malformed_credentials_are_refused(page, wire, facts):
    """
    With which status malformed credentials are refused is a fact: 400 or 401, or others.

    Sends:      GETs with credentials that are empty, no base64, without a colon, with a NUL, long, of other schemes.
    Observes:   the statuses.
    """
    user, password = first(page)
    _, right = digest.basic(user, password)
    malformed = {
        "empty": "",
        "a scheme alone": "Basic",
        "a scheme and a blank": "Basic ",
        "no base64": "Basic !!!!",
        "half a group": "Basic Y",
        "padding alone": "Basic ====",
        "bytes": b"Basic \xff\xfe",
        "no colon": f"Basic {b64encode(user.encode()).decode()}",
        "empty user": digest.basic("", password)[1],
        "empty user and password": digest.basic("", "")[1],
        "a NUL in the password": digest.basic(user, f"{password}\0more")[1],
        "a line break in the user": digest.basic(f"{user}\n", password)[1],
        "a user in other case": digest.basic(user.swapcase(), password)[1],
        "a blank behind the user": digest.basic(f"{user} ", password)[1],
        "a blank behind the password": digest.basic(user, f"{password} ")[1],
        "an umlaut in UTF-8": digest.basic("älice", password)[1],
        "3,000 characters": digest.basic(user, "x" * 3000)[1],
        "12,000 characters": digest.basic(user, "x" * 9000)[1],
        "Bearer": right.replace("Basic", "Bearer"),
        "Digest": right.replace("Basic", "Digest"),
        "no scheme": right.replace("Basic ", ""),
        "base64url": right.replace("+", "-").replace("/", "_"),
    }
    await statuses(
        facts, {name: wire.get(page.basic, fields=[("Authorization", value)]) for name, value in malformed.items()}
    )
    await wire.ping()


async def taken(facts, target, client, page, bends):
    """The statuses that bent answers are answered with, each to a challenge of its own."""
    for name, bend in bends.items():
        visitor, login = await challenged(target, client, page, page.digest)
        bent = bend(login)
        value = bent if isinstance(bent, str) else bent.field[1]
        answer = await visitor.get(page.digest, fields=[("Authorization", value)])
        facts[name] = answer.status


@spec("http-auth/digest-answers-are-read-its-own-way", MAY, PARAMETERS, needs=["digest"])
async def test_how_answers_are_read(target, page, client, wire, facts):
    """
    Which spellings of a right answer are taken is a fact.

    Sends:      GETs with right answers: parameters backwards, with blanks about the equals signs, with empty elements,
                a comma behind, quoted pairs, small and capital letters, parameters twice, no quotes.
    Observes:   the statuses.
    """

    def rewritten(change):
        return lambda login: change(login.field[1])

    await taken(
        facts,
        target,
        client,
        page,
        {
            "parameters backwards": lambda login: digest.written(login.parameters[::-1]),
            "blanks about equals signs": rewritten(lambda text: text.replace("=", " = ")),
            "tabs for blanks": rewritten(lambda text: text.replace(" ", "\t")),
            "two blanks behind the scheme": rewritten(lambda text: text.replace("Digest ", "Digest  ")),
            "empty elements": rewritten(lambda text: text.replace(", ", ", ,, ")),
            "a comma behind": rewritten(lambda text: f"{text},"),
            "a quoted pair in the user": lambda login: login.field[1].replace(f'"{login.user}"', f'"\\{login.user}"'),
            "scheme in small letters": rewritten(lambda text: text.replace("Digest", "digest")),
            "algorithm in small letters": lambda login: login.bent(algorithm=login.challenge.algorithm.lower()),
            "algorithm in capitals": lambda login: login.bent(algorithm=login.challenge.algorithm.upper()),
            "no algorithm": lambda login: login.bent(algorithm=None),
            "response in capitals": lambda login: login.bent(response=login.response.upper()),
            "qop in capitals": lambda login: login.bent(qop="AUTH" if login.qop else None),
            "the user twice": lambda login: f'{login.field[1]}, username="{login.user}"',
            "another user behind": lambda login: f'{login.field[1]}, username="somebody"',
            "no quotes": lambda login: login.field[1].replace('"', ""),
            "single quotes": lambda login: login.field[1].replace('"', "'"),
            "200 parameters more": lambda login: login.field[1] + "".join(f", x{n}=y" for n in range(200)),
            "another scheme behind": lambda login: f"{login.field[1]}, Basic YTpi",
        },
    )
    await wire.ping()


@spec("http-auth/digest-counts-and-names-its-own-way", MAY, ANSWER, needs=["digest"])
async def test_what_counts_and_names_may_be(target, page, client, wire, facts):
    """
    Which counts, client nonces, names and targets are taken in an answer whose hash is right for them is a fact.

    Sends:      GETs with answers whose nonce count is high, begins at 2, has one or nine digits, whose client nonce
                is empty, long or beyond ASCII, whose user is hashed or encoded, whose `uri` is absolute or escaped.
    Observes:   the statuses.
    """
    users = {"userhash": "true"}

    def hashed(login):
        name = digest_hash(f"{login.user}:{login.challenge.realm or ''}")
        return login.bent(username=name, **users)

    await taken(
        facts,
        target,
        client,
        page,
        {
            "counting from 2": lambda login: login.evolve(count=2),
            "counting from 0": lambda login: login.evolve(count=0),
            "the highest count": lambda login: login.evolve(count=0xFFFFFFFF),
            "a count of nine digits": lambda login: login.evolve(count=0x100000001),
            "a count without zeros": lambda login: login.bent(nc="1" if login.qop else None),
            "an empty client nonce": lambda login: login.evolve(cnonce=""),
            "a long client nonce": lambda login: login.evolve(cnonce="c" * 500),
            "a client nonce in base64": lambda login: login.evolve(cnonce="ab+/cd=="),
            "a client nonce beyond ASCII": lambda login: login.evolve(cnonce="\xe4"),
            "a hashed user": hashed,
            "userhash=false": lambda login: login.bent(userhash="false"),
            "an encoded user": lambda login: login.bent(**{"username": None, "username*": f"UTF-8''{login.user}"}),
            "an empty user": lambda login: login.evolve(user=""),
            "a user in other case": lambda login: login.evolve(user=login.user.swapcase()),
            "an absolute uri": lambda login: login.evolve(uri=target.url.rstrip("/") + login.uri),
            "an escaped uri": lambda login: login.evolve(uri=f"/%{ord(login.uri[1]):02x}{login.uri[2:]}"),
            "a uri with a fragment": lambda login: login.evolve(uri=f"{login.uri}#x"),
            "auth-int": lambda login: login.evolve(qop="auth-int"),
        },
    )
    await wire.ping()


def digest_hash(text):
    """MD5, by which users are hashed where the challenge names no algorithm."""
    import hashlib  # noqa: PLC0415 - for this alone

    return hashlib.md5(text.encode("utf-8"), usedforsecurity=False).hexdigest()


@spec("http-auth/digest-opens-its-own-way", MAY, ANSWER, needs=["digest"])
async def test_what_opening_with_digest_is_like(target, page, client, wire, facts):
    """
    How a page looks that an answer opened, and what other requests are answered, is a fact.

    Sends:      right answers to GET; to POST with a body, OPTIONS and DELETE; to a page below; a replay.
    Observes:   the fields of the first; the statuses of the others.
    """
    visitor, login = await challenged(target, client, page, page.digest)
    answer = await visitor.get(page.digest, fields=[login.field])
    facts["fields"] = [line for line in fields(answer, target) if not line.lower().startswith("authentication-info:")]
    info = answer.fields.get("authentication-info") or ""
    facts["Authentication-Info"] = [name for name, _ in re.findall(r'([\w-]+)=("[^"]*"|[^,\s]+)', info)]
    facts["the same again"] = (await visitor.get(page.digest, fields=[login.field])).status
    for method in ("POST", "OPTIONS", "DELETE"):
        visitor, login = await challenged(target, client, page, page.digest)
        given = b"a=b" if method == "POST" else None
        answer = await visitor.request(method, page.digest, body=given, fields=[login.evolve(method=method).field])
        facts[method] = answer.status
    below = page.digest.rstrip("/") + "/below/it"
    visitor, login = await challenged(target, client, page, below)
    facts["below"] = (await visitor.get(below, fields=[login.field])).status
    visitor, login = await challenged(target, client, page, page.digest)
    elsewhere = login.evolve(uri=target.path(below))
    facts["below, with a challenge of the page"] = (await visitor.get(below, fields=[elsewhere.field])).status
    facts["Basic instead"] = (await visitor.get(page.digest, fields=[digest.basic(*first(page))])).status
    await wire.ping()
