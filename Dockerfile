# One image for all parts; docker-compose.yml says which part a container is.
FROM python:3.13-slim

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1
WORKDIR /opt/ammeter

# The lock first: a change of code alone does not install the libraries again.
COPY requirements.txt ./
RUN pip install --require-hashes --requirement requirements.txt

COPY ammeter ammeter
COPY grafana grafana
COPY schemas schemas
COPY sinks sinks
COPY sources sources
COPY streams streams

RUN useradd --uid 10001 --no-create-home ammeter && mkdir /data && chown ammeter /data
USER ammeter
ENV AMMETER_DATA=/data AMMETER_CACHE=/data/cache
VOLUME /data
ENTRYPOINT ["python", "-m", "ammeter"]
CMD ["--help"]
