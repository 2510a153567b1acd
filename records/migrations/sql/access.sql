-- Grants and row policies: the second fence, behind `domain.access`.
--   care     the API for clients, therapists, supervisors, administrators
--   billing  the API for billing staff: no byte of a message, draft, note, goal or check-in
--   worker   activities and the dispatcher: promises and claims, no content of rooms

GRANT USAGE ON SCHEMA public, keys TO kindroom_care, kindroom_billing, kindroom_worker;
REVOKE ALL ON FUNCTION keeps_records(), my_rooms(), my_clients(), my_searches() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION keeps_records(), my_rooms(), my_clients(), my_searches() TO kindroom_care, kindroom_billing, kindroom_worker;

REVOKE ALL ON FUNCTION has_passcode() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION has_passcode() TO kindroom_care, kindroom_billing;

-- care -------------------------------------------------------------------------------------------------
GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO kindroom_care;
GRANT DELETE ON drafts, stars, duties, throttles, board_views, covers, media, media_parts, media_files, push_subscriptions,
    licence_gaps TO kindroom_care;
REVOKE UPDATE ON audit_events, audit_chain, clock_breaches, clock_rungs, clock_projections, clock_extensions,
    clock_audit_runs, breach_reviews, calendar_versions, response_terms, room_assignments, goal_versions,
    message_revisions, retention_rules, journey_steps, journey_rungs, sponsor_credits, journey_deeds, licence_changes, credential_changes, licence_warnings,
    intake_corrections, alembic_version FROM kindroom_care;
REVOKE INSERT ON audit_chain, alembic_version FROM kindroom_care;
GRANT UPDATE (applied_at) ON response_terms TO kindroom_care;
REVOKE ALL ON claim_batches, clearinghouse_reports, clearinghouse_cursor, remittances FROM kindroom_care;
GRANT SELECT, INSERT ON keys.data_keys TO kindroom_care;
GRANT SELECT ON keys.shred_ledger TO kindroom_care;

-- billing ----------------------------------------------------------------------------------------------
GRANT SELECT ON payers, payer_versions, insurance_plans, sponsors, sponsor_terms, sponsor_members, sponsor_authorisations,
    sponsor_credits, contracts, self_pay_prices, policies, therapists, licences, payer_credentials,
    consents, diagnoses, messaging_sessions, service_lines, claims, claim_events, claim_batches,
    clearinghouse_reports, clearinghouse_cursor, remittances, coverages, eligibility_checks, audit_events,
    duties, outbox, idempotency_keys, notices TO kindroom_billing;
GRANT SELECT (id, role, display_name, time_zone, disabled_at) ON accounts TO kindroom_billing;
GRANT SELECT (id, code, profile_sealed, state, stage, stage_since, journey_version, wait, wait_since, due_at, created_at,
    closed_at)
    ON clients TO kindroom_billing;
GRANT UPDATE (stage, stage_since, journey_version, wait, wait_since, due_at) ON clients TO kindroom_billing;
GRANT INSERT ON journey_steps TO kindroom_billing;
GRANT SELECT (id, client_id, therapist_id, state, opened_at, closed_at) ON rooms TO kindroom_billing;
-- A cover put in force by the office starts the search for a therapist, in the same transaction.
GRANT SELECT (id, client_id, n, status, version), INSERT (id, client_id, n, status, version, choice, misses, created_at, from_room_id,
    share_history) ON matches TO kindroom_billing;
GRANT INSERT, UPDATE ON service_lines, claims, claim_batches, clearinghouse_reports, clearinghouse_cursor,
    remittances, coverages, idempotency_keys TO kindroom_billing;
GRANT INSERT ON claim_events, audit_events, outbox, notices, sponsor_credits, sponsor_authorisations TO kindroom_billing;
GRANT UPDATE (told_at) ON sponsor_authorisations TO kindroom_billing; -- held while a session is taken from it
GRANT SELECT, INSERT ON keys.data_keys TO kindroom_billing;

