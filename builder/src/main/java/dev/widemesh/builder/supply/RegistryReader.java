package dev.widemesh.builder.supply;

import dev.widemesh.api.BuildWire.RegistryLogin;
import dev.widemesh.api.Json;
import dev.widemesh.api.NamedContent;
import dev.widemesh.api.WrongContent;
import dev.widemesh.builder.lifecycle.BuildRefused;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// Reads one image of a registry, with a login where one is asked for and was given.
final class RegistryReader {
  private static final int LARGEST = 4_000_000;
  private static final Pattern FIELD = Pattern.compile("(\\w+)=\"([^\"]*)\"");
  private static final String MANIFESTS =
      String.join(
          ", ",
          "application/vnd.oci.image.index.v1+json",
          "application/vnd.docker.distribution.manifest.list.v2+json",
          "application/vnd.oci.image.manifest.v1+json",
          "application/vnd.docker.distribution.manifest.v2+json");

  private final Web web;
  private final ImageName image;
  private final Optional<RegistryLogin> login;
  private String authorization = "";

  RegistryReader(Web web, ImageName image, List<RegistryLogin> logins) {
    this.web = web;
    this.image = image;
    this.login =
        logins.stream().filter(each -> each.host().equals(image.host().value())).findFirst();
  }

  /// By its tag or digest; what a digest names is that.
  byte[] manifest(String reference) throws IOException, InterruptedException, BuildRefused {
    return small(image.address("manifests", reference), reference);
  }

  byte[] config(String digest) throws IOException, InterruptedException, BuildRefused {
    return small(image.address("blobs", digest), digest);
  }

  /// Not compared with its digest yet.
  InputStream blob(String digest) throws IOException, InterruptedException, BuildRefused {
    return get(image.address("blobs", digest)).body();
  }

  private byte[] small(URI address, String reference)
      throws IOException, InterruptedException, BuildRefused {
    try (var body = get(address).body()) {
      return reference.contains(":") // which no tag does
          ? NamedContent.of(reference, LARGEST).read(body)
          : NamedContent.read(body, LARGEST, reference);
    } catch (WrongContent e) {
      throw Web.refused(address, String.valueOf(e.getMessage()));
    } catch (IOException e) {
      throw web.broken(address, e);
    }
  }

  private HttpResponse<InputStream> get(URI address)
      throws IOException, InterruptedException, BuildRefused {
    var answer = web.get(address, headers());
    if (answer.statusCode() == 401 && authorization.isEmpty()) {
      answer.body().close();
      authorize(answer.headers().firstValue("WWW-Authenticate").orElse(""));
      answer = web.get(address, headers());
    }
    if (answer.statusCode() != 200) {
      answer.body().close();
      throw refused(answer.statusCode());
    }
    return answer;
  }

  private Map<String, String> headers() {
    var headers = new HashMap<String, String>();
    headers.put("Accept", MANIFESTS + ", */*");
    if (!authorization.isEmpty()) {
      headers.put("Authorization", authorization);
    }
    return headers;
  }

  private void authorize(String challenge) throws IOException, InterruptedException, BuildRefused {
    var basic = login.map(RegistryReader::basic).orElse("");
    if (challenge.regionMatches(true, 0, "Bearer ", 0, 7)) {
      authorization = "Bearer " + token(challenge, basic);
    } else if (!basic.isEmpty()) {
      authorization = basic;
    } else {
      throw refused(401);
    }
  }

  private static String basic(RegistryLogin login) {
    var secret = (login.user() + ":" + login.password()).getBytes(StandardCharsets.UTF_8);
    return "Basic " + Base64.getEncoder().encodeToString(secret);
  }

  private String token(String challenge, String basic)
      throws IOException, InterruptedException, BuildRefused {
    var fields = new HashMap<String, String>();
    for (var found = FIELD.matcher(challenge); found.find(); ) {
      fields.put(found.group(1), found.group(2));
    }
    var address = tokenAddress(fields);
    var answer = web.get(address, basic.isEmpty() ? Map.of() : Map.of("Authorization", basic));
    try (var body = answer.body()) {
      if (answer.statusCode() != 200) {
        throw refused(answer.statusCode());
      }
      var said = Json.MAPPER.readTree(body.readNBytes(LARGEST));
      return said.path("token").asText(said.path("access_token").asText(""));
    } catch (IOException e) {
      throw web.broken(address, e);
    }
  }

  /// Only over https, like all else: the password goes there.
  private static URI tokenAddress(Map<String, String> fields) throws BuildRefused {
    var query =
        "?service=%s&scope=%s"
            .formatted(
                encoded(fields.getOrDefault("service", "")),
                encoded(fields.getOrDefault("scope", "")));
    var realm = fields.getOrDefault("realm", "");
    try {
      var address = URI.create(realm + query);
      if ("https".equals(address.getScheme()) && address.getHost() != null) {
        return address;
      }
    } catch (IllegalArgumentException _) {
      // refused below, as what is no address of that kind
    }
    throw BuildRefused.because(
        "a registry sends us for a token to what is no https address", "take another registry");
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private BuildRefused refused(int status) {
    return switch (status) {
      case 401, 403 ->
          BuildRefused.because(
              "the registry does not give us the buildpack %s".formatted(image),
              "correct its name, or give a login: mesh registry login " + image.host());
      case 404 ->
          BuildRefused.because(
              "there is no buildpack %s in its registry".formatted(image),
              "correct it in mesh stack buildpacks");
      default ->
          BuildRefused.because(
              "the registry answers %d for the buildpack %s".formatted(status, image),
              "push again later");
    };
  }
}
