"""Build the site of many machines on this one, and see whether it keeps its promises.

    .venv/bin/python -m deploy.topology [--bench] [--keep FOLDER]

In a folder of its own: a PostgreSQL primary with a streaming standby, Redis, two web nodes and a
worker in the production environment, and nginx with the configuration that lies here. Then parts
are paused and killed. Each promise is a line, PASS or FAIL; the exit code is 0 if all hold, 2 if
something is missing here. It takes about two minutes, and needs Debian's postgresql, redis-server,
nginx, curl and openssl.
"""
