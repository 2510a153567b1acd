-- The two statements every message takes: each a whole transaction in one round trip. All that they look up has a key. A plan
-- that was made while the tables were small lives as long as its connection: it is never one that reads them whole.

-- Whether an actor may enter one room now: the rule of `my_rooms()`, asked about a single room. Both statements run
-- with the owner's rights and ask this first, so the fence of the row policies holds without being paid for per table.
CREATE FUNCTION enters(p_actor uuid, p_room uuid, p_client uuid, p_therapist uuid, p_state text) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
BEGIN
    IF p_state NOT IN ('open', 'closed') THEN
        RETURN p_state = 'sealed'
            AND EXISTS (SELECT 1 FROM duties d JOIN accounts a ON a.id = d.account_id AND a.role = 'supervisor'
                        WHERE d.account_id = p_actor AND d.duty = 'record_keeper')
            AND EXISTS (SELECT 1 FROM room_access WHERE room_id = p_room AND account_id = p_actor AND now() < expires_at);
    END IF;
    IF p_actor = p_client OR p_actor = p_therapist THEN
        RETURN true;
    END IF;
    RETURN EXISTS (SELECT 1 FROM covers WHERE room_id = p_room AND therapist_id = p_actor
                   AND starts_at <= now() AND now() < ends_at)
        OR EXISTS (SELECT 1 FROM room_access WHERE room_id = p_room AND account_id = p_actor AND now() < expires_at)
        OR EXISTS (SELECT 1 FROM room_transfers t JOIN rooms n ON n.id = t.to_room_id AND n.state = 'open'
                   WHERE t.from_room_id = p_room AND t.history_shared AND n.therapist_id = p_actor)
        OR (EXISTS (SELECT 1 FROM risk_flags WHERE client_id = p_client AND state <> 'closed')
            AND EXISTS (SELECT 1 FROM duties WHERE account_id = p_actor
                        AND duty IN ('on_call', 'clinical_director')));
END $$;

-- What an actor needs to know at the door of a room: how they stand to it, its key, both zones. Nothing when the
-- room is not there; no key when the actor may not enter.
CREATE FUNCTION open_door(p_actor uuid, p_role text, p_room uuid)
RETURNS TABLE (client_id uuid, therapist_id uuid, state text, covering uuid[], with_purpose uuid[], risk_open boolean,
               away boolean, answer_owed boolean, key_version int, wrapped bytea, client_zone text, therapist_zone text, pronoun text,
               opens_at timestamptz, basis jsonb, basis_digest text, unlicensed boolean, continued_by uuid)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off AS $$
BEGIN
    RETURN QUERY
    SELECT r.client_id, r.therapist_id, r.state::text,
           ARRAY(SELECT c.therapist_id FROM covers c
                 WHERE c.room_id = r.id AND c.starts_at <= now() AND now() < c.ends_at),
           ARRAY(SELECT a.account_id FROM room_access a WHERE a.room_id = r.id AND now() < a.expires_at),
           EXISTS (SELECT 1 FROM risk_flags f WHERE f.client_id = r.client_id AND f.state <> 'closed'),
           EXISTS (SELECT 1 FROM leaves l WHERE l.therapist_id = r.therapist_id AND l.cancelled_at IS NULL
                   AND l.starts_at <= now() AND now() < l.ends_at),
           EXISTS (SELECT 1 FROM response_clocks c WHERE c.room_id = r.id AND c.state = 'running'),
           k.version, k.wrapped, ca.time_zone::text, ta.time_zone::text, t.pronoun::text,
           now(), b.basis, md5(b.basis::text),
           EXISTS (SELECT 1 FROM licence_gaps g WHERE g.room_id = r.id AND g.ends_at IS NULL AND g.starts_at <= now()),
           -- Who goes on with a closed room's care, and may read it because the client agreed.
           (SELECT n.therapist_id FROM room_transfers t JOIN rooms n ON n.id = t.to_room_id AND n.state = 'open'
            WHERE r.state = 'closed' AND t.from_room_id = r.id AND t.history_shared)
    FROM rooms r
    JOIN accounts ca ON ca.id = r.client_id
    JOIN accounts ta ON ta.id = r.therapist_id
    JOIN therapists t ON t.id = r.therapist_id
    LEFT JOIN LATERAL (SELECT d.version, d.wrapped FROM keys.data_keys d
                       WHERE d.scope = 'room' AND d.owner_id = r.id
                         AND enters(p_actor, r.id, r.client_id, r.therapist_id, r.state)
                       ORDER BY d.version DESC LIMIT 1) k ON true
    -- A client to whom nothing is owed may be about to open a clock.
    LEFT JOIN LATERAL (SELECT clock_basis(r.id, now(), now()) AS basis
                       WHERE p_actor = r.client_id AND r.state = 'open' AND NOT EXISTS (
                           SELECT 1 FROM response_clocks c WHERE c.room_id = r.id AND c.state = 'running')) b ON true
    WHERE r.id = p_room;
END $$;

-- Whether nobody who treats the client may write to them until they agree to care where they are (`records.consent_holds`).
CREATE FUNCTION waits_for_consent(p_room uuid, p_client uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM pauses WHERE room_id = p_room AND reason = 'consent' AND ends_at IS NULL)
       AND NOT EXISTS (SELECT FROM risk_flags WHERE client_id = p_client AND state <> 'closed')
