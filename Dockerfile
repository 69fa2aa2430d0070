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
# Editable, since sql/, expectations/ and data/ are looked for beside the package. The compiler is
# there for the compiled loops and gone again in the same layer.
RUN apt-get update -qq \
 && apt-get install -y -qq --no-install-recommends gcc libc6-dev \
 && pip install --no-deps --no-build-isolation -e . \
 && python -c "import marsad.parse._native, marsad.parse.keywords._native, marsad.parse.keywords._reading, marsad.lake._titles" \
 && python -m compileall -q marsad flows \
 && python -c "from marsad.serve.report.bundle import vega_scripts; vega_scripts()" \
 && apt-get purge -y -qq --auto-remove gcc libc6-dev \
 && rm -rf /var/lib/apt/lists/*

ENV MARSAD_LAKE=/warehouse MARSAD_HOME=/opt/marsad
USER marsad
VOLUME /warehouse
ENTRYPOINT ["marsad"]
CMD ["--help"]
