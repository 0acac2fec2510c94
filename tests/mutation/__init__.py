"""
Mutation testing: a second opinion on the specs, and on the rooms of the harness that judge.

Each module is changed in one place, in a copy of the checkout, and what should notice is asked: for a room of the
harness its unit tests, for a spec the reference, which must pass it, and the mutants of the reference, which must
fail those that they name (both in virtual time).  A change that nobody notices has survived; it is either as good
as the original, or a test is missing.

    python -m tests.mutation [--sample N] [MODULE…]      tox -e mutation -- …

The changes are cosmic-ray's, chosen in `_mutations`, and two more of our own.  Mutmut would not do: it leaves
decorated functions alone (mutmut 3.8, mutmut/mutation/file_mutation.py), and every spec is one.
"""
