-- `origin`: the image that is taken as it is; with its digest once it came.
ALTER TABLE deployment ADD COLUMN origin text;

ALTER TABLE deployment DROP CONSTRAINT deployment_cause_check;
ALTER TABLE deployment ADD CONSTRAINT deployment_cause_check
  CHECK (cause IN ('push', 'upload', 'image', 'config', 'rollback', 'service'));
