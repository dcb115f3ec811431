package dev.widemesh.controller;

/// Which part of the controller answers which route. A route without an answer does not compile.
record Desk(
    Overview overview,
    Accounts accounts,
    Environments environments,
    Stacks stacks,
    Configurations configurations,
    Buildpacks buildpacks,
    StackBuilders builders,
    Registries registries,
    Services services,
    Deployments deployments,
    Followers followers,
    LogQuestions logs,
    GitDesk git,
    BuildDesk builds,
    Racks racks,
    Surveys surveys,
    Sboms sboms,
    Doctor doctor) {

  Answer answer(Call call) {
    return switch (call.route()) {
      case HEALTH -> overview.health();
      case OPENAPI -> Answer.of(OpenApi.DESCRIPTION);
      case WHOAMI -> accounts.whoami(call);
      case STATUS -> overview.status();
      case DOCTOR -> doctor.examine(call);
      case LIST_KEYS -> accounts.listKeys(call);
      case ADD_KEY -> accounts.addKey(call);
      case DELETE_KEY -> accounts.deleteKey(call);
      case LIST_ENVIRONMENTS -> environments.list(call);
      case CREATE_ENVIRONMENT -> environments.create(call);
      case DELETE_ENVIRONMENT -> environments.delete(call);
      case LIST_STACKS -> stacks.list(call);
      case CREATE_STACK -> stacks.create(call);
      case GET_STACK -> stacks.get(call);
      case UPDATE_STACK -> stacks.update(call);
      case DELETE_STACK -> stacks.delete(call);
      case GET_CONFIG -> configurations.get(call);
      case CHANGE_CONFIG -> configurations.change(call);
      case GET_BUILDPACKS -> buildpacks.get(call);
      case CHANGE_BUILDPACKS -> buildpacks.change(call);
      case CHANGE_BUILDER -> builders.change(call);
      case LIST_REGISTRIES -> registries.list(call);
      case LOG_IN_TO_REGISTRY -> registries.logIn(call);
      case LOG_OUT_OF_REGISTRY -> registries.logOut(call);
      case LIST_SERVICES -> services.list(call);
      case UPDATE_SERVICE -> services.update(call);
      case ROLLBACK -> deployments.rollback(call);
      case DEPLOY_IMAGE -> deployments.deployImage(call);
      case LIST_DEPLOYMENTS -> deployments.list(call);
      case GET_DEPLOYMENT -> deployments.get(call);
      case FOLLOW_DEPLOYMENT -> followers.byVersion(call);
      case GET_SBOM -> sboms.get(call);
      case CANCEL_DEPLOYMENT -> deployments.cancel(call);
      case LOGS -> logs.ask(call);
      case GIT_AUTHENTICATE -> git.authenticate(call);
      case GIT_AUTHORIZE -> git.authorize(call);
      case GIT_PUSH -> git.push(call);
      case GIT_PROJECTIONS -> git.projections(call);
      case GIT_FOLLOW -> followers.byId(call);
      case GIT_QUESTIONS -> surveys.question(call, Surveys.GIT);
      case GIT_SURVEY -> surveys.git(call);
      case CLAIM_BUILD -> builds.claim(call);
      case BUILD_SECRETS -> builds.secrets(call);
      case BUILD_OUTPUT -> builds.output(call);
      case BUILD_RESULT -> builds.result(call);
      case KEPT_IMAGES -> builds.keptImages();
      case RACK_IMAGES -> builds.rackImages(call);
      case BUILD_QUESTIONS -> surveys.question(call, Surveys.BUILDS);
      case BUILD_SURVEY -> surveys.builds(call);
      case LOGIN_QUESTIONS -> surveys.question(call, Surveys.LOGINS);
      case LOGIN_TRIAL -> surveys.trial(call);
      case SIGNATURE_QUESTIONS -> surveys.question(call, Surveys.SIGNATURES);
      case SIGNATURE_LOOK -> surveys.signature(call);
      case SBOM_QUESTIONS -> surveys.question(call, Surveys.SBOMS);
      case SBOM_ANSWER -> surveys.sbom(call);
      case RACK_STREAM -> racks.stream(call);
      case RACK_REPORT -> racks.report(call);
      case RACK_ANSWER -> logs.answer(call);
      case RACK_SURVEY -> surveys.rack(call);
    };
  }
}
