package dev.widemesh.model;

import java.util.regex.Pattern;

/// A configuration value that builds with buildpacks are told, where it is no secret: `BP_...`, as
/// buildpacks name what they may be told, and the beginnings by which tools know the values that
/// they write into pages for everybody (Vite, Next.js, Create React App and their like).
public final class BuildSetting {
  private static final Pattern NAME =
      Pattern.compile(
          "(BP|VITE|NEXT_PUBLIC|REACT_APP|VUE_APP|NUXT_PUBLIC|GATSBY|PUBLIC|EXPO_PUBLIC|NG_APP)"
              + "_[A-Za-z0-9_]+");

  private BuildSetting() {}

  /// Whether builds are told a value of that name.
  public static boolean isNamed(String name) {
    return NAME.matcher(name).matches();
  }
}
