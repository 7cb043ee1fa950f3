# SPDX-License-Identifier: MPL-2.0

"""``tecken nginx-config``: what nginx needs to stand in front of the server."""

from pathlib import Path

import click

# Large bodies go through as they arrive: nginx would else keep each on its own disk first, and the
# server's early refusals would come late. Limits are the server's own business.
_SITE = """\
upstream tecken {
%(servers)s
}

# A token in front of a path (/t/<token>/...) is for no log.
map $request_uri $tecken_uri {
    default $request_uri;
    "~^/+t/[^/?]+(?<tecken_rest>.*)$" "/t/***$tecken_rest";
}
log_format tecken '$remote_addr [$time_local] "$request_method $tecken_uri $server_protocol" '
                  '$status $body_bytes_sent $request_time "$http_user_agent"';

server {
    listen %(listen)s:%(http_port)s;
    server_name %(host)s;
    access_log %(access_log)s tecken;
    return 301 https://$host%(https_suffix)s$request_uri;
}

server {
    listen %(listen)s:%(https_port)s ssl;
    server_name %(host)s;
    access_log %(access_log)s tecken;
    ssl_certificate %(certificate)s;
    ssl_certificate_key %(key)s;

    client_max_body_size 0;
    # Who stalls is ended here as soon as there; what drips, and what is not read, is the server's
    # own business, too.
    client_header_timeout 15s;
    client_body_timeout 15s;
    send_timeout 60s;
    reset_timedout_connection on;

    location / {
        proxy_pass http://tecken;
        proxy_http_version 1.1;
        proxy_set_header Host $http_host;
        proxy_set_header X-Forwarded-Proto https;
        proxy_set_header X-Forwarded-For $remote_addr;
        proxy_request_buffering off;
        proxy_buffering off;
        proxy_connect_timeout 5s;
        proxy_send_timeout 60s;
        proxy_read_timeout 300s;
        # A node that is being restarted refuses connections; the next one is asked then.
        proxy_next_upstream error;
    }
}
"""

_STANDALONE = """\
worker_processes 2;
daemon off;
pid %(folder)s/nginx.pid;
error_log stderr warn;

worker_rlimit_nofile 32768;

events {
    # Each client takes two: its own connection, and one to the server.
    worker_connections 16384;
}

http {
    client_body_temp_path %(folder)s/body;
    proxy_temp_path %(folder)s/proxy;
    fastcgi_temp_path %(folder)s/fastcgi;
    uwsgi_temp_path %(folder)s/uwsgi;
    scgi_temp_path %(folder)s/scgi;

%(site)s}
"""


@click.command()
@click.option("--host", required=True, help="The name that people use for the server.")
@click.option("--listen", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--http-port", type=click.IntRange(1, 65535), default=80, show_default=True)
@click.option("--https-port", type=click.IntRange(1, 65535), default=443, show_default=True)
@click.option(
    "--backend",
    "backends",
    multiple=True,
    default=["127.0.0.1:8000"],
    show_default=True,
    help="Where tecken serve listens. Repeatable.",
)
@click.option("--certificate", type=click.Path(path_type=Path), default="tecken.crt")
@click.option("--key", type=click.Path(path_type=Path), default="tecken.key")
@click.option(
    "--standalone",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Make a whole configuration, for nginx as an ordinary user with its files in FOLDER.",
)
def command(
    host: str,
    listen: str,
    http_port: int,
    https_port: int,
    backends: tuple[str, ...],
    certificate: Path,
    key: Path,
    standalone: Path | None,
) -> None:
    """Print an nginx configuration with TLS for a prod-like run, or to start a real one from.

    \b
    Example:
      tecken nginx-config --host prod.tecken.test > /etc/nginx/sites-enabled/tecken.conf
      tecken nginx-config --host localhost --http-port 8080 --https-port 8443 \\
          --standalone /tmp/nginx > /tmp/nginx/nginx.conf
    """
    words = [host, listen, *backends, *map(str, filter(None, (certificate, key, standalone)))]
    for word in words:
        if not word or any(character.isspace() or character in ";{}\"'$\\" for character in word):
            raise click.BadParameter(f"{word!r} cannot stand in an nginx configuration")
    site = _SITE % {
        "servers": "\n".join(f"    server {backend};" for backend in backends),
        "host": host,
        "listen": listen,
        "http_port": http_port,
        "https_port": https_port,
        "https_suffix": "" if https_port == 443 else f":{https_port}",
        "certificate": certificate.absolute(),
        "key": key.absolute(),
        "access_log": (standalone.absolute() if standalone else Path("/var/log/nginx"))
        / "access.log",
    }
    if standalone is not None:
        indented = "".join(
            f"    {line}" if line.strip() else line for line in site.splitlines(True)
        )
        site = _STANDALONE % {"folder": standalone.absolute(), "site": indented}
    click.echo(site, nl=False)
