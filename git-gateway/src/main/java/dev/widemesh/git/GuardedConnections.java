package dev.widemesh.git;

import dev.widemesh.builder.Sources.Remote;
import java.io.IOException;
import java.net.Proxy;
import java.net.URL;
import java.security.GeneralSecurityException;
import javax.net.ssl.TrustManager;
import org.eclipse.jgit.transport.http.HttpConnection;
import org.eclipse.jgit.transport.http.HttpConnectionFactory;

/// All that JGit asks for goes over https, the way that the builder chose, and to whom it trusts;
/// wherever a server sends it on to.
record GuardedConnections(Remote remote) implements HttpConnectionFactory {
  @Override
  public HttpConnection create(URL url) throws IOException {
    return create(url, Proxy.NO_PROXY);
  }

  @Override
  public HttpConnection create(URL url, Proxy ignored) throws IOException {
    if (!url.getProtocol().equals("https")) {
      throw new IOException(remote.repository() + " leads to what is not https");
    }
    var connection = new SmartConnection(url, remote.way());
    try {
      connection.configure(null, remote.trust().toArray(TrustManager[]::new), null);
      return connection;
    } catch (GeneralSecurityException e) {
      throw new IOException("cannot trust anybody for " + remote.repository(), e);
    }
  }
}
