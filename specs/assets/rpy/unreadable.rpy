"""
A script that is no Python at all.
"""

resource = = "an assignment that no Python reads"
