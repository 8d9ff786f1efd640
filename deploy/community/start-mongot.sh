#!/bin/bash
# Hands mongot its password in a file, the only way it takes one; nobody else may read it.
set -euo pipefail
(umask 077 && printf '%s' "$MONGOT_PASSWORD" > /tmp/password)
unset MONGOT_PASSWORD
exec /mongot-community/mongot --config /etc/mongot/mongot.yml
