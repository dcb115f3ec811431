package dev.widemesh.api;

/// Every route of the API, with the role it asks for. The server implements exactly these, and the
/// OpenAPI description and the authorisation tests are made from them.
public enum Route {
  HEALTH("GET", "/healthz", Role.ANYONE, "Is the controller up, and its database?"),
  OPENAPI("GET", "/openapi.json", Role.ANYONE, "This description"),
  WHOAMI("GET", "/v1/whoami", Role.ACCOUNT, "The account of the token"),
  STATUS("GET", "/v1/status", Role.ACCOUNT, "Racks, routers, builder"),
  DOCTOR(
      "GET",
      "/v1/doctor",
      Role.ADMIN,
      "What is wrong on this installation; ?invariants=true compares all that there is"),
  LIST_KEYS("GET", "/v1/keys", Role.ACCOUNT, "My SSH keys"),
  ADD_KEY("POST", "/v1/keys", Role.ACCOUNT, "Add an SSH key"),
  DELETE_KEY("DELETE", "/v1/keys/:fingerprint", Role.ACCOUNT, "Remove an SSH key"),
  LIST_ENVIRONMENTS("GET", "/v1/environments", Role.ACCOUNT, "Environments I may see"),
  CREATE_ENVIRONMENT("POST", "/v1/environments", Role.ACCOUNT, "Make an empty environment"),
  DELETE_ENVIRONMENT("DELETE", "/v1/environments/:env", Role.OWNER, "Delete it with all it holds"),
  LIST_STACKS("GET", "/v1/environments/:env/stacks", Role.VIEWER, "Its stacks"),
  CREATE_STACK("POST", "/v1/environments/:env/stacks", Role.DEPLOYER, "Make a stack"),
  GET_STACK("GET", "/v1/environments/:env/stacks/:stack", Role.VIEWER, "One stack"),
  UPDATE_STACK(
      "PATCH",
      "/v1/environments/:env/stacks/:stack",
      Role.DEPLOYER,
      "Change how it is built from now on"),
  DELETE_STACK("DELETE", "/v1/environments/:env/stacks/:stack", Role.DEPLOYER, "Delete a stack"),
  GET_CONFIG("GET", "/v1/environments/:env/stacks/:stack/config", Role.DEPLOYER, "Configuration"),
  CHANGE_CONFIG("PATCH", "/v1/environments/:env/stacks/:stack/config", Role.DEPLOYER, "Change it"),
  GET_BUILDPACKS(
      "GET",
      "/v1/environments/:env/stacks/:stack/buildpacks",
      Role.VIEWER,
      "What the stack is built with"),
  CHANGE_BUILDPACKS(
      "PATCH",
      "/v1/environments/:env/stacks/:stack/buildpacks",
      Role.DEPLOYER,
      "Change that, from the next push on"),
  CHANGE_BUILDER(
      "PUT",
      "/v1/environments/:env/stacks/:stack/builder",
      Role.DEPLOYER,
      "Build it with a builder of somebody else's, or with none, from the next push on"),
  LIST_REGISTRIES(
      "GET", "/v1/environments/:env/registries", Role.DEPLOYER, "Registries with credentials"),
  LOG_IN_TO_REGISTRY(
      "PUT",
      "/v1/environments/:env/registries/:host",
      Role.DEPLOYER,
      "Give credentials for private base images"),
  LOG_OUT_OF_REGISTRY(
      "DELETE", "/v1/environments/:env/registries/:host", Role.DEPLOYER, "Forget them"),
  LIST_SERVICES("GET", "/v1/environments/:env/services", Role.VIEWER, "Services and instances"),
  UPDATE_SERVICE(
      "PATCH",
      "/v1/environments/:env/stacks/:stack/services/:service",
      Role.DEPLOYER,
      "Change a service"),
  ROLLBACK(
      "POST",
      "/v1/environments/:env/stacks/:stack/rollback",
      Role.DEPLOYER,
      "Go back to a version"),
  LIST_DEPLOYMENTS(
      "GET", "/v1/environments/:env/stacks/:stack/deployments", Role.VIEWER, "Newest first"),
  DEPLOY_IMAGE(
      "POST",
      "/v1/environments/:env/stacks/:stack/deployments",
      Role.DEPLOYER,
      "Deploy an image that exists"),
  GET_DEPLOYMENT(
      "GET",
      "/v1/environments/:env/stacks/:stack/deployments/:version",
      Role.VIEWER,
      "One of them"),
  FOLLOW_DEPLOYMENT(
      "GET",
      "/v1/environments/:env/stacks/:stack/deployments/:version/output",
      Role.VIEWER,
      "Its output as DeploymentEvent lines; ?follow=true until the outcome"),
  GET_SBOM(
      "GET",
      "/v1/environments/:env/stacks/:stack/deployments/:version/sbom",
      Role.VIEWER,
      "The software in its image, as CycloneDX"),
  CANCEL_DEPLOYMENT(
      "POST",
      "/v1/environments/:env/stacks/:stack/deployments/:version/cancel",
      Role.DEPLOYER,
      "Stop it"),
  LOGS(
      "GET",
      "/v1/environments/:env/logs",
      Role.VIEWER,
      "LogLine lines; ?since=60 (seconds) &follow= &stack= &service= &instance="),

