#!/bin/sh
# Runs one of our processes with its secrets as it wants them: passwords in a libpq password file, keys in files of
# its own, the rest in variables. Compose mounts secrets with the host's owner and mode, and key files that others
# could read are refused: so each process copies its own into a private tmpfs.
set -eu
umask 077
secrets=${KINDROOM_SECRETS_DIR:-/run/secrets}
private=${KINDROOM_PRIVATE_DIR:-/run/kindroom}

for login in owner care billing worker; do
    if [ -f "$secrets/database_$login" ]; then
        printf '*:*:*:kindroom_%s:%s\n' "$login" "$(cat "$secrets/database_$login")"
    fi
done > "$private/pgpass"
export PGPASSFILE="$private/pgpass"

for key in kek codec push; do
    if [ -f "$secrets/$key" ]; then
        cp "$secrets/$key" "$private/$key.json"
    fi
done

for name in codec_token smtp_password s3_secret_key clearinghouse_password; do
    if [ -s "$secrets/$name" ]; then
        variable=KINDROOM_$(echo "$name" | tr '[:lower:]' '[:upper:]')
        export "$variable=$(cat "$secrets/$name")"
    fi
done

exec "$@"
