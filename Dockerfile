# Baton in a container: one image for the gateway and the worker. See docs/go-live.md, "For good".
FROM python:3.10-slim-bookworm

RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates curl libgomp1 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 10001 baton \
    && mkdir -p /opt/baton/models /state /media \
    && chown -R baton:baton /opt/baton /state /media

USER baton
WORKDIR /opt/baton
COPY --chown=baton:baton . .

# What `./baton` needs is put in here, once; nothing is fetched when a container starts.
RUN ./baton rasa --version

ENV HOST=0.0.0.0 PORT=5005 BATON_HOME=/state
VOLUME ["/state", "/media", "/opt/baton/models"]
EXPOSE 5005
CMD ["./baton", "run", "--no-emulator"]
