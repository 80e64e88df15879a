# One image for all parts; docker-compose.yml and deploy/kubernetes say which part a container is. It holds no embedded
# Kafka and no embedded ClickHouse: `demo`, `up` and `store` run from a checkout.
FROM python:3.13.13-slim-trixie AS libraries

ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /lock
# The lock first: a change of code alone does not install the libraries again.
COPY pyproject.toml requirements.txt scripts/image_lock.py ./
RUN python image_lock.py > image.txt \
 && python -m venv --without-pip /opt/libraries \
 && pip --python /opt/libraries/bin/python install --require-hashes --requirement image.txt \
 && python -m compileall -q --invalidation-mode unchecked-hash /opt/libraries

FROM python:3.13.13-slim-trixie

RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin ammeter \
 && install --directory --owner ammeter --group ammeter /data
COPY --from=libraries /opt/libraries /opt/libraries

WORKDIR /opt/ammeter
COPY ammeter ammeter
COPY grafana grafana
COPY schemas schemas
COPY sinks sinks
COPY sources sources
COPY streams streams
RUN python -m compileall -q --invalidation-mode unchecked-hash .

ENV PATH=/opt/libraries/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
ENV AMMETER_DATA=/data AMMETER_CACHE=/data/cache
USER 10001:10001
VOLUME /data
ENTRYPOINT ["python", "-m", "ammeter"]
CMD ["--help"]
