-- The passwords are sealed; environment and host are part of the seal.
CREATE TABLE registry_login (
  environment text NOT NULL REFERENCES environment ON DELETE CASCADE,
  host        text NOT NULL,
  username    text NOT NULL,
  sealed      bytea NOT NULL,
  created     timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (environment, host)
);
