#!/bin/bash
# Makes the replica set's key on the first start; mongod takes only one that nobody else may read.
set -euo pipefail
key=/data/configdb/keyfile
if [[ ! -s $key ]]; then
    umask 077
    head -c 756 /dev/urandom | base64 -w 0 > "$key.part"
    mv "$key.part" "$key"
fi
exec mongod --config /etc/mongodb/mongod.yml
