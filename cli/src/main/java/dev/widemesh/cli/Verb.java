package dev.widemesh.cli;

import java.util.Arrays;
import java.util.List;

/// Every command of `mesh`: the words that call it, and one line about it.
///
/// An enum, not a tree of objects: naming a command must not load it.
enum Verb {
  KEYS_ADD("Add an SSH public key, for git push", "keys|key add"),
  KEYS_LIST("List my SSH keys", "keys|key ls|list"),
  KEYS_REMOVE("Remove an SSH key", "keys|key rm|remove|delete"),
  ENV_CREATE("Make an empty environment", "env|envs|environment create", "create env|environment"),
  ENV_LIST("List environments", "env|envs|environment ls|list"),
  ENV_DELETE(
      "Delete an environment with all it holds",
      "env|envs|environment delete|rm",
      "delete env|environment"),
  STACK_CREATE("Make a stack, and the git remote for it", "stack|stacks create", "create stack"),
  STACK_LIST("List the stacks of the environment", "stack|stacks ls|list"),
  STACK_INFO("Show one stack", "stack|stacks info|show"),
  STACK_UPDATE("Change how a stack is built", "stack|stacks update|set"),
  STACK_DELETE("Delete a stack with all it holds", "stack|stacks delete|rm", "delete stack"),
  CONFIG_SET("Set configuration values", "stack|stacks config set", "config set"),
  CONFIG_UNSET("Remove configuration values", "stack|stacks config unset", "config unset"),
  CONFIG_LIST("List the configuration", "stack|stacks config ls|list", "config ls|list"),
  CONFIG_GET("Print one configuration value", "stack|stacks config get", "config get"),
  CONFIG_IMPORT(
      "Set configuration values from a .env file", "stack|stacks config import", "config import"),
  BUILDPACKS_LIST(
      "List what the stack is built with",
      "stack|stacks buildpacks|buildpack ls|list",
      "buildpacks|buildpack ls|list"),
  BUILDPACKS_SET(
      "Build the stack with these, in this order",
      "stack|stacks buildpacks|buildpack set",
      "buildpacks|buildpack set"),
  BUILDPACKS_ADD(
      "Build the stack with more buildpacks",
      "stack|stacks buildpacks|buildpack add",
      "buildpacks|buildpack add"),
  BUILDPACKS_REMOVE(
      "Build the stack without some of them",
      "stack|stacks buildpacks|buildpack remove|rm",
      "buildpacks|buildpack remove|rm"),
  STACK_SET_BUILDER(
      "Build the stack with a builder of somebody else's", "stack|stacks set-builder"),
  REGISTRY_LOGIN(
      "Give the environment credentials for private base images", "registry|registries login"),
  REGISTRY_LIST("List registries that have credentials", "registry|registries ls|list"),
  REGISTRY_LOGOUT("Forget the credentials for a registry", "registry|registries logout|rm"),
  SERVICE_LIST("List services and their instances", "svc|service|services ls|list"),
  SERVICE_UPDATE("Change or scale a service", "svc|service|services update|set"),
  LOGS("Show what the instances write", "logs|log"),
  DEPLOY("Deploy a folder as it is, or an image", "deploy"),
  DEPLOYMENTS_LIST("List the deployments of the stack", "deployments|deployment list|ls"),
  DEPLOYMENTS_SHOW("Show a deployment and its output", "deployments|deployment show|info"),
  DEPLOYMENTS_CANCEL("Stop a deployment that is not live yet", "deployments|deployment cancel"),
  DEPLOYMENTS_SBOM("List the software in a deployment's image", "deployments|deployment sbom"),
  ROLLBACK("Go back to an earlier deployment", "rollback"),
  OPEN("Print the URL", "open"),
  STATUS("Show controller, builder, racks and routers", "status"),
  DOCTOR("Look for what is wrong on this installation", "doctor"),
  BACKUP("Write the whole platform into one file, on its own machine", "backup"),
  RESTORE("Make a platform of a backup, on this machine", "restore"),
  USE("Choose the environment and stack to work on", "use"),
  LOGIN("Sign in to a controller", "login"),
  WHOAMI("Show the account I am signed in with", "whoami"),
  COMPLETION("Print shell completion for bash, zsh or fish", "completion"),
  HELP("Explain a command or a topic", "help");

  private final String summary;

  /// Separated by commas: an enum holds nothing that could change.
  private final String spellings;

  Verb(String summary, String... spellings) {
    this.summary = summary;
    this.spellings = String.join(",", spellings);
  }

  String summary() {
    return summary;
  }

  /// The words as the manual writes them.
  List<String> words() {
    return Arrays.stream(spellings.split(",", -1)[0].split(" ", -1))
        .map(word -> word.split("\\|", -1)[0])
        .toList();
  }

  String path() {
    return String.join(" ", words());
  }

  /// Every way to call it: per way the words, per word the alternatives.
  List<List<List<String>>> spellings() {
    return Arrays.stream(spellings.split(",", -1)).map(Verb::alternatives).toList();
  }

  private static List<List<String>> alternatives(String spelling) {
    return Arrays.stream(spelling.split(" ", -1))
        .map(word -> List.of(word.split("\\|", -1)))
        .toList();
  }

  /// A fresh command to be filled in. Loads its class.
  Command make() {
    return switch (this) {
      case KEYS_ADD -> new KeysAdd();
      case KEYS_LIST -> new KeysList();
      case KEYS_REMOVE -> new KeysRemove();
      case ENV_CREATE -> new EnvCreate();
      case ENV_LIST -> new EnvList();
      case ENV_DELETE -> new EnvDelete();
      case STACK_CREATE -> new StackCreate();
      case STACK_LIST -> new StackList();
      case STACK_INFO -> new StackInfo();
      case STACK_UPDATE -> new StackUpdate();
      case STACK_DELETE -> new StackDelete();
      case CONFIG_SET -> new ConfigSet();
      case CONFIG_UNSET -> new ConfigUnset();
      case CONFIG_LIST -> new ConfigList();
      case CONFIG_GET -> new ConfigGet();
      case CONFIG_IMPORT -> new ConfigImport();
      case BUILDPACKS_LIST -> new BuildpacksList();
      case BUILDPACKS_SET -> new BuildpacksSet();
      case BUILDPACKS_ADD -> new BuildpacksAdd();
      case BUILDPACKS_REMOVE -> new BuildpacksRemove();
      case STACK_SET_BUILDER -> new StackSetBuilder();
      case REGISTRY_LOGIN -> new RegistryLogin();
      case REGISTRY_LIST -> new RegistryList();
      case REGISTRY_LOGOUT -> new RegistryLogout();
      case SERVICE_LIST -> new ServiceList();
      case SERVICE_UPDATE -> new ServiceUpdate();
      case LOGS -> new Logs();
      case DEPLOY -> new Deploy();
      case DEPLOYMENTS_LIST -> new DeploymentsList();
      case DEPLOYMENTS_SHOW -> new DeploymentsShow();
      case DEPLOYMENTS_CANCEL -> new DeploymentsCancel();
      case DEPLOYMENTS_SBOM -> new DeploymentsSbom();
      case ROLLBACK -> new Rollback();
      case OPEN -> new Open();
      case STATUS -> new ShowStatus();
      case DOCTOR -> new Examine();
      case BACKUP -> new Backup();
      case RESTORE -> new Restore();
      case USE -> new Use();
      case LOGIN -> new SignIn();
      case WHOAMI -> new WhoAmI();
      case COMPLETION -> new Completion();
      case HELP -> new Explain();
    };
  }
}