  GIT_AUTHENTICATE("POST", "/internal/git/authenticate", Role.GATEWAY, "Whose key is this?"),
  GIT_AUTHORIZE("POST", "/internal/git/authorize", Role.GATEWAY, "May they, and which repository?"),
  GIT_PUSH("POST", "/internal/git/pushes", Role.GATEWAY, "Queue an accepted push"),
  GIT_PROJECTIONS(
      "GET",
      "/internal/git/projections",
      Role.GATEWAY,
      "What the refs must be; ?after=<revision>, 204 after 25 s"),
  GIT_FOLLOW(
      "GET",
      "/internal/deployments/:id/output",
      Role.GATEWAY,
      "DeploymentEvent lines until the outcome; ?after=<sequence>"),
  GIT_QUESTIONS("GET", "/internal/git/surveys", Role.GATEWAY, "A question, or 204 after 25 s"),
  GIT_SURVEY(
      "POST", "/internal/git/surveys/:question", Role.GATEWAY, "What repositories there are"),
  CLAIM_BUILD("POST", "/internal/builds/claim", Role.BUILDER, "The next build, or 204 after 25 s"),
  BUILD_OUTPUT("POST", "/internal/builds/:id/output", Role.BUILDER, "Lines; renews the lease"),
  BUILD_SECRETS(
      "POST", "/internal/builds/:id/secrets", Role.BUILDER, "Those that a Dockerfile mounts"),
  BUILD_RESULT("POST", "/internal/builds/:id/result", Role.BUILDER, "Built or failed"),
  KEPT_IMAGES("GET", "/internal/images", Role.BUILDER, "Images that must not be collected"),
  RACK_IMAGES("GET", "/internal/racks/:rack/images", Role.BUILDER, "Images that it may pull"),
  BUILD_QUESTIONS("GET", "/internal/builds/surveys", Role.BUILDER, "A question, or 204 after 25 s"),
  BUILD_SURVEY("POST", "/internal/builds/surveys/:question", Role.BUILDER, "What images there are"),
  LOGIN_QUESTIONS("GET", "/internal/logins", Role.BUILDER, "A login to try, or 204 after 25 s"),
  LOGIN_TRIAL("POST", "/internal/logins/:question", Role.BUILDER, "Whether it opens its registry"),
  SIGNATURE_QUESTIONS(
      "GET",
      "/internal/signatures",
      Role.BUILDER,
      "An image that a rack found not signed, or 204 after 25 s"),
  SIGNATURE_LOOK(
      "POST",
      "/internal/signatures/:question",
      Role.BUILDER,
      "Whether it is the platform's own, and signed now"),
  SBOM_QUESTIONS("GET", "/internal/sboms", Role.BUILDER, "An image to read, or 204 after 25 s"),
  SBOM_ANSWER("POST", "/internal/sboms/:question", Role.BUILDER, "The software in it"),
  RACK_STREAM("GET", "/rack/v1/stream", Role.RACK, "RackMessage lines; ?node= &after=<revision>"),
  RACK_REPORT("POST", "/rack/v1/reports", Role.RACK, "What the rack saw"),
  RACK_ANSWER("POST", "/rack/v1/answers/:question", Role.RACK, "The answer to a question"),
  RACK_SURVEY("POST", "/rack/v1/surveys/:question", Role.RACK, "What the rack really has");

  private final String method;
  private final String path;
  private final Role role;
  private final String summary;

  Route(String method, String path, Role role, String summary) {
    this.method = method;
    this.path = path;
    this.role = role;
    this.summary = summary;
  }

  public String method() {
    return method;
  }

  /// With `:name` for each parameter.
  public String path() {
    return path;
  }

  public Role role() {
    return role;
  }

  public String summary() {
    return summary;
  }

  /// The path with its parameters filled in, in order, percent-encoded.
  public String with(String... parameters) {
    var parts = path.split("/", -1);
    var next = 0;
    for (var i = 0; i < parts.length; i++) {
      if (parts[i].startsWith(":")) {
        parts[i] =
            java.net.URLEncoder.encode(parameters[next++], java.nio.charset.StandardCharsets.UTF_8)
                .replace("+", "%20");
      }
    }
    return String.join("/", parts);
  }
}
