#!/bin/sh
# Runs once, when the cluster is made: the logins, the clinic's database and Temporal's two. What each login may do
# is granted by the migrations; here they get nothing but the right to connect.
set -eu
secrets=${KINDROOM_SECRETS_DIR:-/run/secrets}

login() {  # login NAME SECRET
    psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --username=postgres --dbname=postgres \
        --set=name="$1" --set=password="$(cat "$secrets/$2")" <<'SQL'
CREATE ROLE :"name" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'password';
SQL
}

database() {  # database NAME OWNER CONNECTS...
    name=$1 owner=$2
    shift 2
    psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --username=postgres --dbname=postgres \
        --set=name="$name" --set=owner="$owner" <<'SQL'
CREATE DATABASE :"name" OWNER :"owner";
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
SQL
    for who in "$@"; do
        psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --username=postgres --dbname=postgres \
            --set=name="$name" --set=who="$who" <<'SQL'
GRANT CONNECT ON DATABASE :"name" TO :"who";
SQL
    done
}

for who in owner care billing worker; do
    login "kindroom_$who" "database_$who"
done
login temporal database_temporal
database kindroom kindroom_owner kindroom_care kindroom_billing kindroom_worker
database temporal temporal
database temporal_visibility temporal
