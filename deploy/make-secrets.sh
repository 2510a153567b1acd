#!/bin/sh
# Makes what is missing under deploy/secrets/ and changes nothing that is there. The directory is closed to others;
# the files in it are readable, since the users inside the containers are not the one outside.
#   sh deploy/make-secrets.sh [DIRECTORY]
set -eu
folder=${1:-$(dirname "$0")/secrets}
umask 077
mkdir -p "$folder"
chmod 700 "$folder"

keep() {  # keep NAME: the text on standard input, unless the secret exists
    if [ ! -e "$folder/$1" ]; then
        cat > "$folder/$1"
        chmod 444 "$folder/$1"
    fi
}

for login in superuser owner care billing worker temporal; do
    openssl rand -hex 24 | tr -d '\n' | keep "database_$login"
done
openssl rand -hex 32 | tr -d '\n' | keep codec_token
for key in kek codec push; do
    printf '{"format": 1, "keys": {"1": "%s"}}\n' "$(openssl rand -base64 32)" | keep "$key"
done
printf '' | keep smtp_password
printf '' | keep s3_secret_key
printf '' | keep clearinghouse_password
# Who may open the Temporal UI: one `name hash` a line, the hash made by `caddy hash-password`. Nobody at first.
printf '# name hash\n' | keep operators
