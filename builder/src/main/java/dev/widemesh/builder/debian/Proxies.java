package dev.widemesh.builder.debian;

import com.google.common.base.Splitter;
import java.io.IOException;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` as the JDK's client wants to be told.
public final class Proxies extends ProxySelector {
  private static final Logger log = LoggerFactory.getLogger(Proxies.class);

  private final Map<String, String> settings;

  public Proxies(Map<String, String> settings) {
    this.settings = settings;
  }

  @Override
  public List<Proxy> select(URI uri) {
    return List.of(
        outward(uri)
            .map(proxy -> new Proxy(Proxy.Type.HTTP, proxy.unresolved()))
            .orElse(Proxy.NO_PROXY));
  }

  /// Nothing where the way there is direct.
  public Optional<OutwardProxy> outward(URI uri) {
    var variable = variable(uri);
    var proxy = settings.getOrDefault(variable, "");
    return proxy.isBlank() || isDirect(uri.getHost())
        ? Optional.empty()
        : Optional.of(OutwardProxy.parse(variable, proxy));
  }

  /// Which names the proxy for such an address.
  static String variable(URI uri) {
    return uri.getScheme().toUpperCase(Locale.ROOT) + "_PROXY";
  }

  private boolean isDirect(String host) {
    for (var part : Splitter.on(',').split(settings.getOrDefault("NO_PROXY", ""))) {
      var name = part.strip().replaceFirst("^\\*?\\.", "");
      if (!name.isEmpty() && (host.equals(name) || host.endsWith("." + name))) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void connectFailed(URI uri, SocketAddress address, IOException cause) {
    log.debug("the proxy {} does not answer", address, cause);
  }
}
