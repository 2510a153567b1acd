# One image for every process of ours; what a container is, its command says.
FROM python:3.11-slim-bookworm

RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin kindroom \
    && install --directory --owner=kindroom --group=kindroom --mode=0700 /var/lib/kindroom /var/lib/kindroom-shreds
WORKDIR /app
COPY requirements.lock ./
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes --requirement requirements.lock
COPY . .
RUN python -m compileall -q . && chmod 755 deploy/entrypoint.sh
ENV PYTHONUNBUFFERED=1
USER kindroom
ENTRYPOINT ["/app/deploy/entrypoint.sh"]
