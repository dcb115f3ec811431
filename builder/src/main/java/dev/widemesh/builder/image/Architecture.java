package dev.widemesh.builder.image;

/// The machine's processor in the words of images and of Debian, which agree.
public final class Architecture {
  private Architecture() {}

  public static String ofHost() {
    return switch (System.getProperty("os.arch", "")) {
      case "aarch64", "arm64" -> "arm64";
      default -> "amd64";
    };
  }
}
