"""How gunicorn serves Parvis; command-line options win over what stands here."""

import os

bind = f"0.0.0.0:{os.environ.get('PORT', '8000')}"
wsgi_app = "config.wsgi"
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))
timeout = 60  # seconds: the longest report is drawn in less
graceful_timeout = 20
max_requests = 2000  # a worker starts afresh now and then, so that a slow leak never becomes an outage
max_requests_jitter = 200
accesslog = None  # each request is logged, structured, by the application itself
control_socket_disable = True
