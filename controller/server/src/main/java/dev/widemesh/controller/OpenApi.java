package dev.widemesh.controller;

import dev.widemesh.api.BuildWire;
import dev.widemesh.api.DeploymentEvent;
import dev.widemesh.api.DeploymentView;
import dev.widemesh.api.GitWire;
import dev.widemesh.api.Problem;
import dev.widemesh.api.Role;
import dev.widemesh.api.Route;
import dev.widemesh.api.Survey;
import dev.widemesh.api.Views;
import dev.widemesh.api.rack.RackMessage;
import dev.widemesh.api.rack.RackReport;
import dev.widemesh.api.rack.RackSurvey;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The API's description, made from the routes and the records that they take and answer.
final class OpenApi {
  private static final Pattern PARAMETER = Pattern.compile(":(\\w+)");

  static final Map<String, Object> DESCRIPTION = new OpenApi().describe();

  private final Map<String, Object> schemas = new TreeMap<>();

  private OpenApi() {}

  /// What a route takes and answers; `Void` for nothing.
  private record Bodies(Class<?> takes, Class<?> answers) {}

  private static Bodies bodies(Route route) {
    return switch (route) {
      case HEALTH, OPENAPI -> new Bodies(Void.class, Map.class);
      case WHOAMI -> new Bodies(Void.class, Views.Account.class);
      case STATUS -> new Bodies(Void.class, Views.Status.class);
      case DOCTOR -> new Bodies(Void.class, Views.Checkup.class);
      case LIST_KEYS -> new Bodies(Void.class, Views.SshKey[].class);
      case ADD_KEY -> new Bodies(Views.AddKey.class, Views.SshKey.class);
      case DELETE_KEY, DELETE_ENVIRONMENT, DELETE_STACK -> new Bodies(Void.class, Void.class);
      case LIST_ENVIRONMENTS -> new Bodies(Void.class, Views.Environment[].class);
      case CREATE_ENVIRONMENT -> new Bodies(Views.CreateEnvironment.class, Views.Environment.class);
      case LIST_STACKS -> new Bodies(Void.class, Views.Stack[].class);
      case CREATE_STACK -> new Bodies(Views.CreateStack.class, Views.Stack.class);
      case UPDATE_STACK -> new Bodies(Views.UpdateStack.class, Views.Stack.class);
      case GET_STACK -> new Bodies(Void.class, Views.Stack.class);
      case GET_CONFIG -> new Bodies(Void.class, Views.Config.class);
      case CHANGE_CONFIG -> new Bodies(Views.ChangeConfig.class, Views.ConfigChanged.class);
      case GET_BUILDPACKS -> new Bodies(Void.class, Views.Buildpacks.class);
      case CHANGE_BUILDPACKS -> new Bodies(Views.ChangeBuildpacks.class, Views.Buildpacks.class);
      case CHANGE_BUILDER -> new Bodies(Views.StackBuilder.class, Views.StackBuilder.class);
      case LIST_REGISTRIES -> new Bodies(Void.class, Views.Registry[].class);
      case LOG_IN_TO_REGISTRY -> new Bodies(Views.LogInToRegistry.class, Views.Registry.class);
      case LOG_OUT_OF_REGISTRY -> new Bodies(Void.class, Void.class);
      case LIST_SERVICES -> new Bodies(Void.class, Views.Service[].class);
      case UPDATE_SERVICE -> new Bodies(Views.UpdateService.class, Views.ServiceUpdated.class);
      case ROLLBACK -> new Bodies(Views.Rollback.class, DeploymentView.class);
      case DEPLOY_IMAGE -> new Bodies(Views.DeployImage.class, DeploymentView.class);
      case LIST_DEPLOYMENTS -> new Bodies(Void.class, DeploymentView[].class);
      case GET_DEPLOYMENT, CANCEL_DEPLOYMENT -> new Bodies(Void.class, DeploymentView.class);
      case GET_SBOM -> new Bodies(Void.class, Map.class);
      case FOLLOW_DEPLOYMENT, GIT_FOLLOW -> new Bodies(Void.class, DeploymentEvent.class);
      case LOGS -> new Bodies(Void.class, Views.LogLine.class);
      case GIT_AUTHENTICATE -> new Bodies(GitWire.Authenticate.class, GitWire.Actor.class);
      case GIT_AUTHORIZE -> new Bodies(GitWire.Authorize.class, GitWire.Grant.class);
      case GIT_PUSH -> new Bodies(GitWire.Push.class, DeploymentView.class);
      case GIT_PROJECTIONS -> new Bodies(Void.class, GitWire.Projections.class);
      case GIT_QUESTIONS, BUILD_QUESTIONS, LOGIN_QUESTIONS, SIGNATURE_QUESTIONS, SBOM_QUESTIONS ->
          new Bodies(Void.class, Survey.Question.class);
      case GIT_SURVEY -> new Bodies(Survey.Git.class, Void.class);
      case BUILD_SURVEY -> new Bodies(Survey.Build.class, Void.class);
      case RACK_SURVEY -> new Bodies(RackSurvey.class, Void.class);
      case SBOM_ANSWER -> new Bodies(BuildWire.Bill.class, Void.class);
      case LOGIN_TRIAL -> new Bodies(BuildWire.Trial.class, Void.class);
      case SIGNATURE_LOOK -> new Bodies(BuildWire.SignatureLook.class, Void.class);
      case CLAIM_BUILD -> new Bodies(BuildWire.Claim.class, BuildWire.Job.class);
      case BUILD_SECRETS -> new Bodies(BuildWire.SecretNames.class, BuildWire.SecretValues.class);
      case BUILD_OUTPUT -> new Bodies(BuildWire.Output.class, BuildWire.Lease.class);
      case BUILD_RESULT -> new Bodies(BuildWire.Result.class, BuildWire.Lease.class);
      case KEPT_IMAGES, RACK_IMAGES -> new Bodies(Void.class, String[].class);
      case RACK_STREAM -> new Bodies(Void.class, RackMessage.class);
      case RACK_REPORT -> new Bodies(RackReport.class, Void.class);
      case RACK_ANSWER -> new Bodies(Views.LogLine.class, Void.class);
    };
  }