$$;

CREATE TYPE posted AS (
    outcome text,        -- posted | repeated | key_reused | closed | no_licence | consent_withdrawn | consent_needed | clock_needed | medium_missing | medium_sent
                         -- | medium_unfinished | medium_refused | reply_missing | busy
    message_id uuid, seq bigint, sent_at timestamptz,
    clock_id uuid, clock_state text, due_at timestamptz, held text, policy_name text);

-- Why a recording cannot be sent in a message; NULL when it can: it is the sender's own, of this room and kind, uploaded,
-- and in no message yet. The caller holds the room, so two messages cannot both take it.
CREATE FUNCTION medium_refusal(p_media uuid, p_room uuid, p_actor uuid, p_kind text) RETURNS text
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT CASE WHEN m.id IS NULL THEN 'medium_missing'
                WHEN EXISTS (SELECT FROM messages WHERE media_id = m.id) THEN 'medium_sent'
                WHEN m.state = 'uploading' THEN 'medium_unfinished'
                WHEN m.state = 'refused' THEN 'medium_refused' END
    FROM (SELECT) one LEFT JOIN media m ON m.id = p_media AND m.room_id = p_room AND m.sender_id = p_actor
                                       AND m.kind = p_kind
$$;

-- What a message with this key was answered, and the promise as it stands; `p_outcome` when there was none. The caller
-- holds the room.
CREATE FUNCTION posted_before(p_room uuid, p_actor uuid, p_key text, p_fingerprint bytea, p_outcome text) RETURNS posted
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
DECLARE
    v_earlier messages%ROWTYPE;
    v_result posted;
BEGIN
    SELECT * INTO v_earlier FROM messages
    WHERE room_id = p_room AND sender_id = p_actor AND idempotency_key = p_key;
    IF NOT FOUND THEN
        v_result.outcome := p_outcome;
        RETURN v_result;
    END IF;
    v_result.outcome := CASE WHEN v_earlier.fingerprint = p_fingerprint THEN 'repeated' ELSE 'key_reused' END;
    v_result.message_id := v_earlier.id;
    v_result.seq := v_earlier.seq;
    v_result.sent_at := v_earlier.sent_at;
    SELECT id, c.state, c.due_at, c.held, c.policy_name
    INTO v_result.clock_id, v_result.clock_state, v_result.due_at, v_result.held, v_result.policy_name
    FROM response_clocks c WHERE c.room_id = p_room AND c.state = 'running';
    RETURN v_result;
END $$;

-- A message, and what it does to the promise. `p_clock` is the projected clock for a client's message that opens
-- one; without it such a message answers `clock_needed` and changes nothing, as it does with a clock that was projected
-- at the door (it has a `basis`, the digest of what it was projected from) once that is not so any more. An answer that is `p_short`, or comes in the
-- last tenth of its time, is kept for review. Lock order: calendar, room, clock. Without `p_wait` a room that somebody
-- else holds answers `busy`.
CREATE FUNCTION post_message(
    p_actor uuid, p_role text, p_session uuid, p_room uuid, p_message uuid, p_kind text, p_body bytea,
    p_media uuid, p_reply_to uuid, p_holding boolean, p_automatic boolean, p_key text, p_fingerprint bytea, p_answers boolean,
    p_short boolean, p_asks boolean, p_answerer text, p_acknowledges boolean, p_at timestamptz, p_clock jsonb,
    p_wait boolean)
RETURNS posted LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    v_room rooms%ROWTYPE;
    v_clock response_clocks%ROWTYPE;
    v_outcome text;
    v_at timestamptz;
    v_foreseen boolean := coalesce(p_clock ? 'basis', false);
    v_held boolean := NOT v_foreseen OR hold_time_of(p_room);
    v_seq bigint;
    v_moved boolean := false;
    v_waived boolean;
    v_result posted;
