# The page, built once
FROM node:20-bookworm-slim AS page
WORKDIR /counterfoil
COPY schema.graphql ./
COPY frontend/package.json frontend/package-lock.json frontend/.npmrc frontend/
RUN npm --prefix frontend ci --no-audit --no-fund
COPY frontend frontend
RUN npm --prefix frontend run build

# The product and the sandbox bank, with the locked packages alone
FROM python:3.11-slim-bookworm
ENV PYTHONUNBUFFERED=1
WORKDIR /counterfoil
COPY requirements-build.txt requirements.txt ./
RUN pip install --no-cache-dir --require-hashes -r requirements-build.txt \
    && uv pip install --system --no-cache --compile-bytecode --require-hashes -r requirements.txt
COPY pyproject.toml README.md ./
COPY backend backend
RUN uv pip install --system --no-cache --no-deps --no-build-isolation --editable .
COPY --from=page /counterfoil/frontend/dist frontend/dist
RUN useradd --system --create-home counterfoil && install -d -m 700 -o counterfoil /data
USER counterfoil
ENV DATA_DIR=/data HOST=0.0.0.0
EXPOSE 8000
CMD ["python", "-m", "counterfoil", "web"]
