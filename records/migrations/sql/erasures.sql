-- What the law or a court keeps cannot be destroyed, whatever the application does: the last fence is here.

-- The first and the last instant of a client's care; null when there was none. The end of care counts: the years run
-- from it. So does a clinician's answer to a risk flag, which is care without a room.
CREATE FUNCTION care_given(p_client uuid) RETURNS TABLE (first_at timestamptz, last_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT min(given.at), max(given.at) FROM (
        SELECT unnest(ARRAY[opened_at, last_sent_at, closed_at]) AS at FROM rooms WHERE client_id = p_client
        UNION ALL SELECT n.signed_at FROM notes n JOIN rooms r ON r.id = n.room_id WHERE r.client_id = p_client
        UNION ALL SELECT service_to::timestamptz FROM service_lines WHERE client_id = p_client
        UNION ALL SELECT acknowledged_at FROM risk_flags WHERE client_id = p_client
    ) given
$$;

-- Whether a legal hold is in force.
CREATE FUNCTION held(p_client uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT 1 FROM legal_holds WHERE client_id = p_client AND lifted_at IS NULL)
$$;

-- Whether a client's record may be destroyed now: it was asked for, its date is over everywhere on earth (noon UTC of
-- the next day), no hold is in force, and six years have passed since the last care, whatever date stands in the row
-- (45 CFR 164.316(b)(2)(i)).
CREATE FUNCTION may_shred(p_client uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT 1 FROM erasures e WHERE e.client_id = p_client AND e.state = 'shredding'
                   AND coalesce(now() >= (e.not_before + 1)::timestamp AT TIME ZONE 'UTC' + interval '12 hours', true))
        AND NOT held(p_client)
        AND coalesce((SELECT last_at FROM care_given(p_client)) + interval '6 years' < now(), true)
$$;

-- Every key that a client's record lies under, there still or destroyed: their rooms', recordings', chart and billing.
CREATE FUNCTION keys_of_client(p_client uuid) RETURNS TABLE (scope text, owner_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT 'room', r.id FROM rooms r WHERE r.client_id = p_client
    UNION ALL SELECT 'media', m.id FROM media m JOIN rooms r ON r.id = m.room_id WHERE r.client_id = p_client
    UNION ALL SELECT unnest(ARRAY['chart', 'billing']), p_client
$$;

CREATE FUNCTION client_of_key(p_scope text, p_owner uuid) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT CASE p_scope
        WHEN 'room' THEN (SELECT client_id FROM rooms WHERE id = p_owner)
        WHEN 'media' THEN (SELECT r.client_id FROM media m JOIN rooms r ON r.id = m.room_id WHERE m.id = p_owner)
        WHEN 'clinic' THEN NULL
        ELSE p_owner END
$$;

-- No key goes before its time. A recording that was never sent is no part of the record yet: its sender may drop it,
-- unless a court holds everything.
CREATE FUNCTION keep_keys() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    v_client uuid := client_of_key(OLD.scope, OLD.owner_id);
BEGIN
    IF TG_OP = 'UPDATE' THEN  -- wrapped anew under a newer key-encryption key, in its place
        IF (NEW.scope, NEW.owner_id, NEW.version) IS NOT DISTINCT FROM (OLD.scope, OLD.owner_id, OLD.version) THEN
            RETURN NEW;
        END IF;
    ELSIF OLD.scope = 'media' AND NOT coalesce(held(v_client), false)
          AND NOT EXISTS (SELECT 1 FROM messages WHERE media_id = OLD.owner_id) THEN
        RETURN OLD;
    ELSIF v_client IS NOT NULL AND may_shred(v_client) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the record is kept' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER keep_keys BEFORE UPDATE OR DELETE ON keys.data_keys FOR EACH ROW EXECUTE FUNCTION keep_keys();
CREATE TRIGGER keep_all_keys BEFORE TRUNCATE ON keys.data_keys FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER keep_history BEFORE UPDATE OR DELETE ON keys.shred_ledger FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER keep_all_history BEFORE TRUNCATE ON keys.shred_ledger FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Whose key it was, when a hold came and went, and what the rule was stays on record.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['clients', 'rooms', 'legal_holds', 'erasures', 'retention_rules'] LOOP
        EXECUTE format('CREATE TRIGGER keep_rows BEFORE DELETE ON %I FOR EACH ROW EXECUTE FUNCTION refuse_change()', name);
    END LOOP;
END $$;
CREATE TRIGGER keep_rule BEFORE UPDATE ON retention_rules FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER keep_proof BEFORE UPDATE ON erasures
    FOR EACH ROW WHEN (OLD.state IN ('shredded', 'withdrawn')) EXECUTE FUNCTION refuse_change();

-- A hold and the destruction wait for each other at the client's row. Once that has begun, a hold comes too late.
CREATE FUNCTION hold_in_time() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM FROM clients WHERE id = NEW.client_id FOR UPDATE;
    IF EXISTS (SELECT 1 FROM erasures WHERE client_id = NEW.client_id AND state IN ('shredding', 'shredded')) THEN
        RAISE EXCEPTION 'too late' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER hold_in_time BEFORE INSERT ON legal_holds FOR EACH ROW EXECUTE FUNCTION hold_in_time();

-- A room counts as erased when its key is gone, and only then.
CREATE FUNCTION erased_without_key() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM keys.data_keys WHERE scope = 'room' AND owner_id = NEW.id) THEN
        RAISE EXCEPTION 'the record is kept' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER erased_without_key BEFORE UPDATE OF state ON rooms
    FOR EACH ROW WHEN (NEW.state = 'erased' AND OLD.state <> 'erased') EXECUTE FUNCTION erased_without_key();