-- worker -----------------------------------------------------------------------------------------------
GRANT SELECT ON accounts, duties, clients, journey_steps, journey_rungs, journey_deeds, consents, measure_responses, therapists, licences,
    payer_credentials, calendars, calendar_versions, leaves, covers, cover_offers, cover_candidates, pauses, policies, response_terms,
    reprojections, clock_extensions, clock_audit_runs, room_assignments, rooms, response_clocks, clock_rungs,
    clock_breaches, clock_projections, risk_flags, risk_pages, payers, payer_versions, insurance_plans, sponsors, sponsor_terms, sponsor_members,
    sponsor_rosters, sponsor_authorisations, sponsor_credits, contracts, self_pay_prices,
    coverages, eligibility_checks, matches, match_candidates, offers, care_plans, goals, messaging_sessions,
    diagnoses, service_lines, claims, claim_events, claim_batches, clearinghouse_reports, clearinghouse_cursor,
    remittances, notices, notice_settings, push_subscriptions, message_alerts, legal_holds, retention_rules, erasures,
    media, media_parts, media_files, outbox, temporal_store, audit_events, audit_chain, guardian_consents TO kindroom_worker;
GRANT SELECT (id, room_id, n, asked_at, closes_at, asked_by, state, measures, reminded_at, answered_at, read_by, read_at)
    ON check_ins TO kindroom_worker;
GRANT SELECT (id, room_id, author_id, kind, written_at, signed_at, addendum_to) ON notes TO kindroom_worker;
GRANT INSERT, UPDATE ON clients, calendars, covers, cover_offers, cover_candidates, pauses, reprojections, rooms, response_clocks, risk_flags, coverages,
    eligibility_checks, matches, match_candidates, offers, care_plans, messaging_sessions, service_lines, claims,
    claim_batches, clearinghouse_reports, clearinghouse_cursor, remittances, notices, outbox, temporal_store, therapists, accounts
    TO kindroom_worker;
GRANT INSERT (id, room_id, n, asked_at, closes_at, asked_by, state, measures), UPDATE (state, reminded_at)
    ON check_ins TO kindroom_worker;
GRANT INSERT, UPDATE ON message_alerts, media, media_files, erasures TO kindroom_worker;
GRANT INSERT, UPDATE (token_sealed, mailed_at, superseded_at) ON guardian_consents TO kindroom_worker;
GRANT SELECT (id, room_id, account_id, granted_at, expires_at, break_glass, reviewed_at) ON room_access TO kindroom_worker;
GRANT DELETE ON push_subscriptions, media, media_parts, media_files TO kindroom_worker;
GRANT SELECT (room_id, account_id, seq, at) ON read_marks TO kindroom_worker;
GRANT SELECT (id, account_id, revoked_at, expires_at) ON sessions TO kindroom_worker;
GRANT UPDATE (version, proposed_at, announced_at, begun_at, returned_at) ON leaves TO kindroom_worker;
GRANT SELECT, INSERT, UPDATE ON client_needs TO kindroom_worker;
GRANT SELECT ON client_places TO kindroom_billing, kindroom_worker; -- licences of past days are judged by them
REVOKE INSERT, UPDATE ON client_places FROM kindroom_care;
GRANT SELECT ON licence_changes, credential_changes, licence_warnings, licence_gaps, room_transfers TO kindroom_worker;
GRANT INSERT ON licence_warnings, licence_gaps, room_transfers TO kindroom_worker;
GRANT UPDATE, DELETE ON licence_gaps TO kindroom_worker;
GRANT DELETE ON covers TO kindroom_worker;
GRANT UPDATE (reminded_at, raised_at) ON room_transfers TO kindroom_worker;
GRANT UPDATE (answer_again_by) ON measure_responses TO kindroom_worker;
GRANT DELETE ON cover_candidates TO kindroom_worker;
GRANT SELECT ON match_blocks, waiting_list_runs, waiting_list_lines TO kindroom_worker;
GRANT UPDATE (version, state, ready_at, places, pairs) ON waiting_list_runs TO kindroom_worker;
GRANT INSERT ON waiting_list_lines TO kindroom_worker;
GRANT SELECT, INSERT, UPDATE ON therapist_outcomes TO kindroom_worker;
REVOKE INSERT, UPDATE ON therapist_outcomes FROM kindroom_care;
GRANT UPDATE (applied_at) ON policies, response_terms TO kindroom_worker;
GRANT SELECT (id, room_id, asked_by, asked_at, policy, policy_name, policy_id, calendar_version, state, held, due_at, fired,
    next_alarm_at), UPDATE (policy, policy_name, policy_id, calendar_version, held, due_at, fired, next_alarm_at)
    ON consults TO kindroom_worker;
