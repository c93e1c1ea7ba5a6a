#!/bin/sh
# nginx on a TCP port and a Unix path, in the directory where it is started. Its configuration names the generation,
# and so does its pid file: the old generation removes its own when it goes.
set -e
generation=$SERVER_STARTER_GENERATION
cat >"nginx-$generation.conf" <<END
worker_processes 2;
error_log stderr notice;
pid $PWD/nginx-$generation.pid;
events {}
http {
  access_log off;
  client_body_temp_path $PWD/temp;
  proxy_temp_path $PWD/temp;
  fastcgi_temp_path $PWD/temp;
  uwsgi_temp_path $PWD/temp;
  scgi_temp_path $PWD/temp;
  server {
    listen 127.0.0.1:$1;
    listen unix:$2;
    location / { return 200 "generation $generation\n"; }
  }
}
END
exec nginx -p "$PWD" -c "$PWD/nginx-$generation.conf"
