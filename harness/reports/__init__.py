"""
What people and other programs are shown of a run.
"""
