# Ollama as an ordinary user: its own image runs as root and keeps the models in root's home.
FROM ollama/ollama:0.40.2
RUN install --directory --owner=10001 --group=10001 /var/lib/ollama
ENV HOME=/var/lib/ollama
USER 10001:10001
