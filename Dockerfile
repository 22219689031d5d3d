# Parvis in production: the web by default; compose.yaml shows the worker and beat, which run from the same image.
FROM python:3.13-slim AS build
WORKDIR /parvis
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /venv
COPY requirements.txt .
RUN /venv/bin/pip install --require-hashes -r requirements.txt
COPY . .
RUN for po in locale/*/LC_MESSAGES/*.po; do /venv/bin/pybabel compile -i "$po" -o "${po%.po}.mo"; done
# Collecting static files reads the settings and asks no server anything; none of these values stays in the image.
RUN PARVIS_DATA=/data SECRET_KEY=$(/venv/bin/python -c "import secrets; print(secrets.token_urlsafe(64))") \
    PARVIS_SEALING_KEYS=$(/venv/bin/python -c "from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())") \
    ALLOWED_HOSTS=build EMAIL_URL=smtp://localhost DATABASE_URL=postgresql://nobody@localhost/none REDIS_URL=redis://localhost \
    /venv/bin/python manage.py collectstatic --no-input --verbosity 0
# What a new volume of documents starts as: its owner's alone.
RUN mkdir -m 700 /data/documents

FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /data parvis
COPY --from=build /venv /venv
COPY --from=build /parvis /parvis
COPY --from=build --chown=parvis /data /data
WORKDIR /parvis
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PARVIS_MODE=production PARVIS_DATA=/data PORT=8000
USER parvis
EXPOSE 8000
VOLUME /data/documents
# The proxy's headers: a plain request would be redirected to HTTPS, or refused for its host.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD ["python", "-c", "\
import http.client, os, sys; \
web = http.client.HTTPConnection('127.0.0.1', int(os.environ['PORT']), timeout=4); \
web.request('GET', '/health/', headers={'Host': os.environ['ALLOWED_HOSTS'].split(',')[0], 'X-Forwarded-Proto': 'https'}); \
sys.exit(web.getresponse().status != 200)"]
CMD ["gunicorn", "--config", "config/gunicorn.py"]
