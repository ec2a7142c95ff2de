-- INE sessions, entered once; the topic catalogue; editions that are moved, opened by staff, corrected; attachments.

CREATE TABLE sesion_ine (
  id text PRIMARY KEY CHECK (id ~ '^[a-z0-9-]{3,60}$'),
  fecha date NOT NULL,
  body jsonb NOT NULL,
  secuencia int NOT NULL DEFAULT 0, -- SEQUENCE of its event (RFC 5545): raised by each change
  updated_at timestamptz NOT NULL
);
CREATE INDEX sesion_ine_fecha ON sesion_ine (fecha);

-- Every version that a session had, with who entered it.
CREATE TABLE sesion_ine_change (
  sesion_id text NOT NULL REFERENCES sesion_ine,
  secuencia int NOT NULL,
  body jsonb NOT NULL,
  user_id bigint NOT NULL REFERENCES staff_user,
  at timestamptz NOT NULL,
  PRIMARY KEY (sesion_id, secuencia)
);
CREATE TRIGGER sesion_ine_change_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON sesion_ine_change
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Topics of the Red de Observación: COUNT(DISTINCT topic) is the printed «temas».
CREATE TABLE topic (
  key text PRIMARY KEY CHECK (key ~ '^[a-z0-9-]{3,60}$'),
  name text NOT NULL CHECK (name <> ''),
  created_at timestamptz NOT NULL
);

ALTER TABLE edition
  ADD slot_at timestamptz, -- what the cadence says; nominal_at is when it leaves. null: opened by staff
  ADD moved_reason text, -- why the two differ
  ADD audience jsonb; -- the definition that was sealed
CREATE INDEX edition_slot ON edition (publication, slot_at);

CREATE TABLE rendering_attachment (
  edition_id bigint NOT NULL,
  sealed_hash text NOT NULL,
  position smallint NOT NULL,
  filename text NOT NULL,
  content_type text NOT NULL,
  bytes bytea NOT NULL,
  PRIMARY KEY (edition_id, sealed_hash, position),
  FOREIGN KEY (edition_id, sealed_hash) REFERENCES rendering
);
CREATE TRIGGER rendering_attachment_frozen BEFORE UPDATE ON rendering_attachment
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
