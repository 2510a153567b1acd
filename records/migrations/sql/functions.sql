-- The two statements every message takes: each a whole transaction in one round trip.

-- Whether an actor may enter one room now: the rule of `my_rooms()`, asked about a single room. Both statements run
-- with the owner's rights and ask this first, so the fence of the row policies holds without being paid for per table.
CREATE FUNCTION enters(p_actor uuid, p_room uuid, p_client uuid, p_therapist uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
BEGIN
    IF p_actor = p_client OR p_actor = p_therapist THEN
        RETURN true;
    END IF;
    RETURN EXISTS (SELECT 1 FROM covers WHERE room_id = p_room AND therapist_id = p_actor
                   AND starts_at <= now() AND now() < ends_at)
        OR EXISTS (SELECT 1 FROM room_access WHERE room_id = p_room AND account_id = p_actor AND now() < expires_at)
        OR (EXISTS (SELECT 1 FROM risk_flags WHERE client_id = p_client AND state <> 'closed')
            AND EXISTS (SELECT 1 FROM duties WHERE account_id = p_actor
                        AND duty IN ('on_call', 'clinical_director')));
END $$;

-- What an actor needs to know at the door of a room: how they stand to it, its key, both zones. Nothing when the
-- room is not there; no key when the actor may not enter.
CREATE FUNCTION open_door(p_actor uuid, p_role text, p_room uuid)
RETURNS TABLE (client_id uuid, therapist_id uuid, state text, covering uuid[], with_purpose uuid[], risk_open boolean,
               answer_owed boolean, key_version int, wrapped bytea, client_zone text, therapist_zone text, pronoun text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT r.client_id, r.therapist_id, r.state::text,
           ARRAY(SELECT c.therapist_id FROM covers c
                 WHERE c.room_id = r.id AND c.starts_at <= now() AND now() < c.ends_at),
           ARRAY(SELECT a.account_id FROM room_access a WHERE a.room_id = r.id AND now() < a.expires_at),
           EXISTS (SELECT 1 FROM risk_flags f WHERE f.client_id = r.client_id AND f.state <> 'closed'),
           EXISTS (SELECT 1 FROM response_clocks c WHERE c.room_id = r.id AND c.state = 'running'),
           k.version, k.wrapped, ca.time_zone::text, ta.time_zone::text, t.pronoun::text
    FROM rooms r
    JOIN accounts ca ON ca.id = r.client_id
    JOIN accounts ta ON ta.id = r.therapist_id
    JOIN therapists t ON t.id = r.therapist_id
    LEFT JOIN LATERAL (SELECT d.version, d.wrapped FROM keys.data_keys d
                       WHERE d.scope = 'room' AND d.owner_id = r.id
                         AND enters(p_actor, r.id, r.client_id, r.therapist_id)
                       ORDER BY d.version DESC LIMIT 1) k ON true
    WHERE r.id = p_room;
END $$;

CREATE TYPE posted AS (
    outcome text,        -- posted | repeated | key_reused | closed | clock_needed
    message_id uuid, seq bigint, sent_at timestamptz,
    clock_id uuid, clock_state text, due_at timestamptz, held text, policy_name text);

-- A message, and what it does to the promise. `p_clock` is the projected clock for a client's message that opens
-- one; without it such a message answers `clock_needed` and changes nothing. Lock order: calendar, room, clock.
CREATE FUNCTION post_message(
    p_actor uuid, p_role text, p_session uuid, p_room uuid, p_message uuid, p_kind text, p_body bytea,
    p_reply_to uuid, p_holding boolean, p_automatic boolean, p_key text, p_fingerprint bytea, p_answers boolean,
    p_asks boolean, p_answerer text, p_acknowledges boolean, p_at timestamptz, p_clock jsonb)
RETURNS posted LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    v_room rooms%ROWTYPE;
    v_clock response_clocks%ROWTYPE;
    v_earlier messages%ROWTYPE;
    v_at timestamptz;
    v_seq bigint;
    v_moved boolean := false;
    v_result posted;
BEGIN
    SELECT * INTO v_room FROM rooms WHERE id = p_room FOR UPDATE;
    IF v_room.id IS NULL OR NOT enters(p_actor, v_room.id, v_room.client_id, v_room.therapist_id) THEN
        v_result.outcome := 'closed';
        RETURN v_result;
    END IF;
    SELECT * INTO v_earlier FROM messages WHERE sender_id = p_actor AND idempotency_key = p_key;
    IF FOUND THEN
        v_result.outcome := CASE WHEN v_earlier.fingerprint = p_fingerprint AND v_earlier.room_id = p_room
                                 THEN 'repeated' ELSE 'key_reused' END;
        v_result.message_id := v_earlier.id;
        v_result.seq := v_earlier.seq;
        v_result.sent_at := v_earlier.sent_at;
        SELECT id, c.state, c.due_at, c.held, c.policy_name
        INTO v_result.clock_id, v_result.clock_state, v_result.due_at, v_result.held, v_result.policy_name
        FROM response_clocks c WHERE c.room_id = p_room AND c.state = 'running';
        RETURN v_result;
    END IF;
    IF v_room.state <> 'open' THEN
        v_result.outcome := 'closed';
        RETURN v_result;
    END IF;
    SELECT * INTO v_clock FROM response_clocks c WHERE c.room_id = p_room AND c.state = 'running' FOR UPDATE;
    -- A client's message that opens a clock, or a billable window, comes with both worked out before.
    IF p_role = 'client' AND p_clock IS NULL AND (v_room.client_away OR (
        NOT (p_acknowledges AND v_room.clinician_asked IS FALSE)
        AND (v_clock.id IS NULL OR v_room.window_ends_at IS NULL
             OR v_room.window_ends_at <= coalesce(p_at, clock_timestamp())))) THEN
        v_result.outcome := 'clock_needed';
        RETURN v_result;
    END IF;

    v_at := greatest(coalesce(p_at, clock_timestamp()), v_room.last_sent_at);
    v_seq := v_room.last_seq + 1;
    INSERT INTO messages (id, room_id, seq, sender_id, sender_role, kind, body, reply_to, holding, automatic, sent_at,
                          idempotency_key, fingerprint)
    VALUES (p_message, p_room, v_seq, p_actor, p_role, p_kind, p_body, p_reply_to, p_holding, p_automatic, v_at,
            p_key, p_fingerprint);

    IF p_role = 'client' THEN
        IF v_clock.id IS NOT NULL THEN
            UPDATE response_clocks SET client_messages = client_messages + 1 WHERE id = v_clock.id RETURNING * INTO v_clock;
        ELSIF p_clock IS NOT NULL THEN
            INSERT INTO response_clocks (id, room_id, therapist_id, kind, opened_at, opened_seq, client_messages, policy,
                                         policy_name, calendar_version, state, held, due_at, remaining_seconds, alarms,
                                         next_alarm_at)
            VALUES ((p_clock->>'id')::uuid, p_room, v_room.therapist_id, p_clock->>'kind', v_at, v_seq, 1,
                    p_clock->'policy', p_clock->>'policy_name', (p_clock->>'calendar_version')::bigint, 'running',
                    p_clock->>'held', (p_clock->>'due_at')::timestamptz, (p_clock->>'remaining_seconds')::int,
                    p_clock->'alarms', (p_clock->>'next_alarm_at')::timestamptz)
            RETURNING * INTO v_clock;
            v_moved := true;
        ELSE
            INSERT INTO response_clocks (id, room_id, therapist_id, kind, opened_at, opened_seq, client_messages, policy,
                                         policy_name, calendar_version, state, alarms, closed_at, closed_seq, reason)
            VALUES (p_message, p_room, v_room.therapist_id, 'next_response', v_at, v_seq, 1, '{}', 'next_response', 0,
                    'waived', '{}', v_at, v_seq, 'auto_acknowledgement');
        END IF;
    ELSIF p_answers AND v_clock.id IS NOT NULL THEN
        UPDATE response_clocks
        SET state = CASE WHEN due_at IS NOT NULL AND v_at > due_at THEN 'late' ELSE 'met' END,
            closed_at = v_at, closed_seq = v_seq, answered_by = p_answerer, next_alarm_at = NULL, held = NULL
        WHERE id = v_clock.id RETURNING * INTO v_clock;
        IF v_clock.state = 'late' THEN
            INSERT INTO clock_breaches (clock_id, room_id, breached_at, recorded_at)
            VALUES (v_clock.id, p_room, v_clock.due_at, v_at) ON CONFLICT DO NOTHING;
        END IF;
        v_moved := true;
    END IF;

    UPDATE rooms SET last_seq = v_seq, last_sent_at = v_at, version = version + v_moved::int,
        first_answered_at = CASE WHEN p_answers THEN coalesce(first_answered_at, v_at) ELSE first_answered_at END,
        clinician_asked = CASE WHEN p_role = 'client' THEN clinician_asked
                               WHEN p_answers THEN p_asks
                               WHEN p_asks THEN true ELSE clinician_asked END
    WHERE id = p_room RETURNING * INTO v_room;
    IF v_moved THEN
        INSERT INTO outbox (kind, subject_id, version, payload, created_at, attempts)
        VALUES ('clock_changed', p_room, v_room.version,
                jsonb_build_object('clock_id', v_clock.id, 'next_alarm_at', v_clock.next_alarm_at, 'closed', false), v_at, 0);
    END IF;
    INSERT INTO audit_events (at, actor_id, role, action, outcome, room_id, subject_id, session_id, detail)
    VALUES (v_at, p_actor, p_role, 'post_message', 'done', p_room, p_message, p_session, jsonb_build_object('seq', v_seq));

    v_result.outcome := 'posted';
    v_result.message_id := p_message;
    v_result.seq := v_seq;
    v_result.sent_at := v_at;
    v_result.clock_id := v_clock.id;
    v_result.clock_state := v_clock.state;
    v_result.due_at := v_clock.due_at;
    v_result.held := v_clock.held;
    v_result.policy_name := v_clock.policy_name;
    RETURN v_result;
END $$;
REVOKE ALL ON FUNCTION open_door, post_message FROM PUBLIC;
GRANT EXECUTE ON FUNCTION open_door, post_message TO kindroom_care;

-- What has happened on a client's way into care, as instants and codes. The stage is moved in the transaction of a
-- therapist's, a supervisor's or the billing office's act, too, and they may not read consents and measures themselves.
CREATE FUNCTION journey_facts(p_client uuid)
RETURNS TABLE (registered_at timestamptz, confirmed_at timestamptz, state text, intake_submitted_at timestamptz,
               consents jsonb, measures jsonb, coverage_kind text, coverage_status text, coverage_at timestamptz,
               match_status text, match_at timestamptz, chosen boolean, decided_at timestamptz, offered_at timestamptz,
               offer_expires_at timestamptz, first_offered_at timestamptz, offer_missed_at timestamptz,
               room_opened_at timestamptz, paused_at timestamptz, closed_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT c.created_at, a.confirmed_at, c.state::text, c.intake_submitted_at,
           (SELECT coalesce(jsonb_agg(jsonb_build_object('document', s.document, 'version', s.version,
                                                         'state', s.state, 'at', s.signed_at)), '[]')
            FROM consents s WHERE s.client_id = c.id AND s.withdrawn_at IS NULL),
           (SELECT coalesce(jsonb_agg(jsonb_build_object('instrument', m.instrument, 'at', m.taken_at,
                                                         'complete', m.complete IS NOT FALSE)), '[]')
            FROM measure_responses m WHERE m.client_id = c.id),
           v.kind::text, v.status::text, coalesce(v.answered_at, v.created_at),
           t.status::text, t.created_at, cardinality(t.choice) > 0, t.decided_at,
           live.offered_at, live.expires_at,
           (SELECT min(o.offered_at) FROM offers o WHERE o.match_id = t.id),
           (SELECT max(o.decided_at) FROM offers o WHERE o.match_id = t.id AND o.state IN ('declined', 'expired')),
           (SELECT min(r.opened_at) FROM rooms r WHERE r.client_id = c.id AND r.state = 'open'),
           c.paused_at, c.closed_at
    FROM clients c
    JOIN accounts a ON a.id = c.id
    LEFT JOIN LATERAL (SELECT * FROM coverages x WHERE x.client_id = c.id AND x.ended_at IS NULL
                       ORDER BY x.status = 'active' DESC, x.created_at DESC LIMIT 1) v ON true
    LEFT JOIN LATERAL (SELECT * FROM matches x WHERE x.client_id = c.id AND x.status <> 'withdrawn'
                       AND NOT EXISTS (SELECT 1 FROM rooms r WHERE r.id = x.room_id AND r.state = 'closed')
                       ORDER BY x.n DESC LIMIT 1) t ON true
    LEFT JOIN LATERAL (SELECT * FROM offers o WHERE o.match_id = t.id AND o.state = 'open' LIMIT 1) live ON true
    WHERE c.id = p_client
$$;
REVOKE ALL ON FUNCTION journey_facts FROM PUBLIC;
GRANT EXECUTE ON FUNCTION journey_facts TO kindroom_care, kindroom_billing, kindroom_worker;
