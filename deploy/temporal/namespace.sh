#!/bin/sh
# The namespace, with thirty days of closed workflows. The facts stay in PostgreSQL.
set -eu
temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" > /dev/null 2>&1 ||
    temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention 30d
until temporal workflow count --namespace "$TEMPORAL_NAMESPACE" > /dev/null 2>&1; do
    sleep 1  # the server takes some seconds to take up a new namespace
done
