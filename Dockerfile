# Marsad with the packages of requirements.lock; docs/deployment.md says how to run it.
FROM python:3.11-slim

ENV PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1

RUN useradd --create-home --uid 10001 marsad \
 && install -d -o marsad -g marsad /warehouse

WORKDIR /opt/marsad

# First and alone: the layer of packages is made again only when the lock changes.
COPY requirements.lock ./
RUN pip install --require-hashes -r requirements.lock

COPY pyproject.toml README.md LICENSE prefect.yaml ./
COPY marsad ./marsad
COPY flows ./flows
COPY sql ./sql
COPY expectations ./expectations
COPY data ./data
# Editable, since sql/, expectations/ and data/ are looked for beside the package.
RUN pip install --no-deps --no-build-isolation -e . && python -m compileall -q marsad flows

ENV MARSAD_LAKE=/warehouse MARSAD_HOME=/opt/marsad
USER marsad
VOLUME /warehouse
ENTRYPOINT ["marsad"]
CMD ["--help"]
