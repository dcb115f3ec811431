package dev.widemesh.api.rack;

/// `count` equal instances of one service. `id` is a hash of all that makes an instance, so a set
/// that did not change is not rolled. The instances are `<id>-1` to `<id>-<count>`. `deployment` is
/// the label (`v3`) of the one that made the set. `hostname` is `<stack>-<service>`.
public record InstanceSet(
    String id,
    String stack,
    String service,
    String hostname,
    String deployment,
    int count,
    InstanceSpec spec) {
  public String instance(int index) {
    return id + "-" + index;
  }
}
