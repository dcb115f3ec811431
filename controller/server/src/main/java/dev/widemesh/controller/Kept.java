package dev.widemesh.controller;

/// What can be rolled back to or is on its way, and what must therefore be kept elsewhere.
final class Kept {
  /// `id`, `stack`, `commit` and `uploaded` of the deployments whose commit a repository must have.
  static final String COMMITS =
      """
      SELECT id, stack, commit, uploaded FROM (
        SELECT d.*, row_number() OVER (
                 PARTITION BY stack, live_at IS NULL ORDER BY live_at DESC) AS age
          FROM deployment d
         WHERE commit IS NOT NULL
           AND (live_at IS NOT NULL
                OR state IN ('queued', 'building', 'releasing', 'preparing'))) kept
       WHERE live_at IS NULL OR age <= %d
       ORDER BY version
      """
          .formatted(Deployments.KEPT);

  private static final String WITH_IMAGE =
      """
      SELECT built FROM (
        SELECT d.*, row_number() OVER (
                 PARTITION BY stack, live_at IS NULL ORDER BY live_at DESC) AS age
          FROM deployment d) kept
       WHERE built IS NOT NULL AND (NOT announced OR (live_at IS NOT NULL AND age <= %d))
      """
          .formatted(Deployments.KEPT);

  /// `built` of the deployments whose image the registry must have: first of what is live, then of
  /// what is on its way, then of the rest as it was live last.
  static final String IMAGES =
      WITH_IMAGE
          + """
             ORDER BY NOT EXISTS (SELECT 1 FROM stack s WHERE s.live = kept.id),
                      announced, live_at DESC, version DESC
          """;

  /// Those of them that the environments of the rack $1 run, may go back to, or will run.
  static final String IMAGES_OF_RACK =
      WITH_IMAGE
          + """
             AND stack IN (
               SELECT s.id FROM stack s JOIN environment e ON e.id = s.environment
                WHERE e.rack = $1 AND NOT e.deleted)
             ORDER BY built
          """;

  private Kept() {}
}