-- Destroy every key of a client, and say so in the ledger, in one transaction; how many there were. The keys of a client
-- who is in the ledger already are gone: a repeat finds nothing to do.
CREATE FUNCTION destroy_keys(p_client uuid) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    v_gone bigint;
BEGIN
    PERFORM FROM clients WHERE id = p_client FOR UPDATE;
    INSERT INTO keys.shred_ledger (scope, owner_id, shredded_at)
        SELECT k.scope, k.owner_id, now() FROM keys_of_client(p_client) k ON CONFLICT DO NOTHING;
    DELETE FROM keys.data_keys d USING keys_of_client(p_client) k WHERE d.scope = k.scope AND d.owner_id = k.owner_id;
    GET DIAGNOSTICS v_gone = ROW_COUNT;
    UPDATE rooms SET state = 'erased', closed_at = coalesce(closed_at, now()), version = version + 1
    WHERE client_id = p_client AND state <> 'erased';
    RETURN v_gone;
END $$;

-- What is left when the keys are gone: sealed bodies that nobody can open, and what stands under the clinic's own key
-- or in the open and names a person. Instants, counts, codes and sums stay: figures are the same before and after.
CREATE FUNCTION forget_client(p_client uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    v_rooms uuid[] := ARRAY(SELECT id FROM rooms WHERE client_id = p_client);
    v_batches uuid[];
BEGIN
    IF EXISTS (SELECT 1 FROM keys.data_keys d JOIN keys_of_client(p_client) k
               ON k.scope = d.scope AND k.owner_id = d.owner_id) THEN
        RAISE EXCEPTION 'the record is kept' USING ERRCODE = 'restrict_violation';
    END IF;
    UPDATE rooms SET state = 'erased', closed_at = coalesce(closed_at, now()) WHERE id = ANY (v_rooms) AND state <> 'erased';
    -- of rooms
    DELETE FROM drafts WHERE room_id = ANY (v_rooms);
    DELETE FROM stars WHERE room_id = ANY (v_rooms);
    DELETE FROM read_marks WHERE room_id = ANY (v_rooms);
    DELETE FROM message_alerts WHERE room_id = ANY (v_rooms);
    DELETE FROM message_revisions WHERE room_id = ANY (v_rooms);
    UPDATE messages SET body = '', fingerprint = '', idempotency_key = id::text WHERE room_id = ANY (v_rooms);
    UPDATE media SET details_sealed = NULL, captions_sealed = NULL WHERE room_id = ANY (v_rooms);
    DELETE FROM media_parts WHERE medium_id IN (SELECT id FROM media WHERE room_id = ANY (v_rooms));
    DELETE FROM media_files WHERE medium_id IN (SELECT id FROM media WHERE room_id = ANY (v_rooms));
    UPDATE room_access SET reason_sealed = '' WHERE room_id = ANY (v_rooms);
    UPDATE notes SET body = '' WHERE room_id = ANY (v_rooms);
    UPDATE goal_versions SET body = '' WHERE room_id = ANY (v_rooms);
    UPDATE check_ins SET answers = NULL WHERE room_id = ANY (v_rooms);
    UPDATE consults SET question_sealed = '', answer_sealed = NULL WHERE room_id = ANY (v_rooms);
    UPDATE breach_reviews SET note_sealed = NULL
    WHERE clock_id IN (SELECT id FROM response_clocks WHERE room_id = ANY (v_rooms));
    -- of the chart
    UPDATE measure_responses SET answers_sealed = '', result_sealed = '' WHERE client_id = p_client;
    UPDATE intake_corrections SET earlier_sealed = '' WHERE client_id = p_client;
    UPDATE consents SET signature_sealed = '' WHERE client_id = p_client;
    UPDATE match_candidates SET explanation_sealed = NULL
    WHERE match_id IN (SELECT id FROM matches WHERE client_id = p_client);
    DELETE FROM client_needs WHERE client_id = p_client;
    DELETE FROM client_places WHERE client_id = p_client;
    UPDATE switch_reasons SET reason_sealed = '' WHERE client_id = p_client;
    UPDATE room_transfers SET note_sealed = NULL WHERE client_id = p_client;
    UPDATE risk_flags SET contact_sealed = NULL, rationale_sealed = NULL WHERE client_id = p_client;
    UPDATE suitability_decisions SET rules = '{}', rationale_sealed = NULL, letter_sealed = NULL WHERE client_id = p_client;
    UPDATE guardian_consents SET contact_sealed = '', token_sealed = '', token_hash = sha256(gen_random_uuid()::text::bytea),
        born_hash = '', signature_sealed = NULL
    WHERE client_id = p_client;
    UPDATE legal_holds SET reason_sealed = '' WHERE client_id = p_client;
    -- of billing: what was claimed, paid and when stays; who it was for goes, also from the files that named them
    UPDATE diagnoses SET code_sealed = '' WHERE client_id = p_client;
    UPDATE coverages SET details_sealed = '', answer_sealed = NULL, member_index = NULL, ended_at = coalesce(ended_at, now()),
        asking = false, ask_again_at = NULL
    WHERE client_id = p_client;
    -- nobody is found on a roster by who they were, nor by the number of an authorisation
    UPDATE sponsor_members SET claimed_by = NULL, member_index = sha256(gen_random_uuid()::text::bytea), authorisation = NULL
    WHERE claimed_by = p_client;
    UPDATE sponsor_authorisations SET number = id::text, member_id = NULL WHERE client_id = p_client;
    -- what was never claimed cannot be any more: nobody knows for whom
    UPDATE service_lines SET state = 'closed', hold = NULL WHERE client_id = p_client AND state IN ('unbilled', 'held');
    UPDATE eligibility_checks SET raw_sealed = NULL
    WHERE coverage_id IN (SELECT id FROM coverages WHERE client_id = p_client);
    v_batches := ARRAY(SELECT DISTINCT batch_id FROM claims WHERE client_id = p_client AND batch_id IS NOT NULL);
    UPDATE claim_batches SET content_sealed = NULL WHERE id = ANY (v_batches);
    UPDATE clearinghouse_reports SET content_sealed = ''
    WHERE batch_id = ANY (v_batches) OR id::text IN (
        SELECT e.source FROM claim_events e JOIN claims c ON c.id = e.claim_id WHERE c.client_id = p_client);
    UPDATE claims SET payer_claim_number = NULL WHERE client_id = p_client;
    -- of the account
    DELETE FROM push_subscriptions WHERE account_id = p_client;
    DELETE FROM notice_settings WHERE account_id = p_client;
    DELETE FROM notices WHERE account_id = p_client;
    DELETE FROM idempotency_keys WHERE principal_id = p_client;
    DELETE FROM sessions WHERE account_id = p_client;
    UPDATE accounts SET username_index = sha256(gen_random_uuid()::text::bytea), email_sealed = NULL, totp_sealed = NULL,
        display_name = 'Erased', password_hash = '-', passcode_hash = NULL, disabled_at = coalesce(disabled_at, now())
    WHERE id = p_client;
    UPDATE clients SET code = 'E-' || p_client, profile_sealed = '', intake_sealed = NULL, suitability = NULL,
        suitability_rules = NULL, intake_marks = NULL,
        closed_at = coalesce(closed_at, now()), sealed_at = coalesce(sealed_at, now()),
        erased_at = coalesce(erased_at, now())
    WHERE id = p_client;
END $$;

-- Clients whom a ledger outside the database calls erased and whose keys or name are there nevertheless: a backup
-- brought them back. The front does not open before there are none.
CREATE FUNCTION came_back(p_clients uuid[]) RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT c.id FROM clients c WHERE c.id = ANY (p_clients) AND (c.erased_at IS NULL OR EXISTS (
        SELECT 1 FROM keys.data_keys d JOIN keys_of_client(c.id) k ON k.scope = d.scope AND k.owner_id = d.owner_id))
    ORDER BY c.id
$$;

REVOKE ALL ON FUNCTION care_given, held, may_shred, keys_of_client, client_of_key, destroy_keys, forget_client, came_back
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION care_given, held, came_back TO kindroom_care, kindroom_worker;
GRANT EXECUTE ON FUNCTION may_shred, keys_of_client, destroy_keys, forget_client TO kindroom_worker;
