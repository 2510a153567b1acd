-- History cannot be rewritten, by anybody.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'history is not changed' USING ERRCODE = 'restrict_violation';
END $$;

-- What was written in a room is history as well, until the room is erased: then its words go with it.
CREATE FUNCTION refuse_unless_erased() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM rooms WHERE id = OLD.room_id AND state = 'erased') THEN
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    RAISE EXCEPTION 'history is not changed' USING ERRCODE = 'restrict_violation';
END $$;

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['audit_events', 'audit_chain', 'clock_breaches', 'clock_rungs', 'goal_versions',
                                'message_revisions', 'claim_events', 'journey_steps', 'journey_rungs', 'sponsor_credits', 'journey_deeds'] LOOP
        EXECUTE format('CREATE TRIGGER keep_history BEFORE UPDATE OR DELETE ON %I FOR EACH ROW EXECUTE FUNCTION %I()',
                       name, CASE WHEN name IN ('goal_versions', 'message_revisions') THEN 'refuse_unless_erased'
                                  ELSE 'refuse_change' END);
        EXECUTE format('CREATE TRIGGER keep_all_history BEFORE TRUNCATE ON %I '
                       'FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', name);
    END LOOP;
END $$;

-- Every word of where a client is stays, from its instant on; none is before the one said last. Only an erasure deletes.
CREATE FUNCTION keep_place() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO client_places (client_id, n, state, since)
    SELECT NEW.id, coalesce(max(p.n), 0) + 1, NEW.state,
           greatest(coalesce(NEW.located_at, NEW.created_at), max(p.since))
    FROM client_places p WHERE p.client_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER keep_first_place AFTER INSERT ON clients
    FOR EACH ROW WHEN (NEW.state IS NOT NULL) EXECUTE FUNCTION keep_place();
CREATE TRIGGER keep_place AFTER UPDATE OF state ON clients
    FOR EACH ROW WHEN (NEW.state IS NOT NULL) EXECUTE FUNCTION keep_place();
CREATE TRIGGER keep_places BEFORE UPDATE ON client_places FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER keep_all_places BEFORE TRUNCATE ON client_places FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- A signed note is locked; what comes later is an addendum.
CREATE TRIGGER signed_is_locked BEFORE UPDATE OR DELETE ON notes
    FOR EACH ROW WHEN (OLD.signed_at IS NOT NULL) EXECUTE FUNCTION refuse_unless_erased();

-- A breach stands beside its clock too, so that the board finds and orders the breached ones by index.
CREATE FUNCTION note_breach() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE response_clocks SET breached_at = NEW.breached_at WHERE id = NEW.clock_id;
    RETURN NULL;
END $$;
CREATE TRIGGER note_breach AFTER INSERT ON clock_breaches FOR EACH ROW EXECUTE FUNCTION note_breach();

-- What was said to break the glass is kept for its reviewers under another key than the room's: it goes with the room.
CREATE FUNCTION forget_reasons() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE room_access SET review_reason_sealed = NULL WHERE room_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER forget_reasons AFTER UPDATE OF state ON rooms
    FOR EACH ROW WHEN (NEW.state = 'erased') EXECUTE FUNCTION forget_reasons();

-- A device that is signed out, however that came, is not woken any more.
CREATE FUNCTION forget_browser() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    DELETE FROM push_subscriptions WHERE session_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER forget_browser AFTER UPDATE OF revoked_at ON sessions
    FOR EACH ROW WHEN (NEW.revoked_at IS NOT NULL) EXECUTE FUNCTION forget_browser();

-- What was said of a payer, a price, a sponsor or a policy stays as it was said. It may be taken back (`superseded_at`), once, and
-- a version may come into force (`applied_at`); nothing else changes.
CREATE FUNCTION keep_saying() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.superseded_at IS NULL
       AND to_jsonb(NEW) - 'superseded_at' - 'applied_at' = to_jsonb(OLD) - 'superseded_at' - 'applied_at' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'history is not changed' USING ERRCODE = 'restrict_violation';
END $$;
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['payer_versions', 'insurance_plans', 'contracts', 'self_pay_prices', 'sponsor_terms',
                                'policies'] LOOP
        EXECUTE format('CREATE TRIGGER keep_saying BEFORE UPDATE OR DELETE ON %I '
                       'FOR EACH ROW EXECUTE FUNCTION keep_saying()', name);
    END LOOP;
END $$;
