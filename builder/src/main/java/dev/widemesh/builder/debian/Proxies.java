package dev.widemesh.builder.debian;

import com.google.common.base.Splitter;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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
    var proxy = settings.getOrDefault(uri.getScheme().toUpperCase(Locale.ROOT) + "_PROXY", "");
    if (proxy.isBlank() || isDirect(uri.getHost())) {
      return List.of(Proxy.NO_PROXY);
    }
    var address = URI.create(proxy.contains("://") ? proxy : "http://" + proxy);
    var port = address.getPort() < 0 ? 3128 : address.getPort();
    return List.of(
        new Proxy(Proxy.Type.HTTP, InetSocketAddress.createUnresolved(address.getHost(), port)));
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
