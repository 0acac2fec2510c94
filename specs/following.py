"""
What follows an answer on its connection: the answer to a ping, or nothing.
"""


async def followed(target, conversation):
    """The answer to a GET of `ping` on a connection where an answer has come; None where it was closed instead."""
    if not conversation.is_gone:
        conversation.request("GET", target.alive.path)
    return await conversation.answer_if_any(method="GET")
