# Debian's prometheus and nothing else, for compose.watch.yml.
FROM debian:bookworm-slim
RUN apt-get -qq update && \
    apt-get -qq install -y --no-install-recommends prometheus >/dev/null && \
    rm -rf /var/lib/apt/lists/*
USER 10001:10001
ENTRYPOINT ["/usr/bin/prometheus", "--config.file=/etc/prometheus/prometheus.yml", "--storage.tsdb.path=/tmp/prometheus", "--web.console.templates=/etc/prometheus/consoles", "--web.console.libraries=/etc/prometheus/console_libraries"]
