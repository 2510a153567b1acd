"""Clients of the Temporal server: sealed payloads, ids only, a name that tells nothing of the machine."""

import asyncio
import os
import re
import secrets
from collections.abc import Callable, Mapping
from datetime import timedelta

from google.protobuf.duration_pb2 import Duration
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.workflowservice.v1 import (
    DescribeNamespaceRequest,
    RegisterNamespaceRequest,
    UpdateNamespaceRequest,
)
from temporalio.client import Client
from temporalio.envconfig import ClientConfigProfile
from temporalio.runtime import Runtime
from temporalio.service import RPCError, RPCStatusCode

from encryption.codec import CodecKeys, data_converter
from kindroom.temporal_fence import IdsOnly

RETENTION = timedelta(days=30)
"""Closed workflows are readable this long. The facts stay in PostgreSQL."""

TAKE_UP = timedelta(seconds=60)
"""A server that has not taken up a new namespace by then has another trouble."""


def identity(role: str) -> str:
    """`worker-1f9a03bc`: Temporal stores it with every event, so no host, user or process id."""
    if re.fullmatch("[a-z]+", role) is None:
        raise ValueError("a role is one lower-case word")
    return f"{role}-{secrets.token_hex(4)}"


async def connect(
    address: str | None,
    namespace: str | None,
    keys: CodecKeys,
    *,
    role: str = "client",
    environ: Mapping[str, str] | None = None,
    lazy: bool = False,
    runtime: Runtime | None = None,
    tell_damaged: Callable[[str], None] | None = None,
) -> Client:
    """A client whose workers inherit codec, fence and identity.

    TLS, API key and the rest come from the standard variables (`TEMPORAL_TLS_*`, `TEMPORAL_API_KEY`,
    `TEMPORAL_CONFIG_FILE`, `TEMPORAL_PROFILE`) in `environ`, by default the process's own. `address` and
    `namespace` win over theirs; None leaves the choice to them. Files in the home directory are not read.
    `tell_damaged`, of a worker, hears where a signal did not open, which then stops no workflow. Raises RuntimeError if
    the server does not answer, unless `lazy`.
    """
    variables = dict(os.environ if environ is None else environ)
    profile = ClientConfigProfile.load(
        override_env_vars=variables, disable_file="TEMPORAL_CONFIG_FILE" not in variables
    )
    config = profile.to_client_connect_config()
    return await Client.connect(
        address or config.get("target_host") or "127.0.0.1:7233",
        namespace=namespace or config.get("namespace") or "default",
        api_key=config.get("api_key"),
        tls=config.get("tls"),
        rpc_metadata=config.get("rpc_metadata") or {},
        data_converter=data_converter(keys, tell_damaged),
        interceptors=[IdsOnly()],
        identity=identity(role),
        lazy=lazy,
        runtime=runtime,
    )


async def ensure_namespace(client: Client, retention: timedelta = RETENTION) -> None:
    """Make the client's namespace if it is not there, and keep closed workflows for `retention`.

    Returns when the namespace can be used: a server may take some seconds to take up a new one.
    """
    ttl = Duration()
    ttl.FromTimedelta(retention)
    service, name = client.workflow_service, client.namespace
    try:
        found = await service.describe_namespace(DescribeNamespaceRequest(namespace=name))
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        await service.register_namespace(
            RegisterNamespaceRequest(namespace=name, workflow_execution_retention_period=ttl)
        )
        await asyncio.wait_for(_until_known(client), TAKE_UP.total_seconds())
        return
    if found.config.workflow_execution_retention_ttl != ttl:
        config = NamespaceConfig(workflow_execution_retention_ttl=ttl)
        await service.update_namespace(UpdateNamespaceRequest(namespace=name, config=config))


async def _until_known(client: Client) -> None:
    while True:
        try:
            await client.count_workflows()
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            await asyncio.sleep(0.2)
        else:
            return
