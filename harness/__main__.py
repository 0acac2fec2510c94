"""
`python -m harness` is `web60`.
"""

from harness.cli import main

if __name__ == "__main__":
    main(prog_name="web60")
