-- What is sent and when: editions, their frozen content and rendering, and the report lines that they feed.

-- Content is frozen on arrival: an edit is a new row.
CREATE TABLE content (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  publication text NOT NULL,
  body jsonb NOT NULL,
  sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'), -- of the canonical JSON of body
  is_sample boolean NOT NULL,
  author_id bigint NOT NULL REFERENCES staff_user,
  created_at timestamptz NOT NULL,
  UNIQUE (id, author_id)
);
CREATE TRIGGER content_frozen BEFORE UPDATE ON content
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE edition (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  publication text NOT NULL,
  period text NOT NULL,
  revision int NOT NULL DEFAULT 0 CHECK (revision >= 0),
  nominal_at timestamptz NOT NULL,
  latest_start_at timestamptz NOT NULL,
  state text NOT NULL DEFAULT 'planned' CHECK (state IN
    ('planned', 'ready', 'approved', 'held', 'sending', 'paused', 'sent', 'omitted', 'cancelled')),
  state_reason text,
  issue_year int,
  issue_number int CHECK (issue_number > 0),
  content_id bigint,
  content_author_id bigint, -- of that content, so that the two persons can be told apart here
  sealed_hash text, -- of all that is approved: content, subject, sender, audience definition, hour
  expected_recipients int, -- counted when it was sealed
  ready_by bigint REFERENCES staff_user,
  ready_at timestamptz,
  approved_by bigint REFERENCES staff_user,
  approved_at timestamptz,
  released_at timestamptz,
  first_accepted_at timestamptz, -- its date in the report
  closed_at timestamptz,
  created_at timestamptz NOT NULL,
  UNIQUE (publication, period, revision),
  CHECK (latest_start_at >= nominal_at),
  CHECK ((issue_year IS NULL) = (issue_number IS NULL)),
  CONSTRAINT edition_author FOREIGN KEY (content_id, content_author_id) REFERENCES content (id, author_id),
  CHECK ((content_id IS NULL) = (content_author_id IS NULL)),
  CONSTRAINT edition_two_persons
    CHECK (approved_by IS NULL OR (approved_by <> ready_by AND approved_by <> content_author_id)),
  CHECK (state NOT IN ('planned', 'omitted') OR sealed_hash IS NULL),
  CONSTRAINT edition_sealed CHECK (
    state NOT IN ('ready', 'approved', 'sending', 'paused', 'sent')
    OR (sealed_hash IS NOT NULL AND content_id IS NOT NULL AND ready_by IS NOT NULL)
  )
);
CREATE UNIQUE INDEX edition_issue_number ON edition (publication, issue_year, issue_number) WHERE revision = 0;
CREATE INDEX edition_open ON edition (nominal_at) WHERE state IN ('planned', 'ready', 'approved', 'held', 'sending');
CREATE INDEX edition_first_accepted ON edition (first_accepted_at);

-- How far ahead each publication has been planned, so that a slot missed while we were down is not forgotten.
CREATE TABLE planner_horizon (
  publication text PRIMARY KEY,
  planned_until timestamptz NOT NULL
);

-- The last number printed before Pregonero took over a publication in the middle of a year.
CREATE TABLE issue_start (
  publication text NOT NULL,
  issue_year int NOT NULL,
  last_number int NOT NULL CHECK (last_number >= 0),
  PRIMARY KEY (publication, issue_year)
);

-- The archive of exactly what is sent, with recipient slots still open.
CREATE TABLE rendering (
  edition_id bigint NOT NULL REFERENCES edition,
  sealed_hash text NOT NULL,
  subject text NOT NULL,
  html text NOT NULL,
  plain_text text NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (edition_id, sealed_hash)
);
CREATE TRIGGER rendering_frozen BEFORE UPDATE ON rendering
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The report lines that an edition feeds, frozen at release: a later change of jobs/ rewrites no past report.
CREATE TABLE edition_report_line (
  edition_id bigint NOT NULL REFERENCES edition,
  table_id text NOT NULL, -- as printed, for instance IV.3.a.i
  grouping text NOT NULL CHECK (grouping IN ('edition', 'month')),
  line_text text NOT NULL,
  topic text,
  PRIMARY KEY (edition_id, table_id)
);
