-- Images and attachments: their bytes once each, under their hash. And the topics that publications have for good.

CREATE TABLE stored_file (
  sha256 text PRIMARY KEY CHECK (sha256 ~ '^[0-9a-f]{64}$'),
  content_type text NOT NULL,
  bytes bytea NOT NULL,
  created_at timestamptz NOT NULL
);
CREATE TRIGGER stored_file_frozen BEFORE UPDATE ON stored_file
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

INSERT INTO stored_file (sha256, content_type, bytes, created_at)
SELECT DISTINCT ON (1) encode(sha256(bytes), 'hex'), content_type, bytes, clock_timestamp() FROM rendering_attachment;

ALTER TABLE rendering_attachment DISABLE TRIGGER rendering_attachment_frozen;
ALTER TABLE rendering_attachment
  ADD sha256 text REFERENCES stored_file,
  ADD content_id text; -- an image shown inside the mail (RFC 2392); null: a file beside it
UPDATE rendering_attachment SET sha256 = encode(sha256(bytes), 'hex');
ALTER TABLE rendering_attachment
  ALTER sha256 SET NOT NULL,
  DROP bytes;
ALTER TABLE rendering_attachment ENABLE TRIGGER rendering_attachment_frozen;

INSERT INTO topic (key, name, created_at) VALUES
  ('noticias-semanales', 'Noticias semanales en materia electoral', clock_timestamp()),
  ('transmision-sesiones', 'Transmisión de las sesiones del Consejo General', clock_timestamp())
ON CONFLICT DO NOTHING;
