-- The institution's calendar: official rest days and closed periods, as staff keep them.

CREATE TABLE rest_period (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  start_date date NOT NULL,
  end_date date NOT NULL, -- inclusive
  name text NOT NULL CHECK (name <> ''),
  kind text NOT NULL CHECK (kind IN ('descanso', 'cerrado')),
  basis text, -- the law or acuerdo that says so
  status text NOT NULL DEFAULT 'confirmado' CHECK (status IN ('confirmado', 'por-confirmar')),
  CHECK (end_date >= start_date),
  CHECK (kind = 'cerrado' OR end_date = start_date),
  UNIQUE (start_date, kind),
  -- a rest day may fall in a closed period, two closed periods share no day
  EXCLUDE USING gist (daterange(start_date, end_date, '[]') WITH &&) WHERE (kind = 'cerrado')
);
