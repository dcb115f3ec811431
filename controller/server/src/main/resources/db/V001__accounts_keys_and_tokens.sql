CREATE TABLE account (
  id      uuid PRIMARY KEY,
  name    text NOT NULL UNIQUE,
  admin   boolean NOT NULL DEFAULT false,
  created timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE ssh_key (
  fingerprint text PRIMARY KEY,
  account     uuid NOT NULL REFERENCES account ON DELETE CASCADE,
  name        text NOT NULL,
  public_key  text NOT NULL,
  created     timestamptz NOT NULL DEFAULT now()
);

-- Only the hash of a token is here. `holder` is an account, a rack's name, or nothing.
CREATE TABLE token (
  id        text PRIMARY KEY,
  hash      bytea NOT NULL,
  kind      text NOT NULL CHECK (kind IN ('account', 'gateway', 'builder', 'rack')),
  account   uuid REFERENCES account ON DELETE CASCADE,
  rack      text,
  bootstrap boolean NOT NULL DEFAULT false,
  created   timestamptz NOT NULL DEFAULT now(),
  expires   timestamptz,
  CHECK ((kind = 'account') = (account IS NOT NULL)),
  CHECK ((kind = 'rack') = (rack IS NOT NULL))
);

-- Grows by one with each controller that became the active one: an older one's writes are refused.
CREATE TABLE fence (number bigint NOT NULL);
INSERT INTO fence VALUES (0);

-- Counters that must grow in commit order: their row is locked until the change is committed.
CREATE TABLE counter (name text PRIMARY KEY, value bigint NOT NULL);
INSERT INTO counter VALUES ('definition', 0), ('projection', 1);

CREATE TABLE operation (
  id       uuid PRIMARY KEY,
  actor    text NOT NULL,
  action   text NOT NULL,
  target   text NOT NULL,
  cause    text NOT NULL,
  outcome  text,
  log      text NOT NULL DEFAULT '',
  cancel   boolean NOT NULL DEFAULT false,
  lease    timestamptz NOT NULL,
  started  timestamptz NOT NULL DEFAULT now(),
  finished timestamptz
);
CREATE INDEX operation_open ON operation (lease) WHERE finished IS NULL;