BEGIN
    IF p_wait THEN
        SELECT * INTO v_room FROM rooms WHERE id = p_room FOR UPDATE;
    ELSE
        SELECT * INTO v_room FROM rooms WHERE id = p_room FOR UPDATE SKIP LOCKED;
        IF NOT FOUND THEN
            v_result.outcome := 'busy';
            RETURN v_result;
        END IF;
    END IF;
    IF v_room.id IS NULL OR NOT enters(p_actor, v_room.id, v_room.client_id, v_room.therapist_id, v_room.state) THEN
        v_result.outcome := 'closed';
        RETURN v_result;
    END IF;
    v_outcome := CASE WHEN v_room.state <> 'open' THEN 'closed'
                      WHEN p_actor = v_room.therapist_id AND EXISTS (
                          SELECT FROM licence_gaps g WHERE g.room_id = p_room AND g.ends_at IS NULL
                          AND g.starts_at <= coalesce(p_at, clock_timestamp())) THEN 'no_licence'
                      WHEN p_role = 'client' AND v_room.consent_withdrawn_at IS NOT NULL THEN 'consent_withdrawn'
                      WHEN p_role = 'therapist' AND waits_for_consent(p_room, v_room.client_id) THEN 'consent_needed'
                      WHEN p_media IS NOT NULL THEN medium_refusal(p_media, p_room, p_actor, p_kind) END;
    IF v_outcome IS NULL AND p_reply_to IS NOT NULL
       AND NOT EXISTS (SELECT FROM messages WHERE id = p_reply_to AND room_id = p_room) THEN
        v_outcome := 'reply_missing';
    END IF;
    IF v_outcome IS NOT NULL THEN
        RETURN posted_before(p_room, p_actor, p_key, p_fingerprint, v_outcome);
    END IF;
    SELECT * INTO v_clock FROM response_clocks c WHERE c.room_id = p_room AND c.state = 'running' FOR UPDATE;
    -- Thanks alone need no answer, unless the therapist asked something or risk is open.
    v_waived := p_acknowledges AND v_room.clinician_asked IS FALSE;
    IF v_waived THEN
        v_waived := NOT EXISTS (SELECT 1 FROM risk_flags f WHERE f.client_id = v_room.client_id AND f.state <> 'closed');
    END IF;
    -- A client's message that opens a clock, or a billable window, comes with both worked out before.
    IF p_role = 'client' AND (p_clock IS NULL OR v_foreseen) AND (v_room.client_away OR (
        NOT v_waived
        AND (v_room.window_ends_at IS NULL OR v_room.window_ends_at <= coalesce(p_at, clock_timestamp())
             OR v_clock.id IS NULL AND NOT (v_foreseen AND v_held AND still_so(p_room, p_clock, v_room.last_sent_at))))) THEN
        RETURN posted_before(p_room, p_actor, p_key, p_fingerprint, 'clock_needed');
    END IF;

    -- A message that opens a clock is of the instant from which that was projected: the caller has held the room since.
    v_at := greatest(coalesce(p_at, (p_clock->>'opened_at')::timestamptz, clock_timestamp()), v_room.last_sent_at);
    v_seq := v_room.last_seq + 1;
    INSERT INTO messages (id, room_id, seq, sender_id, sender_role, kind, body, media_id, reply_to, holding, automatic,
                          sent_at, idempotency_key, fingerprint)
    VALUES (p_message, p_room, v_seq, p_actor, p_role, p_kind, p_body, p_media, p_reply_to, p_holding, p_automatic, v_at,
            p_key, p_fingerprint)
    ON CONFLICT (room_id, sender_id, idempotency_key) DO NOTHING;
    IF NOT FOUND THEN
        RETURN posted_before(p_room, p_actor, p_key, p_fingerprint, 'key_reused');
    END IF;

    IF p_role = 'client' THEN
        IF v_clock.id IS NOT NULL THEN
            UPDATE response_clocks SET client_messages = client_messages + 1 WHERE id = v_clock.id RETURNING * INTO v_clock;
        ELSIF p_clock IS NOT NULL THEN
            INSERT INTO response_clocks (id, room_id, therapist_id, kind, opened_at, opened_seq, client_messages, policy,
                                         policy_name, policy_id, calendar_version, state, held, due_at,
                                         remaining_seconds, alarms, next_alarm_at)
            VALUES ((p_clock->>'id')::uuid, p_room, v_room.therapist_id, p_clock->>'kind', v_at, v_seq, 1,
                    p_clock->'policy', p_clock->>'policy_name', (p_clock->>'policy_id')::uuid,
                    (p_clock->>'calendar_version')::bigint, 'running', p_clock->>'held',
                    (p_clock->>'due_at')::timestamptz, (p_clock->>'remaining_seconds')::int,
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
        -- A promise that was broken stays broken, also when more time was granted or counted since.
        SET state = CASE WHEN v_at > due_at OR EXISTS (SELECT FROM clock_breaches b WHERE b.clock_id = v_clock.id)
                         THEN 'late' ELSE 'met' END,
            closed_at = v_at, closed_seq = v_seq, answered_by = p_answerer, next_alarm_at = NULL, held = NULL,
            sampled = CASE WHEN p_short THEN 'short'
                           WHEN v_at >= (alarms->>'last_tenth_at')::timestamptz AND v_at <= due_at THEN 'last_tenth' END
        WHERE id = v_clock.id RETURNING * INTO v_clock;
        IF v_clock.state = 'late' THEN
            INSERT INTO clock_breaches (clock_id, room_id, breached_at, recorded_at)
            VALUES (v_clock.id, p_room, v_clock.due_at, v_at) ON CONFLICT DO NOTHING;
            -- The breach rung had not fired: what it offers after a second breach (`records.ladder`) is offered here.
            IF FOUND AND EXISTS (SELECT FROM clock_breaches b WHERE b.room_id = p_room AND b.clock_id <> v_clock.id
                    AND b.breached_at BETWEEN v_clock.due_at - interval '168 hours' AND v_clock.due_at) THEN
                INSERT INTO notices (id, account_id, template, subject_id, room_id, created_at)
                VALUES (gen_random_uuid(), v_room.client_id, 'rematch_offered', v_clock.id, p_room, v_at)
                ON CONFLICT DO NOTHING;
            END IF;
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

-- What several people post in the same moment, in one transaction: one round trip and one wait for the disk. No room
-- that somebody else holds holds up the others: unless it comes `p_alone`, such a message has no row in the answer.
CREATE FUNCTION post_messages(p_asked jsonb, p_alone boolean)
RETURNS TABLE (n int, outcome text, message_id uuid, seq bigint, sent_at timestamptz, clock_id uuid, clock_state text,
               due_at timestamptz, held text, policy_name text)
LANGUAGE plpgsql SET search_path = public, pg_temp SET enable_seqscan = off AS $$
DECLARE
    a record;
    v_posted posted;
BEGIN
    IF NOT p_alone THEN
        SET LOCAL lock_timeout = '1s';
    END IF;
    FOR a IN SELECT * FROM jsonb_to_recordset(p_asked) AS asked(
        n int, actor uuid, role text, session uuid, room uuid, message uuid, kind text, body text, media uuid,
        reply_to uuid, holding boolean, key text, fingerprint text, answers boolean, short boolean, asks boolean,
        answerer text, acknowledges boolean, at timestamptz, clock jsonb)
    LOOP
        v_posted := post_message(a.actor, a.role, a.session, a.room, a.message, a.kind, decode(a.body, 'hex'), a.media,
            a.reply_to, a.holding, false, a.key, decode(a.fingerprint, 'hex'), a.answers, a.short, a.asks, a.answerer,
            a.acknowledges, a.at, nullif(a.clock, 'null'), p_alone);
        IF v_posted.outcome <> 'busy' THEN
            n := a.n;
            outcome := v_posted.outcome;
            message_id := v_posted.message_id;
            seq := v_posted.seq;
            sent_at := v_posted.sent_at;
            clock_id := v_posted.clock_id;
            clock_state := v_posted.clock_state;
            due_at := v_posted.due_at;
            held := v_posted.held;
            policy_name := v_posted.policy_name;
            RETURN NEXT;
        END IF;
    END LOOP;
END $$;
REVOKE ALL ON FUNCTION waits_for_consent, open_door, medium_refusal, posted_before, post_message, post_messages FROM PUBLIC;
GRANT EXECUTE ON FUNCTION waits_for_consent, open_door, post_message, post_messages TO kindroom_care;

-- What has happened on a client's way into care, as instants and codes. The stage is moved in the transaction of a
-- therapist's, a supervisor's or the billing office's act, too, and they may not read consents and measures themselves.
CREATE FUNCTION journey_facts(p_client uuid)
RETURNS TABLE (registered_at timestamptz, confirmed_at timestamptz, state text, intake_submitted_at timestamptz,
               suitability text, suitability_at timestamptz, guardian_pathway text, guardian_consented_at timestamptz,
               consents jsonb, measures jsonb, coverage_kind text, coverage_status text, coverage_at timestamptz,
               match_status text, match_at timestamptz, chosen boolean, decided_at timestamptz, offered_at timestamptz,
               offer_expires_at timestamptz, first_offered_at timestamptz, offer_missed_at timestamptz,
               room_opened_at timestamptz, paused_at timestamptz, closed_at timestamptz, switching_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT c.created_at, a.confirmed_at, c.state::text, c.intake_submitted_at,
           c.suitability::text, c.suitability_at, c.guardian_pathway::text, c.guardian_consented_at,
           (SELECT coalesce(jsonb_agg(jsonb_build_object('document', s.document, 'version', s.version,
                                                         'state', s.state, 'at', s.signed_at)), '[]')
            FROM consents s WHERE s.client_id = c.id AND s.withdrawn_at IS NULL),
           (SELECT coalesce(jsonb_agg(jsonb_build_object('instrument', m.instrument, 'at', m.taken_at,
                                                         'complete', m.complete IS NOT FALSE)), '[]')
            FROM measure_responses m WHERE m.client_id = c.id),
           v.kind::text, v.status::text, v.status_at,
           t.status::text, t.created_at, cardinality(t.choice) > 0, t.decided_at,
           live.offered_at, live.expires_at,
           (SELECT min(o.offered_at) FROM offers o WHERE o.match_id = t.id),
           (SELECT max(o.decided_at) FROM offers o WHERE o.match_id = t.id AND o.state IN ('declined', 'expired')),
           (SELECT min(r.opened_at) FROM rooms r WHERE r.client_id = c.id AND r.state = 'open'),
           c.paused_at, c.closed_at,
           CASE WHEN t.from_room_id IS NOT NULL AND t.room_id IS NULL THEN t.created_at END
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

-- Whom a client is never given: kept apart by somebody of ours, left before, or about to be left.
CREATE FUNCTION kept_apart(p_client uuid) RETURNS uuid[] LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = public, pg_temp AS $$
    SELECT coalesce(array_agg(apart.therapist_id), '{}') FROM (
        SELECT therapist_id FROM match_blocks WHERE client_id = p_client
        UNION SELECT from_therapist_id FROM room_transfers WHERE client_id = p_client
        UNION SELECT r.therapist_id FROM matches m JOIN rooms r ON r.id = m.from_room_id
        WHERE m.client_id = p_client AND m.status <> 'withdrawn') apart
$$;
REVOKE ALL ON FUNCTION kept_apart FROM PUBLIC;
GRANT EXECUTE ON FUNCTION kept_apart TO kindroom_care, kindroom_worker;

-- Open rooms in which a client waits and no clock counts; there should be none. Read from the messages themselves,
-- which neither a supervisor nor the worker may see: it answers with ids, places and instants, never a word.
-- `seq` and `since` are of the first of the `messages` that wait; 0 and the opening where nobody was greeted yet.
CREATE FUNCTION rooms_without_clock(p_limit int) RETURNS TABLE (room_id uuid, seq bigint, since timestamptz, messages bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT waiting.* FROM (
        SELECT r.id, first.seq, first.sent_at, (SELECT count(*) FROM messages m WHERE m.room_id = r.id
                                                AND m.sender_role = 'client' AND m.seq >= first.seq)
        FROM rooms r
        CROSS JOIN LATERAL (SELECT m.seq, m.sent_at FROM messages m WHERE m.room_id = r.id AND m.sender_role = 'client'
                            ORDER BY m.seq DESC LIMIT 1) last
        CROSS JOIN LATERAL (
            SELECT greatest((SELECT max(c.closed_seq) FROM response_clocks c WHERE c.room_id = r.id),
                            (SELECT a.seq FROM messages a WHERE a.room_id = r.id AND a.sender_role <> 'client'
                             AND NOT a.holding AND NOT a.automatic ORDER BY a.seq DESC LIMIT 1), 0) AS seq,
                   (SELECT max(c.closed_at) FROM response_clocks c WHERE c.room_id = r.id AND c.closed_seq IS NULL) AS at
        ) settled
        CROSS JOIN LATERAL (SELECT m.seq, m.sent_at FROM messages m WHERE m.room_id = r.id AND m.sender_role = 'client'
                            AND m.seq > settled.seq AND (settled.at IS NULL OR m.sent_at > settled.at)
                            ORDER BY m.seq LIMIT 1) first
        WHERE r.state = 'open'
          AND NOT EXISTS (SELECT 1 FROM response_clocks c WHERE c.room_id = r.id AND c.state = 'running')
        UNION ALL
        SELECT r.id, 0, r.opened_at, 0 FROM rooms r
        WHERE r.state = 'open' AND r.last_seq = 0
          AND NOT EXISTS (SELECT 1 FROM response_clocks c WHERE c.room_id = r.id)
    ) waiting LIMIT p_limit
$$;

-- Running clocks that their own rows or messages call finished: ended, in a closed room, or answered since.
CREATE FUNCTION contradicted_clocks() RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT count(*) FROM response_clocks c JOIN rooms r ON r.id = c.room_id
    WHERE c.state = 'running' AND (c.closed_at IS NOT NULL OR c.closed_seq IS NOT NULL OR r.state <> 'open'
        OR EXISTS (SELECT 1 FROM messages a WHERE a.room_id = c.room_id AND a.seq > c.opened_seq
                   AND a.sender_role = 'therapist' AND NOT a.holding AND NOT a.automatic))
$$;
REVOKE ALL ON FUNCTION rooms_without_clock, contradicted_clocks FROM PUBLIC;
GRANT EXECUTE ON FUNCTION rooms_without_clock, contradicted_clocks TO kindroom_care, kindroom_worker;

-- The response policy that holds for an item of a kind in a room: the one named by the room's own terms, else by those
-- of the client's service plan, else by the clinic's, else the one named as the kind; in its version of that instant.
-- Terms for the kind come before terms for every kind; terms that name none give way to the wider scope. Without an
-- `id` the policy is built in.
CREATE FUNCTION policy_in_force(p_room uuid, p_kind text, p_at timestamptz)
RETURNS TABLE (id uuid, name text, definition text)
LANGUAGE sql STABLE AS $$
    SELECT version.id, chosen.name, version.definition::text
    FROM (SELECT coalesce((
        SELECT latest.policy_name FROM (
            SELECT DISTINCT ON (t.scope, t.kind) t.scope, t.kind, t.policy_name::text AS policy_name
            FROM (SELECT * FROM response_terms WHERE room_id = p_room
                  UNION ALL
                  SELECT * FROM response_terms WHERE scope = 'plan' AND room_id IS NULL AND plan = (
                      SELECT c.service_plan FROM rooms r JOIN clients c ON c.id = r.client_id WHERE r.id = p_room)
                  UNION ALL
                  SELECT * FROM response_terms WHERE scope = 'clinic' AND room_id IS NULL AND plan IS NULL) t
            WHERE t.effective_from <= p_at AND (t.kind IS NULL OR t.kind = p_kind)
            ORDER BY t.scope, t.kind, t.effective_from DESC) latest
        WHERE latest.policy_name IS NOT NULL
        ORDER BY CASE latest.scope WHEN 'room' THEN 0 WHEN 'plan' THEN 1 ELSE 2 END, latest.kind IS NULL
        LIMIT 1), p_kind) AS name OFFSET 0) chosen  -- OFFSET 0: asked once, not once for each use of the name
    LEFT JOIN LATERAL (SELECT p.id, p.definition FROM policies p
                       WHERE p.kind = 'response' AND p.name = chosen.name AND p.effective_from <= p_at
                             AND p.superseded_at IS NULL
                       ORDER BY p.effective_from DESC LIMIT 1) version ON true
$$;
REVOKE ALL ON FUNCTION policy_in_force FROM PUBLIC;
GRANT EXECUTE ON FUNCTION policy_in_force TO kindroom_care, kindroom_worker;

-- Whose time counts in these rooms: of the assigned therapist, and of everybody who covers since the running clock began.
CREATE FUNCTION whose_time(p_rooms uuid[]) RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT r.therapist_id FROM rooms r WHERE r.id = ANY (p_rooms)
    UNION
    SELECT v.therapist_id FROM covers v
    LEFT JOIN response_clocks c ON c.room_id = v.room_id AND c.state = 'running'
    WHERE v.room_id = ANY (p_rooms) AND v.ends_at > coalesce(c.opened_at, now())
$$;

-- Hold still all that decides about the clocks of these rooms, until the commit: calendars (shared), then the rooms,
-- then their running clocks, each in order of id. `p_also`: who is about to come in, as therapist or cover. Whoever came
-- in while we waited for a room would be asked for too late in that order; so everything is let go and taken anew. New
-- rows may name the rooms meanwhile. The caller reads in statements of its own, which see what this one waited for.
CREATE FUNCTION hold_rooms(p_rooms uuid[], p_also uuid[]) RETURNS SETOF rooms LANGUAGE plpgsql AS $$
DECLARE
    v_people uuid[];
BEGIN
    LOOP
        BEGIN
            v_people := ARRAY(SELECT whose_time(p_rooms) UNION SELECT unnest(p_also));
            PERFORM FROM calendars WHERE therapist_id = ANY (v_people) ORDER BY therapist_id FOR SHARE;
            PERFORM FROM rooms WHERE id = ANY (p_rooms) ORDER BY id FOR NO KEY UPDATE;
            IF EXISTS (SELECT FROM whose_time(p_rooms) who WHERE who <> ALL (v_people)) THEN
                RAISE SQLSTATE 'KR001';
            END IF;
            EXIT;
        EXCEPTION WHEN SQLSTATE 'KR001' THEN
            CONTINUE;
        END;
    END LOOP;
    PERFORM FROM response_clocks WHERE room_id = ANY (p_rooms) AND state = 'running' ORDER BY room_id FOR UPDATE;
    RETURN QUERY SELECT * FROM rooms WHERE id = ANY (p_rooms) ORDER BY id;
END $$;

-- When time counts in a room from `p_since` on, as it is known now. All is text: the key under which a calendar, a leave
-- or a cover that many rooms share is read once.
CREATE FUNCTION schedule_of(p_room uuid, p_therapist uuid, p_since timestamptz)
RETURNS TABLE (version bigint, hours text, leave text, covers text, pauses text) LANGUAGE sql STABLE AS $$
    SELECT k.version, k.hours::text,
        -- Without a licence where the client is they are as good as away, from this room alone.
        (SELECT jsonb_agg(jsonb_build_array(away.starts_at, away.ends_at, away.why))::text FROM (
            SELECT l.starts_at, l.ends_at, 'leave' AS why FROM leaves l
            WHERE l.therapist_id = p_therapist AND l.ends_at > p_since AND l.cancelled_at IS NULL
            UNION ALL
            SELECT g.starts_at, g.ends_at, 'no_licence' FROM licence_gaps g
            WHERE g.room_id = p_room AND g.therapist_id = p_therapist AND coalesce(g.ends_at > p_since, true)) away),
        (SELECT jsonb_agg(jsonb_build_array(v.therapist_id, v.starts_at, v.ends_at, vk.hours::text,
                    (SELECT coalesce(jsonb_agg(jsonb_build_array(l.starts_at, l.ends_at)), '[]') FROM leaves l
                     WHERE l.therapist_id = v.therapist_id AND l.ends_at > p_since AND l.cancelled_at IS NULL))
                ORDER BY v.id)::text
         FROM covers v JOIN calendars vk ON vk.therapist_id = v.therapist_id
         WHERE v.room_id = p_room AND v.ends_at > p_since),
        (SELECT jsonb_agg(jsonb_build_array(p.starts_at, p.ends_at, p.reason))::text FROM pauses p
         WHERE p.room_id = p_room AND (p.ends_at IS NULL OR p.ends_at > p_since))
    FROM calendars k WHERE k.therapist_id = p_therapist
$$;

-- All that the promise of a message of the instant `p_since` is projected from: the policy in force at `p_at`, and when
-- time counts in the room. Whoever projects beforehand compares it again, holding calendars and room.
CREATE FUNCTION clock_basis(p_room uuid, p_since timestamptz, p_at timestamptz) RETURNS jsonb LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('kind', item.kind, 'policy_id', p.id, 'policy_name', p.name, 'definition', p.definition,
                              'version', s.version, 'hours', s.hours, 'leave', s.leave, 'covers', s.covers,
                              'pauses', s.pauses)
    FROM rooms r
    CROSS JOIN LATERAL (SELECT CASE WHEN r.first_answered_at IS NULL THEN 'first_response' ELSE 'next_response' END) item(kind)
    CROSS JOIN LATERAL policy_in_force(r.id, item.kind, p_at) p
    CROSS JOIN LATERAL schedule_of(r.id, r.therapist_id, p_since) s
    WHERE r.id = p_room
$$;

-- Hold the calendars that a room's clock counts by, if nobody is about to change one; whether it could be done.
CREATE FUNCTION hold_time_of(p_room uuid) RETURNS boolean LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    v_people uuid[] := ARRAY(SELECT whose_time(ARRAY[p_room]));
    v_held int;
BEGIN
    PERFORM FROM calendars WHERE therapist_id = ANY (v_people) ORDER BY therapist_id FOR SHARE SKIP LOCKED;
    GET DIAGNOSTICS v_held = ROW_COUNT;
    RETURN v_held = cardinality(v_people);
END $$;

-- Whether a clock that was projected beforehand would be projected alike now. The caller holds calendars and room.
CREATE FUNCTION still_so(p_room uuid, p_clock jsonb, p_last_sent_at timestamptz) RETURNS boolean
LANGUAGE sql VOLATILE SET search_path = public, pg_temp AS $$
    SELECT coalesce(p_last_sent_at <= opened_at, true)
       AND md5(clock_basis(p_room, opened_at, clock_timestamp())::text) = p_clock->>'basis'
    FROM (SELECT (p_clock->>'opened_at')::timestamptz) opening(opened_at)
$$;
REVOKE ALL ON FUNCTION clock_basis, hold_time_of, still_so FROM PUBLIC;

-- Whose calendar grows by a version when this person's hours or leave change: their own, and that of every therapist
-- whose room they cover, or have covered since its clock began.
CREATE FUNCTION moves_with(p_therapist uuid) RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT p_therapist
    UNION
    SELECT r.therapist_id FROM covers v JOIN rooms r ON r.id = v.room_id AND r.state = 'open'
    LEFT JOIN response_clocks c ON c.room_id = v.room_id AND c.state = 'running'
    WHERE v.therapist_id = p_therapist AND v.ends_at > coalesce(c.opened_at, now())
$$;

-- Before one person's hours or leave change: hold every calendar that the change reaches, in order of id, so that two
-- changes never wait for each other. `p_also`: who is about to cover. Answers with those whose version grows.
CREATE FUNCTION hold_calendars(p_therapist uuid, p_also uuid[]) RETURNS SETOF uuid LANGUAGE plpgsql AS $$
DECLARE
    v_moving uuid[];
    v_people uuid[];
BEGIN
    LOOP
        BEGIN
            v_moving := ARRAY(SELECT moves_with(p_therapist));
            v_people := ARRAY(SELECT unnest(v_moving || p_also) UNION SELECT whose_time(ARRAY(
                SELECT id FROM rooms WHERE therapist_id = ANY (v_moving) AND state = 'open')));
            PERFORM FROM calendars WHERE therapist_id = ANY (v_people) ORDER BY therapist_id FOR NO KEY UPDATE;
            v_moving := ARRAY(SELECT moves_with(p_therapist));
            IF EXISTS (SELECT FROM whose_time(ARRAY(SELECT id FROM rooms WHERE therapist_id = ANY (v_moving)
                                                    AND state = 'open')) who WHERE who <> ALL (v_people)) THEN
                RAISE SQLSTATE 'KR001';
            END IF;
            EXIT;
        EXCEPTION WHEN SQLSTATE 'KR001' THEN
            CONTINUE;
        END;
    END LOOP;
    RETURN QUERY SELECT unnest(v_moving);
END $$;
REVOKE ALL ON FUNCTION whose_time, hold_rooms, moves_with, hold_calendars FROM PUBLIC;
GRANT EXECUTE ON FUNCTION whose_time, hold_rooms, moves_with, hold_calendars TO kindroom_care, kindroom_worker;

-- The hours that a calendar begins with are kept as well: whoever makes one leaves its first version behind.
CREATE FUNCTION keep_first_hours() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO calendar_versions (therapist_id, version, hours, tzdata, since)
    VALUES (NEW.therapist_id, NEW.version, NEW.hours, NEW.tzdata, NEW.changed_at) ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER keep_first_hours AFTER INSERT ON calendars FOR EACH ROW EXECUTE FUNCTION keep_first_hours();

-- Whom words wait for that were written since `p_from` and before `p_before`, and who was not told of waiting words since
-- they last read: their client and whoever answers now. Ids and numbers: the worker itself may not look into messages.
CREATE FUNCTION waiting_for(p_from timestamptz, p_before timestamptz)
RETURNS TABLE (room_id uuid, account_id uuid, last_seq bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT r.id, who.id, r.last_seq
    FROM (SELECT DISTINCT m.room_id AS id FROM messages m WHERE m.sent_at > p_from) written
    JOIN rooms r ON r.id = written.id AND r.state = 'open'
    CROSS JOIN LATERAL (SELECT r.client_id UNION ALL SELECT coalesce(
        (SELECT c.therapist_id FROM covers c WHERE c.room_id = r.id AND c.starts_at <= now() AND now() < c.ends_at
         ORDER BY c.starts_at LIMIT 1), r.therapist_id)) who (id)
    JOIN accounts p ON p.id = who.id AND p.disabled_at IS NULL
    LEFT JOIN read_marks k ON k.room_id = r.id AND k.account_id = who.id
    LEFT JOIN message_alerts a ON a.room_id = r.id AND a.account_id = who.id
    CROSS JOIN LATERAL (SELECT m.sent_at FROM messages m WHERE m.room_id = r.id AND m.sender_id <> who.id
                        AND m.seq > greatest(k.seq, a.told_seq, r.last_seq - 500) ORDER BY m.seq LIMIT 1) waiting
    WHERE waiting.sent_at <= p_before AND (a.told_at IS NULL OR k.at > a.told_at)
$$;
REVOKE ALL ON FUNCTION waiting_for FROM PUBLIC;
GRANT EXECUTE ON FUNCTION waiting_for TO kindroom_worker;

-- The room of a recording: whoever names a recording is asked how they stand to its room, not told that it is there.
CREATE FUNCTION room_of_medium(p_medium uuid) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT room_id FROM media WHERE id = p_medium
$$;

-- The place of the message that carries a recording, so that its devices hear when it is ready; never its words.
CREATE FUNCTION seq_of_medium(p_medium uuid) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT seq FROM messages WHERE media_id = p_medium
$$;

-- Recordings in no message that are removed: begun before `p_ended` and never ended, or refused; or whole, begun before
-- `p_unsent`, and never sent. Not those that a court holds.
CREATE FUNCTION abandoned_media(p_ended timestamptz, p_unsent timestamptz, p_limit int)
RETURNS TABLE (id uuid, room_id uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT m.id, m.room_id FROM media m JOIN rooms r ON r.id = m.room_id
    WHERE NOT held(r.client_id) AND m.created_at < CASE WHEN m.state IN ('uploading', 'refused') THEN p_ended ELSE p_unsent END
      AND NOT EXISTS (SELECT FROM messages s WHERE s.media_id = m.id)
    ORDER BY m.created_at LIMIT p_limit;
END $$;
REVOKE ALL ON FUNCTION room_of_medium, seq_of_medium, abandoned_media FROM PUBLIC;
GRANT EXECUTE ON FUNCTION room_of_medium TO kindroom_care;
GRANT EXECUTE ON FUNCTION seq_of_medium, abandoned_media TO kindroom_worker;

-- Without its recording a key opens nothing; it goes in the same transaction. Before the row does: whose it was, and
-- whether a court holds it, is asked of the row.
CREATE FUNCTION drop_key_of_medium() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    DELETE FROM keys.data_keys WHERE scope = 'media' AND owner_id = OLD.id;
    RETURN OLD;
END $$;
CREATE TRIGGER drop_key_of_medium BEFORE DELETE ON media FOR EACH ROW EXECUTE FUNCTION drop_key_of_medium();

-- Which rooms each of these people may hear of now, and how far each room has come: what `my_rooms()` tells each of them.
-- The live streams of a process are looked after with it, many people at a time.
CREATE FUNCTION rooms_heard(p_accounts uuid[], p_roles text[])
RETURNS TABLE (account_id uuid, rooms uuid[], seqs bigint[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    FOR n IN 1 .. cardinality(p_accounts) LOOP
        PERFORM set_config('kindroom.actor', p_accounts[n]::text, true), set_config('kindroom.role', p_roles[n], true);
        RETURN QUERY SELECT p_accounts[n], coalesce(array_agg(r.id), '{}'), coalesce(array_agg(r.last_seq::bigint), '{}')
                     FROM rooms r WHERE r.id = ANY ((SELECT my_rooms())::uuid[]);
    END LOOP;
END $$;
REVOKE ALL ON FUNCTION rooms_heard FROM PUBLIC;
GRANT EXECUTE ON FUNCTION rooms_heard TO kindroom_care;

-- In how many rooms somebody met a key, a message or a recording that does not open, since an instant.
CREATE FUNCTION damaged_rooms(p_since timestamptz) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT count(DISTINCT coalesce(room_id::text, '')) FROM audit_events WHERE outcome = 'damaged' AND at > p_since
$$;
REVOKE ALL ON FUNCTION damaged_rooms FROM PUBLIC;
GRANT EXECUTE ON FUNCTION damaged_rooms TO kindroom_care, kindroom_worker;

-- A client goes on in another room: the plan's cadence goes over at once, and the goals are handed out as they stand,
-- with the key of the earlier room, to be sealed anew. Only in the transaction that makes the transfer, for whoever
-- accepted or placed the client: neither may look into the earlier room.
CREATE FUNCTION hand_over_plan(p_from uuid, p_to uuid)
RETURNS TABLE (key_version int, wrapped bytea, id uuid, version int, lifecycle text, achievement text, accepted_by text[],
               due_on date, review_on date, created_at timestamptz, body bytea, author_id uuid, at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM room_transfers t WHERE t.from_room_id = p_from AND t.to_room_id = p_to
                   AND t.xmin = pg_current_xact_id()::xid) THEN
        RAISE EXCEPTION 'no such transfer' USING ERRCODE = 'insufficient_privilege';
    END IF;
    UPDATE care_plans n SET policy = o.policy, missed = o.missed,
        next_check_in_at = coalesce(o.next_check_in_at, n.next_check_in_at)
    FROM care_plans o WHERE o.room_id = p_from AND n.room_id = p_to;
    RETURN QUERY
    SELECT d.version, d.wrapped, g.id, g.version, g.lifecycle::text, g.achievement::text, g.accepted_by::text[], g.due_on,
           g.review_on, g.created_at, v.body, v.author_id, v.at
    FROM goals g JOIN goal_versions v ON v.goal_id = g.id AND v.version = g.version
    JOIN LATERAL (SELECT k.version, k.wrapped FROM keys.data_keys k WHERE k.scope = 'room' AND k.owner_id = p_from
                  ORDER BY k.version DESC LIMIT 1) d ON true
    WHERE g.room_id = p_from AND g.lifecycle NOT IN ('rejected', 'cancelled', 'entered-in-error')
    ORDER BY g.created_at, g.id;
END $$;
REVOKE ALL ON FUNCTION hand_over_plan FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hand_over_plan TO kindroom_care;
