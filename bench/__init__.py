"""What the site costs on this machine: measured beside two floors, in the same run.

See README.md. Run by ``make bench``, or as ``.venv/bin/python -m bench``.
"""
