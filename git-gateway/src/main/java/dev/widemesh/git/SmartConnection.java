package dev.widemesh.git;

import java.io.IOException;
import java.io.InputStream;
import java.net.Proxy;
import java.net.URL;
import java.util.Locale;
import java.util.Optional;
import org.eclipse.jgit.transport.http.JDKHttpConnection;

/// One request of git's smart protocol (gitprotocol-http) and its answer, which is bounded. What is
/// no smart answer is refused: else JGit would read the repository's files one by one, whatever
/// their lengths are said to be.
final class SmartConnection extends JDKHttpConnection {
  private static final String REFS = "/info/refs";
  private static final String PACK = "/git-upload-pack";
  private static final long MB = 1_000_000;
  private static final long MOST_REFS = 20 * MB;
  private static final long MOST_PACK = 100 * MB;

  private final boolean refs;

  SmartConnection(URL url, Proxy way) throws IOException {
    super(url, way);
    this.refs = url.getPath().endsWith(REFS) && "service=git-upload-pack".equals(url.getQuery());
    if (!refs && !url.getPath().endsWith(PACK)) {
      throw new IOException("it does not speak git's smart protocol");
    }
  }

  /// Nothing packed: it would be bounded before it is unpacked.
  @Override
  public void setRequestProperty(String key, String value) {
    if (!key.equalsIgnoreCase("Accept-Encoding")) {
      super.setRequestProperty(key, value);
    }
  }

  @Override
  public InputStream getInputStream() throws IOException {
    var type = Optional.ofNullable(getContentType()).orElse("").toLowerCase(Locale.ROOT);
    var wanted =
        refs
            ? "application/x-git-upload-pack-advertisement"
            : "application/x-git-upload-pack-result";
    if (!type.equals(wanted) || getHeaderField("Content-Encoding") != null) {
      throw new IOException("it does not speak git's smart protocol");
    }
    var most = refs ? MOST_REFS : MOST_PACK;
    return new BoundedInput(
        super.getInputStream(), most, "its answer is longer than %d MB".formatted(most / MB));
  }
}
