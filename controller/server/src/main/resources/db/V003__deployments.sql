-- A deployment is work and record in one: `owner`, `lease` and `deadline` say who works on it and
-- how long, `revision` the definition by which the rack can know of its present state.
CREATE TABLE deployment (
  id             uuid PRIMARY KEY,
  stack          uuid NOT NULL REFERENCES stack ON DELETE CASCADE,
  version        int NOT NULL,
  state          text NOT NULL,
  state_since    timestamptz NOT NULL,
  cause          text NOT NULL CHECK (cause IN ('push', 'config', 'rollback', 'service')),
  description    text,
  commit         text,
  forced         boolean NOT NULL DEFAULT false,
  author         text,
  message        text,
  target         uuid REFERENCES deployment ON DELETE SET NULL,
  built          text,
  config_version int NOT NULL DEFAULT 0,
  job            bytea,
  owner          text,
  lease          timestamptz,
  deadline       timestamptz,
  retries        int NOT NULL DEFAULT 0,
  cancel         boolean NOT NULL DEFAULT false,
  revision       bigint NOT NULL DEFAULT 0,
  lines          bigint NOT NULL DEFAULT 0,
  phases         text NOT NULL DEFAULT '[]',
  failure        text,
  announced      boolean NOT NULL DEFAULT false,
  created        timestamptz NOT NULL,
  live_at        timestamptz,
  finished       timestamptz,
  UNIQUE (stack, version)
);
CREATE INDEX deployment_open ON deployment (state) WHERE NOT announced;
CREATE UNIQUE INDEX one_running_deployment_per_stack ON deployment (stack)
  WHERE state IN ('building', 'releasing', 'preparing');

ALTER TABLE stack ADD FOREIGN KEY (live) REFERENCES deployment ON DELETE SET NULL;

-- What one service was in one deployment. A set that did not change is the same in both.
CREATE TABLE deployment_service (
  deployment      uuid NOT NULL REFERENCES deployment ON DELETE CASCADE,
  service         text NOT NULL,
  kind            text NOT NULL,
  command         text NOT NULL,
  command_by_hand boolean NOT NULL,
  fingerprint     text NOT NULL,
  set_id          text NOT NULL,
  set_label       text NOT NULL,
  spec            bytea NOT NULL,
  PRIMARY KEY (deployment, service)
);
CREATE INDEX deployment_service_set ON deployment_service (set_id);

CREATE TABLE deployment_output (
  deployment uuid NOT NULL REFERENCES deployment ON DELETE CASCADE,
  sequence   bigint NOT NULL,
  at         timestamptz NOT NULL,
  phase      text NOT NULL,
  kind       text NOT NULL,
  text       text NOT NULL,
  PRIMARY KEY (deployment, sequence)
);