  private Map<String, Object> describe() {
    var paths = new LinkedHashMap<String, Map<String, Object>>();
    for (var route : Route.values()) {
      paths
          .computeIfAbsent(template(route), _ -> new LinkedHashMap<>())
          .put(route.method().toLowerCase(Locale.ROOT), operation(route));
    }
    return Map.of(
        "openapi",
        "3.1.0",
        "info",
        Map.of("title", "Widemesh", "version", "0.1.0"),
        "paths",
        paths,
        "components",
        Map.of(
            "schemas",
            schemas,
            "securitySchemes",
            Map.of("token", Map.of("type", "http", "scheme", "bearer"))));
  }

  static String template(Route route) {
    return PARAMETER.matcher(route.path()).replaceAll("{$1}");
  }

  private Map<String, Object> operation(Route route) {
    var operation = new LinkedHashMap<String, Object>();
    operation.put("operationId", route.name().toLowerCase(Locale.ROOT));
    operation.put("summary", route.summary());
    operation.put("x-role", route.role().name().toLowerCase(Locale.ROOT));
    operation.put(
        "security", route.role() == Role.ANYONE ? List.of() : List.of(Map.of("token", List.of())));
    operation.put("parameters", parameters(route));
    var bodies = bodies(route);
    if (bodies.takes() != Void.class) {
      operation.put("requestBody", content(bodies.takes()));
    }
    operation.put("responses", responses(bodies.answers()));
    return operation;
  }

  private static List<Map<String, Object>> parameters(Route route) {
    return PARAMETER
        .matcher(route.path())
        .results()
        .map(
            found ->
                Map.<String, Object>of(
                    "name",
                    found.group(1),
                    "in",
                    "path",
                    "required",
                    true,
                    "schema",
                    Map.of("type", "string")))
        .toList();
  }

  private Map<String, Object> responses(Class<?> answers) {
    var responses = new LinkedHashMap<String, Object>();
    if (answers == Void.class) {
      responses.put("204", Map.of("description", "Done"));
    } else {
      var good = new LinkedHashMap<String, Object>(content(answers));
      good.put("description", "The answer");
      responses.put("200", good);
    }
    var bad = new LinkedHashMap<String, Object>(content(Problem.class));
    bad.put("description", "A refusal: 400, 401, 403, 404, 409, 413, 429 or 503");
    responses.put("default", bad);
    return responses;
  }

  private Map<String, Object> content(Type type) {
    return Map.of("content", Map.of("application/json", Map.of("schema", schema(type))));
  }

  private Map<String, Object> schema(Type type) {
    if (type instanceof ParameterizedType generic) {
      return generic(generic);
    }
    if (!(type instanceof Class<?> plain)) {
      return Map.of();
    }
    if (plain.isArray()) {
      return Map.of("type", "array", "items", schema(plain.getComponentType()));
    }
    if (plain.isRecord() || plain.isSealed()) {
      return reference(plain);
    }
    if (plain.isEnum()) {
      var words = new ArrayList<String>();
      for (var constant : plain.getEnumConstants()) {
        words.add(constant.toString());
      }
      return Map.of("type", "string", "enum", words);
    }
    return simple(plain);
  }

  private Map<String, Object> generic(ParameterizedType type) {
    var arguments = type.getActualTypeArguments();
    return type.getRawType() instanceof Class<?> raw && Collection.class.isAssignableFrom(raw)
        ? Map.of("type", "array", "items", schema(arguments[0]))
        : Map.of("type", "object", "additionalProperties", schema(arguments[1]));
  }

  private static Map<String, Object> simple(Class<?> type) {
    if (type == String.class) {
      return Map.of("type", "string");
    }
    if (type == Instant.class) {
      return Map.of("type", "string", "format", "date-time");
    }
    if (type == boolean.class || type == Boolean.class) {
      return Map.of("type", "boolean");
    }
    if (type == double.class || type == Double.class) {
      return Map.of("type", "number");
    }
    return Map.of("type", Map.class.isAssignableFrom(type) ? "object" : "integer");
  }

  private Map<String, Object> reference(Class<?> type) {
    var name = type.getName().replaceAll("^.*\\.", "").replace('$', '.');
    if (!schemas.containsKey(name)) {
      schemas.put(name, Map.of()); // It may contain itself.
      schemas.put(name, type.isRecord() ? record(type) : oneOf(type));
    }
    return Map.of("$ref", "#/components/schemas/" + name);
  }

  private Map<String, Object> oneOf(Class<?> type) {
    var choices = new ArrayList<Object>();
    for (var choice : type.getPermittedSubclasses()) {
      choices.add(schema(choice));
    }
    return Map.of("oneOf", choices);
  }

  private Map<String, Object> record(Class<?> type) {
    var properties = new LinkedHashMap<String, Object>();
    var required = new ArrayList<String>();
    for (var component : type.getRecordComponents()) {
      properties.put(component.getName(), schema(component.getGenericType()));
      if (!isNullable(component)) {
        required.add(component.getName());
      }
    }
    return Map.of("type", "object", "properties", properties, "required", required);
  }

  private static boolean isNullable(RecordComponent component) {
    return component.getAnnotatedType().isAnnotationPresent(Nullable.class);
  }
}
