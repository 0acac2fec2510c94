"""
The promises of the tutorial, page by page, each checked from outside.
"""
