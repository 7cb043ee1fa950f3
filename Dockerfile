# syntax=docker/dockerfile:1
# SPDX-License-Identifier: MPL-2.0

# The image of every role: `serve`, `worker`, `check` and the other commands of tecken.

FROM node:22-slim AS page
WORKDIR /build/frontend
COPY frontend/package.json frontend/package-lock.json frontend/.npmrc ./
RUN npm ci --no-audit --no-fund
COPY frontend ./
RUN npm run build

FROM python:3.13-slim AS program
WORKDIR /build
COPY requirements requirements
# Older versions of pip take no hashes from constraints, so the locked one comes first.
RUN python -m venv /opt/tecken \
    && /opt/tecken/bin/pip install --no-cache-dir --require-hashes --no-deps -r requirements/run.txt \
    && pip install --no-cache-dir "$(grep -o '^pip==[^ ]*' requirements/dev.txt)" \
    && pip install --no-cache-dir --require-hashes -c requirements/dev.txt hatchling
COPY pyproject.toml README.md LICENSE ./
COPY src src
COPY --from=page /build/src/tecken/web/static/app src/tecken/web/static/app
COPY tools/write_build_info.py tools/
# What /__version__ says. They change with every build, so they come last.
ARG GIT_REVISION="" BUILD="" SOURCE_URL=""
RUN python tools/write_build_info.py \
    && hatchling build -t wheel \
    && /opt/tecken/bin/pip install --no-cache-dir --no-deps dist/*.whl

FROM python:3.13-slim
# openssl makes the certificate of compose.yaml. cabextract unpacks what Microsoft's symbol server sends;
# no system has a package of dump_syms, which is needed too: mount it as /usr/local/bin/dump_syms.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends cabextract openssl \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --create-home --home-dir /var/lib/tecken tecken
COPY --from=program /opt/tecken /opt/tecken
ENV PATH=/opt/tecken/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    DJANGO_CONFIGURATION=Prod \
    TECKEN_DATA_DIR=/var/lib/tecken/data
USER tecken
WORKDIR /var/lib/tecken
# So that a volume mounted there belongs to this user.
RUN mkdir data
EXPOSE 8000
# Of servers and workers alike: the latter answer no requests, and leave a sign in the data folder.
HEALTHCHECK --interval=15s --timeout=10s --start-period=60s CMD ["tecken", "healthy"]
ENTRYPOINT ["tecken"]
CMD ["serve", "--host", "0.0.0.0"]