GRANT INSERT ON calendar_versions, clock_audit_runs, journey_steps, journey_rungs, clock_rungs, clock_breaches, clock_projections, risk_pages, claim_events,
    audit_events, audit_chain TO kindroom_worker;
GRANT DELETE ON outbox, idempotency_keys, throttles, clock_audit_runs TO kindroom_worker;
GRANT SELECT ON idempotency_keys, throttles TO kindroom_worker;
GRANT SELECT, INSERT ON keys.data_keys TO kindroom_worker;
GRANT SELECT ON keys.shred_ledger TO kindroom_worker;

-- The calendar brings a payer's change into force, and a roster is worked off.
GRANT UPDATE ON payers, payer_versions, sponsor_rosters, sponsor_members TO kindroom_worker;
GRANT UPDATE (told_at) ON sponsor_authorisations TO kindroom_worker;
GRANT INSERT ON sponsor_members TO kindroom_worker;

-- rows: content of rooms -------------------------------------------------------------------------------
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['messages', 'message_revisions', 'drafts', 'stars', 'read_marks', 'notes', 'goals',
                                'goal_versions', 'check_ins', 'care_plans', 'diagnoses', 'messaging_sessions', 'media'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY care ON %I TO kindroom_care USING (room_id = ANY ((SELECT my_rooms())::uuid[]))',
                       name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['goals', 'check_ins', 'notes', 'care_plans', 'diagnoses', 'messaging_sessions', 'media', 'read_marks'] LOOP
        EXECUTE format('CREATE POLICY worker ON %I TO kindroom_worker USING (true)', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['measure_responses', 'consents', 'intake_corrections'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format(
            'CREATE POLICY care ON %I TO kindroom_care USING (client_id = ANY ((SELECT my_clients())::uuid[]))', name);
        EXECUTE format('CREATE POLICY worker ON %I TO kindroom_worker USING (true)', name);
    END LOOP;
END $$;
-- Who places a client begins the plan of a room that is not theirs. A plan holds a cadence, no words.
CREATE POLICY place ON care_plans FOR INSERT TO kindroom_care WITH CHECK ((SELECT is_matcher()));
CREATE POLICY place_read ON care_plans FOR SELECT TO kindroom_care USING ((SELECT is_matcher()));
-- Goals that go over with a client whom a person of ours placed anew.
CREATE POLICY place ON goals FOR INSERT TO kindroom_care WITH CHECK ((SELECT is_matcher()));
CREATE POLICY place ON goal_versions FOR INSERT TO kindroom_care WITH CHECK ((SELECT is_matcher()));
CREATE POLICY billing ON diagnoses FOR SELECT TO kindroom_billing USING (true);
CREATE POLICY billing ON messaging_sessions FOR SELECT TO kindroom_billing USING (true);
CREATE POLICY billing ON consents FOR SELECT TO kindroom_billing USING (true);

-- The parts and files of a recording are reached through it.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['media_parts', 'media_files'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY care ON %I TO kindroom_care USING (medium_id IN (SELECT id FROM media))', name);
        EXECUTE format('CREATE POLICY worker ON %I TO kindroom_worker USING (true)', name);
    END LOOP;
END $$;

-- Who opened a room for a purpose: read by the people of the room and by supervisors, begun only for oneself.
ALTER TABLE room_access ENABLE ROW LEVEL SECURITY;
CREATE POLICY care_read ON room_access FOR SELECT TO kindroom_care USING (account_id = actor()
    OR actor_role() = 'supervisor' OR room_id = ANY ((SELECT my_rooms())::uuid[]));
CREATE POLICY care_enter ON room_access FOR INSERT TO kindroom_care
    WITH CHECK (account_id = actor() AND actor_role() IN ('therapist', 'supervisor'));
CREATE POLICY care_change ON room_access FOR UPDATE TO kindroom_care
    USING (account_id = actor() OR actor_role() = 'supervisor');
CREATE POLICY worker ON room_access TO kindroom_worker USING (true);

-- Why somebody changes therapist is theirs, and for whoever places them: never for the therapist they leave.
ALTER TABLE switch_reasons ENABLE ROW LEVEL SECURITY;
CREATE POLICY care ON switch_reasons TO kindroom_care
    USING (therapist_id <> actor() AND (client_id = actor() OR (SELECT is_matcher())));

-- What one room hands over to the next: between the two therapists, their client, and whoever places clients.
ALTER TABLE room_transfers ENABLE ROW LEVEL SECURITY;
CREATE POLICY care ON room_transfers TO kindroom_care USING (client_id = actor() OR from_therapist_id = actor()
    OR to_therapist_id = actor() OR (SELECT is_matcher())
    OR EXISTS (SELECT 1 FROM rooms r WHERE r.id = to_room_id AND r.therapist_id = actor()));
CREATE POLICY worker ON room_transfers TO kindroom_worker USING (true);

-- A consult is between clinicians: the client of the room has no part in it.
ALTER TABLE consults ENABLE ROW LEVEL SECURITY;
CREATE POLICY care ON consults TO kindroom_care USING (actor_role() = 'supervisor'
    OR actor_role() = 'therapist' AND room_id = ANY ((SELECT my_rooms())::uuid[]));
CREATE POLICY worker ON consults TO kindroom_worker USING (true);

-- rows: data keys. Whoever may not read a room cannot fetch its key either. ------------------------------
ALTER TABLE keys.data_keys ENABLE ROW LEVEL SECURITY;
CREATE POLICY care_read ON keys.data_keys FOR SELECT TO kindroom_care USING (
    scope = 'clinic'
    OR (scope = 'room' AND owner_id = ANY ((SELECT my_rooms())::uuid[]))
    OR (scope = 'media' AND owner_id IN (SELECT id FROM media))
    OR (scope IN ('chart', 'billing') AND owner_id = ANY ((SELECT my_clients())::uuid[]))
    OR (scope = 'chart' AND owner_id = ANY ((SELECT my_searches())::uuid[])));
CREATE POLICY care_create ON keys.data_keys FOR INSERT TO kindroom_care WITH CHECK (true);
CREATE POLICY billing ON keys.data_keys TO kindroom_billing USING (scope IN ('billing', 'clinic'));
-- A recording's key is open to the worker while it is being made playable, and then no more.
CREATE POLICY worker ON keys.data_keys TO kindroom_worker USING (scope IN ('chart', 'billing', 'clinic')
    OR (scope = 'media' AND owner_id IN (SELECT id FROM media WHERE state = 'processing')));

-- rows: the audit log is written by all, read by administrators and supervisors, and by people about their own rooms
-- and the charts of their clients --
ALTER TABLE audit_events ENABLE ROW LEVEL SECURITY;
CREATE POLICY write_all ON audit_events FOR INSERT TO kindroom_care, kindroom_billing, kindroom_worker WITH CHECK (true);
CREATE POLICY read_own ON audit_events FOR SELECT TO kindroom_care USING (
    actor_role() IN ('administrator', 'supervisor') OR room_id = ANY ((SELECT my_rooms())::uuid[])
    OR action IN ('read_intake', 'read_measures') AND subject_id = ANY ((SELECT my_clients())::uuid[]));
CREATE POLICY read_worker ON audit_events FOR SELECT TO kindroom_worker USING (true);

-- What a client needs is kept by who may read their chart, and read by whoever moves rooms.
ALTER TABLE client_needs ENABLE ROW LEVEL SECURITY;
CREATE POLICY care_read ON client_needs FOR SELECT TO kindroom_care USING (true);
CREATE POLICY care_keep ON client_needs FOR INSERT TO kindroom_care
    WITH CHECK (client_id = ANY ((SELECT my_clients())::uuid[]));
CREATE POLICY care_renew ON client_needs FOR UPDATE TO kindroom_care
    USING (client_id = ANY ((SELECT my_clients())::uuid[]));
CREATE POLICY worker ON client_needs TO kindroom_worker USING (true);

-- What was decided about somebody's care is read by them, by whoever treats them, and by whoever decides.
ALTER TABLE suitability_decisions ENABLE ROW LEVEL SECURITY;
CREATE POLICY care ON suitability_decisions TO kindroom_care
    USING (client_id = ANY ((SELECT my_clients())::uuid[]) OR (SELECT is_matcher()));
