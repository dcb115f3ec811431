CREATE TABLE rack (
  name    text PRIMARY KEY,
  created timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE environment (
  id       text PRIMARY KEY CHECK (id ~ '^[a-z0-9]{8}$'),
  name     text NOT NULL,
  rack     text NOT NULL REFERENCES rack,
  revision bigint NOT NULL,
  deleted  boolean NOT NULL DEFAULT false,
  created  timestamptz NOT NULL DEFAULT now()
);
-- A name is free again at once, while the rack still clears away what was there.
CREATE UNIQUE INDEX environment_name ON environment (name) WHERE NOT deleted;
CREATE INDEX environment_revision ON environment (rack, revision);

CREATE TABLE membership (
  account     uuid NOT NULL REFERENCES account ON DELETE CASCADE,
  environment text NOT NULL REFERENCES environment ON DELETE CASCADE,
  role        text NOT NULL CHECK (role IN ('viewer', 'deployer', 'owner')),
  PRIMARY KEY (account, environment)
);

CREATE TABLE stack (
  id             uuid PRIMARY KEY,
  environment    text NOT NULL REFERENCES environment ON DELETE CASCADE,
  name           text NOT NULL,
  formula        text CHECK (formula IN ('buildpack', 'dockerfile')),
  branch         text NOT NULL,
  config_version int NOT NULL DEFAULT 0,
  last_version   int NOT NULL DEFAULT -1,
  live           uuid,
  created        timestamptz NOT NULL DEFAULT now(),
  UNIQUE (environment, name)
);

-- The values are sealed; their place is part of the seal, so rows cannot be swapped.
CREATE TABLE configuration (
  stack   uuid NOT NULL REFERENCES stack ON DELETE CASCADE,
  version int NOT NULL,
  sealed  bytea NOT NULL,
  created timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (stack, version)
);

-- `presence`: new until its first deployment went live, absent once it left the Procfile.
CREATE TABLE service (
  stack           uuid NOT NULL REFERENCES stack ON DELETE CASCADE,
  environment     text NOT NULL REFERENCES environment ON DELETE CASCADE,
  name            text NOT NULL,
  hostname        text NOT NULL,
  kind            text NOT NULL CHECK (kind IN ('web', 'worker')),
  presence        text NOT NULL CHECK (presence IN ('new', 'present', 'absent')),
  command         text,
  command_by_hand boolean NOT NULL DEFAULT false,
  instances       int NOT NULL DEFAULT 1 CHECK (instances BETWEEN 0 AND 100),
  memory_bytes    bigint NOT NULL DEFAULT 512000000,
  cpus            double precision NOT NULL DEFAULT 1.0,
  pids            int NOT NULL DEFAULT 512,
  port            int,
  health_path     text,
  grace_seconds   int NOT NULL DEFAULT 30,
  PRIMARY KEY (stack, name),
  CONSTRAINT service_hostname UNIQUE (environment, hostname)
);

CREATE TABLE endpoint (
  host        text PRIMARY KEY,
  environment text NOT NULL REFERENCES environment ON DELETE CASCADE
);

CREATE TABLE publication (
  host    text NOT NULL REFERENCES endpoint ON DELETE CASCADE,
  prefix  text NOT NULL,
  strip   boolean NOT NULL DEFAULT false,
  stack   uuid NOT NULL,
  service text NOT NULL,
  PRIMARY KEY (host, prefix),
  FOREIGN KEY (stack, service) REFERENCES service ON DELETE CASCADE
);
