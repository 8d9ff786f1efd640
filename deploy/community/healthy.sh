#!/bin/bash
# Whether mongot serves, asked without curl, which an image need not have.
set -euo pipefail
exec 3<> /dev/tcp/127.0.0.1/8080
printf 'GET /health HTTP/1.0\r\nHost: localhost\r\n\r\n' >&3
read -r _ status _ <&3
[[ $status == 200 ]]
