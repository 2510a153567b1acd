"""The first schema: every table, who may touch it, and what cannot be rewritten."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from records.migrate import read_sql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE SCHEMA keys")
    _tables()
    for name in ("actor", "functions", "guards", "erasures", "access"):
        op.execute(read_sql(name))


def _tables() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("username_index", sa.LargeBinary(), nullable=False),
        sa.Column("email_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("display_name", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("totp_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("totp_last_step", sa.BigInteger(), nullable=True),
        sa.Column("passcode_hash", sa.String(), nullable=True),
        sa.Column("time_zone", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "role IN ('client', 'therapist', 'supervisor', 'billing', 'administrator')",
            name=op.f("ck_accounts_role_is_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("username_index", name=op.f("uq_accounts_username_index")),
    )
    op.create_index(
        "ix_accounts_therapists",
        "accounts",
        ["display_name", "id"],
        unique=False,
        postgresql_where=sa.text("role = 'therapist'"),
    )
    op.create_table(
        "audit_chain",
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("chained_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_audit_chain")),
        sa.UniqueConstraint("event_id", name=op.f("uq_audit_chain_event_id")),
    )
    op.create_table(
        "audit_events",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column(
            "transaction_id",
            sa.BigInteger(),
            server_default=sa.text("pg_current_xact_id()::text::bigint"),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("purpose", sa.String(), nullable=True),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_events")),
    )
    op.create_index(
        "ix_audit_events_damaged",
        "audit_events",
        ["at"],
        unique=False,
        postgresql_where=sa.text("outcome = 'damaged'"),
    )
    op.create_index(op.f("ix_audit_events_room_id"), "audit_events", ["room_id"], unique=False)
    op.create_index(op.f("ix_audit_events_subject_id"), "audit_events", ["subject_id"], unique=False)
    op.create_table(
        "clearinghouse_cursor",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("after", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_clearinghouse_cursor")),
    )
    op.create_table(
        "clock_audit_runs",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("overdue_alarms", sa.Integer(), nullable=False),
        sa.Column("stale_clocks", sa.Integer(), nullable=False),
        sa.Column("waiting_without_clock", sa.Integer(), nullable=False),
        sa.Column("unsent_notes", sa.Integer(), nullable=False),
        sa.Column("parked_notes", sa.Integer(), nullable=False),
        sa.Column("contradictions", sa.Integer(), nullable=False),
        sa.Column("missing_workflows", sa.Integer(), nullable=True),
        sa.Column("repaired", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock_audit_runs")),
    )
    op.create_index("ix_clock_audit_runs_at", "clock_audit_runs", ["at"], unique=False)
    op.create_table(
        "idempotency_keys",
        sa.Column("principal_id", sa.Uuid(), nullable=False),
        sa.Column("route", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("answer_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("principal_id", "route", "key", name=op.f("pk_idempotency_keys")),
    )
    op.create_table(
        "data_keys",
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "scope IN ('room', 'media', 'chart', 'billing', 'clinic')",
            name=op.f("ck_data_keys_scope_is_known"),
        ),
        sa.PrimaryKeyConstraint("scope", "owner_id", "version", name=op.f("pk_data_keys")),
        schema="keys",
    )
    op.create_table(
        "shred_ledger",
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("shredded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("scope", "owner_id", name=op.f("pk_shred_ledger")),
        schema="keys",
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("parked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error_code", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    op.create_index("ix_outbox_subject", "outbox", ["subject_id"], unique=False)
    op.create_index(
        "ix_outbox_unsent",
        "outbox",
        ["id"],
        unique=False,
        postgresql_where=sa.text("sent_at IS NULL AND parked_at IS NULL"),
    )
    op.create_table(
        "payers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("payer_number", sa.String(), nullable=False),
        sa.Column("claim_filing", sa.String(), nullable=False),
        sa.Column("filing_limit_days", sa.Integer(), nullable=False),
        sa.Column("settings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("public", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payers")),
        sa.UniqueConstraint("code", name=op.f("uq_payers_code")),
    )
    op.create_table(
        "policies",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("definition", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("effective_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=True),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('response', 'messaging_session', 'check_ins', 'stages', 'offers', 'verification', 'claims', 'screening', 'estimates', 'minors', 'words')",
            name=op.f("ck_policies_kind_is_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policies")),
    )
    op.create_index(
        "uq_policies_begin",
        "policies",
        ["kind", "name", "effective_from"],
        unique=True,
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_table(
        "self_pay_prices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("service", sa.String(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("price", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=True),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_self_pay_prices")),
    )
    op.create_index(
        "uq_self_pay_prices_day",
        "self_pay_prices",
        ["service", "effective_from"],
        unique=True,
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_table(
        "sponsors",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("code_index", sa.LargeBinary(), nullable=False),
        sa.Column("active_from", sa.Date(), nullable=False),
        sa.Column("active_to", sa.Date(), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind IN ('employer', 'school', 'member_organisation')", name=op.f("ck_sponsors_kind_is_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sponsors")),
        sa.UniqueConstraint("code_index", name=op.f("uq_sponsors_code_index")),
    )
    op.create_table(
        "temporal_store",
        sa.Column("only", sa.Boolean(), nullable=False),
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("only", name=op.f("pk_temporal_store")),
    )
    op.create_table(
        "throttles",
        sa.Column("bucket", sa.LargeBinary(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("window_ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("bucket", name=op.f("pk_throttles")),
    )
    op.create_table(
        "board_views",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("query", sa.String(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_board_views_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_board_views")),
        sa.UniqueConstraint("account_id", "name", name=op.f("uq_board_views_account_id_name")),
    )
    op.create_index(op.f("ix_board_views_account_id"), "board_views", ["account_id"], unique=False)
    op.create_table(
        "claim_batches",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("payer_id", sa.Uuid(), nullable=False),
        sa.Column("control_number", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("content_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("sha256", sa.LargeBinary(), nullable=True),
        sa.Column("findings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("receipt", sa.String(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('building', 'ready', 'refused', 'sent', 'settled', 'with_person')",
            name=op.f("ck_claim_batches_state_is_known"),
        ),
        sa.ForeignKeyConstraint(["payer_id"], ["payers.id"], name=op.f("fk_claim_batches_payer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_batches")),
        sa.UniqueConstraint("control_number", name=op.f("uq_claim_batches_control_number")),
    )
    op.create_table(
        "clients",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("profile_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("intake_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("intake_version", sa.Integer(), nullable=False),
        sa.Column("intake_form", sa.String(), nullable=True),
        sa.Column("intake_marks", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("intake_submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("suitability", sa.String(), nullable=True),
        sa.Column("suitability_rules", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("suitability_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("guardian_pathway", sa.String(), nullable=True),
        sa.Column("pathway_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("guardian_consented_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.String(), nullable=True),
        sa.Column("located_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("stage_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("journey_version", sa.BigInteger(), nullable=False),
        sa.Column("wait", sa.String(), nullable=True),
        sa.Column("wait_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("service_plan", sa.String(), nullable=True),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "guardian_pathway IN ('adult', 'guardian', 'minor', 'not_served')",
            name=op.f("ck_clients_guardian_pathway_is_known"),
        ),
        sa.CheckConstraint(
            "stage IN ('registered', 'intake', 'consents', 'screening', 'coverage', 'matching', 'offer', 'in_care', 'closed')",
            name=op.f("ck_clients_stage_is_known"),
        ),
        sa.CheckConstraint(
            "suitability IN ('messaging', 'live', 'higher_care')",
            name=op.f("ck_clients_suitability_is_known"),
        ),
        sa.ForeignKeyConstraint(["id"], ["accounts.id"], name=op.f("fk_clients_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clients")),
        sa.UniqueConstraint("code", name=op.f("uq_clients_code")),
    )
    op.create_index(
        "ix_clients_on_the_way",
        "clients",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("stage <> 'closed' AND wait <> 'nothing'"),
    )
    op.create_index(op.f("ix_clients_stage"), "clients", ["stage"], unique=False)
    op.create_table(
        "contracts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("payer_id", sa.Uuid(), nullable=False),
        sa.Column("plan", sa.String(), nullable=True),
        sa.Column("modality", sa.String(), nullable=False),
        sa.Column("clinician_kind", sa.String(), nullable=True),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("minutes_from", sa.Integer(), nullable=False),
        sa.Column("minutes_to", sa.Integer(), nullable=True),
        sa.Column("charge", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("allowed", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("place_of_service", sa.String(), nullable=False),
        sa.Column("modifier", sa.String(), nullable=True),
        sa.Column("requires_established", sa.Boolean(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("effective_to", sa.Date(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=True),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "clinician_kind IN ('prescriber', 'non_prescriber')",
            name=op.f("ck_contracts_clinician_kind_is_known"),
        ),
        sa.ForeignKeyConstraint(["payer_id"], ["payers.id"], name=op.f("fk_contracts_payer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contracts")),
    )
    op.create_index(op.f("ix_contracts_payer_id"), "contracts", ["payer_id"], unique=False)
    op.create_table(
        "duties",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("duty", sa.String(), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "duty IN ('on_call', 'clinical_director', 'matcher', 'co_signer', 'record_keeper')",
            name=op.f("ck_duties_duty_is_known"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_duties_account_id")),
        sa.PrimaryKeyConstraint("account_id", "duty", name=op.f("pk_duties")),
    )
    op.create_table(
        "insurance_plans",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("payer_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("group_numbers", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("member_prefixes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("plan_year_from", sa.String(), nullable=True),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("effective_to", sa.Date(), nullable=True),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=True),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["payer_id"], ["payers.id"], name=op.f("fk_insurance_plans_payer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_insurance_plans")),
    )
    op.create_index(
        "uq_insurance_plans_code",
        "insurance_plans",
        ["payer_id", "code"],
        unique=True,
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_table(
        "notice_settings",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("mail", sa.Boolean(), nullable=False),
        sa.Column("push", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_notice_settings_account_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_notice_settings")),
    )
    op.create_table(
        "notices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("emailed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_notices_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint(
            "account_id", "template", "subject_id", name=op.f("uq_notices_account_id_template_subject_id")
        ),
    )
    op.create_index("ix_notices_newest", "notices", ["account_id", "created_at", "id"], unique=False)
    op.create_index(
        "ix_notices_unread",
        "notices",
        ["account_id"],
        unique=False,
        postgresql_where=sa.text("read_at IS NULL"),
    )
    op.create_table(
        "payer_versions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("payer_id", sa.Uuid(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("payer_number", sa.String(), nullable=False),
        sa.Column("claim_filing", sa.String(), nullable=False),
        sa.Column("filing_limit_days", sa.Integer(), nullable=False),
        sa.Column("settings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("public", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=True),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["payer_id"], ["payers.id"], name=op.f("fk_payer_versions_payer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payer_versions")),
    )
    op.create_index(
        "uq_payer_versions_day",
        "payer_versions",
        ["payer_id", "effective_from"],
        unique=True,
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_table(
        "retention_rules",
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("years", sa.Integer(), nullable=False),
        sa.Column("minor_until_age", sa.Integer(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["accounts.id"], name=op.f("fk_retention_rules_recorded_by")
        ),
        sa.PrimaryKeyConstraint("state", "effective_from", name=op.f("pk_retention_rules")),
    )
    op.create_table(
        "sessions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("locked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("passcode_tries", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_sessions_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sessions_token_hash")),
    )
    op.create_index(op.f("ix_sessions_account_id"), "sessions", ["account_id"], unique=False)
    op.create_table(
        "sponsor_rosters",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sponsor_id", sa.Uuid(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_by", sa.Uuid(), nullable=True),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("content_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("left_out", sa.Integer(), nullable=False),
        sa.Column("refusals", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("mode IN ('add', 'replace')", name=op.f("ck_sponsor_rosters_mode_is_known")),
        sa.CheckConstraint(
            "state IN ('waiting', 'working', 'done')", name=op.f("ck_sponsor_rosters_state_is_known")
        ),
        sa.ForeignKeyConstraint(["sponsor_id"], ["sponsors.id"], name=op.f("fk_sponsor_rosters_sponsor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sponsor_rosters")),
    )
    op.create_index(op.f("ix_sponsor_rosters_sponsor_id"), "sponsor_rosters", ["sponsor_id"], unique=False)
    op.create_table(
        "sponsor_terms",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sponsor_id", sa.Uuid(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("sessions_each", sa.Integer(), nullable=False),
        sa.Column("valid_days", sa.Integer(), nullable=False),
        sa.Column("covers_dependants", sa.Boolean(), nullable=False),
        sa.Column("needs_roster", sa.Boolean(), nullable=False),
        sa.Column("needs_authorisation", sa.Boolean(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=True),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["sponsor_id"], ["sponsors.id"], name=op.f("fk_sponsor_terms_sponsor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sponsor_terms")),
    )
    op.create_index(
        "uq_sponsor_terms_day",
        "sponsor_terms",
        ["sponsor_id", "effective_from"],
        unique=True,
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.create_table(
        "therapists",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("pronoun", sa.String(), nullable=False),
        sa.Column("credential", sa.String(), nullable=False),
        sa.Column("npi", sa.String(), nullable=False),
        sa.Column("taxonomy", sa.String(), nullable=False),
        sa.Column("gender", sa.String(), nullable=False),
        sa.Column("languages", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("specialties", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("modalities", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("styles", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("age_from", sa.Integer(), nullable=False),
        sa.Column("age_to", sa.Integer(), nullable=False),
        sa.Column("acuity", sa.String(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("active_rooms", sa.Integer(), nullable=False),
        sa.Column("accepting", sa.Boolean(), nullable=False),
        sa.Column("messaging", sa.Boolean(), nullable=False),
        sa.Column("associate", sa.Boolean(), nullable=False),
        sa.Column("bio", sa.String(), nullable=False),
        sa.Column("team", sa.String(), nullable=True),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["accounts.id"], name=op.f("fk_therapists_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_therapists")),
    )
    op.create_table(
        "undoable_actions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_undoable_actions_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_undoable_actions")),
    )
    op.create_index(op.f("ix_undoable_actions_account_id"), "undoable_actions", ["account_id"], unique=False)
    op.create_table(
        "waiting_list_runs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("places", sa.Integer(), nullable=True),
        sa.Column("pairs", sa.Integer(), nullable=True),
        sa.CheckConstraint("state IN ('asked', 'ready')", name=op.f("ck_waiting_list_runs_state_is_known")),
        sa.ForeignKeyConstraint(["asked_by"], ["accounts.id"], name=op.f("fk_waiting_list_runs_asked_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiting_list_runs")),
    )
    op.create_index(op.f("ix_waiting_list_runs_asked_at"), "waiting_list_runs", ["asked_at"], unique=False)
    op.create_table(
        "calendar_versions",
        sa.Column("therapist_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("hours", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("tzdata", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["therapist_id"], ["therapists.id"], name=op.f("fk_calendar_versions_therapist_id")
        ),
        sa.PrimaryKeyConstraint("therapist_id", "version", name=op.f("pk_calendar_versions")),
    )
    op.create_table(
        "calendars",
        sa.Column("therapist_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("hours", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "public_holidays",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'"),
            nullable=False,
        ),
        sa.Column(
            "own_holidays",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'"),
            nullable=False,
        ),
        sa.Column("holidays_until", sa.Date(), nullable=True),
        sa.Column("tzdata", sa.String(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["therapist_id"], ["therapists.id"], name=op.f("fk_calendars_therapist_id")),
        sa.PrimaryKeyConstraint("therapist_id", name=op.f("pk_calendars")),
    )
    op.create_table(
        "clearinghouse_reports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=True),
        sa.Column("content_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('received', 'posted', 'quarantined')",
            name=op.f("ck_clearinghouse_reports_state_is_known"),
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["claim_batches.id"], name=op.f("fk_clearinghouse_reports_batch_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clearinghouse_reports")),
        sa.UniqueConstraint("source", name=op.f("uq_clearinghouse_reports_source")),
    )
    op.create_table(
        "client_needs",
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("needs_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_client_needs_client_id")),
        sa.PrimaryKeyConstraint("client_id", name=op.f("pk_client_needs")),
    )
    op.create_table(
        "client_places",
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_client_places_client_id")),
        sa.PrimaryKeyConstraint("client_id", "n", name=op.f("pk_client_places")),
    )
    op.create_table(
        "consents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("document", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=True),
        sa.Column("signature_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_consents_client_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
    )
    op.create_index(op.f("ix_consents_client_id"), "consents", ["client_id"], unique=False)
    op.create_table(
        "coverages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("payer_id", sa.Uuid(), nullable=True),
        sa.Column("card_payer_id", sa.Uuid(), nullable=True),
        sa.Column("sponsor_id", sa.Uuid(), nullable=True),
        sa.Column("plan", sa.String(), nullable=True),
        sa.Column("details_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("member_index", sa.LargeBinary(), nullable=True),
        sa.Column("letters", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("status_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asking", sa.Boolean(), nullable=False),
        sa.Column("verification", sa.Integer(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("reasons", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("task", sa.String(), nullable=True),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ask_again_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("active_from", sa.Date(), nullable=True),
        sa.Column("active_to", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "kind IN ('insurance', 'sponsor', 'self_pay', 'fsa_hsa')", name=op.f("ck_coverages_kind_is_known")
        ),
        sa.CheckConstraint(
            "letters IN ('subscriber', 'asked', 'agreed')", name=op.f("ck_coverages_letters_is_known")
        ),
        sa.CheckConstraint(
            "status IN ('verifying', 'active', 'inactive', 'needs_information', 'manual_review')",
            name=op.f("ck_coverages_status_is_known"),
        ),
        sa.ForeignKeyConstraint(["card_payer_id"], ["payers.id"], name=op.f("fk_coverages_card_payer_id")),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_coverages_client_id")),
        sa.ForeignKeyConstraint(["payer_id"], ["payers.id"], name=op.f("fk_coverages_payer_id")),
        sa.ForeignKeyConstraint(["sponsor_id"], ["sponsors.id"], name=op.f("fk_coverages_sponsor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coverages")),
    )
    op.create_index(op.f("ix_coverages_client_id"), "coverages", ["client_id"], unique=False)
    op.create_table(
        "credential_changes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("therapist_id", sa.Uuid(), nullable=False),
        sa.Column("payer_id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("active_from", sa.Date(), nullable=False),
        sa.Column("active_to", sa.Date(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "action IN ('added', 'ended')", name=op.f("ck_credential_changes_action_is_known")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["accounts.id"], name=op.f("fk_credential_changes_by_id")),
        sa.ForeignKeyConstraint(["payer_id"], ["payers.id"], name=op.f("fk_credential_changes_payer_id")),
        sa.ForeignKeyConstraint(
            ["therapist_id"], ["therapists.id"], name=op.f("fk_credential_changes_therapist_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credential_changes")),
    )
    op.create_index(
        op.f("ix_credential_changes_therapist_id"), "credential_changes", ["therapist_id"], unique=False
    )
    op.create_table(
        "erasures",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_before", sa.Date(), nullable=True),
        sa.Column("held_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("shredded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("keys_destroyed", sa.Integer(), nullable=True),
        sa.Column("blobs_destroyed", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'shredding', 'shredded', 'withdrawn')",
            name=op.f("ck_erasures_state_is_known"),
        ),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_erasures_client_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasures")),
    )
    op.create_index(
        "uq_erasures_live",
        "erasures",
        ["client_id"],
        unique=True,
        postgresql_where=sa.text("state <> 'withdrawn'"),
    )
    op.create_table(
        "guardian_consents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("contact_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("token_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("born_hash", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("mailed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("consented_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("form_version", sa.String(), nullable=True),
        sa.Column("signature_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("reminders", sa.Integer(), nullable=False),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "answer IN ('consented', 'declined', 'withdrawn')",
            name=op.f("ck_guardian_consents_answer_is_known"),
        ),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_guardian_consents_client_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guardian_consents")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_guardian_consents_token_hash")),
    )
    op.create_index(op.f("ix_guardian_consents_client_id"), "guardian_consents", ["client_id"], unique=False)
    op.create_table(
        "intake_corrections",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("earlier_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("corrected_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_intake_corrections_client_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake_corrections")),
    )
    op.create_index(
        op.f("ix_intake_corrections_client_id"), "intake_corrections", ["client_id"], unique=False
    )
    op.create_table(
        "journey_deeds",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("wait", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deed", sa.String(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "deed IN ('taken', 'handed_back', 'reminded')", name=op.f("ck_journey_deeds_deed_is_known")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["accounts.id"], name=op.f("fk_journey_deeds_by_id")),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_journey_deeds_client_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journey_deeds")),
    )
    op.create_index(op.f("ix_journey_deeds_client_id"), "journey_deeds", ["client_id"], unique=False)
    op.create_table(
        "journey_rungs",
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("wait", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("whom", sa.String(), nullable=False),
        sa.Column("told", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("fired_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_journey_rungs_client_id")),
        sa.PrimaryKeyConstraint("client_id", "wait", "since", "n", name=op.f("pk_journey_rungs")),
    )
    op.create_table(
        "journey_steps",
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("wait", sa.String(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_journey_steps_client_id")),
        sa.PrimaryKeyConstraint("client_id", "version", name=op.f("pk_journey_steps")),
    )
    op.create_table(
        "leaves",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("therapist_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cover_id", sa.Uuid(), nullable=True),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("announced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["cover_id"], ["therapists.id"], name=op.f("fk_leaves_cover_id")),
        sa.ForeignKeyConstraint(["therapist_id"], ["therapists.id"], name=op.f("fk_leaves_therapist_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leaves")),
    )
    op.create_index(op.f("ix_leaves_therapist_id"), "leaves", ["therapist_id"], unique=False)
    op.create_table(
        "legal_holds",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("placed_by", sa.Uuid(), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_by", sa.Uuid(), nullable=True),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_legal_holds_client_id")),
        sa.ForeignKeyConstraint(["lifted_by"], ["accounts.id"], name=op.f("fk_legal_holds_lifted_by")),
        sa.ForeignKeyConstraint(["placed_by"], ["accounts.id"], name=op.f("fk_legal_holds_placed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_holds")),
    )
    op.create_index(
        "ix_legal_holds_live",
        "legal_holds",
        ["client_id"],
        unique=False,
        postgresql_where=sa.text("lifted_at IS NULL"),
    )
    op.create_table(
        "licences",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("therapist_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("active_from", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.CheckConstraint("kind IN ('licence', 'privilege')", name=op.f("ck_licences_kind_is_known")),
        sa.ForeignKeyConstraint(["therapist_id"], ["therapists.id"], name=op.f("fk_licences_therapist_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_licences")),
    )
    op.create_index(op.f("ix_licences_therapist_id"), "licences", ["therapist_id"], unique=False)
    op.create_table(
        "match_blocks",
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("therapist_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("by", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "reason IN ('conflict', 'client_asked', 'therapist_asked')",
            name=op.f("ck_match_blocks_reason_is_known"),
        ),
        sa.ForeignKeyConstraint(["by"], ["accounts.id"], name=op.f("fk_match_blocks_by")),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_match_blocks_client_id")),
        sa.ForeignKeyConstraint(
            ["therapist_id"], ["therapists.id"], name=op.f("fk_match_blocks_therapist_id")
        ),
        sa.PrimaryKeyConstraint("client_id", "therapist_id", name=op.f("pk_match_blocks")),
    )
    op.create_table(
        "measure_responses",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("instrument", sa.String(), nullable=False),
        sa.Column("answers_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("result_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=True),
        sa.Column("check_in_id", sa.Uuid(), nullable=True),
        sa.Column("answer_again_by", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_measure_responses_client_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measure_responses")),
    )
    op.create_index(
        "ix_measure_responses_answer_again_by",
        "measure_responses",
        ["answer_again_by"],
        unique=False,
        postgresql_where=sa.text("answer_again_by IS NOT NULL"),
    )
    op.create_index(op.f("ix_measure_responses_client_id"), "measure_responses", ["client_id"], unique=False)
    op.create_table(
        "payer_credentials",
        sa.Column("therapist_id", sa.Uuid(), nullable=False),
        sa.Column("payer_id", sa.Uuid(), nullable=False),
        sa.Column("active_from", sa.Date(), nullable=False),
        sa.Column("active_to", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["payer_id"], ["payers.id"], name=op.f("fk_payer_credentials_payer_id")),
        sa.ForeignKeyConstraint(
            ["therapist_id"], ["therapists.id"], name=op.f("fk_payer_credentials_therapist_id")
        ),
        sa.PrimaryKeyConstraint("therapist_id", "payer_id", "active_from", name=op.f("pk_payer_credentials")),
    )
    op.create_table(
        "push_subscriptions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("endpoint_index", sa.LargeBinary(), nullable=False),
        sa.Column("endpoint_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_push_subscriptions_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name=op.f("fk_push_subscriptions_session_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_subscriptions")),
        sa.UniqueConstraint("endpoint_index", name=op.f("uq_push_subscriptions_endpoint_index")),
    )
    op.create_index(
        op.f("ix_push_subscriptions_account_id"), "push_subscriptions", ["account_id"], unique=False
    )
    op.create_index(
        op.f("ix_push_subscriptions_session_id"), "push_subscriptions", ["session_id"], unique=False
    )
    op.create_table(
        "reprojections",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("policy_name", sa.String(), nullable=True),
        sa.Column("therapist_id", sa.Uuid(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("moved", sa.Integer(), nullable=False),
        sa.Column("after_room", sa.Uuid(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["therapist_id"], ["therapists.id"], name=op.f("fk_reprojections_therapist_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reprojections")),
    )
    op.create_index(
        "ix_reprojections_open",
        "reprojections",
        ["asked_at"],
        unique=False,
        postgresql_where=sa.text("finished_at IS NULL"),
    )
    op.create_table(
        "rooms",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("therapist_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.Column("last_sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("clinician_asked", sa.Boolean(), nullable=True),
        sa.Column("client_away", sa.Boolean(), nullable=False),
        sa.Column("consent_withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("key_version", sa.Integer(), nullable=False),
        sa.Column("window_ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'closed', 'sealed', 'erased')", name=op.f("ck_rooms_state_is_known")
        ),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_rooms_client_id")),
        sa.ForeignKeyConstraint(["therapist_id"], ["therapists.id"], name=op.f("fk_rooms_therapist_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rooms")),
    )
    op.create_index(op.f("ix_rooms_client_id"), "rooms", ["client_id"], unique=False)
    op.create_index(op.f("ix_rooms_therapist_id"), "rooms", ["therapist_id"], unique=False)
    op.create_index(
        "uq_rooms_open_client",
        "rooms",
        ["client_id"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "sponsor_members",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sponsor_id", sa.Uuid(), nullable=False),
        sa.Column("member_index", sa.LargeBinary(), nullable=False),
        sa.Column("relationship", sa.String(), nullable=False),
        sa.Column("active_from", sa.Date(), nullable=False),
        sa.Column("active_to", sa.Date(), nullable=True),
        sa.Column("claimed_by", sa.Uuid(), nullable=True),
        sa.Column("roster_id", sa.Uuid(), nullable=False),
        sa.Column("authorisation", sa.String(), nullable=True),
        sa.Column("authorised_sessions", sa.Integer(), nullable=True),
        sa.Column("authorised_until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["claimed_by"], ["clients.id"], name=op.f("fk_sponsor_members_claimed_by")),
        sa.ForeignKeyConstraint(["sponsor_id"], ["sponsors.id"], name=op.f("fk_sponsor_members_sponsor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sponsor_members")),
        sa.UniqueConstraint(
            "sponsor_id", "member_index", name=op.f("uq_sponsor_members_sponsor_id_member_index")
        ),
    )
    op.create_table(
        "suitability_decisions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("suitability", sa.String(), nullable=False),
        sa.Column("rules", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("rationale_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("letter_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "suitability IN ('messaging', 'live', 'higher_care')",
            name=op.f("ck_suitability_decisions_suitability_is_known"),
        ),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_suitability_decisions_client_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suitability_decisions")),
    )
    op.create_index(
        op.f("ix_suitability_decisions_client_id"), "suitability_decisions", ["client_id"], unique=False
    )
    op.create_table(
        "therapist_outcomes",
        sa.Column("therapist_id", sa.Uuid(), nullable=False),
        sa.Column("improved", sa.Integer(), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["therapist_id"], ["therapists.id"], name=op.f("fk_therapist_outcomes_therapist_id")
        ),
        sa.PrimaryKeyConstraint("therapist_id", name=op.f("pk_therapist_outcomes")),
    )
    op.create_table(
        "care_plans",
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("policy", sa.String(), nullable=False),
        sa.Column("next_check_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("check_ins", sa.Integer(), nullable=False),
        sa.Column("missed", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_care_plans_room_id")),
        sa.PrimaryKeyConstraint("room_id", name=op.f("pk_care_plans")),
    )
    op.create_table(
        "check_ins",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("measures", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answers", sa.LargeBinary(), nullable=True),
        sa.Column("read_by", sa.Uuid(), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('asked', 'answered', 'missed', 'skipped')", name=op.f("ck_check_ins_state_is_known")
        ),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_check_ins_room_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_ins")),
        sa.UniqueConstraint("room_id", "n", name=op.f("uq_check_ins_room_id_n")),
    )
    op.create_index(op.f("ix_check_ins_room_id"), "check_ins", ["room_id"], unique=False)
    op.create_table(
        "consults",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("question_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("policy", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("policy_name", sa.String(), nullable=False),
        sa.Column("policy_id", sa.Uuid(), nullable=True),
        sa.Column("calendar_version", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("held", sa.String(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fired", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("next_alarm_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer_sealed", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("held IN ('paused', 'no_capacity')", name=op.f("ck_consults_held_is_known")),
        sa.CheckConstraint("state IN ('running', 'met', 'late')", name=op.f("ck_consults_state_is_known")),
        sa.ForeignKeyConstraint(["answered_by"], ["accounts.id"], name=op.f("fk_consults_answered_by")),
        sa.ForeignKeyConstraint(["asked_by"], ["therapists.id"], name=op.f("fk_consults_asked_by")),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_consults_room_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consults")),
    )
    op.create_index(op.f("ix_consults_room_id"), "consults", ["room_id"], unique=False)
    op.create_index(
        "uq_consults_running",
        "consults",
        ["room_id"],
        unique=True,
        postgresql_where=sa.text("state = 'running'"),
    )
    op.create_table(
        "cover_candidates",
        sa.Column("leave_id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("therapist_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("shared_minutes", sa.Integer(), nullable=False),
        sa.Column("rejected", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["leave_id"], ["leaves.id"], name=op.f("fk_cover_candidates_leave_id")),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_cover_candidates_room_id")),
        sa.ForeignKeyConstraint(
            ["therapist_id"], ["therapists.id"], name=op.f("fk_cover_candidates_therapist_id")
        ),
        sa.PrimaryKeyConstraint("leave_id", "room_id", "therapist_id", name=op.f("pk_cover_candidates")),
    )
    op.create_table(
        "diagnoses",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("code_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["accounts.id"], name=op.f("fk_diagnoses_author_id")),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_diagnoses_client_id")),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_diagnoses_room_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_diagnoses")),
    )
    op.create_index(op.f("ix_diagnoses_room_id"), "diagnoses", ["room_id"], unique=False)
    op.create_table(
        "drafts",
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_drafts_account_id")),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_drafts_room_id")),
        sa.PrimaryKeyConstraint("room_id", "account_id", name=op.f("pk_drafts")),
    )
    op.create_table(
        "eligibility_checks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("coverage_id", sa.Uuid(), nullable=False),
        sa.Column("verification", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("trace", sa.String(), nullable=False),
        sa.Column("control_number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("payer_number", sa.String(), nullable=False),
        sa.Column("service_type", sa.String(), nullable=False),
        sa.Column("together", sa.Integer(), nullable=False),
        sa.Column("as_dependent", sa.Boolean(), nullable=False),
        sa.Column("redirected", sa.Boolean(), nullable=False),
        sa.Column("tried", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("reask_with", sa.String(), nullable=True),
        sa.Column("next_payer_number", sa.String(), nullable=True),
        sa.Column("next_service_type", sa.String(), nullable=True),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("raw_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["coverage_id"], ["coverages.id"], name=op.f("fk_eligibility_checks_coverage_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_eligibility_checks")),
        sa.UniqueConstraint(
            "coverage_id",
            "verification",
            "attempt",
            name=op.f("uq_eligibility_checks_coverage_id_verification_attempt"),
        ),
        sa.UniqueConstraint("trace", name=op.f("uq_eligibility_checks_trace")),
    )
    op.create_index(
        op.f("ix_eligibility_checks_coverage_id"), "eligibility_checks", ["coverage_id"], unique=False
    )
    op.create_table(
        "goals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("lifecycle", sa.String(), nullable=False),
        sa.Column("achievement", sa.String(), nullable=True),
        sa.Column("accepted_by", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_goals_room_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_goals")),
    )
    op.create_index(op.f("ix_goals_room_id"), "goals", ["room_id"], unique=False)
    op.create_table(
        "licence_changes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("licence_id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("active_from", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "action IN ('added', 'renewed', 'suspended', 'revoked', 'surrendered')",
            name=op.f("ck_licence_changes_action_is_known"),
        ),
        sa.ForeignKeyConstraint(["by_id"], ["accounts.id"], name=op.f("fk_licence_changes_by_id")),
        sa.ForeignKeyConstraint(["licence_id"], ["licences.id"], name=op.f("fk_licence_changes_licence_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_licence_changes")),
    )
    op.create_index(op.f("ix_licence_changes_licence_id"), "licence_changes", ["licence_id"], unique=False)
    op.create_table(
        "licence_gaps",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("therapist_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sought_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_licence_gaps_room_id")),
        sa.ForeignKeyConstraint(
            ["therapist_id"], ["therapists.id"], name=op.f("fk_licence_gaps_therapist_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_licence_gaps")),
    )
    op.create_index(op.f("ix_licence_gaps_room_id"), "licence_gaps", ["room_id"], unique=False)
    op.create_index(op.f("ix_licence_gaps_therapist_id"), "licence_gaps", ["therapist_id"], unique=False)
    op.create_index(
        "uq_licence_gaps_open",
        "licence_gaps",
        ["room_id"],
        unique=True,
        postgresql_where=sa.text("ends_at IS NULL"),
    )
    op.create_table(
        "licence_warnings",
        sa.Column("licence_id", sa.Uuid(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["licence_id"], ["licences.id"], name=op.f("fk_licence_warnings_licence_id")),
        sa.PrimaryKeyConstraint("licence_id", "expires_on", "days", name=op.f("pk_licence_warnings")),
    )
    op.create_table(
        "matches",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("choice", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("misses", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("room_id", sa.Uuid(), nullable=True),
        sa.Column("from_room_id", sa.Uuid(), nullable=True),
        sa.Column("share_history", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint(
            "status IN ('ranking', 'choosing', 'offering', 'matched', 'human', 'withdrawn')",
            name=op.f("ck_matches_status_is_known"),
        ),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_matches_client_id")),
        sa.ForeignKeyConstraint(["from_room_id"], ["rooms.id"], name=op.f("fk_matches_from_room_id")),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_matches_room_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_matches")),
        sa.UniqueConstraint("client_id", "n", name=op.f("uq_matches_client_id_n")),
    )
    op.create_index(op.f("ix_matches_client_id"), "matches", ["client_id"], unique=False)
    op.create_table(
        "media",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("sender_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("content_type", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refused_reason", sa.String(), nullable=True),
        sa.Column("details_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("captions_sealed", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("kind IN ('audio', 'video')", name=op.f("ck_media_kind_is_known")),
        sa.CheckConstraint(
            "state IN ('uploading', 'processing', 'ready', 'refused')", name=op.f("ck_media_state_is_known")
        ),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_media_room_id")),
        sa.ForeignKeyConstraint(["sender_id"], ["accounts.id"], name=op.f("fk_media_sender_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_media")),
    )
    op.create_index(op.f("ix_media_room_id"), "media", ["room_id"], unique=False)
    op.create_index(
        "ix_media_unfinished",
        "media",
        ["created_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('uploading', 'processing')"),
    )
    op.create_table(
        "message_alerts",
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("told_seq", sa.BigInteger(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_message_alerts_account_id")),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_message_alerts_room_id")),
        sa.PrimaryKeyConstraint("room_id", "account_id", name=op.f("pk_message_alerts")),
    )
    op.create_index(
        "ix_message_alerts_unsettled",
        "message_alerts",
        ["told_at"],
        unique=False,
        postgresql_where=sa.text("settled_at IS NULL"),
    )
    op.create_table(
        "notes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("addendum_to", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["accounts.id"], name=op.f("fk_notes_author_id")),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_notes_room_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notes")),
    )
    op.create_index(op.f("ix_notes_room_id"), "notes", ["room_id"], unique=False)
    op.create_table(
        "pauses",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("review_by", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["owner_id"], ["accounts.id"], name=op.f("fk_pauses_owner_id")),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_pauses_room_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pauses")),
    )
    op.create_index(
        "ix_pauses_review",
        "pauses",
        ["review_by"],
        unique=False,
        postgresql_where=sa.text("ends_at IS NULL AND review_by IS NOT NULL"),
    )
    op.create_index(op.f("ix_pauses_room_id"), "pauses", ["room_id"], unique=False)
    op.create_table(
        "read_marks",
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_read_marks_account_id")),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_read_marks_room_id")),
        sa.PrimaryKeyConstraint("room_id", "account_id", name=op.f("pk_read_marks")),
    )
    op.create_table(
        "remittances",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("payer_trace", sa.String(), nullable=False),
        sa.Column("trace", sa.String(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("claims", sa.Integer(), nullable=False),
        sa.Column("unmatched", sa.Integer(), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["report_id"], ["clearinghouse_reports.id"], name=op.f("fk_remittances_report_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remittances")),
        sa.UniqueConstraint(
            "payer_trace",
            "trace",
            "paid_on",
            "amount",
            name=op.f("uq_remittances_payer_trace_trace_paid_on_amount"),
        ),
    )
    op.create_table(
        "response_clocks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("therapist_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_seq", sa.BigInteger(), nullable=False),
        sa.Column("client_messages", sa.Integer(), nullable=False),
        sa.Column("policy", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("policy_name", sa.String(), nullable=False),
        sa.Column("policy_id", sa.Uuid(), nullable=True),
        sa.Column("calendar_version", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("held", sa.String(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("remaining_seconds", sa.Integer(), nullable=True),
        sa.Column("extension_seconds", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("alarms", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("next_alarm_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rung_level", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("breached_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_seq", sa.BigInteger(), nullable=True),
        sa.Column("answered_by", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("sampled", sa.String(), nullable=True),
        sa.Column("acknowledged_by", sa.Uuid(), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "held IN ('paused', 'no_capacity')", name=op.f("ck_response_clocks_held_is_known")
        ),
        sa.CheckConstraint(
            "kind IN ('welcome', 'first_response', 'next_response', 'consult')",
            name=op.f("ck_response_clocks_kind_is_known"),
        ),
        sa.CheckConstraint(
            "state IN ('running', 'met', 'late', 'waived', 'cancelled')",
            name=op.f("ck_response_clocks_state_is_known"),
        ),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_response_clocks_room_id")),
        sa.ForeignKeyConstraint(
            ["therapist_id"], ["therapists.id"], name=op.f("fk_response_clocks_therapist_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_response_clocks")),
    )
    op.create_index(
        "ix_response_clocks_acknowledged",
        "response_clocks",
        ["id"],
        unique=False,
        postgresql_where=sa.text("state = 'running' AND acknowledged_at IS NOT NULL"),
    )
    op.create_index(
        "ix_response_clocks_alarm",
        "response_clocks",
        ["next_alarm_at"],
        unique=False,
        postgresql_where=sa.text("state = 'running' AND next_alarm_at IS NOT NULL"),
    )
    op.create_index(
        "ix_response_clocks_breached_due",
        "response_clocks",
        [sa.literal_column("COALESCE(due_at, 'infinity'::timestamp with time zone)"), "id"],
        unique=False,
        postgresql_where=sa.text("breached_at IS NOT NULL"),
    )
    op.create_index(
        "ix_response_clocks_breached_opened",
        "response_clocks",
        ["opened_at", "id"],
        unique=False,
        postgresql_where=sa.text("breached_at IS NOT NULL"),
    )
    op.create_index(
        "ix_response_clocks_breached_rung",
        "response_clocks",
        ["rung_level", sa.literal_column("COALESCE(due_at, 'infinity'::timestamp with time zone)"), "id"],
        unique=False,
        postgresql_where=sa.text("breached_at IS NOT NULL"),
    )
    op.create_index(
        "ix_response_clocks_due",
        "response_clocks",
        ["state", sa.literal_column("COALESCE(due_at, 'infinity'::timestamp with time zone)"), "id"],
        unique=False,
    )
    op.create_index(
        "ix_response_clocks_held",
        "response_clocks",
        ["held", "id"],
        unique=False,
        postgresql_where=sa.text("held IS NOT NULL"),
    )
    op.create_index(
        "ix_response_clocks_opened", "response_clocks", ["state", "opened_at", "id"], unique=False
    )
    op.create_index(
        "ix_response_clocks_policy",
        "response_clocks",
        ["policy_name", sa.literal_column("COALESCE(due_at, 'infinity'::timestamp with time zone)"), "id"],
        unique=False,
        postgresql_where=sa.text("state = 'running'"),
    )
    op.create_index(op.f("ix_response_clocks_room_id"), "response_clocks", ["room_id"], unique=False)
    op.create_index(
        "ix_response_clocks_rung",
        "response_clocks",
        [
            "state",
            "rung_level",
            sa.literal_column("COALESCE(due_at, 'infinity'::timestamp with time zone)"),
            "id",
        ],
        unique=False,
    )
    op.create_index(
        "ix_response_clocks_therapist",
        "response_clocks",
        [
            "therapist_id",
            "state",
            sa.literal_column("COALESCE(due_at, 'infinity'::timestamp with time zone)"),
            "id",
        ],
        unique=False,
    )
    op.create_index(
        "uq_response_clocks_running",
        "response_clocks",
        ["room_id"],
        unique=True,
        postgresql_where=sa.text("state = 'running'"),
    )
    op.create_table(
        "response_terms",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=True),
        sa.Column("plan", sa.String(), nullable=True),
        sa.Column("kind", sa.String(), nullable=True),
        sa.Column("policy_name", sa.String(), nullable=True),
        sa.Column("effective_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=True),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "scope IN ('room', 'plan', 'clinic')", name=op.f("ck_response_terms_scope_is_known")
        ),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_response_terms_room_id")),
        sa.ForeignKeyConstraint(["set_by"], ["accounts.id"], name=op.f("fk_response_terms_set_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_response_terms")),
        sa.UniqueConstraint(
            "scope",
            "room_id",
            "plan",
            "kind",
            "effective_from",
            name=op.f("uq_response_terms_scope_room_id_plan_kind_effective_from"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index(op.f("ix_response_terms_room_id"), "response_terms", ["room_id"], unique=False)
    op.create_table(
        "risk_flags",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=True),
        sa.Column("room_id", sa.Uuid(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("urgency", sa.String(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paging_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("safe_now", sa.Boolean(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("contact_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("acknowledged_by", sa.Uuid(), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rationale_sealed", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "source IN ('help_now', 'item_9', 'lexicon', 'clinician', 'intake', 'c_ssrs')",
            name=op.f("ck_risk_flags_source_is_known"),
        ),
        sa.CheckConstraint(
            "state IN ('asking', 'open', 'acknowledged', 'closed')", name=op.f("ck_risk_flags_state_is_known")
        ),
        sa.CheckConstraint(
            "urgency IN ('asking', 'page_now', 'same_day')", name=op.f("ck_risk_flags_urgency_is_known")
        ),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_risk_flags_client_id")),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_risk_flags_room_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_risk_flags")),
    )
    op.create_index(
        "ix_risk_flags_open",
        "risk_flags",
        ["opened_at"],
        unique=False,
        postgresql_where=sa.text("state <> 'closed'"),
    )
    op.create_table(
        "room_access",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("break_glass", sa.Boolean(), nullable=False),
        sa.Column("review_reason_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("reviewed_by", sa.Uuid(), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("review", sa.String(), nullable=True),
        sa.CheckConstraint(
            "review IN ('justified', 'unjustified')", name=op.f("ck_room_access_review_is_known")
        ),
        sa.CheckConstraint("reviewed_by <> account_id", name=op.f("ck_room_access_reviewed_by_another")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_room_access_account_id")),
        sa.ForeignKeyConstraint(["reviewed_by"], ["accounts.id"], name=op.f("fk_room_access_reviewed_by")),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_room_access_room_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_access")),
    )
    op.create_index(op.f("ix_room_access_account_id"), "room_access", ["account_id"], unique=False)
    op.create_index(op.f("ix_room_access_room_id"), "room_access", ["room_id"], unique=False)
    op.create_index(
        "ix_room_access_unreviewed",
        "room_access",
        ["granted_at"],
        unique=False,
        postgresql_where=sa.text("break_glass AND reviewed_at IS NULL"),
    )
    op.create_table(
        "room_assignments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("from_therapist_id", sa.Uuid(), nullable=False),
        sa.Column("therapist_id", sa.Uuid(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["action_id"], ["undoable_actions.id"], name=op.f("fk_room_assignments_action_id")
        ),
        sa.ForeignKeyConstraint(["by_id"], ["accounts.id"], name=op.f("fk_room_assignments_by_id")),
        sa.ForeignKeyConstraint(
            ["from_therapist_id"], ["therapists.id"], name=op.f("fk_room_assignments_from_therapist_id")
        ),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_room_assignments_room_id")),
        sa.ForeignKeyConstraint(
            ["therapist_id"], ["therapists.id"], name=op.f("fk_room_assignments_therapist_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_assignments")),
    )
    op.create_index(op.f("ix_room_assignments_room_id"), "room_assignments", ["room_id"], unique=False)
    op.create_index(
        op.f("ix_room_assignments_therapist_id"), "room_assignments", ["therapist_id"], unique=False
    )
    op.create_table(
        "sponsor_authorisations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sponsor_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("sessions", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["client_id"], ["clients.id"], name=op.f("fk_sponsor_authorisations_client_id")
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["sponsor_members.id"], name=op.f("fk_sponsor_authorisations_member_id")
        ),
        sa.ForeignKeyConstraint(
            ["sponsor_id"], ["sponsors.id"], name=op.f("fk_sponsor_authorisations_sponsor_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sponsor_authorisations")),
        sa.UniqueConstraint("client_id", "number", name=op.f("uq_sponsor_authorisations_client_id_number")),
    )
    op.create_index(
        op.f("ix_sponsor_authorisations_client_id"), "sponsor_authorisations", ["client_id"], unique=False
    )
    op.create_index(
        op.f("ix_sponsor_authorisations_sponsor_id"), "sponsor_authorisations", ["sponsor_id"], unique=False
    )
    op.create_table(
        "breach_reviews",
        sa.Column("clock_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("reviewed_by", sa.Uuid(), nullable=False),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["clock_id"], ["response_clocks.id"], name=op.f("fk_breach_reviews_clock_id")
        ),
        sa.ForeignKeyConstraint(["reviewed_by"], ["accounts.id"], name=op.f("fk_breach_reviews_reviewed_by")),
        sa.PrimaryKeyConstraint("clock_id", "n", name=op.f("pk_breach_reviews")),
    )
    op.create_table(
        "clock_breaches",
        sa.Column("clock_id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("breached_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["clock_id"], ["response_clocks.id"], name=op.f("fk_clock_breaches_clock_id")
        ),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_clock_breaches_room_id")),
        sa.PrimaryKeyConstraint("clock_id", name=op.f("pk_clock_breaches")),
    )
    op.create_index("ix_clock_breaches_at", "clock_breaches", ["breached_at", "clock_id"], unique=False)
    op.create_index(op.f("ix_clock_breaches_room_id"), "clock_breaches", ["room_id"], unique=False)
    op.create_table(
        "clock_extensions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("clock_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_clock_extensions_account_id")),
        sa.ForeignKeyConstraint(
            ["clock_id"], ["response_clocks.id"], name=op.f("fk_clock_extensions_clock_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock_extensions")),
    )
    op.create_index(op.f("ix_clock_extensions_clock_id"), "clock_extensions", ["clock_id"], unique=False)
    op.create_table(
        "clock_projections",
        sa.Column("clock_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("due_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_after", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["clock_id"], ["response_clocks.id"], name=op.f("fk_clock_projections_clock_id")
        ),
        sa.PrimaryKeyConstraint("clock_id", "version", name=op.f("pk_clock_projections")),
    )
    op.create_table(
        "clock_rungs",
        sa.Column("clock_id", sa.Uuid(), nullable=False),
        sa.Column("rung", sa.String(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fired_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.ForeignKeyConstraint(["clock_id"], ["response_clocks.id"], name=op.f("fk_clock_rungs_clock_id")),
        sa.PrimaryKeyConstraint("clock_id", "rung", name=op.f("pk_clock_rungs")),
    )
    op.create_table(
        "cover_offers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("therapist_id", sa.Uuid(), nullable=False),
        sa.Column("leave_id", sa.Uuid(), nullable=True),
        sa.Column("clock_id", sa.Uuid(), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("notice_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'taken', 'declined', 'withdrawn', 'expired')",
            name=op.f("ck_cover_offers_state_is_known"),
        ),
        sa.ForeignKeyConstraint(["clock_id"], ["response_clocks.id"], name=op.f("fk_cover_offers_clock_id")),
        sa.ForeignKeyConstraint(["leave_id"], ["leaves.id"], name=op.f("fk_cover_offers_leave_id")),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_cover_offers_room_id")),
        sa.ForeignKeyConstraint(
            ["therapist_id"], ["therapists.id"], name=op.f("fk_cover_offers_therapist_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cover_offers")),
    )
    op.create_index(op.f("ix_cover_offers_clock_id"), "cover_offers", ["clock_id"], unique=False)
    op.create_index(op.f("ix_cover_offers_leave_id"), "cover_offers", ["leave_id"], unique=False)
    op.create_index(op.f("ix_cover_offers_room_id"), "cover_offers", ["room_id"], unique=False)
    op.create_index(op.f("ix_cover_offers_therapist_id"), "cover_offers", ["therapist_id"], unique=False)
    op.create_index(
        "uq_cover_offers_open",
        "cover_offers",
        ["room_id", "therapist_id"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "covers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("therapist_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leave_id", sa.Uuid(), nullable=True),
        sa.Column("licence_gap_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["leave_id"], ["leaves.id"], name=op.f("fk_covers_leave_id")),
        sa.ForeignKeyConstraint(
            ["licence_gap_id"], ["licence_gaps.id"], name=op.f("fk_covers_licence_gap_id")
        ),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_covers_room_id")),
        sa.ForeignKeyConstraint(["therapist_id"], ["therapists.id"], name=op.f("fk_covers_therapist_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_covers")),
    )
    op.create_index(op.f("ix_covers_leave_id"), "covers", ["leave_id"], unique=False)
    op.create_index(op.f("ix_covers_licence_gap_id"), "covers", ["licence_gap_id"], unique=False)
    op.create_index(op.f("ix_covers_room_id"), "covers", ["room_id"], unique=False)
    op.create_index(op.f("ix_covers_therapist_id"), "covers", ["therapist_id"], unique=False)
    op.create_table(
        "goal_versions",
        sa.Column("goal_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("lifecycle", sa.String(), nullable=False),
        sa.Column("achievement", sa.String(), nullable=True),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["accounts.id"], name=op.f("fk_goal_versions_author_id")),
        sa.ForeignKeyConstraint(["goal_id"], ["goals.id"], name=op.f("fk_goal_versions_goal_id")),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_goal_versions_room_id")),
        sa.PrimaryKeyConstraint("goal_id", "version", name=op.f("pk_goal_versions")),
    )
    op.create_table(
        "match_candidates",
        sa.Column("match_id", sa.Uuid(), nullable=False),
        sa.Column("therapist_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("explanation_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("rejected", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["match_id"], ["matches.id"], name=op.f("fk_match_candidates_match_id")),
        sa.ForeignKeyConstraint(
            ["therapist_id"], ["therapists.id"], name=op.f("fk_match_candidates_therapist_id")
        ),
        sa.PrimaryKeyConstraint("match_id", "therapist_id", name=op.f("pk_match_candidates")),
    )
    op.create_table(
        "media_files",
        sa.Column("medium_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("content_type", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("name IN ('play', 'poster')", name=op.f("ck_media_files_name_is_known")),
        sa.ForeignKeyConstraint(["medium_id"], ["media.id"], name=op.f("fk_media_files_medium_id")),
        sa.PrimaryKeyConstraint("medium_id", "name", name=op.f("pk_media_files")),
    )
    op.create_table(
        "media_parts",
        sa.Column("medium_id", sa.Uuid(), nullable=False),
        sa.Column("first_byte", sa.Integer(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["medium_id"], ["media.id"], name=op.f("fk_media_parts_medium_id")),
        sa.PrimaryKeyConstraint("medium_id", "first_byte", name=op.f("pk_media_parts")),
    )
    op.create_table(
        "messages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("sender_id", sa.Uuid(), nullable=False),
        sa.Column("sender_role", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("reply_to", sa.Uuid(), nullable=True),
        sa.Column("holding", sa.Boolean(), nullable=False),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("idempotency_key", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("media_id", sa.Uuid(), nullable=True),
        sa.Column("corrected_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('text', 'audio', 'video')", name=op.f("ck_messages_kind_is_known")),
        sa.ForeignKeyConstraint(["media_id"], ["media.id"], name=op.f("fk_messages_media_id")),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_messages_room_id")),
        sa.ForeignKeyConstraint(["sender_id"], ["accounts.id"], name=op.f("fk_messages_sender_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint("media_id", name=op.f("uq_messages_media_id")),
        sa.UniqueConstraint(
            "room_id",
            "sender_id",
            "idempotency_key",
            name=op.f("uq_messages_room_id_sender_id_idempotency_key"),
        ),
        sa.UniqueConstraint("room_id", "seq", name=op.f("uq_messages_room_id_seq")),
    )
    op.create_index(
        "ix_messages_lately",
        "messages",
        ["sent_at"],
        unique=False,
        postgresql_using="brin",
        postgresql_with={"autosummarize": "on", "pages_per_range": "16"},
    )
    op.create_table(
        "messaging_sessions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("window_ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lapses_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("client_words", sa.Integer(), nullable=False),
        sa.Column("clinician_words", sa.Integer(), nullable=False),
        sa.Column("attested_by", sa.Uuid(), nullable=True),
        sa.Column("attested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("clinical_minutes", sa.Integer(), nullable=True),
        sa.Column("note_id", sa.Uuid(), nullable=True),
        sa.Column("diagnosis_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("statement", sa.String(), nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'awaiting_attestation', 'attested', 'lapsed')",
            name=op.f("ck_messaging_sessions_state_is_known"),
        ),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_messaging_sessions_client_id")),
        sa.ForeignKeyConstraint(["note_id"], ["notes.id"], name=op.f("fk_messaging_sessions_note_id")),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_messaging_sessions_room_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messaging_sessions")),
        sa.UniqueConstraint("room_id", "n", name=op.f("uq_messaging_sessions_room_id_n")),
    )
    op.create_index(
        op.f("ix_messaging_sessions_client_id"), "messaging_sessions", ["client_id"], unique=False
    )
    op.create_index(
        "uq_messaging_sessions_open",
        "messaging_sessions",
        ["room_id"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "offers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("match_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("therapist_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('open', 'accepted', 'declined', 'expired', 'withdrawn')",
            name=op.f("ck_offers_state_is_known"),
        ),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_offers_client_id")),
        sa.ForeignKeyConstraint(["match_id"], ["matches.id"], name=op.f("fk_offers_match_id")),
        sa.ForeignKeyConstraint(["therapist_id"], ["therapists.id"], name=op.f("fk_offers_therapist_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offers")),
        sa.UniqueConstraint("match_id", "n", name=op.f("uq_offers_match_id_n")),
    )
    op.create_index(op.f("ix_offers_match_id"), "offers", ["match_id"], unique=False)
    op.create_index(op.f("ix_offers_therapist_id"), "offers", ["therapist_id"], unique=False)
    op.create_index(
        "uq_offers_accepted",
        "offers",
        ["match_id"],
        unique=True,
        postgresql_where=sa.text("state = 'accepted'"),
    )
    op.create_index(
        "uq_offers_open", "offers", ["match_id"], unique=True, postgresql_where=sa.text("state = 'open'")
    )
    op.create_table(
        "risk_pages",
        sa.Column("flag_id", sa.Uuid(), nullable=False),
        sa.Column("rung", sa.String(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_risk_pages_account_id")),
        sa.ForeignKeyConstraint(["flag_id"], ["risk_flags.id"], name=op.f("fk_risk_pages_flag_id")),
        sa.PrimaryKeyConstraint("flag_id", "rung", "account_id", name=op.f("pk_risk_pages")),
    )
    op.create_table(
        "room_transfers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("match_id", sa.Uuid(), nullable=False),
        sa.Column("from_room_id", sa.Uuid(), nullable=False),
        sa.Column("to_room_id", sa.Uuid(), nullable=False),
        sa.Column("from_therapist_id", sa.Uuid(), nullable=False),
        sa.Column("to_therapist_id", sa.Uuid(), nullable=False),
        sa.Column("history_shared", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note_due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("note_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_room_transfers_client_id")),
        sa.ForeignKeyConstraint(["from_room_id"], ["rooms.id"], name=op.f("fk_room_transfers_from_room_id")),
        sa.ForeignKeyConstraint(
            ["from_therapist_id"], ["therapists.id"], name=op.f("fk_room_transfers_from_therapist_id")
        ),
        sa.ForeignKeyConstraint(["match_id"], ["matches.id"], name=op.f("fk_room_transfers_match_id")),
        sa.ForeignKeyConstraint(["to_room_id"], ["rooms.id"], name=op.f("fk_room_transfers_to_room_id")),
        sa.ForeignKeyConstraint(
            ["to_therapist_id"], ["therapists.id"], name=op.f("fk_room_transfers_to_therapist_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_transfers")),
        sa.UniqueConstraint("from_room_id", name=op.f("uq_room_transfers_from_room_id")),
        sa.UniqueConstraint("to_room_id", name=op.f("uq_room_transfers_to_room_id")),
    )
    op.create_index(op.f("ix_room_transfers_client_id"), "room_transfers", ["client_id"], unique=False)
    op.create_index(
        op.f("ix_room_transfers_from_therapist_id"), "room_transfers", ["from_therapist_id"], unique=False
    )
    op.create_index(
        op.f("ix_room_transfers_to_therapist_id"), "room_transfers", ["to_therapist_id"], unique=False
    )
    op.create_table(
        "switch_reasons",
        sa.Column("match_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("therapist_id", sa.Uuid(), nullable=False),
        sa.Column("reason_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_switch_reasons_client_id")),
        sa.ForeignKeyConstraint(["match_id"], ["matches.id"], name=op.f("fk_switch_reasons_match_id")),
        sa.ForeignKeyConstraint(
            ["therapist_id"], ["therapists.id"], name=op.f("fk_switch_reasons_therapist_id")
        ),
        sa.PrimaryKeyConstraint("match_id", name=op.f("pk_switch_reasons")),
    )
    op.create_index(op.f("ix_switch_reasons_client_id"), "switch_reasons", ["client_id"], unique=False)
    op.create_table(
        "waiting_list_lines",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("match_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("eligible", sa.Integer(), nullable=False),
        sa.Column("therapist_id", sa.Uuid(), nullable=True),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("in_turn_id", sa.Uuid(), nullable=True),
        sa.Column("in_turn_score", sa.Float(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refused", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_waiting_list_lines_client_id")),
        sa.ForeignKeyConstraint(
            ["in_turn_id"], ["therapists.id"], name=op.f("fk_waiting_list_lines_in_turn_id")
        ),
        sa.ForeignKeyConstraint(["match_id"], ["matches.id"], name=op.f("fk_waiting_list_lines_match_id")),
        sa.ForeignKeyConstraint(
            ["run_id"], ["waiting_list_runs.id"], name=op.f("fk_waiting_list_lines_run_id")
        ),
        sa.ForeignKeyConstraint(
            ["therapist_id"], ["therapists.id"], name=op.f("fk_waiting_list_lines_therapist_id")
        ),
        sa.PrimaryKeyConstraint("run_id", "match_id", name=op.f("pk_waiting_list_lines")),
    )
    op.create_index(
        op.f("ix_waiting_list_lines_client_id"), "waiting_list_lines", ["client_id"], unique=False
    )
    op.create_table(
        "message_revisions",
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_message_revisions_message_id")
        ),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_message_revisions_room_id")),
        sa.PrimaryKeyConstraint("message_id", "revision", name=op.f("pk_message_revisions")),
    )
    op.create_table(
        "service_lines",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("messaging_session_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("coverage_id", sa.Uuid(), nullable=True),
        sa.Column("payer_id", sa.Uuid(), nullable=True),
        sa.Column("therapist_id", sa.Uuid(), nullable=False),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("service_to", sa.Date(), nullable=False),
        sa.Column("modality", sa.String(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=True),
        sa.Column("charge", sa.Numeric(precision=12, scale=2), nullable=True),
        sa.Column("place_of_service", sa.String(), nullable=True),
        sa.Column("modifier", sa.String(), nullable=True),
        sa.Column("diagnosis_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("hold", sa.String(), nullable=True),
        sa.Column("holds", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('unbilled', 'held', 'batched', 'closed', 'sponsored', 'self_paid')",
            name=op.f("ck_service_lines_state_is_known"),
        ),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_service_lines_client_id")),
        sa.ForeignKeyConstraint(["coverage_id"], ["coverages.id"], name=op.f("fk_service_lines_coverage_id")),
        sa.ForeignKeyConstraint(
            ["messaging_session_id"],
            ["messaging_sessions.id"],
            name=op.f("fk_service_lines_messaging_session_id"),
        ),
        sa.ForeignKeyConstraint(["payer_id"], ["payers.id"], name=op.f("fk_service_lines_payer_id")),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_service_lines_room_id")),
        sa.ForeignKeyConstraint(
            ["therapist_id"], ["therapists.id"], name=op.f("fk_service_lines_therapist_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_lines")),
        sa.UniqueConstraint("messaging_session_id", name=op.f("uq_service_lines_messaging_session_id")),
    )
    op.create_index(op.f("ix_service_lines_client_id"), "service_lines", ["client_id"], unique=False)
    op.create_index(op.f("ix_service_lines_payer_id"), "service_lines", ["payer_id"], unique=False)
    op.create_table(
        "stars",
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_stars_account_id")),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_stars_message_id")),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_stars_room_id")),
        sa.PrimaryKeyConstraint("message_id", "account_id", name=op.f("pk_stars")),
    )
    op.create_table(
        "claims",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("service_line_id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=True),
        sa.Column("payer_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("service_date", sa.Date(), nullable=False),
        sa.Column("charge", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("allowed", sa.Numeric(precision=12, scale=2), nullable=True),
        sa.Column("paid", sa.Numeric(precision=12, scale=2), nullable=True),
        sa.Column("patient_share", sa.Numeric(precision=12, scale=2), nullable=True),
        sa.Column("payer_claim_number", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["claim_batches.id"], name=op.f("fk_claims_batch_id")),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name=op.f("fk_claims_client_id")),
        sa.ForeignKeyConstraint(["payer_id"], ["payers.id"], name=op.f("fk_claims_payer_id")),
        sa.ForeignKeyConstraint(
            ["service_line_id"], ["service_lines.id"], name=op.f("fk_claims_service_line_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claims")),
        sa.UniqueConstraint("number", name=op.f("uq_claims_number")),
        sa.UniqueConstraint("service_line_id", name=op.f("uq_claims_service_line_id")),
    )
    op.create_index(op.f("ix_claims_batch_id"), "claims", ["batch_id"], unique=False)
    op.create_index(op.f("ix_claims_payer_id"), "claims", ["payer_id"], unique=False)
    op.create_index(op.f("ix_claims_state"), "claims", ["state"], unique=False)
    op.create_table(
        "sponsor_credits",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authorisation_id", sa.Uuid(), nullable=False),
        sa.Column("coverage_id", sa.Uuid(), nullable=True),
        sa.Column("service_line_id", sa.Uuid(), nullable=True),
        sa.Column("sessions", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("reason IN ('granted', 'used')", name=op.f("ck_sponsor_credits_reason_is_known")),
        sa.ForeignKeyConstraint(
            ["authorisation_id"],
            ["sponsor_authorisations.id"],
            name=op.f("fk_sponsor_credits_authorisation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["coverage_id"], ["coverages.id"], name=op.f("fk_sponsor_credits_coverage_id")
        ),
        sa.ForeignKeyConstraint(
            ["service_line_id"], ["service_lines.id"], name=op.f("fk_sponsor_credits_service_line_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sponsor_credits")),
        sa.UniqueConstraint(
            "service_line_id", "reason", name=op.f("uq_sponsor_credits_service_line_id_reason")
        ),
    )
    op.create_index(
        op.f("ix_sponsor_credits_authorisation_id"), "sponsor_credits", ["authorisation_id"], unique=False
    )
    op.create_table(
        "claim_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("claim_id", sa.Uuid(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("codes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.ForeignKeyConstraint(["claim_id"], ["claims.id"], name=op.f("fk_claim_events_claim_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_events")),
        sa.UniqueConstraint(
            "claim_id", "event", "source", name=op.f("uq_claim_events_claim_id_event_source")
        ),
    )
    op.create_index(op.f("ix_claim_events_claim_id"), "claim_events", ["claim_id"], unique=False)
