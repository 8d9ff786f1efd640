# The server and the loader. Two targets: `cpu`, and `cuda` with PyTorch's libraries for NVIDIA GPUs.
#
#     docker build -f deploy/server.Dockerfile --target cpu .

FROM python:3.13.16-slim-trixie AS packages
ENV PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_ROOT_USER_ACTION=ignore
WORKDIR /build
COPY requirements.txt ./
RUN python -m venv --without-pip /venv

# PyTorch's build without CUDA lies on its own index; the lock brings what it needs. The packages' own
# tests and C headers go: 300 MB that nothing here opens.
FROM packages AS packages-cpu
ARG CPU_INDEX=https://download.pytorch.org/whl/cpu
RUN sed -n 's/^\(torch==[^ ;]*\).*/\1+cpu/p' requirements.txt > torch.txt \
    && pip --python /venv/bin/python install --no-deps --index-url "$CPU_INDEX" --requirement torch.txt \
    && pip --python /venv/bin/python install --requirement requirements.txt \
    && find /venv/lib -type d \( -name tests -o -name include -o -path '*/torch/test' \) -prune -exec rm -r {} +

FROM packages AS packages-cuda
RUN pip --python /venv/bin/python install --requirement requirements.txt \
    && find /venv/lib -type d \( -name tests -o -name include -o -path '*/torch/test' \) -prune -exec rm -r {} +

FROM python:3.13.16-slim-trixie AS runtime
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DATA_DIR=/var/lib/acervo \
    HF_HOME=/var/lib/acervo/models \
    HOST=0.0.0.0
RUN useradd --uid 10001 --user-group --create-home --home-dir /var/lib/acervo acervo
WORKDIR /app
USER 10001:10001
EXPOSE 8000
# Not urllib: it would ask a proxy for this very address where one is set.
HEALTHCHECK --interval=15s --timeout=10s --start-period=180s --retries=4 \
    CMD ["python", "-c", "from http.client import HTTPConnection as C; c = C('127.0.0.1', 8000, timeout=8); c.request('GET', '/readyz'); raise SystemExit(c.getresponse().status != 200)"]
CMD ["python", "-m", "app"]

FROM runtime AS cuda
COPY --from=packages-cuda /venv /venv
COPY app/ app/
COPY database/ database/

FROM runtime AS cpu
COPY --from=packages-cpu /venv /venv
COPY app/ app/
COPY database/ database/
